"""Pages by e-mail, to staff only: the one file that imports `smtplib`. Nothing is read here, and no child is ever written to.

A mail goes over TLS (`smtps://`, or `smtp://` with STARTTLS; in the clear on this machine only), names no child, and bears
the id of its sending, so that one sent twice is one mail for most readers. The server's own sentences quote addresses:
none of them leaves this file.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote, urlsplit

from bot import trust
from bot.channels.base import Malformed, Reason, SendFailed, Sent

if TYPE_CHECKING:
    from bot.channels.base import Arrived, Inbound, Outgoing

NAME: Final = "email"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final = {"smtp": 587, "smtps": 465}
_LATER, _NEVER = 400, 500
_LONGEST_SUBJECT: Final = 120


@dataclass(frozen=True, slots=True)
class Config:
    """Where mail is handed over. `sender`: the address it comes from. `timeout`: seconds for each exchange."""

    host: str
    port: int
    tls: bool
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 5.0

    @classmethod
    def of(cls, url: str, *, timeout: float = 5.0) -> Config:
        """From the setting: `smtps://user:password@mail.example.org:465?from=pages@example.org`.

        Without `from` the user is the sender, if that is an address; else `waymark@` and the server's name.
        """
        parts = urlsplit(url)
        host, user = parts.hostname or "", unquote(parts.username or "")
        named = parse_qs(parts.query).get("from", [""])[0] or (user if "@" in user else f"waymark@{host}")
        port = parts.port or _PORTS[parts.scheme]
        return cls(host, port, parts.scheme == "smtps", named, user, unquote(parts.password or ""), timeout)


class Email:
    """Mail for the staff. The first line of a text is the subject."""

    name = NAME

    def __init__(self, config: Config) -> None:
        self.config = config

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Nobody writes to us by e-mail. Raises `Malformed`."""
        del arrived
        raise Malformed("no_mail_comes_in")

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand one mail over. Raises `SendFailed`; `in_doubt` when all of it was given and no answer came back."""
        mail = self._mail(outgoing)
        given: list[bool] = []
        try:
            self._hand_over(outgoing.to, mail, given)
        except smtplib.SMTPException as error:
            failed = _failure(error, given=bool(given))
        except (OSError, ValueError) as error:
            failed = SendFailed(Reason.IN_DOUBT if given else Reason.TRANSIENT, code=type(error).__name__)
        else:
            return Sent(str(mail["Message-ID"]))
        # Raised out here so that no cause with an address of somebody hangs on it.
        raise failed

    def _hand_over(self, to: str, mail: EmailMessage, given: list[bool]) -> None:
        with self._connected() as server:
            server.ehlo_or_helo_if_needed()
            if self.config.user:
                server.login(self.config.user, self.config.password)
            _expect(server.mail(self.config.sender), smtplib.SMTPSenderRefused, self.config.sender)
            code, said = server.rcpt(to)
            if code >= _LATER:
                raise smtplib.SMTPRecipientsRefused({to: (code, said)})
            given.append(True)
            code, said = server.data(mail.as_bytes())
            if code >= _LATER:
                given.clear()
                raise smtplib.SMTPDataError(code, said)

    def _connected(self) -> smtplib.SMTP:
        config, context = self.config, trust.authorities()
        if config.tls:
            return smtplib.SMTP_SSL(config.host, config.port, timeout=config.timeout, context=context)
        server = smtplib.SMTP(config.host, config.port, timeout=config.timeout)
        if config.host not in _LOOPBACK:
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _mail(self, outgoing: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = (outgoing.text.splitlines() or [""])[0][:_LONGEST_SUBJECT]
        mail["From"], mail["To"] = self.config.sender, outgoing.to
        mail["Date"] = formatdate(localtime=False)
        mail["Message-ID"] = f"<{outgoing.outbox_id}@{self.config.sender.rpartition('@')[2]}>"
        # No "out of office" in answer, and no reader's machine takes it for a newsletter.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(outgoing.text)
        return mail


def _expect(answer: tuple[int, bytes], otherwise: type[smtplib.SMTPSenderRefused], who: str) -> None:
    code, said = answer
    if code >= _LATER:
        raise otherwise(code, said, who)


def _failure(error: smtplib.SMTPException, *, given: bool) -> SendFailed:
    code = _code(error)
    shown = str(code or type(error).__name__)
    if given or isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError):
        return SendFailed(Reason.IN_DOUBT if given else Reason.TRANSIENT, code=shown)
    if _LATER <= code < _NEVER:
        return SendFailed(Reason.TRANSIENT, code=shown)
    match error:
        case smtplib.SMTPRecipientsRefused():
            return SendFailed(Reason.DEAD_NUMBER, code=shown)
        case smtplib.SMTPDataError():
            return SendFailed(Reason.FILTERED, code=shown)
    # Sign-in, sender, encryption: every mail fails until somebody mends it.
    return SendFailed(Reason.ACCOUNT, code=shown)


def _code(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return int(next(iter(error.recipients.values()))[0])
    return int(getattr(error, "smtp_code", 0))
