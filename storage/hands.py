"""Whose hand is in the record of an interview: who had the chat, and to whom a manager gave it. May not say what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_H: Final = tables.hands.c
_C: Final = tables.conversations.c
_KEY: Final = ["conversation_id", "staff_id"]
_ADD_LITE: Final = sqlite.insert(tables.hands).on_conflict_do_nothing(index_elements=_KEY)
_ADD_PG: Final = postgresql.insert(tables.hands).on_conflict_do_nothing(index_elements=_KEY)
_HAS: Final = select(_H.at).where(_H.conversation_id == bindparam("conversation"), _H.staff_id == bindparam("staff"))
_BY: Final = (
    select(_C.id)
    .join(tables.hands, _H.conversation_id == _C.id)
    .where(_H.staff_id == bindparam("staff"), _C.flow == bindparam("flow"))
    .order_by(_C.started_at.desc(), _C.id.desc())
    .limit(bindparam("most"))
)
_ALL: Final = (
    select(_C.id)
    .where(_C.flow == bindparam("flow"))
    .order_by(_C.started_at.desc(), _C.id.desc())
    .limit(bindparam("most"))
)


def put(tx: Transaction, conversation: str, staff: str, at: datetime) -> None:
    """Somebody has a hand in a record from now on; once is enough."""
    row = {"conversation_id": conversation, "staff_id": staff, "at": at}
    tx.execute(_ADD_PG if tx.postgresql else _ADD_LITE, row)


def has(tx: Transaction, conversation: str, staff: str) -> bool:
    """Whether this person's hand is in this record."""
    return bool(tx.read(_HAS, {"conversation": conversation, "staff": staff}))


def of(tx: Transaction, staff: str, flow: str, most: int) -> tuple[str, ...]:
    """Conversations of a flow that this person has a hand in, the newest first."""
    return tuple(str(row[0]) for row in tx.read(_BY, {"staff": staff, "flow": flow, "most": most}))


def everyone(tx: Transaction, flow: str, most: int) -> tuple[str, ...]:
    """Conversations of a flow, the newest first."""
    return tuple(str(row[0]) for row in tx.read(_ALL, {"flow": flow, "most": most}))
