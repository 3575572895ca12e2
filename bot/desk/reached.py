"""Whether what was written to a child left and arrived, and whether the child is there to read it, for whoever reads the thread.
May not send, and tells nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import window
from bot.channels.base import Reason
from bot.desk.said import UNSENT
from flows import agenda
from storage import conversations, leases, messages, notes, outbox, visits
from storage.codes import Direction, Status

if TYPE_CHECKING:
    from datetime import datetime

    from bot.desk.asking import Ask
    from flows.model import Conversation
    from storage.database import Transaction
    from storage.messages import Message

LOST: Final = frozenset({Status.FAILED, Status.UNDELIVERED})
_STAYS: Final = frozenset({outbox.HELD, outbox.SEALED})
LEAVES: Final = UNSENT["waiting"]
# Where nobody can write to us whom we cannot write to.
_SILENCED: Final = frozenset({"telegram"})


def unsent(tx: Transaction, chat: str) -> dict[str, str]:
    """The texts that are not known to have left, or came back: message -> how it stands, in words."""
    return {
        message: UNSENT[error if status is Status.WAITING and error in _STAYS else status.value]
        for message, (status, error) in outbox.not_sent(tx, chat).items()
    }


def blocked(tx: Transaction, chat: str, thread: tuple[Message, ...]) -> str:
    """Why we cannot text back, by the newest of our texts of which anything is known; empty when that one left, or when who must
    have let us in again has written since.
    """
    found = outbox.not_sent(tx, chat)
    for one in reversed(thread):
        if one.direction is Direction.IN and one.channel in _SILENCED:
            return ""
        if one.direction is Direction.OUT:
            status, error = found.get(one.id, (Status.SENT, None))
            if (status, error) == (Status.WAITING, outbox.SEALED):
                return outbox.SEALED
            if status is Status.SENT or status in LOST:
                return "" if status is Status.SENT else ("refused" if error == Reason.OPTED_OUT else "lost")
    return ""


def was_refused(tx: Transaction, chat: str) -> bool:
    """Whether a text of ours was refused as unwanted: the child may then have sent no STOP, which nobody could read here."""
    return any(error == Reason.OPTED_OUT for _, error in outbox.not_sent(tx, chat).values())


def knows_name(tx: Transaction, ask: Ask, chat: str, tag: str) -> bool:
    """Whether the child is told by name who has the chat now: the text with this tag was written as they were given it, and
    nothing is known to keep it from the child.
    """
    c, lease, thread = conversations.peek(tx, chat), leases.of(tx, chat), messages.of(tx, chat)
    keys = {one.key for one in agenda.tagged(ask.house.shelf.library(tx, c).flow, tag)}
    if lease is None or not any(one.key in keys and one.at >= lease.taken_at for one in thread):
        return False
    contact = conversations.contact_of(tx, chat).id
    if blocked(tx, chat, thread) or has_left(tx, c, ask.at):
        return False
    return window.takes_words(tx, contact, c.channel, ask.at)


def version(tx: Transaction, chat: str) -> str:
    """Another as soon as something above is, or the child left the page."""
    return f"{unsent(tx, chat)} {visits.last_seen(tx, chat) is None}"


def has_left(tx: Transaction, c: Conversation, at: datetime) -> bool:
    """Whether the child's page is closed, so that nobody reads what is written now."""
    seen = visits.last_seen(tx, c.id) if c.channel == visits.CHANNEL else at
    return seen is None or at - seen >= visits.IDLE


def exits(tx: Transaction, chat: str) -> list[datetime]:
    """When the child pressed Exit."""
    return [one.at for one in notes.of_conversation(tx, chat) if one.kind == visits.LEFT]
