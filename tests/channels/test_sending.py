"""A text leaves once, as asked; and whatever goes wrong is one reason of the closed list, with nothing quoted."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from base64 import b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels import twilio_http
from bot.channels.base import Outgoing, Reason, SendFailed, Sent
from bot.channels.sms import Sms, WhatsApp
from tests.channels import peer, twilio
from tests.channels.peer import SID, Peer
from tests.channels.twilio import NOW, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHILD = "+447700900123"
WORDS = "Are you safe right now? 1 Yes 2 No"
MG, HX = "MG" + "1" * 32, "HX" + "2" * 32
PATH = "/2010-04-01/Accounts/AC" + "0" * 32 + "/Messages.json"


@pytest.fixture
def server() -> Iterator[Peer]:
    with Peer() as running:
        yield running


_open: list[Sms] = []


@pytest.fixture(autouse=True)
def _all_closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def _sms(server: Peer | str, kind: type[Sms] = Sms, **other: Any) -> Sms:
    url = server if isinstance(server, str) else server.url
    _open.append(kind(twilio.config(**{"api_base": url, "timeout": 5.0, **other}), clock=lambda: NOW))
    return _open[-1]


def _text(**other: Any) -> Outgoing:
    return Outgoing(**{"outbox_id": "out1", "to": CHILD, "text": WORDS, "locale": "en", **other})


def _failure(sms: Sms, outgoing: Outgoing | None = None) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        sms.send(outgoing or _text())
    printed = "".join(traceback.format_exception(failed.value))
    for secret in (CHILD, CHILD[1:], WORDS, TOKEN):
        assert secret not in printed
        assert secret not in repr(failed.value.args)
    return failed.value


def test_what_is_asked_of_twilio(server: Peer) -> None:
    assert _sms(server).send(_text(not_after=NOW + timedelta(minutes=5))) == Sent(SID)
    (asked,) = server.asked
    assert asked.line == f"POST {PATH} HTTP/1.1"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["authorization"] == "Basic " + b64encode(f"AC{'0' * 32}:{TOKEN}".encode()).decode()
    assert asked.form == {
        "To": CHILD,
        "From": "+447700900999",
        "Body": WORDS,
        "StatusCallback": "https://text.example.org/twilio/status/out1",
        "SmartEncoded": "false",
        "ValidityPeriod": "300",
    }


def test_a_messaging_service_instead_of_a_number(server: Peer) -> None:
    _sms(server, messaging_service=MG).send(_text())
    assert server.asked[0].form["MessagingServiceSid"] == MG
    assert not {"From", "ValidityPeriod"} & set(server.asked[0].form)


def test_any_script_and_sign_arrives_as_written(server: Peer) -> None:
    words = "Em ở đâu? 1 😟 & = % + \u200f٢\n"
    _sms(server).send(_text(text=words, outbox_id="a/b?c=1#ü"))
    assert server.asked[0].form["Body"] == words
    assert server.asked[0].form["StatusCallback"].endswith("/twilio/status/a%2Fb%3Fc%3D1%23%C3%BC")


def test_a_lone_surrogate_does_not_hold_up_the_rest(server: Peer) -> None:
    _sms(server).send(_text(text="call 999 \ud83d now"))
    assert server.asked[0].form["Body"] == "call 999 ? now"


@pytest.mark.parametrize(("left", "period"), [(5, "5"), (90.9, "90"), (36_000, "36000"), (90_000, "36000")])
def test_how_long_it_may_wait(server: Peer, left: float, period: str) -> None:
    _sms(server).send(_text(not_after=NOW + timedelta(seconds=left)))
    assert server.asked[0].form["ValidityPeriod"] == period


@pytest.mark.parametrize("left", [4.9, 0, -1, -86_400])
def test_too_late_is_not_sent(server: Peer, left: float) -> None:
    failed = _failure(_sms(server), _text(not_after=NOW + timedelta(seconds=left)))
    assert (failed.reason, failed.retry) == (Reason.EXPIRED, False)
    assert server.asked == []


# --- refusals ---


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ("400 Bad Request", 21211, Reason.DEAD_NUMBER),
        ("400 Bad Request", 21614, Reason.DEAD_NUMBER),
        ("400 Bad Request", 21635, Reason.DEAD_NUMBER),
        ("400 Bad Request", 21610, Reason.OPTED_OUT),
        ("401 Unauthorized", 20003, Reason.ACCOUNT),
        ("400 Bad Request", 21606, Reason.ACCOUNT),
        ("400 Bad Request", 21617, Reason.REJECTED),
        ("400 Bad Request", 99999, Reason.REJECTED),
        ("404 Not Found", 20404, Reason.ACCOUNT),
        ("429 Too Many Requests", 20429, Reason.THROTTLED),
        ("429 Too Many Requests", 99999, Reason.THROTTLED),
        ("500 Internal Server Error", 20500, Reason.TRANSIENT),
        ("503 Service Unavailable", 99999, Reason.TRANSIENT),
    ],
)
def test_a_refusal_is_one_reason(server: Peer, status: str, code: int, reason: Reason) -> None:
    server.will.append(peer.refuse(status, code))
    failed = _failure(_sms(server))
    assert (failed.reason, failed.code, failed.retry_after) == (reason, str(code), None)
    assert str(failed) == f"{reason} {code}"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("999999", 3600.0),
        ("-1", None),
        ("soon", None),
        ("Mon, 16 Nov 2026 12:00:00 GMT", None),
        ("²", None),
    ],
)
def test_how_long_to_wait_when_it_is_too_much(server: Peer, header: str, seconds: float | None) -> None:
    server.will.append(peer.refuse("429 Too Many Requests", 20429, f"Retry-After: {header}"))
    assert _failure(_sms(server)).retry_after == seconds


@pytest.mark.parametrize("body", ["", "<html>gateway", "[]", '{"code": "x"}', '{"code": null}', "[" * 5000])
def test_a_refusal_that_is_not_twilios(server: Peer, body: str) -> None:
    server.will.append(peer.answer("502 Bad Gateway", body))
    failed = _failure(_sms(server))
    assert (failed.reason, failed.code) == (Reason.TRANSIENT, "http 502")


def test_a_redirect_is_not_followed(server: Peer) -> None:
    server.will.append(peer.answer("307 Temporary Redirect", "", f"Location: {server.url}/elsewhere"))
    assert _failure(_sms(server)).reason is Reason.REJECTED
    assert len(server.asked) == 1


# --- in doubt, or surely not sent ---


@pytest.mark.parametrize("body", ["", "no json", "[]", "null", '{"sid": null}', '{"sid": 5}', '"SM"'])
def test_taken_but_as_what_is_in_doubt(server: Peer, body: str) -> None:
    server.will.append(peer.answer("201 Created", body))
    failed = _failure(_sms(server))
    assert (failed.reason, failed.retry, failed.in_doubt) == (Reason.IN_DOUBT, False, True)


def _half_an_answer(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 50\r\n\r\n{")
    peer.hang_up(sock)


@pytest.mark.parametrize(
    "ends",
    [
        peer.reset,
        peer.hang_up,
        _half_an_answer,
        lambda sock: sock.sendall(b"SSH-2.0-wrong\r\n\r\n"),
        lambda sock: sock.sendall(b"HTTP/1.1 201 Created\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"),
        peer.answer("201 Created", "x" * (twilio_http.MAX_ANSWER + 1)),
    ],
    ids=["reset", "hang_up", "half_an_answer", "not_http", "endless_header", "endless_answer"],
)
def test_gone_after_it_left_is_in_doubt(server: Peer, ends: Callable[[socket.socket], None]) -> None:
    server.will.append(ends)
    failed = _failure(_sms(server))
    assert failed.in_doubt
    assert not failed.retry
    assert len(server.asked) == 1


@pytest.mark.parametrize("how", ["hang", "drip"])
def test_no_answer_in_time_is_in_doubt(server: Peer, how: str) -> None:
    server.will.append(getattr(server, how))
    started = time.monotonic()
    failed = _failure(_sms(server, timeout=0.4))
    assert (failed.reason, failed.code) == (Reason.IN_DOUBT, "TimeoutError")
    # An answer that drips on for ever must end at the deadline too: the peer drips until the test is over.
    assert 0.3 < time.monotonic() - started < 5


def test_nobody_there_is_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    failed = _failure(_sms(f"http://127.0.0.1:{port}"))
    assert (failed.reason, failed.code, failed.retry) == (Reason.TRANSIENT, "ConnectionRefusedError", True)


def test_no_such_server_is_surely_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert _failure(_sms("http://api.invalid")).reason is Reason.TRANSIENT


def test_a_server_that_speaks_no_tls_is_surely_not_sent(server: Peer) -> None:
    failed = _failure(_sms(server.url.replace("http:", "https:"), timeout=1.0))
    assert failed.reason is Reason.TRANSIENT
    assert server.asked == []


def test_a_dead_address_does_not_eat_the_time_of_the_next(server: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()

    def two(host: str, port: int, *more: Any, **named: Any) -> list[Any]:
        (found, *_) = real(host, port, *more, **named)
        return [found] if port == dead[1] else [(*found[:4], dead), found]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    assert _sms(server).send(_text()) == Sent(SID)


def test_a_torn_write_is_surely_not_sent() -> None:
    """The peer takes the connection and never reads: the whole of a long text cannot leave."""
    with socket.create_server(("127.0.0.1", 0)) as stuck:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        port = stuck.getsockname()[1]
        failed = _failure(_sms(f"http://127.0.0.1:{port}", timeout=0.4), _text(text="x" * 20_000_000))
    assert (failed.reason, failed.retry) == (Reason.TRANSIENT, True)


# --- connections ---


def test_one_connection_for_many_texts(server: Peer) -> None:
    sms = _sms(server)
    for _ in range(5):
        sms.send(_text())
    server.will.append(peer.refuse("400 Bad Request", 21211))
    _failure(sms)
    sms.send(_text())
    assert {asked.connection for asked in server.asked} == {1}
    assert len(server.asked) == 7


def test_a_connection_the_other_side_closed_costs_no_text(server: Peer) -> None:
    sms = _sms(server)

    def last(sock: socket.socket) -> None:
        peer.created(sock)
        peer.hang_up(sock)

    server.will.append(last)
    assert sms.send(_text()) == Sent(SID)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and threading.active_count() > 2:
        time.sleep(0.01)
    assert sms.send(_text()) == Sent(SID)
    assert [asked.connection for asked in server.asked] == [1, 2]


def test_a_connection_left_alone_too_long_is_not_trusted(server: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    sms = _sms(server)
    sms.send(_text())
    monkeypatch.setattr(twilio_http, "MAX_IDLE", 0.0)
    sms.send(_text())
    assert [asked.connection for asked in server.asked] == [1, 2]


def test_connection_close_is_obeyed(server: Peer) -> None:
    server.will.append(peer.answer("201 Created", '{"sid": "SM1"}', "Connection: close"))
    sms = _sms(server)
    assert sms.send(_text()) == Sent("SM1")
    assert sms.send(_text()) == Sent(SID)
    assert [asked.connection for asked in server.asked] == [1, 2]


def test_many_threads_each_get_their_own_answer(server: Peer) -> None:
    sms = _sms(server)
    sms.send(_text())
    sent: list[Sent] = []
    threads = [threading.Thread(target=lambda: sent.append(sms.send(_text()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sent == [Sent(SID)] * 16
    assert len(server.asked) == 17


def test_edge_and_region_of_the_environment_change_nothing(server: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert _sms(server).send(_text()) == Sent(SID)


# --- WhatsApp ---

WINDOW = {"whatsapp_sender": "+447700900998", "whatsapp_template": HX}


def test_within_the_window_in_our_own_words(server: Peer) -> None:
    sent = _sms(server, WhatsApp, **WINDOW).send(_text(window_until=NOW + timedelta(hours=1)))
    assert sent == Sent(SID, instead=False)
    form = server.asked[0].form
    assert (form["To"], form["From"], form["Body"]) == ("whatsapp:" + CHILD, "whatsapp:+447700900998", WORDS)
    assert form["StatusCallback"].endswith("/twilio/status/out1")
    assert "ContentSid" not in form


@pytest.mark.parametrize("window", [None, timedelta(0), timedelta(seconds=60), timedelta(hours=-1)])
def test_outside_it_only_the_approved_template(server: Peer, window: timedelta | None) -> None:
    until = None if window is None else NOW + window
    assert _sms(server, WhatsApp, **WINDOW).send(_text(window_until=until)) == Sent(SID, instead=True)
    form = server.asked[0].form
    assert form["ContentSid"] == HX
    assert "Body" not in form
    assert WORDS not in server.asked[0].body


def test_without_a_template_nothing_leaves(server: Peer) -> None:
    failed = _failure(_sms(server, WhatsApp, whatsapp_sender="+447700900998"))
    assert failed.reason is Reason.WINDOW_CLOSED
    assert server.asked == []


@pytest.mark.parametrize(("kind", "other"), [(WhatsApp, {}), (Sms, {"sender": "", "whatsapp_sender": "+447700900998"})])
def test_no_sender_for_this_channel_is_the_operators_to_mend(
    server: Peer, kind: type[Sms], other: dict[str, str]
) -> None:
    failed = _failure(_sms(server, kind, **other))
    assert (failed.reason, failed.code, failed.ours) == (Reason.ACCOUNT, "no_sender", True)
    assert server.asked == []
