"""Twilio's own description of its API, served by Prism, takes every request we send, and turns a wrong one away."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

import pytest

from bot.channels.base import Outgoing, Reason, SendFailed
from bot.channels.sms import LONGEST, Sms, WhatsApp
from bot.channels.twilio_http import Declined, Http
from bot.channels.voice import Voice
from tests.channels import twilio
from tests.channels.twilio import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DESCRIPTION: Final = "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
MESSAGES: Final = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
CALLS: Final = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
ASKED: Final = ("/2010-04-01/Accounts/{Sid}.json", "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json")
STARTS_WITHIN: Final = 60
CHILD: Final = "+447700900123"
SERVICE: Final = {"messaging_service": "MG" + "0" * 32, "sender": ""}
TEMPLATE: Final = "HX" + "a" * 32


def description(node_modules: Path) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((node_modules / DESCRIPTION).read_text("utf-8"))
    return described


def free_port() -> int:
    with closing(socket.socket()) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def await_words(child: subprocess.Popen[bytes], printed: Path, words: str) -> None:
    """Wait until it says that it listens, or has ended, or takes too long."""
    until = time.monotonic() + STARTS_WITHIN
    while words not in printed.read_text("utf-8", "replace"):
        if child.poll() is not None or time.monotonic() > until:
            pytest.fail("Prism did not start: " + printed.read_text("utf-8", "replace")[-500:])
        time.sleep(0.05)


@pytest.fixture(scope="session")
def prism(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Twilio that checks every request against Twilio's description."""
    described = description(node_modules)
    file = tmp_path_factory.mktemp("prism") / "twilio.json"
    # The whole of it costs seconds; of the rest nothing is asked.
    file.write_text(
        json.dumps({**described, "paths": {path: described["paths"][path] for path in (MESSAGES, CALLS, *ASKED)}}),
        "utf-8",
    )
    port = free_port()
    program = str(node_modules / "@stoplight" / "prism-cli" / "dist" / "index.js")
    printed = file.with_suffix(".log")
    with printed.open("wb") as log:
        child = subprocess.Popen(
            ["node", program, "mock", "--host", "127.0.0.1", "--port", str(port), str(file)],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        await_words(child, printed, "Prism is listening")
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@pytest.fixture(autouse=True)
def _connections_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A channel keeps its connections for the next text; these channels have no next."""
    opened: list[Http] = []
    begin = Http.__init__

    def begin_and_note(self: Http, base: str, timeout: float) -> None:
        begin(self, base, timeout)
        opened.append(self)

    monkeypatch.setattr(Http, "__init__", begin_and_note)
    yield
    for one in opened:
        one.close()


def outgoing(**changes: Any) -> Outgoing:
    given = {"outbox_id": "0190-a b/c", "to": CHILD, "text": "Reply with a number. 1 = Yes", "locale": "en"}
    return Outgoing(**{**given, **changes})


LATER: Final = NOW + timedelta(hours=2)
OPEN: Final = NOW + timedelta(hours=20)
SENDS: Final[dict[str, tuple[type[Sms], dict[str, Any], dict[str, Any]]]] = {
    "sms from a number": (Sms, {}, {}),
    "sms from a short code": (Sms, {"sender": "60006"}, {}),
    "sms from a messaging service": (Sms, SERVICE, {}),
    "sms that must not come late": (Sms, {}, {"not_after": LATER}),
    "sms that may wait as long as Twilio lets it": (Sms, {}, {"not_after": NOW + timedelta(days=3)}),
    "sms with every script": (Sms, {}, {"text": "Em ở bến xe 😟 أنا خائف & + = % \r\n \x00"}),
    "sms as long as it may be": (Sms, {}, {"text": "x" * 1600}),
    "sms to a test number": (Sms, {"sender": "+15005550006"}, {}),
    "sms whose callback has a path before it": (Sms, {"public_url": "http://text.example.org:8080/waymark/"}, {}),
    "whatsapp in the window": (WhatsApp, {"whatsapp_sender": "+447700900998"}, {"window_until": OPEN}),
    "whatsapp in the window, not late": (
        WhatsApp,
        {"whatsapp_sender": "+447700900998"},
        {"window_until": OPEN, "not_after": LATER},
    ),
    "whatsapp template": (WhatsApp, {"whatsapp_sender": "+447700900998", "whatsapp_template": TEMPLATE}, {}),
    "whatsapp template, not late": (
        WhatsApp,
        {"whatsapp_sender": "+447700900998", "whatsapp_template": TEMPLATE},
        {"window_until": NOW, "not_after": LATER},
    ),
}


@pytest.mark.parametrize("case", SENDS)
def test_twilio_takes_what_we_send(case: str, prism: str) -> None:
    kind, settings, changes = SENDS[case]
    channel = kind(twilio.config(api_base=prism, **settings), clock=lambda: NOW)
    sent = channel.send(outgoing(**changes))
    assert sent.external_id.startswith("SM")
    assert sent.instead is ("template" in case)


@pytest.mark.parametrize("changes", [{}, {"not_after": LATER}, {"text": "x" * 5000}], ids=["plain", "not late", "long"])
def test_twilio_takes_a_call(changes: dict[str, Any], prism: str) -> None:
    channel = Voice(twilio.config(api_base=prism), clock=lambda: NOW)
    assert channel.send(outgoing(**changes)).external_id.startswith("CA")


def test_twilio_knows_every_field_of_a_call(node_modules: Path) -> None:
    body = description(node_modules)["paths"][CALLS]["post"]["requestBody"]
    known = set(body["content"]["application/x-www-form-urlencoded"]["schema"]["properties"])
    asked = Voice(twilio.config(), clock=lambda: NOW)._fields(outgoing(), NOW)[0]
    assert {"".join(part.title() for part in name.split("_")) for name in asked} <= known


class Wire:
    """Takes the place of the wire: what is sent, in bytes, after Twilio's library has had its say."""

    def __init__(self) -> None:
        self.fields: dict[str, list[str]] = {}

    def request(self, method: str, uri: str, *, data: dict[str, Any], **_: Any) -> None:
        assert (method, uri.partition(".com")[2]) == ("POST", MESSAGES.format(AccountSid=twilio.config().account_sid))
        self.fields = parse_qs(urlencode(data, doseq=True), keep_blank_values=True)
        raise Declined(400, None, None)


def fields(kind: type[Sms], settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, str]:
    """What one send puts on the wire."""
    wire = Wire()
    patch = pytest.MonkeyPatch()
    patch.setattr(Http, "request", lambda _, *args, **named: wire.request(*args, **named))
    with patch.context(), pytest.raises(SendFailed):
        kind(twilio.config(**settings), clock=lambda: NOW).send(outgoing(**changes))
    patch.undo()
    return {name: value for name, (value,) in wire.fields.items()}


CALLBACK: Final = "https://text.example.org/twilio/status/0190-a%20b%2Fc"


@pytest.mark.parametrize(("case", "wire"), [
    ("sms from a number", {"From": "+447700900999", "SmartEncoded": "false"}),
    ("sms from a messaging service", {"MessagingServiceSid": "MG" + "0" * 32, "SmartEncoded": "false"}),
    ("sms that must not come late", {"From": "+447700900999", "SmartEncoded": "false", "ValidityPeriod": "7200"}),
    ("sms that may wait as long as Twilio lets it", {"From": "+447700900999", "SmartEncoded": "false",
                                                     "ValidityPeriod": str(LONGEST)}),
    ("whatsapp in the window", {"From": "whatsapp:+447700900998"}),
    ("whatsapp template", {"From": "whatsapp:+447700900998", "ContentSid": TEMPLATE}),
])  # fmt: skip
def test_what_stands_on_the_wire(case: str, wire: dict[str, str]) -> None:
    """All of it: no field is sent that is not listed here."""
    kind, settings, changes = SENDS[case]
    to = "whatsapp:" + CHILD if kind is WhatsApp else CHILD
    body = {} if "ContentSid" in wire else {"Body": outgoing().text}
    assert fields(kind, settings, changes) == {"To": to, "StatusCallback": CALLBACK, **body, **wire}


def test_twilio_knows_every_field_by_its_name(node_modules: Path) -> None:
    """Prism lets an unknown one pass, as Twilio does: a misspelt `ValidityPeriod` would be no limit at all."""
    body = description(node_modules)["paths"][MESSAGES]["post"]["requestBody"]
    known = set(body["content"]["application/x-www-form-urlencoded"]["schema"]["properties"])
    for case in SENDS.values():
        assert set(fields(*case)) <= known


# What a fault of ours would send: the fields of a right request, one of them spoilt.
SPOILT: Final[dict[str, Callable[[dict[str, str]], object]]] = {
    "no recipient": lambda form: form.pop("To"),
    "a callback that is no address": lambda form: form.update(StatusCallback="not an address"),
    "a wait that is no number": lambda form: form.update(ValidityPeriod="two hours"),
    "a service that is none": lambda form: form.update(MessagingServiceSid="MG1"),
    "a template that is none": lambda form: form.update(ContentSid="HX1"),
    "an encoding that is no yes or no": lambda form: form.update(SmartEncoded="perhaps"),
}


def post(prism: str, form: dict[str, str], account: str, *, signed_in: bool = True) -> int:
    auth = (account, "token") if signed_in else None
    try:
        return Http(prism, 20).request("POST", MESSAGES.format(AccountSid=account), None, form,
                                       {"Content-Type": "application/x-www-form-urlencoded"}, auth).status_code  # fmt: skip
    except Declined as refused:
        return refused.status


@pytest.mark.parametrize("case", SPOILT)
def test_it_would_not_take_anything(case: str, prism: str) -> None:
    form = fields(*SENDS["sms that must not come late"])
    account = twilio.config().account_sid
    assert post(prism, form, account) == 201
    SPOILT[case](form)
    assert post(prism, form, account) == 422


def test_twilio_takes_what_we_ask_about_the_account(prism: str) -> None:
    assert Sms(twilio.config(api_base=prism)).ask().status in {"active", "suspended", "closed"}


def test_an_account_that_is_none_fails(prism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Sms(twilio.config(api_base=prism))
    monkeypatch.setattr(channel, "config", replace(channel.config, api_base=prism))
    object.__setattr__(channel.config, "account_sid", "AC1")
    with pytest.raises(SendFailed):
        channel.ask()


def test_nor_from_anybody(prism: str) -> None:
    form = fields(*SENDS["sms from a number"])
    account = twilio.config().account_sid
    assert post(prism, form, account, signed_in=False) == 401
    assert post(prism, form, "AC1") == 422


def test_a_request_it_refuses_is_our_fault_and_is_not_sent_again(prism: str, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Sms(twilio.config(api_base=prism), clock=lambda: NOW)
    right = Sms._fields
    monkeypatch.setattr(Sms, "_fields", lambda *given: ({**right(*given)[0], "validity_period": "soon"}, False))
    with pytest.raises(SendFailed) as refused:
        channel.send(outgoing())
    assert refused.value.reason is Reason.REJECTED
    assert refused.value.ours
    assert not refused.value.retry
    assert str(refused.value) == "rejected http 422"
