"""Chats that a second person reads after the worker: why, what they found. May not choose them (`flows.second_reading`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_R: Final = tables.second_reads.c
_OWE_LITE: Final = sqlite.insert(tables.second_reads).on_conflict_do_nothing()
_OWE_PG: Final = postgresql.insert(tables.second_reads).on_conflict_do_nothing()
_OWED: Final = select(_R.conversation_id, _R.why, _R.at).where(_R.read_at.is_(None)).order_by(_R.at, _R.conversation_id)
_READ: Final = (
    update(tables.second_reads)
    .where(_R.conversation_id == bindparam("conversation"), _R.read_at.is_(None))
    .values(read_at=bindparam("now"), read_by=bindparam("staff"), value=bindparam("found"))
)


@dataclass(frozen=True, slots=True)
class Owed:
    """A chat that is still to be read: `why` is `sample` or `under_13`."""

    conversation: str
    why: str
    at: datetime


def owe(tx: Transaction, conversation: str, why: str, at: datetime) -> None:
    """This chat is to be read by a second person; said twice, it is owed once."""
    tx.execute(_OWE_PG if tx.postgresql else _OWE_LITE, {"conversation_id": conversation, "why": why, "at": at})


def owed(tx: Transaction) -> tuple[Owed, ...]:
    """What is still to be read, the longest owed first."""
    return tuple(Owed(*row) for row in tx.execute(_OWED))


def read(tx: Transaction, conversation: str, staff: str, found: str, now: datetime) -> bool:
    """Somebody read it; False when it was read already, or never owed."""
    sealed = tx.key_of(conversation).seal(found, "second_reads", conversation)
    asked = {"conversation": conversation, "staff": staff, "found": sealed, "now": now}
    return tx.execute(_READ, asked).rowcount == 1
