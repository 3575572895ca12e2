"""Timers: something is due for a conversation or an alert at a time. May not know what.

No timer ever has to be cancelled for the system to be safe: it names the turn (or serial) it was set in, and who
handles it looks whether that still counts. It is done in the transaction of its event, so it fires once, or again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from storage import tables
from storage.codes import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.database import Transaction

WAKE_AFTER: Final = 3
_T: Final = tables.timers
_C: Final = _T.c
_ADD: Final = insert(_T)
_DUE: Final = (
    select(_C.id, _C.subject, _C.subject_id, _C.name, _C.at, _C.turn, _C.rung, _C.about)
    .where(_C.due_at <= bindparam("now"))
    .order_by(_C.due_at, _C.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_DONE: Final = delete(_T).where(_C.id == bindparam("timer"))
_FAILED: Final = (
    update(_T)
    .where(_C.id == bindparam("timer"))
    .values(failures=_C.failures + 1, due_at=bindparam("retry"))
    .returning(_C.failures, _C.subject)
)
_NEXT: Final = select(func.min(_C.due_at))
_ANY: Final = select(exists().where(_C.due_at <= bindparam("now")))
_OF: Final = (
    select(_C.id, _C.subject, _C.subject_id, _C.name, _C.at, _C.turn, _C.rung, _C.about)
    .where(_C.subject_id == bindparam("subject"))
    .order_by(_C.at, _C.id)
)


@dataclass(frozen=True, slots=True)
class Timer:
    """`turn`: the conversation's turn, or the alert's serial, when it was set; `rung` for alerts. `about`: a code or an
    id.
    """

    id: int
    subject: Subject
    subject_id: str
    name: str
    at: datetime
    turn: int
    rung: int = 0
    about: str = ""


def add(  # noqa: PLR0913 - a timer has this many parts
    tx: Transaction,
    subject: Subject,
    subject_id: str,
    name: str,
    at: datetime,
    turn: int,
    *,
    rung: int = 0,
    about: str = "",
) -> None:
    """Set a timer."""
    add_all(tx, (Timer(0, subject, subject_id, name, at, turn, rung, about),))


def add_all(tx: Transaction, timers: Iterable[Timer]) -> None:
    """Set several at once; their ids are given by the database."""
    rows = [
        {
            "subject": timer.subject,
            "subject_id": timer.subject_id,
            "name": timer.name,
            "turn": timer.turn,
            "rung": timer.rung,
            "about": timer.about,
            "failures": 0,
            "at": timer.at,
            "due_at": timer.at,
        }
        for timer in timers
    ]
    if rows:
        tx.write(_ADD, *rows)


def due(tx: Transaction, now: datetime, limit: int = 1) -> tuple[Timer, ...]:
    """Timers whose time has come, oldest first, locked until the commit; those another process holds are left to it.

    Handle them and call `done` in this same transaction. A handler takes the person's lock after this one, never
    before.
    """
    return tuple(Timer(*row) for row in tx.read(_DUE, {"now": now, "limit": limit}))


def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether another has come due, be it held by somebody else."""
    return bool(tx.read(_ANY, {"now": now})[0][0])


def done(tx: Transaction, timer: int) -> None:
    """It fired."""
    tx.write(_DONE, {"timer": timer})


def failed(tx: Transaction, timer: int, retry_at: datetime) -> bool:
    """It could not be handled: again at `retry_at`, behind the others. True: wake a human, the third time; of an alert, for which
    nobody is called then, again after four times as many failures, and so on. False where another process has done it meanwhile.
    """
    row = tx.execute(_FAILED, {"timer": timer, "retry": retry_at}).one_or_none()
    if row is None:
        return False
    count, subject = row
    while subject == Subject.ALERT and count > WAKE_AFTER and count % 4 == 0:
        count //= 4
    return bool(count == WAKE_AFTER)


def next_at(tx: Transaction) -> datetime | None:
    """When the next timer is due."""
    found: datetime | None = tx.read(_NEXT, {})[0][0]
    return found


def of(tx: Transaction, subject_id: str) -> tuple[Timer, ...]:
    """The timers of a conversation or an alert, soonest first."""
    return tuple(Timer(*row) for row in tx.read(_OF, {"subject": subject_id}))
