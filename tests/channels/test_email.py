"""Mail to the staff, against a real SMTP server on this machine: one mail, or one reason of the closed list."""

# ruff: noqa: ARG002 - the server calls with all of these
from __future__ import annotations

import socket
import threading
import traceback
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller

from bot.channels.base import Malformed, Outgoing, Reason, SendFailed
from bot.channels.email import Config, Email
from tests.channels import twilio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

ANA = "ana@example.org"
TEXT = "Waymark L4 fluffy-quill: somebody must look\n\nTo take it, open this:\nhttps://text.example.org/a/x"


class Post:
    """Takes mail, or answers as it is told. The names of its methods are the server's."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.rcpt, self.data = "250 OK", "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content))
        return self.data


@pytest.fixture
def post() -> Iterator[tuple[Post, Email]]:
    taken = Post()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    yield taken, Email(Config.of(f"smtp://127.0.0.1:{port}?from=pages%40example.org", timeout=2.0))
    server.stop()


def mail(**changes: Any) -> Outgoing:
    return Outgoing(**{"outbox_id": "out1", "to": ANA, "text": TEXT, "locale": "", **changes})


def failure(email: Email) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        email.send(mail())
    printed = "".join(traceback.format_exception(failed.value))
    assert ANA not in printed
    assert "fluffy" not in printed
    return failed.value


def test_one_mail_arrives_as_written(post: tuple[Post, Email]) -> None:
    server, email = post
    sent = email.send(mail())
    (came,) = server.mails
    assert (came["Subject"], came["From"], came["To"]) == (TEXT.splitlines()[0], "pages@example.org", ANA)
    assert came["Auto-Submitted"] == "auto-generated"
    assert sent.external_id == came["Message-ID"] == "<out1@example.org>"
    body = came.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert body.decode().strip().splitlines() == TEXT.splitlines()


def test_a_mail_sent_twice_is_known_as_one(post: tuple[Post, Email]) -> None:
    server, email = post
    assert email.send(mail()).external_id == email.send(mail()).external_id
    assert len({one["Message-ID"] for one in server.mails}) == 1


def test_no_line_of_a_text_becomes_a_header(post: tuple[Post, Email]) -> None:
    server, email = post
    email.send(mail(text="Waymark\r\nBcc: somebody@example.org\r\n\r\nx"))
    assert server.mails[0]["Bcc"] is None


@pytest.mark.parametrize(("where", "said", "reason"), [
    ("rcpt", "550 no such user", Reason.DEAD_NUMBER),
    ("rcpt", "451 come again", Reason.TRANSIENT),
    ("data", "554 this is spam", Reason.FILTERED),
    ("data", "452 the disk is full", Reason.TRANSIENT),
])  # fmt: skip
def test_whatever_the_server_says_is_one_reason(
    post: tuple[Post, Email], where: str, said: str, reason: Reason
) -> None:
    server, email = post
    setattr(server, where, said)
    assert failure(email).reason is reason


def test_a_sign_in_the_server_does_not_know_is_our_fault(post: tuple[Post, Email]) -> None:
    _, email = post
    held = email.config
    signed = Config(held.host, held.port, tls=False, sender=held.sender, user="pages", password="wrong", timeout=2.0)
    failed = failure(Email(signed))
    assert failed.reason is Reason.ACCOUNT
    assert failed.ours


def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert failure(Email(Config.of(f"smtp://127.0.0.1:{port}"))).reason is Reason.TRANSIENT


def _says(listening: socket.socket, lines: list[bytes]) -> None:
    """A server that says these lines, one each time it hears something, and then nothing until it is left."""
    sock, _ = listening.accept()
    with sock:
        for line in lines:
            sock.sendall(line)
            sock.recv(65536)
        while sock.recv(65536):
            pass


@pytest.mark.parametrize(("lines", "reason"), [
    ([], Reason.TRANSIENT),
    ([b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"], Reason.IN_DOUBT),
])  # fmt: skip
def test_a_server_that_falls_silent(lines: list[bytes], reason: Reason) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_says, args=(listening, lines))
        thread.start()
        port = listening.getsockname()[1]
        assert failure(Email(Config.of(f"smtp://127.0.0.1:{port}", timeout=0.5))).reason is reason
        thread.join(5)


@pytest.mark.parametrize(("url", "wanted"), [
    ("smtps://u%40example.org:p%2Fw@mail.example.org", ("mail.example.org", 465, True, "u@example.org", "u@example.org", "p/w")),
    ("smtp://mail.example.org", ("mail.example.org", 587, False, "waymark@mail.example.org", "", "")),
    ("smtp://u:p@mail.example.org:25?from=pages@example.org", ("mail.example.org", 25, False, "pages@example.org", "u", "p")),
])  # fmt: skip
def test_the_setting(url: str, wanted: tuple[object, ...]) -> None:
    read = Config.of(url)
    assert (read.host, read.port, read.tls, read.sender, read.user, read.password) == wanted
    assert "p/w" not in repr(read)


def test_nothing_goes_in_the_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without STARTTLS is no server for us; only this machine is spared."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_says, args=(listening, [b"220 hello\r\n", b"250 hello\r\n"]))
        thread.start()
        port = listening.getsockname()[1]
        monkeypatch.setattr("bot.channels.email._LOOPBACK", frozenset())
        assert failure(Email(Config.of(f"smtp://127.0.0.1:{port}", timeout=2.0))).reason is Reason.ACCOUNT
        thread.join(5)


def test_nobody_writes_to_us_by_mail(post: tuple[Post, Email]) -> None:
    with pytest.raises(Malformed):
        post[1].parse(twilio.arrived(b""))
