"""What every channel is: three verbs, four values and one closed list of ways in which a send can fail.

May not import a provider's library, know a flow, or keep anything. A new channel is one file beside this one, one line in
`CHANNELS` (`bot/app.py`) and, where a provider calls us, one in `HOOKS` (`bot/web/webhooks.py`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

# The channel of an interview that is not held by text: nobody is at its other end, and nothing leaves by it.
NO_CHAT: Final = "no_chat"


class Reason(StrEnum):
    """Why a text did not leave or did not arrive. The list is closed: a provider's code is translated or `unknown`."""

    DEAD_NUMBER = "dead_number"
    OPTED_OUT = "opted_out"
    UNREACHABLE = "unreachable"
    WINDOW_CLOSED = "window_closed"
    EXPIRED = "expired"
    TRANSIENT = "transient"
    THROTTLED = "throttled"
    FILTERED = "filtered"
    ACCOUNT = "account"
    REJECTED = "rejected"
    IN_DOUBT = "in_doubt"
    UNKNOWN = "unknown"

    @property
    def retry(self) -> bool:
        """The same text may be sent again and may then arrive. Never true of `in_doubt`: that could arrive twice."""
        return self in _RETRY

    @property
    def ours(self) -> bool:
        """The operator can mend it (account, sender, filter, our request), and must be told."""
        return self in _OURS

    @property
    def in_doubt(self) -> bool:
        """Nobody can say whether it left; whoever sends weighs a second copy against silence."""
        return self is Reason.IN_DOUBT


_RETRY = frozenset({Reason.UNREACHABLE, Reason.TRANSIENT, Reason.THROTTLED, Reason.ACCOUNT, Reason.UNKNOWN})
_OURS = frozenset({Reason.FILTERED, Reason.ACCOUNT, Reason.REJECTED, Reason.UNKNOWN})


# The code of a send that was put off by our own pacing: nothing went wrong, and nobody asked the provider.
PACED: Final = "paced"


class SendFailed(Exception):
    """The provider did not take the text.

    `code` is the provider's own number or a word of ours, never its sentence: those quote telephone numbers.
    `retry_after`: seconds the provider asked us to wait, or None.
    """

    def __init__(self, reason: Reason, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason.value, code)
        self.reason = reason
        self.code = code
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.reason} {self.code}".rstrip()

    @property
    def retry(self) -> bool:
        """As `Reason.retry`."""
        return self.reason.retry

    @property
    def ours(self) -> bool:
        """As `Reason.ours`."""
        return self.reason.ours

    @property
    def in_doubt(self) -> bool:
        """As `Reason.in_doubt`."""
        return self.reason.in_doubt


class Refused(Exception):
    """A request from outside was not taken in. `code` names the cause and quotes nothing of the request."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Forged(Refused):
    """It does not carry the provider's signature or secret."""


class Malformed(Refused):
    """It is signed, but is not what the provider's documentation describes."""


class Status(StrEnum):
    """How far a text of ours came. Reports arrive out of order and twice: `outbox.status` keeps what says more."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as it reached us. `target`: raw path and query as sent; header names are in lower case."""

    target: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of a person, with nothing of the sender but the address an answer needs.

    `external_id`: the provider's own id, the same at every redelivery. `text` is None only beside `media`; it holds no
    NUL and no lone surrogate (each became U+FFFD) and is otherwise as sent. `media`: photo, voice, video, sticker,
    contact, location or file; the thing itself is never fetched. `opt_out`: one of the carriers' STOP words, or the
    provider says it took it as one. `carrier_acted`: the provider has already blocked or answered by its own keyword
    rules (STOP, START, HELP), so that our answer may be refused with `opted_out`. `opt_in`: the provider took it for START,
    or it is one of the words by which a carrier lets our texts through again. `guessing`: no
    one-time code may be looked up with it, because too many were tried from where it comes.

    `pressed`: not typed but pressed, under our text of this id; `text` is then the number of the option. `edited`: words
    that were changed after they had been sent, so that they need not speak of what was asked last. `removable`: the name
    by which the provider can take this message out of the child's chat. `place`: beside the media `location`, what stands in it
    in words (`placed`); it is dropped but where it is wanted (`bot.attached`).
    """

    channel: str
    external_id: str
    address: str
    text: str | None
    media: str | None
    at: datetime
    opt_out: bool = False
    carrier_acted: bool = False
    opt_in: bool = False
    guessing: bool = False
    pressed: str | None = None
    edited: bool = False
    removable: str | None = None
    place: str | None = None


_LONGEST_PLACE: Final = 200


def placed(words: Iterable[object], latitude: object, longitude: object) -> str | None:
    """A place as one line: its name and address as they were sent, and its two numbers; None where nothing stands in it."""
    said = [" ".join(one.split())[:_LONGEST_PLACE] for one in words if isinstance(one, str)]
    with suppress(ValueError):
        said.append(f"{float(str(latitude)):.5f} {float(str(longitude)):.5f}")
    return ", ".join(one for one in said if one) or None


@dataclass(frozen=True, slots=True)
class Report:
    """What the provider says became of one text of ours. `reason` only with `failed`; `code` is the provider's own."""

    outbox_id: str
    status: Status
    reason: Reason | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What came of a call in progress. `keys`: what was pressed, empty when it was only picked up; `page`: asked about."""

    outbox_id: str
    keys: str
    page: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said into a call. `page`: the page that a key now answers; without one the call ends after the words."""

    words: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """One answer that may be pressed instead of typed: what stands on it, and the number a child would send for it."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to one person. After `not_after` it must not arrive any more (a check-in at three in the morning harms).

    `window_until`: until when the provider lets us write in our own words (WhatsApp: last inbound plus 24 hours);
    channels without such a window ignore it. `message`: the id of this text in its thread, which a pressed button brings
    back as `Inbound.pressed`; `buttons` are ignored where there is nothing to press.
    """

    outbox_id: str
    to: str
    text: str
    locale: str
    not_after: datetime | None = None
    window_until: datetime | None = None
    message: str | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider took it. `instead`: the window was closed, so the approved template left and `text` still waits."""

    external_id: str
    instead: bool = False


class Channel(Protocol):
    """A way to reach a person.

    All three verbs may be called from several threads at once. `send` blocks, at most for its time-out: call it in a
    worker thread, outside any transaction.
    """

    @property
    def name(self) -> str:
        """What `Inbound.channel` says: `sms`, `whatsapp`, `telegram` or `web`."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand the text to the provider, once, or raise `SendFailed`."""

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Give a verified message, or None for what needs no answer; raise `Forged` or `Malformed`."""


@runtime_checkable
class Reporting(Protocol):
    """A channel whose provider says afterwards what became of a text."""

    def report(self, outbox_id: str, arrived: Arrived) -> Report | None:
        """Give a verified report, or None for one that says nothing of our text; raise `Forged` or `Malformed`."""


@runtime_checkable
class Removing(Protocol):
    """A channel that can take texts out of the child's chat again."""

    def remove(self, to: str, external_ids: Sequence[str]) -> None:
        """Take away what can be taken away: what is gone already, or too old, is no failure. Raises `SendFailed`."""


@runtime_checkable
class Answering(Protocol):
    """A channel whose provider waits for a word about what it brought."""

    def taken(self, arrived: Arrived) -> None:
        """Say that it is kept, after the commit. Blocks; raises nothing, for nothing is lost without it."""


@runtime_checkable
class Speaking(Protocol):
    """A channel whose provider asks what to say into a call, and brings the keys that were pressed."""

    def pressed(self, outbox_id: str, arrived: Arrived) -> Pressed:
        """Give what came of a call; raise `Forged`."""

    def spoken(self, outbox_id: str, said: Spoken) -> str:
        """Write the words as the provider reads them (an XML document)."""
