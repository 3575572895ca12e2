"""What Twilio brings becomes an event or is refused; what it says of our texts becomes a report."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from bot.channels.base import Arrived, Forged, Inbound, Malformed, Reason, Report, Status
from bot.channels.sms import KEPT, BadSetting, Sms, strip
from tests.channels import twilio
from tests.channels.twilio import NOW, OLD_TOKEN, PUBLIC, SMS_PATH, TOKEN

CHILD = "+447700900123"

# In the order of the fields: channel, address, text, media, whether to stop, whether Twilio acted on it.
EXPECTED = {
    "text": ("sms", CHILD, "Yes, only I can see this. 1", None, False, False),
    "unicode": ("sms", CHILD, "Em ở bến xe 😟 أنا خائف", None, False, False),
    "blank": ("sms", CHILD, "", None, False, False),
    "spaces_and_signs": ("sms", CHILD, '  1 + 1 = 2 & "more"?\r\nnext line  ', None, False, False),
    "right_to_left_override": ("sms", CHILD, "safe\u202eton ma I\u202c", None, False, False),
    "stop": ("sms", CHILD, " Stop ", None, True, False),
    "stop_acted_on": ("sms", CHILD, "ARRET", None, True, True),
    "start_acted_on": ("sms", CHILD, "START", None, False, True),
    "help_acted_on": ("sms", CHILD, "HELP", None, False, True),
    "stop_in_a_sentence": ("sms", CHILD, "please stop him", None, False, False),
    "media": ("sms", CHILD, "look what he did", "photo", False, False),
    "media_only": ("sms", CHILD, None, "video", False, False),
    "letters": ("sms", "PARCELS", "Your parcel is on its way", None, False, False),
    "nul": ("sms", CHILD, "he is \ufffd here", None, False, False),
    "lone_surrogate": ("sms", CHILD, "cut off \ufffd", None, False, False),
    "surrogate_pair": ("sms", CHILD, "scared \U0001f61f", None, False, False),
    "broken_bytes": ("sms", CHILD, "caf\ufffd by the road", None, False, False),
    "whatsapp": ("whatsapp", CHILD, "hi is this real", None, False, False),
    "whatsapp_button": ("whatsapp", CHILD, "Yes", None, False, False),
    "whatsapp_voice": ("whatsapp", CHILD, None, "voice", False, False),
    "whatsapp_sticker": ("whatsapp", CHILD, None, "sticker", False, False),
    "whatsapp_contact": ("whatsapp", CHILD, None, "contact", False, False),
    "whatsapp_location": ("whatsapp", CHILD, None, "location", False, False),
}
STARTS = {"start_acted_on"}
REPORTS = {
    "status_sent": Report("out1", Status.SENT),
    "status_delivered": Report("out1", Status.DELIVERED),
    "status_read": Report("out1", Status.READ),
    "status_undelivered": Report("out1", Status.FAILED, Reason.UNREACHABLE, "30003"),
    "status_blocked": Report("out1", Status.FAILED, Reason.OPTED_OUT, "21610"),
    "status_failed_without_code": Report("out1", Status.FAILED, Reason.UNKNOWN),
    "status_new_to_us": None,
}
STATUS_PATH = "/twilio/status/out1"
# Its TLS settings take a twentieth of a second to read, too long to read them for every example.
OURS = Sms(twilio.config())


@pytest.fixture
def sms() -> Sms:
    return OURS


def test_every_captured_payload_is_expected_to_be_something() -> None:
    assert set(twilio.CASES) == set(EXPECTED) | set(REPORTS)


@pytest.mark.parametrize("case", EXPECTED)
def test_a_message_becomes_an_event(case: str, sms: Sms) -> None:
    body = twilio.payload(case)
    inbound = sms.parse(twilio.arrived(body))
    sid = body.partition(b"&MessageSid=")[2].partition(b"&")[0].decode()
    channel, address, text, media, opt_out, acted = EXPECTED[case]
    place = "Nowhere, An invented street 1, 0.00000 0.00000" if case == "whatsapp_location" else None
    assert inbound == Inbound(channel, sid, address, text, media, NOW, opt_out, acted, case in STARTS, place=place)


@pytest.mark.parametrize("case", EXPECTED)
def test_nothing_else_of_the_sender_is_kept(case: str, sms: Sms) -> None:
    kept = repr(asdict(replace(sms.parse(twilio.arrived(twilio.payload(case))), place=None)))
    for dropped in ("BORCHESTER", "Borsetshire", "Invented Name", "invented street", "api.example.org", "447700900998"):
        assert dropped not in kept


def test_strip_knows_no_names_and_places() -> None:
    from bot.channels import forms

    kept = strip(forms.read(twilio.payload("whatsapp") + b"&FromCity=BORCHESTER&FromZip=1"))
    assert set(kept) == set(KEPT)
    assert not {"ProfileName", "WaId", "FromCity", "FromZip", "FromState"} & set(kept)


@pytest.mark.parametrize("case", REPORTS)
def test_a_status_becomes_a_report(case: str, sms: Sms) -> None:
    assert sms.report("out1", twilio.arrived(twilio.payload(case), target=STATUS_PATH)) == REPORTS[case]


@pytest.mark.parametrize("word", ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "QUIT", "revoke", "OPTOUT\n"])
def test_the_carriers_words_for_stop(word: str, sms: Sms) -> None:
    body = f"MessageSid=SM1&From=%2B447700900123&Body={word}".encode()
    assert sms.parse(twilio.arrived(body)).opt_out


# --- signatures ---


def _with(signature: str, body: bytes, target: str = SMS_PATH) -> Arrived:
    return Arrived(target, {"x-twilio-signature": signature}, body, NOW)


DOCUMENTED = b"CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"
TWICE = b"Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234"


@pytest.mark.parametrize(
    ("public", "body", "signature"),
    [
        ("https://mycompany.com", DOCUMENTED, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com:1234", DOCUMENTED, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234", DOCUMENTED, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com", DOCUMENTED, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com", DOCUMENTED, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        ("https://mycompany.com", TWICE, "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    ],
)
def test_the_vectors_of_twilios_library(public: str, body: bytes, signature: str) -> None:
    """With token 12345 and /myapp.php?foo=1&bar=2: http and https, with and without a port, a field given twice."""
    sms = Sms(twilio.config(tokens=("12345",), public_url=public))
    target = "/myapp.php?foo=1&bar=2"
    with pytest.raises(Malformed):  # believed, and then found to be a voice call
        sms.parse(_with(signature, body, target))
    with pytest.raises(Forged):
        sms.parse(_with(signature, body + b"&x=", target))
    with pytest.raises(Forged):
        sms.parse(_with(signature, body, target + "&baz=3"))


def test_our_signer_agrees_with_twilios_library() -> None:
    fields = {"Body": "Em ở 😟 & + =", "From": CHILD, "MessageSid": "SM1", "ToCity": ""}
    body = b"Body=Em+%E1%BB%9F+%F0%9F%98%9F+%26+%2B+%3D&From=%2B447700900123&MessageSid=SM1&ToCity="
    assert RequestValidator(TOKEN).compute_signature(PUBLIC + SMS_PATH, fields) == twilio.signature(
        PUBLIC + SMS_PATH, body
    )


@pytest.mark.parametrize("signature", ["", "x", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "\xff" * 28])
def test_unsigned_and_wrongly_signed_is_forged(signature: str, sms: Sms) -> None:
    with pytest.raises(Forged):
        sms.parse(_with(signature, twilio.payload("text")))
    with pytest.raises(Forged):
        sms.parse(Arrived(SMS_PATH, {}, twilio.payload("text"), NOW))


def test_any_change_of_a_signed_request_is_forged(sms: Sms) -> None:
    body = twilio.payload("text")
    fine = twilio.arrived(body)
    sms.parse(fine)
    for changed in (
        replace(fine, body=body.replace(b"+1", b"+2")),
        replace(fine, body=body.replace(b"&ToState=", b"")),
        replace(fine, body=body + b"&NumMedia=1"),
        replace(fine, target=STATUS_PATH),
        replace(fine, target=SMS_PATH + "?a=1"),
    ):
        assert changed != fine
        with pytest.raises(Forged):
            sms.parse(changed)


def test_a_callback_signed_for_one_text_says_nothing_of_another(sms: Sms) -> None:
    with pytest.raises(Forged):
        sms.report(
            "out2",
            replace(twilio.arrived(twilio.payload("status_sent"), target=STATUS_PATH), target="/twilio/status/out2"),
        )


def test_the_public_address_counts_and_no_header(sms: Sms) -> None:
    body = twilio.payload("text")
    elsewhere = twilio.arrived(body, url="https://evil.example" + SMS_PATH)
    headers = {**elsewhere.headers, "host": "evil.example", "x-forwarded-host": "evil.example"}
    with pytest.raises(Forged):
        sms.parse(replace(elsewhere, headers=headers))
    sms.parse(replace(twilio.arrived(body), headers={**twilio.arrived(body).headers, "host": "evil.example"}))


def test_blank_fields_are_signed_too_and_query_and_prefix_belong_to_the_address() -> None:
    sms = Sms(twilio.config(public_url=PUBLIC + "/waymark/"))
    target = SMS_PATH + "?line=1%20a&empty="
    assert sms.parse(twilio.arrived(twilio.payload("text"), target=target, url=PUBLIC + "/waymark" + target)).text


def test_two_tokens_while_rotating() -> None:
    rotating = Sms(twilio.config(tokens=(TOKEN, OLD_TOKEN)))
    for token in (TOKEN, OLD_TOKEN):
        assert rotating.parse(twilio.arrived(twilio.payload("text"), token=token)).address == CHILD
    with pytest.raises(Forged):
        rotating.parse(twilio.arrived(twilio.payload("text"), token="a third"))
    with pytest.raises(Forged):
        Sms(twilio.config()).parse(twilio.arrived(twilio.payload("text"), token=OLD_TOKEN))


def test_broken_bytes_signed_by_what_twilios_library_can_read(sms: Sms) -> None:
    fields = {"MessageSid": "SM1", "From": CHILD, "Body": "caf\ufffd"}
    signature = RequestValidator(TOKEN).compute_signature(PUBLIC + SMS_PATH, fields)
    assert sms.parse(_with(signature, b"MessageSid=SM1&From=%2B447700900123&Body=caf%E9")).text == "caf\ufffd"


@pytest.mark.parametrize(
    "body",
    [b"", b"&&&", b"From=%2B447700900123&Body=x", b"MessageSid=SM1&Body=x", b"MessageSid=%00&From=x", b"a=&" * 1000],
)
def test_signed_and_still_no_message(body: bytes, sms: Sms) -> None:
    with pytest.raises(Malformed):
        sms.parse(twilio.arrived(body))


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_a_message_or_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        OURS.parse(twilio.arrived(body))


@given(st.binary(max_size=200))
def test_any_text_at_all_is_kept_and_can_be_stored(raw: bytes) -> None:
    body = b"MessageSid=SM1&From=%2B447700900123&Body=" + b"".join(b"%%%02X" % byte for byte in raw)
    text = OURS.parse(twilio.arrived(body)).text
    assert text is not None
    assert "\0" not in text
    text.encode()
    try:
        assert text == raw.decode().replace("\0", "\ufffd")
    except UnicodeDecodeError:
        assert text


def test_a_hundred_thousand_characters(sms: Sms) -> None:
    text = "😟" * 100_000
    body = b"MessageSid=SM1&From=%2B447700900123&Body=" + b"%F0%9F%98%9F" * 100_000
    assert sms.parse(twilio.arrived(body)).text == text


# --- settings ---


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"tokens": ()}, "AUTH_TOKEN"),
        ({"tokens": ("",)}, "AUTH_TOKEN"),
        ({"tokens": (TOKEN, "")}, "AUTH_TOKEN"),
        ({"tokens": (" ",)}, "AUTH_TOKEN"),
        ({"account_sid": "AC1"}, "ACCOUNT_SID"),
        ({"public_url": "text.example.org"}, "PUBLIC_URL"),
        ({"public_url": "https://text.example.org?a=1"}, "PUBLIC_URL"),
        ({"public_url": "https://[broken"}, "PUBLIC_URL"),
        ({"public_url": "https://text.example.org:99999"}, "PUBLIC_URL"),
        ({"api_base": "nowhere"}, "API_BASE"),
        ({"sender": ""}, "TWILIO_FROM"),
        ({"sender": "Waymark"}, "TWILIO_FROM"),
        ({"sender": "116000"}, "TWILIO_FROM"),
        ({"sender": "116123"}, "TWILIO_FROM"),
        ({"sender": "999"}, "TWILIO_FROM"),
        ({"whatsapp_sender": "whatsapp:+447700900998"}, "WHATSAPP_FROM"),
        ({"messaging_service": "MG1"}, "MESSAGING_SERVICE"),
        ({"whatsapp_template": "HX1"}, "WHATSAPP_TEMPLATE"),
    ],
)
def test_a_setting_it_cannot_start_with(wrong: dict[str, object], names: str) -> None:
    with pytest.raises(BadSetting, match=names) as complaint:
        twilio.config(**wrong)
    assert "\n" not in str(complaint.value)
    assert TOKEN not in str(complaint.value)


def test_tokens_are_not_printed() -> None:
    assert TOKEN not in repr(twilio.config())
