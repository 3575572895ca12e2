"""Records that must reach where they are filed: each once a place and content, tried until it is there.

May not send anything, nor let a record go to a place that two managers have not said to be the right one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import audit, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_D: Final = tables.deliveries.c
_P: Final = tables.places.c
_COLUMNS: Final = (
    _D.id, _D.conversation_id, _D.target, _D.digest, _D.asked_by, _D.attempts, _D.error, _D.created_at, _D.due_at, _D.done_at,
)  # fmt: skip
_ADD: Final = insert(tables.deliveries)
_BY_ID: Final = select(*_COLUMNS).where(_D.id == bindparam("delivery"))
_DUE: Final = (
    select(*_COLUMNS)
    .where(_D.done_at.is_(None), _D.due_at <= bindparam("now"))
    .order_by(_D.due_at, _D.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_OPEN: Final = select(*_COLUMNS).where(_D.done_at.is_(None)).order_by(_D.created_at, _D.id)
_TRIED: Final = (
    update(tables.deliveries)
    .where(_D.id == bindparam("delivery"), _D.done_at.is_(None))
    .values(attempts=bindparam("number"), error=bindparam("why"), due_at=bindparam("next_at"))
)
_CLAIM: Final = update(tables.deliveries).where(_D.id == bindparam("delivery")).values(due_at=bindparam("until"))
_DONE: Final = (
    update(tables.deliveries)
    .where(_D.id == bindparam("delivery"), _D.done_at.is_(None))
    .values(done_at=bindparam("now"), error=None, attempts=bindparam("number"))
)
_DROPPED: Final = (
    update(tables.deliveries)
    .where(_D.id == bindparam("delivery"))
    .values(done_at=bindparam("now"), error=bindparam("why"))
)
_SOON: Final = update(tables.deliveries).where(_D.done_at.is_(None)).values(due_at=bindparam("now"))
_PLACE: Final = select(_P.first_by, _P.second_by).where(_P.mark == bindparam("place"))
_FIRST: Final = insert(tables.places)
_SECOND: Final = (
    update(tables.places)
    .where(_P.mark == bindparam("place"), _P.second_by.is_(None))
    .values(second_by=bindparam("who"), second_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record on its way to one place. `digest`: SHA-256 of what is to arrive; `error`: the code of the last failure."""

    id: str
    conversation: str
    target: str
    digest: str
    asked_by: str
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime
    done_at: datetime | None


class SamePerson(ValueError):
    """A place is confirmed by two different managers, and this one has confirmed it already."""


def add(  # noqa: PLR0913, PLR0917 - which record, where to, for whom, from when on
    tx: Transaction, conversation: str, target: str, digest: str, by: str, at: datetime, leaves: datetime
) -> Delivery:
    """Have a record delivered, not before it `leaves`; the same content goes to the same place once."""
    mark = tx.keys.mac("delivery", conversation, target, digest)
    held = next((one for one in of(tx, conversation) if one.target == target and one.digest == digest), None)
    if held is not None:
        return held
    row = ids.derived(at, mark)
    made = Delivery(row, conversation, target, digest, by, 0, None, at, leaves, None)
    tx.execute(
        _ADD,
        {
            "id": row, "conversation_id": conversation, "target": target, "digest": digest, "asked_by": by, "attempts": 0,
            "created_at": at, "due_at": leaves,
        },
    )  # fmt: skip
    audit.record(tx, at, by, "delivery.queued", row, conversation, target)
    return made


def of(tx: Transaction, conversation: str) -> tuple[Delivery, ...]:
    """The deliveries of one record, oldest first."""
    rows = tx.execute(select(*_COLUMNS).where(_D.conversation_id == conversation).order_by(_D.created_at, _D.id))
    return tuple(Delivery(*row) for row in rows)


def find(tx: Transaction, delivery: str) -> Delivery | None:
    """A delivery by its id."""
    row = tx.execute(_BY_ID, {"delivery": delivery}).first()
    return None if row is None else Delivery(*row)


def due(tx: Transaction, now: datetime) -> Delivery | None:
    """One that is to be tried now, locked until the commit."""
    row = tx.execute(_DUE, {"now": now}).first()
    return None if row is None else Delivery(*row)


def waiting(tx: Transaction) -> tuple[Delivery, ...]:
    """All that have not arrived, oldest first."""
    return tuple(Delivery(*row) for row in tx.execute(_OPEN))


def claim(tx: Transaction, one: Delivery, until: datetime) -> None:
    """Nobody else tries this before `until`, unless whoever does so now says how it went."""
    tx.execute(_CLAIM, {"delivery": one.id, "until": until})


def failed(tx: Transaction, one: Delivery, why: str, next_at: datetime) -> None:
    """It did not arrive: when it is tried again."""
    tx.execute(_TRIED, {"delivery": one.id, "number": one.attempts + 1, "why": why, "next_at": next_at})


def arrived(tx: Transaction, one: Delivery, now: datetime) -> bool:
    """It is there; False when that was known already."""
    done = tx.execute(_DONE, {"delivery": one.id, "number": one.attempts + 1, "now": now}).rowcount == 1
    if done:
        audit.record(tx, now, "filing", "delivery.arrived", one.id, one.conversation, one.target)
    return done


def dropped(tx: Transaction, one: Delivery, why: str, now: datetime) -> None:
    """It will never be sent: the child it is about was erased, or the record says something else by now (`overtaken`)."""
    tx.execute(_DROPPED, {"delivery": one.id, "now": now, "why": why})
    audit.record(tx, now, "filing", "delivery.dropped", one.id, one.conversation, one.target, why)


def soon(tx: Transaction, now: datetime) -> int:
    """Try everything that waits at once; returns how many there are."""
    return tx.execute(_SOON, {"now": now}).rowcount


# --- places -----------------------------------------------------------------------------------------------------------


def mark(tx: Transaction, target: str, address: str) -> bytes:
    """By what a place is known: another address, or another secret, is another place."""
    return tx.keys.mac("place", target, address)


def is_confirmed(tx: Transaction, place: bytes) -> bool:
    """Whether two managers have said that this is the right place."""
    row = tx.execute(_PLACE, {"place": place}).first()
    return row is not None and row[1] is not None


def confirm(tx: Transaction, place: bytes, target: str, by: str, at: datetime) -> bool:
    """A manager says that this is the right place; True when it is the second who does. Raises SamePerson."""
    row = tx.execute(_PLACE, {"place": place}).first()
    if row is None:
        tx.execute(_FIRST, {"mark": place, "target": target, "first_by": by, "first_at": at})
    elif row[1] is None:
        if row[0] == by:
            raise SamePerson(SamePerson.__doc__)
        tx.execute(_SECOND, {"place": place, "who": by, "now": at})
    audit.record(tx, at, by, "place.confirmed", target)
    return row is not None
