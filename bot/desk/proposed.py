"""An ending for misuse that a worker proposed and nobody has decided yet: of which chats, by whom, why. May not end one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot.desk.said import UNREADABLE
from storage import conversations, messages, notes, people, tasks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.database import Transaction
    from storage.notes import Note
    from storage.tasks import Given

MISUSE: Final = "misuse_ending"


def everywhere(tx: Transaction) -> list[Given]:
    """All that wait."""
    return [one for one, _ in tasks.listed(tx) if one.what == MISUSE and one.conversation]


def of_chat(tx: Transaction, chat: str) -> list[Given]:
    """What waits of a chat."""
    return [one for one in tasks.of(tx, chat) if one.what == MISUSE and one.done_at is None]


def said(tx: Transaction, chat: str) -> Note | None:
    """What whoever proposed it last wrote."""
    kept: Iterable[Note] = reversed(notes.of_conversation(tx, chat)) if tx.opens(chat) else ()
    return next((note for note in kept if note.kind == MISUSE), None)


def told(tx: Transaction, one: Given) -> dict[str, Any]:
    """As it is shown to whoever decides."""
    chat = one.conversation or ""
    note = said(tx, chat)
    return {
        "chat": chat,
        "case": conversations.contact_of(tx, chat).reference,
        "staff": note.by if note is not None else "",
        "by": people.load(tx, note.by).name if note is not None else "",
        "because": note.details.get("because", "") if note is not None else UNREADABLE,
        "at": one.created_at,
        "newest": messages.newest(tx, chat),
    }
