"""Who answers to whom: whose supervisor or manager somebody is. May not decide what follows (that is `flows.conflict`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select

from storage import tables

if TYPE_CHECKING:
    from storage.database import Transaction

_L: Final = tables.lines.c
_ABOVE: Final = select(_L.above_id).where(_L.staff_id == bindparam("staff")).order_by(_L.above_id)
_ADD: Final = insert(tables.lines)
_END: Final = delete(tables.lines).where(_L.staff_id == bindparam("staff"))


def put(tx: Transaction, staff: str, *above: str) -> None:
    """Somebody (by id) answers to these people from now on, and to no others."""
    tx.execute(_END, {"staff": staff})
    for one in dict.fromkeys(above):
        if one != staff:
            tx.execute(_ADD, {"staff_id": staff, "above_id": one})


def above(tx: Transaction, staff: str) -> frozenset[str]:
    """Ids of everybody above somebody, to the top; empty where nobody wrote it down."""
    found: set[str] = set()
    following = [staff]
    while following:
        direct = {str(row[0]) for row in tx.read(_ABOVE, {"staff": following.pop()})} - found - {staff}
        found |= direct
        following += sorted(direct)
    return frozenset(found)
