"""What workers write for whoever sits with the child next. The child never sees it. May not be shown outside the chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_N: Final = tables.worker_notes.c
_ADD: Final = insert(tables.worker_notes)
_OF: Final = (
    select(_N.id, _N.staff_id, _N.value, _N.at).where(_N.conversation_id == bindparam("conversation")).order_by(_N.id)
)


@dataclass(frozen=True, slots=True)
class WorkerNote:
    """A note of a worker (by id)."""

    id: str
    staff: str
    text: str
    at: datetime


def add(tx: Transaction, conversation: str, staff: str, text: str, at: datetime) -> None:
    """Keep a note, sealed like the words of the chat."""
    note = ids.new()
    tx.execute(
        _ADD,
        {
            "id": note,
            "conversation_id": conversation,
            "staff_id": staff,
            "value": tx.key_of(conversation).seal(text, "worker_notes", note),
            "at": at,
        },
    )


def of(tx: Transaction, conversation: str) -> tuple[WorkerNote, ...]:
    """The notes of a chat, oldest first."""
    key = tx.key_of(conversation)
    return tuple(
        WorkerNote(row.id, row.staff_id, key.open(row.value, "worker_notes", row.id), row.at)
        for row in tx.execute(_OF, {"conversation": conversation})
    )
