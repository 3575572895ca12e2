"""Twilio's signature to the last byte: its libraries' vectors, every way to write our address, any form at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.base import Arrived, Forged
from bot.channels.sms import Sms
from tests.channels import twilio
from tests.channels.twilio import NOW, PUBLIC, SMS_PATH, TOKEN

OURS = Sms(twilio.config())
BODY = twilio.payload("text")
# The vectors that Twilio's libraries share beyond Python's, their numbers percent-encoded as they are posted.
CALL = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
PAGE = "/myapp.php?foo=1&bar=2"
VECTORS = {
    "port kept by the signer, https": ("https://mycompany.com:1234", CALL, "CYn1h0gLBdNxDGkKJg6hYohgeD8="),
    "port kept by the signer, http": ("http://mycompany.com:1234", CALL, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    "host in mixed case": ("https://MyCompany.com", CALL, "g9IN/x4Cft2g517EjYvEvM/W7LU="),
    "host in mixed case, with a port": ("https://MyCompany.com:1234", CALL, "PCqOZm8cnu/L6+u5i5fuEd+Iac4="),
    "host in mixed case, a port added": ("http://MyCompany.com", CALL, "XY7AlKOKL6im4yWyX84gldUrtis="),
    "a field twice with one value": (
        "https://mycompany.com",
        b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
}


def believed(request: Arrived, sms: Sms = OURS) -> bool:
    try:
        sms._verified(request)
    except Forged:
        return False
    return True


def signed(signature: str, body: bytes = BODY, target: str = SMS_PATH) -> Arrived:
    return Arrived(target, {"x-twilio-signature": signature}, body, NOW)


@pytest.mark.parametrize("case", VECTORS)
def test_vectors(case: str) -> None:
    public, body, signature = VECTORS[case]
    for token, right in (("12345", True), ("12346", False)):
        sms = Sms(twilio.config(public_url=public, tokens=(token,)))
        assert believed(signed(signature, body, PAGE), sms) is right
        assert not believed(signed(signature, body, PAGE + "&baz=3"), sms)


@pytest.mark.parametrize(("ours", "theirs"), [
    (PUBLIC + "/", PUBLIC), (PUBLIC + ":443", PUBLIC), (PUBLIC, PUBLIC + ":443"), (PUBLIC + ":8443", PUBLIC + ":8443"),
    (PUBLIC + ":8443", PUBLIC), ("http://text.example.org", "http://text.example.org:80"),
])  # fmt: skip
def test_a_port_may_be_written_or_not(ours: str, theirs: str) -> None:
    request = signed(twilio.signature(theirs + SMS_PATH, BODY))
    assert believed(request, Sms(twilio.config(public_url=ours)))
    parts = urlsplit(ours)
    other: Any = {"https": "http", "http": "https"}[parts.scheme]
    assert not believed(request, Sms(twilio.config(public_url=f"{other}://{parts.netloc}")))


def test_the_path_counts_as_it_was_sent() -> None:
    right = SMS_PATH + "?room=a%2Fb&empty="
    signature = twilio.signature(PUBLIC + right, BODY)
    assert believed(signed(signature, target=right))
    for other in ("?room=a/b&empty=", "?room=a%2fb&empty=", "?room=a%2Fb", "?empty=&room=a%2Fb", "/?room=a%2Fb&empty="):
        assert not believed(signed(signature, target=SMS_PATH + other))


def test_every_byte_of_the_signature_counts() -> None:
    right = twilio.signature(PUBLIC + SMS_PATH, BODY)
    assert believed(signed(right))
    for wrong in (
        right[:-1],
        right + "=",
        right.swapcase(),
        f" {right}",
        f"sha1={right}",
        f"{right}, {right}",
        "é" * 28,
    ):
        assert not believed(signed(wrong))
    for at in range(len(right) - 1):
        assert not believed(signed(right[:at] + ("A" if right[at] != "A" else "B") + right[at + 1 :]))


WORD = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.dictionaries(WORD, WORD, max_size=8))
def test_any_form_that_twilios_library_signs_is_believed(fields: dict[str, str]) -> None:
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + SMS_PATH, fields)
    assert believed(signed(signature, urlencode(fields).encode()))


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=8), st.binary(max_size=20)), min_size=1, max_size=5))
def test_bytes_that_are_no_text_are_believed_when_signed_as_they_stand(fields: list[tuple[bytes, bytes]]) -> None:
    body = urlencode(fields).encode()
    assert believed(twilio.arrived(body))
    assert not believed(signed(twilio.signature(PUBLIC + SMS_PATH, body), body + b"&More=1"))
