"""Numbers of other services that staff may ring, by area and kind, each with the day on which somebody rang it to check.

Comes empty: a number that nobody of the service has rung is worse than none. Nothing of a child stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

KINDS: Final = ("children_by_day", "emergency_duty_team", "lado", "police_missing_unit")

_P: Final = tables.professionals.c
_COLUMNS: Final = (_P.area, _P.kind, _P.number, _P.email, _P.hours, _P.verified_on, _P.by)
_ALL: Final = select(*_COLUMNS).order_by(_P.area, _P.kind)
_DROP: Final = delete(tables.professionals).where(_P.area == bindparam("of_area"), _P.kind == bindparam("of_kind"))
_ADD: Final = insert(tables.professionals)


@dataclass(frozen=True, slots=True)
class Professional:
    """Whom to ring in an area for one kind of help. `by`: the staff id of who checked it."""

    area: str
    kind: str
    number: str
    email: str
    hours: str
    verified_on: datetime
    by: str


def everything(tx: Transaction) -> tuple[Professional, ...]:
    """All that the service has filled in."""
    return tuple(Professional(*row) for row in tx.execute(_ALL))


def keep(tx: Transaction, one: Professional) -> None:
    """Keep what somebody has just checked, in place of what stood there."""
    tx.execute(_DROP, {"of_area": one.area, "of_kind": one.kind})
    held = {name: getattr(one, name) for name in Professional.__slots__}
    tx.execute(_ADD, {"id": ids.new(), **held})
