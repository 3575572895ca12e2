"""What a manager's pictures are drawn from, beside the register of children: how soon alerts were taken, which check-ins there
were. Columns and ids only; may not open a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from flows.model import Service
from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_A: Final = tables.alerts.c
_C: Final = tables.conversations.c
_TAKEN: Final = (
    select(_A.level, _A.opened_at, _A.taken_at)
    .where(_A.opened_at >= bindparam("first"), _A.opened_at < bindparam("end"))
    .order_by(_A.opened_at, _A.id)
)
_CHECK_INS: Final = (
    select(_C.id)
    .where(_C.store == Service.TEXT_SAFE, _C.started_at >= bindparam("first"), _C.started_at < bindparam("end"))
    .order_by(_C.started_at, _C.id)
)


def taken(tx: Transaction, first: datetime, end: datetime) -> tuple[tuple[int, datetime, datetime | None], ...]:
    """(level now, opened, taken) of every alert opened from `first` up to `end`."""
    return tuple((row.level, row.opened_at, row.taken_at) for row in tx.execute(_TAKEN, {"first": first, "end": end}))


def check_ins(tx: Transaction, first: datetime, end: datetime) -> tuple[str, ...]:
    """Conversations of the text-safe service begun from `first` up to `end`."""
    return tuple(tx.execute(_CHECK_INS, {"first": first, "end": end}).scalars())
