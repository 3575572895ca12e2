"""Who looked at which record, and when: one row a look. May not say what they saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_A: Final = tables.accesses.c
_COLUMNS: Final = (_A.staff_id, _A.what, _A.about, _A.at)
_ADD: Final = insert(tables.accesses)
_ABOUT: Final = select(*_COLUMNS).where(_A.about == bindparam("record")).order_by(_A.at, _A.id)
_BY: Final = select(*_COLUMNS).where(_A.staff_id == bindparam("staff")).order_by(_A.at, _A.id)
_SINCE: Final = (
    select(_A.id)
    .where(
        _A.about == bindparam("record"),
        _A.at > bindparam("since"),
        _A.staff_id == bindparam("staff"),
        _A.what == bindparam("seen"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Look:
    """A person (by staff id) looked at `what` of a record (by id)."""

    staff: str
    what: str
    about: str
    at: datetime


def seen(tx: Transaction, staff: str, what: str, about: str, now: datetime) -> None:
    """Note a look. `what`: alert, words, card, chat ... a code of ours."""
    tx.execute(_ADD, {"id": ids.new(), "staff_id": staff, "what": what, "about": about, "at": now})


def has_seen(tx: Transaction, staff: str, what: str, about: str, since: datetime) -> bool:
    """Whether this person looked at it since a time."""
    asked = {"record": about, "since": since, "staff": staff, "seen": what}
    return tx.execute(_SINCE, asked).first() is not None


def of(tx: Transaction, about: str) -> tuple[Look, ...]:
    """Every look at a record, oldest first."""
    return tuple(Look(*row) for row in tx.execute(_ABOUT, {"record": about}))


def by(tx: Transaction, staff: str) -> tuple[Look, ...]:
    """Everything a person looked at, oldest first."""
    return tuple(Look(*row) for row in tx.execute(_BY, {"staff": staff}))
