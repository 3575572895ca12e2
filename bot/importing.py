"""`waymark import episodes`: a file of missing episodes into cases, wholly or, with `--skip-bad`, all but its bad rows.

The file is read twice: first to know what is wrong with it, then into one transaction. What that transaction leaves is a
timer for every child it touched, so that their deadlines are computed even if this process ends there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot import app, clocks, keeping, serving
from bot import episode_cells as columns
from bot.episode_cells import Problem
from bot.episode_file import Row, rows
from bot.episode_overlaps import Seen
from bot.episode_source import Source
from flows import over_time
from storage import audit, bulk, cases, notes, people, timers
from storage.commit import Committer
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bot.config import Settings
    from bot.runner import House
    from storage.cases import Case, Details, Episode
    from storage.database import Transaction

SHOWN: Final = 200  # problems that are kept to be named; all are counted
_CHUNK: Final = 500
_AT_ONCE: Final = 100  # children computed in one transaction
_SIGNS: Final = re.compile(r"[ ._/-]+")
_PARTS: Final = re.compile(r"[A-Za-z]+|[0-9]+")
_FRESH: Final = timedelta(days=7)  # a return that is older when it is first heard of is history


@dataclass
class Report:
    """What was, or with `dry_run` would have been, done."""

    rows: int = 0
    bad: int = 0
    children_new: int = 0
    episodes_new: int = 0
    episodes_changed: int = 0
    episodes_same: int = 0
    applied: bool = False
    problems: list[Problem] = field(default_factory=list)
    # What may be a slip in a row that was taken.
    remarks: list[Problem] = field(default_factory=list)

    def summary(self) -> dict[str, object]:
        """The numbers, as one JSON object."""
        return {"kind": "summary", **{name: held for name, held in vars(self).items() if not isinstance(held, list)}}

    def told(self) -> str:
        """The numbers for a person."""
        done = "" if self.applied else " (nothing was changed)"
        more = self.bad - len({one.line for one in self.problems})
        return (
            f"{self.rows} rows: {self.episodes_new} new episodes, {self.episodes_changed} changed, "
            f"{self.episodes_same} as they were, {self.bad} bad, {self.children_new} new children{done}"
            + (f"; {more} more bad rows are not shown" if more > 0 else "")
        )

    def add(self, problem: Problem) -> None:
        """Keep a problem to be named, as far as there is room."""
        if len(self.problems) < SHOWN:
            self.problems.append(problem)

    def remark(self, line: int, column: str, what: str) -> None:
        """Keep a remark to be made, as far as there is room."""
        if len(self.remarks) < SHOWN:
            self.remarks.append(Problem(line, column, what))


class _Stopped(Exception):
    """Nothing is to be kept."""


def _nobody(what: str, number: int) -> None:
    """Nobody watches."""


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- the whole --------------------------------------------------------------------------------------------------------


def episodes(
    settings: Settings,
    path: Path,
    now: datetime,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    tell: Callable[[str, int], None] = _nobody,
) -> Report:
    """Read a file into cases. Raises WrongFile; a report with `applied` False when rows are bad and not to be skipped: they are
    held against what is known all the same, so that whoever mends the file is told of everything at once.
    """
    report, source = Report(), Source(path)
    skipped = _look(settings, source, now, report, tell)
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        house = app.unheard(committer, settings)
        _apply(house, source, now, report, skipped, keep=not dry_run, skip_bad=skip_bad)
        if report.applied:
            compute(house, now, tell)
    finally:
        committer.close()
        database.close()
    return report


def _look(
    settings: Settings, source: Source, now: datetime, report: Report, tell: Callable[[str, int], None]
) -> frozenset[int]:
    """The first reading: what is wrong, and in which lines."""
    seen, bad = Seen(), set[int]()
    for found in rows(source, settings.timezone, now):
        report.rows += 1
        if isinstance(found, Row):
            seen.add(found)
        else:
            bad.add(found[0].line)
            for problem in found:
                report.add(problem)
        tell("read", report.rows)
    for problem in seen.problems():
        bad.add(problem.line)
        report.add(problem)
    report.problems.sort(key=lambda problem: problem.line)
    report.bad = len(bad)
    return frozenset(bad)


def _apply(  # noqa: PLR0913 - as `episodes`
    house: House, source: Source, now: datetime, report: Report, skipped: frozenset[int], *, keep: bool, skip_bad: bool
) -> None:
    """The second reading, in one transaction: everything or nothing. Work may run twice, so it counts anew."""

    def work(tx: Transaction) -> Report:
        again = Report(rows=report.rows, bad=report.bad, problems=list(report.problems))
        taking = _Taking(tx, now, again, house)
        bulk.plan_anew(tx)
        chunk: list[Row] = []
        for found in rows(source, house.settings.timezone, now):
            if isinstance(found, Row) and found.line not in skipped:
                chunk.append(found)
                if len(chunk) == _CHUNK:
                    taking.take(chunk)
                    chunk = []
        taking.take(chunk)
        if not keep or (again.bad and not skip_bad):
            raise _Stopped(again)
        taking.finish()
        bulk.measure(tx)
        again.applied = True
        return again

    try:
        done = house.committer.submit(work)
    except _Stopped as stopped:
        done = stopped.args[0]
    done.problems.sort(key=lambda problem: problem.line)
    report.__dict__.update(done.__dict__)


class _Taking:
    """Takes rows into one transaction, a portion at a time."""

    def __init__(self, tx: Transaction, now: datetime, report: Report, house: House) -> None:
        self.tx, self.now, self.report, self.tz = tx, now, report, house.settings.timezone
        self.touched: dict[str, None] = {}
        self._portions = 0
        self._workers: set[str] = set()
        self._plain: dict[str, str] = {}

    def take(self, chunk: list[Row]) -> None:
        """Find the children of these rows and their episodes in one look, then write what is new or has changed."""
        if not chunk:
            return
        known = dict(bulk.children(self.tx, {row.child for row in chunk}))
        self._look_twice(chunk, known)
        held = {
            case: list(several) for case, several in bulk.episodes(self.tx, {one.id for one in known.values()}).items()
        }
        for row in chunk:
            try:
                case = known.get(row.child) or cases.by_child(self.tx, row.child)
            except Erased:
                self._bad(Problem(row.line, "child", "this child was erased: leave the row out"))
                continue
            there = [] if case is None else held.setdefault(case.id, list(cases.episodes(self.tx, case.id)))
            problem = _against(row, case, there)
            if problem is not None:
                self._bad(problem)
                continue
            known[row.child] = case = self._child(row, case)
            held.setdefault(case.id, there)
            self._episode(row, case, held[case.id])
        self._portions += 1
        if self._portions & (self._portions - 1) == 0:  # each time there are twice as many
            bulk.measure(self.tx)

    def _look_twice(self, chunk: list[Row], known: Mapping[str, Case]) -> None:
        """Two ways to write one child make two children, and a worker whom nobody knows is told of nothing: said, and taken."""
        others = {row.child: _otherwise(row.child) for row in chunk if row.child not in known}
        there = bulk.children(self.tx, {one for several in others.values() for one in several})
        for row in chunk:
            worker = str(row.of_child.get("worker") or "")
            if worker and worker not in self._workers:
                self._workers.add(worker)
                if people.by_name(self.tx, worker) is None:
                    self.report.remark(row.line, "worker", f"nobody on the staff is called '{worker}'")
            if row.child in others:
                first = self._plain.setdefault(_SIGNS.sub("", row.child).lower(), row.child)
                written = next((one for one in others[row.child] if one in there), first)
                if written.lower() != row.child.lower():
                    what = f"'{row.child}' is taken as another child than '{written}': write one child one way"
                    self.report.remark(row.line, "child", what)

    def _bad(self, problem: Problem) -> None:
        self.report.bad += 1
        self.report.add(problem)

    def finish(self) -> None:
        """The children that were touched are computed soon, and it is written down that they were."""
        bulk.compute_soon(self.tx, self.touched, self.now)
        for case in self.touched:
            audit.record(self.tx, self.now, keeping.CLI, "episodes.imported", case)

    def _child(self, row: Row, case: Case | None) -> Case:
        day: date = row.missing.astimezone(self.tz).date()
        given = over_time.recorded(case.details if case is not None else {}, row.of_child, day, columns.CHANGING)
        if case is None:
            self.report.children_new += 1
            return cases.add(self.tx, row.child, self.now, given)
        if all(case.details.get(name) == value for name, value in given.items()):
            return case
        self.touched[case.id] = None
        return cases.set_details(self.tx, case.id, given)

    def _episode(self, row: Row, case: Case, there: list[Episode]) -> None:
        same = next((one for one in there if one.missing_at == row.missing), None)
        details = self._details(row, same)
        if same is None:
            made = cases.add_episode(self.tx, case.id, row.missing, row.returned, details, ended_at=row.ended)
            there.append(made)
            self.report.episodes_new += 1
            self.touched[case.id] = None
        else:
            made = replace(
                same,
                details=details,
                returned_at=row.returned or same.returned_at,
                ended_at=row.ended or same.ended_at,
            )
            if made == same:
                self.report.episodes_same += 1
                return
            cases.save_episode(self.tx, made)
            there[there.index(same)] = made
            self.report.episodes_changed += 1
            self.touched[case.id] = None
        if row.report_refused is not None:
            at = row.report_refused
            notes.add(self.tx, "report_refused", at, keeping.CLI, self.now, case=case.id, episode=made.id)

    def _details(self, row: Row, same: Episode | None) -> Details:
        """What the file says is added to what is known; an empty cell takes nothing back."""
        details: dict[str, str | int | None] = {**(same.details if same is not None else {}), **row.details}
        found = row.returned or _instant(row.details.get("located_at"))
        if found is not None and "notified_at" not in details and self.now - found <= _FRESH:
            details["notified_at"] = self.now.isoformat()
        return details


def _otherwise(reference: str) -> tuple[str, ...]:
    """Other ways to write a reference of a child: with no sign between its letters and figures, or another one."""
    parts = _PARTS.findall(reference)
    given = [one for one in _SIGNS.split(reference) if one]
    ways = (sign.join(some) for some in (given, parts) for sign in ("", "-", " ", "/"))
    return tuple(one for one in dict.fromkeys(ways) if one != reference)


def _against(row: Row, case: Case | None, there: list[Episode]) -> Problem | None:
    """What is wrong between a row and what is stored already."""
    if case is None:
        problem = columns.new_reference(row.child)
        return None if problem is None else Problem(row.line, "child", problem)
    born = case.details.get("birth_date")
    if row.birth is not None and born is not None and born != row.birth.isoformat():
        return Problem(row.line, "birth_date", "is another than the one that is stored for this child")
    for one in there:
        if one.missing_at == row.missing:
            continue
        first, then = (one, None) if one.missing_at < row.missing else (None, one)
        end = _found(one.returned_at, one.details) if first is not None else _found(row.returned, row.details)
        start = row.missing if then is None else then.missing_at
        if end is None:
            return Problem(
                row.line, "missing", "another episode of this child is stored, and the earlier has no return"
            )
        if end > start:
            return Problem(row.line, "missing", "overlaps with an episode of this child that is stored already")
    return None


def _found(returned: datetime | None, details: Details) -> datetime | None:
    return returned or _instant(str(details.get("located_at") or ""))


# --- computing --------------------------------------------------------------------------------------------------------


def compute(house: House, now: datetime, tell: Callable[[str, int], None] = _nobody) -> int:
    """Compute the deadlines of every child whose timer is due, many a transaction; returns how many. What this does not
    reach, the ticker does.
    """
    done, measured = 0, 0
    while number := house.committer.submit(lambda tx: _some(tx, house, now)):
        done += number
        tell("computed", done)
        if done >= 2 * measured:
            house.committer.submit(bulk.measure)
            measured = done
    return done


def _some(tx: Transaction, house: House, now: datetime) -> int:
    bulk.plan_anew(tx)
    due = bulk.waiting(tx, now, _AT_ONCE)
    for timer in due:
        clocks.due(tx, house, timer, now)
        timers.done(tx, timer.id)
    return len(due)
