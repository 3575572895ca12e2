"""Everybody on the books, one child after the other, for what is counted and listed. May not hold more than a portion of
them, nor leave out a child because nothing happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from storage import tables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.cases.c
# A joined case is read with the one that is kept; of one whose key is gone nothing can be read.
_PORTION: Final = (
    select(_C.id)
    .where(_C.joined_to.is_(None), _C.data_key.is_not(None), _C.id > bindparam("last"))
    .order_by(_C.id)
    .limit(bindparam("most"))
)
_REFERENCES: Final = (
    select(_C.reference)
    .where(_C.id.in_(bindparam("these", expanding=True)), _C.data_key.is_not(None))
    .order_by(_C.reference)
)
_E: Final = tables.episodes.c
_FORGOTTEN: Final = (
    select(func.coalesce(_C.joined_to, _C.id), func.count())
    .select_from(tables.episodes)
    .join(tables.cases, _C.id == _E.case_id)
    .where(_C.data_key.is_(None), _E.missing_at >= bindparam("first"), _E.missing_at < bindparam("end"))
    .group_by(func.coalesce(_C.joined_to, _C.id))
    .order_by(func.coalesce(_C.joined_to, _C.id))
)
_MOST: Final = 500


def children(tx: Transaction) -> Iterator[str]:
    """The id of every child's case, in the order they came on the books; the erased are not among them. Opens no key."""
    last = ""
    while portion := [str(row[0]) for row in tx.read(_PORTION, {"last": last, "most": _MOST})]:
        yield from portion
        last = portion[-1]
        # What was opened for these children is not needed for the next.
        tx.case_keys.clear()
        tx.case_members.clear()


def references(tx: Transaction, these: Collection[str]) -> tuple[str, ...]:
    """The two words of these cases, but of the erased; opens no key."""
    return tuple(str(row[0]) for row in tx.execute(_REFERENCES, {"these": list(these)}))


def forgotten(tx: Transaction, first: datetime, end: datetime) -> tuple[int, ...]:
    """Of each child who was erased, how many times they went missing from `first` up to `end`: that is all that is left."""
    return tuple(row[1] for row in tx.read(_FORGOTTEN, {"first": first, "end": end}))
