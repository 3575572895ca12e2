"""Many children at once, for what comes in files: found by their references in one look, their episodes in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select, text, update

from storage import cases, tables, timers
from storage.codes import Subject
from storage.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from storage.cases import Case, Episode
    from storage.database import Transaction

_PLAN_ANEW: Final = text("SET LOCAL plan_cache_mode = force_custom_plan")
_MEASURE: Final = text("ANALYZE cases, missing_episodes, case_notes, deadlines, tasks, timers")
_C: Final = tables.cases.c
_T: Final = tables.timers.c
_MARKED: Final = select(_C.id, _C.mark).where(_C.mark.in_(bindparam("marks", expanding=True)), _C.data_key.is_not(None))
_WAIT: Final = update(tables.cases).where(_C.id == bindparam("case")).values(clocks_at=bindparam("new_at"))
_DUE: Final = (
    select(_T.id, _T.subject, _T.subject_id, _T.name, _T.at, _T.turn, _T.rung, _T.about)
    .where(_T.due_at <= bindparam("now"), _T.subject == Subject.CASE)
    .order_by(_T.due_at, _T.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_MISSING: Final = (
    select(func.count())
    .select_from(tables.episodes)
    .join(tables.cases, _C.id == tables.episodes.c.case_id)
    .where(
        tables.episodes.c.ended_at.is_(None),
        _C.data_key.is_not(None),
        _C.id.not_in(bindparam("hidden", expanding=True)),
    )
)


def plan_anew(tx: Transaction) -> None:
    """Have every statement of this transaction planned for the tables as they are. PostgreSQL keeps the plan of a statement that
    is run often; one made while a table was empty looks through all of it, and an import would take the square of its rows.
    """
    if tx.postgresql:
        tx.execute(_PLAN_ANEW)


def measure(tx: Transaction) -> None:
    """Let PostgreSQL count what was brought in. Its own count comes minutes later, and until then it looks through whole tables
    for one child.
    """
    if tx.postgresql:
        tx.execute(_MEASURE)


def children(tx: Transaction, references: Collection[str]) -> Mapping[str, Case]:
    """The council's reference, as it was given -> the case, for those that there are and were not erased."""
    marks = {cases.mark(tx, one): one for one in references}
    found = tx.execute(_MARKED, {"marks": list(marks)}).all()
    return {marks[bytes(row.mark)]: cases.load(tx, row.id) for row in found}


def episodes(tx: Transaction, several: Iterable[str]) -> Mapping[str, tuple[Episode, ...]]:
    """Case -> its episodes, oldest first."""
    return {case: cases.episodes(tx, case) for case in several}


def compute_soon(tx: Transaction, several: Iterable[str], at: datetime) -> None:
    """Set the timer of these cases' deadlines, so that they are computed whatever becomes of this process."""
    changed = list(several)
    timers.add_all(tx, (Timer(0, Subject.CASE, case, "clocks", at, 0) for case in changed))
    for case in changed:
        tx.write(_WAIT, {"case": case, "new_at": at})


def waiting(tx: Transaction, now: datetime, limit: int) -> tuple[Timer, ...]:
    """Timers of cases that are due, locked until the commit: for whoever computes many at once."""
    return tuple(Timer(*row) for row in tx.execute(_DUE, {"now": now, "limit": limit}))


def recorded_missing(tx: Transaction, hidden: Collection[str]) -> int:
    """How many episodes are not ended: so many times a child is recorded missing. Those of the cases `hidden` are left out."""
    return int(tx.execute(_MISSING, {"hidden": list(hidden)}).scalar_one())
