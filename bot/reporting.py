"""`waymark export`: what a council or charity must hand in, over all its children. Reads one instant of the database, writes
a file as a whole or not at all, and notes that it left. May not change anything of a child.

The same database gives the same bytes: nothing in a file says when it was made.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO, TypeAlias, TypeVar

from bot import app, children, counting, exporting, keeping, rounds, serving
from bot.filing import annex_a, answers, cells, compliance, dataset, sheet, ssd, ssda903
from bot.filing.ssda903 import Problem
from flows import report
from storage import audit, registers
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo
    from pathlib import Path

    from bot.children import Child
    from bot.config import Settings
    from bot.filing.cells import Cell
    from flows.working_time import Calendar
    from storage.database import Database, Transaction

T = TypeVar("T")
FIRST_YEAR: Final = 2000
UNOPENED: Final = "no key opens it, so nobody can say whether and with what it belongs here; see `waymark doctor`"
CSV, XLSX, PDF = "csv", "xlsx", "pdf"
_PARTS: Final = 3  # kind, year, digest: what the audit notes of a report that left
_DATES: Final = ("%Y-%m-%d", "%d/%m/%Y")


class BadRows(ValueError):
    """Some children's rows would be refused where the file is handed in, or cannot be read; `problems` names them. Nothing was
    written.
    """

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} to be mended, so nothing was written: mend them, or use --skip-bad")
        self.problems = problems


@dataclass(slots=True)
class Done:
    """What was written: how many rows, and whom it leaves out. `ended`, `left`: how much of the work that asked for such a
    file it ended, and how much of that work is open still.
    """

    rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    care_unknown: int = 0
    ended: int = 0
    left: int = 0


Write: TypeAlias = "Callable[[Transaction, TextIO], Done]"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list a file is, as `bot.rounds` names it, and the day (of a year: its last) it was drawn up for."""

    kind: str
    day: date
    calendar: Calendar
    whole: bool = True  # every child of ours is in it: a part of a list ends no work


def year(given: int | None, today: date) -> int:
    """A collection's year, named by the year it ends in; it must have begun. Raises NotFound."""
    if given is None:
        raise keeping.NotFound("--year is missing: give the year the collection ends in, such as --year 2026")
    if given < FIRST_YEAR or ssda903.year(min(given, 9999))[0] > today:
        newest = today.year + (today >= date(today.year, 4, 1))
        raise keeping.NotFound(f"--year {given}: give a year from {FIRST_YEAR} to {newest}; 2026 ends on 31 March 2026")
    return given


def day(given: str | None, today: date) -> date:
    """A day that is not in the future. Raises NotFound."""
    if given is None:
        raise keeping.NotFound("--date is missing: give the day it is drawn up for, such as --date 2026-03-31")
    for form in _DATES:
        try:
            found = datetime.strptime(given, form).date()  # noqa: DTZ007 - a day on the wall
        except ValueError:
            continue
        if found.year >= FIRST_YEAR and found <= today:
            return found
        raise keeping.NotFound(f"--date {given}: give a day from {FIRST_YEAR} to today")
    raise keeping.NotFound(f"--date {given}: is no day; write it like 2026-03-31")


# --- each kind --------------------------------------------------------------------------------------------------------


def ssda903_missing(ends: int, tz: tzinfo, authority: str | None, today: date) -> Write:
    """The table of missing episodes of a collection year, as known today."""

    def write(tx: Transaction, out: TextIO) -> Done:
        done = Done()
        known = ours(_everyone(tx, done, chats=False), authority)
        rows, done.care_unknown = ssda903.collect(known, ends, tz, done.problems, today)
        done.rows = cells.write(out, ssda903.HEADER, rows)
        return done

    return write


def annex_a_missing(on: date, tz: tzinfo, authority: str | None) -> Write:
    """The columns of list 8 about being missing, at a day."""

    def write(tx: Transaction, out: TextIO) -> Done:
        done = Done()
        rows = annex_a.collect(ours(_everyone(tx, done), authority, on), on, tz)
        done.rows = cells.write(out, annex_a.HEADER, rows)
        return done

    return write


def ssd_missing(tz: tzinfo) -> Write:
    """Every episode there is, for the sector's data model."""

    def write(tx: Transaction, out: TextIO) -> Done:
        done = Done()
        done.rows = cells.write(out, ssd.HEADER, ssd.rows(_everyone(tx, done), tz))
        return done

    return write


def counted(kind: str, ends: int, calendar: Calendar, authority: str | None = None) -> Write:
    """A report of counts: `dataset`, `foi`, `interviews` or `compliance`. What is published is of our own children, as a
    return is: another council's child who is placed here stands in theirs. Raises DoesNotAddUp, which would be a bug.
    """
    first, last = ssda903.year(ends)

    def write(tx: Transaction, out: TextIO) -> Done:
        done = Done()
        done.rows = rows(tx, out, done)
        return done

    def rows(tx: Transaction, out: TextIO, done: Done) -> int:
        if kind == "compliance":
            return cells.write(out, compliance.HEADER, compliance.rows(_everyone(tx, done), ends, calendar))
        everyone = ours(_everyone(tx, done), authority)
        steps = app.source().flows["return_interview"].steps
        form = report.load().fields
        chosen = dataset.options(
            {name: (*(one.value for one in steps[name].options), *form[name].options) for name in counting.ASKED_WHY}
        )
        tables = dataset.prepared(counting.tables(counting.within(tx, everyone, ends, calendar), chosen))
        if kind == "foi":
            return cells.write(out, dataset.FOI_HEADER, dataset.foi(tables))
        shown = dataset.rows if kind == "dataset" else dataset.interviews
        return cells.write(out, dataset.HEADER, shown(tables, first, last))

    return write


def ended(ends: int, today: date) -> int:
    """A year that is over: what is published of half a year would be taken for the whole. Raises NotFound."""
    if ssda903.year(ends)[1] >= today:
        raise keeping.NotFound(f"--year {ends}: is not over before 1 April {ends}; give an earlier year")
    return ends


def ours(everyone: Iterable[Child], authority: str | None, on: date | None = None) -> Iterator[Child]:
    """The children whose return this is: a council hands in those it is responsible for, wherever they are placed. Of a child who
    moved from one council to another each has the times missing that began while the child was theirs; what is drawn up for a day
    (`on`) is by whose they were then, with all of them. One of whom nobody said whose they are is ours. Raises NotFound when they
    are of several and none is named.
    """
    seen: set[str] = set()
    for child in everyone:
        began = {one.id: children.day(one.missing_at, child.known.tz) for one in child.episodes}
        cared = [began[one.id] for one in child.episodes if child.looked_after(one)]
        whose = [*map(child.authority, cared), child.authority() if child.looked_after() else None]
        seen |= {one.casefold() for one in whose if one is not None}
        if authority is None and len(seen) > 1:
            raise keeping.NotFound("the children in care here are of several authorities: say whose with --authority")
        if authority is None or (on is not None and _is_theirs(child, authority, on)):
            yield child
        elif on is None:
            mine = tuple(one for one in child.episodes if _is_theirs(child, authority, began[one.id]))
            if mine:
                yield replace(child, episodes=mine)


def _is_theirs(child: Child, authority: str, on: date) -> bool:
    return (child.authority(on) or authority).casefold() == authority.casefold()


def _everyone(tx: Transaction, done: Done, *, chats: bool = True) -> Iterator[Child]:
    """Every child; whom no key opens may belong in the file, and is a problem of it as whoever its rules refuse is."""
    lost: list[str] = []
    yield from children.everyone(tx, lost, chats=chats)
    done.problems += (Problem(one, UNOPENED) for one in registers.references(tx, lost))


# --- the whole --------------------------------------------------------------------------------------------------------


def run(  # noqa: PLR0913, PLR0917 - which file, of what, where to, and whose work it was
    settings: Settings,
    kind: str,
    about: str,
    write: Write,
    out: Path,
    at: datetime,
    wanted: Wanted | None = None,
    form: str = CSV,
    *,
    skip_bad: bool = False,
) -> Done:
    """Write one file, and end the work that asked for it. `skip_bad`: also where it lacks a child, whom `problems` names. Raises
    NotFound, BadRows, and of a form that is not CSV NotInstalled, NotDrawn and TooLong; and then nothing is left behind.
    """
    database = app.database(settings)
    try:
        serving.check_schema(database)
        with exporting.whole(out) as opened, _text(opened) as text:
            noting = _Noting(text if form == CSV else None)
            into = noting if form == CSV else _Rows(_made(form, opened, kind, about), noting)
            with database.snapshot() as tx:
                tx.be_patient()
                done = write(tx, into)  # type: ignore[arg-type]
            if done.problems and not skip_bad:
                raise BadRows(done.problems)
            _noted(database, kind, about, noting.digest.hexdigest(), at)
        if wanted is not None:
            # Only now does the file stand: work that ended before it would be lost with it.
            done.ended, done.left = _answered(database, wanted, at, whole=wanted.whole and not done.problems)
        return done
    finally:
        database.close()


def versions(tx: Transaction, ends: int) -> list[str]:
    """Every time the figures of a year left, a line each: when, what, which version of it."""
    found: list[str] = []
    before: dict[str, tuple[int, str]] = {}
    for line in audit.about(tx, str(ends)):
        if line.what != "report.exported" or len(line.about) < _PARTS or line.about[1] != str(ends):
            continue
        kind, digest = line.about[0], line.about[2]
        number, last = before.get(kind, (0, ""))
        new = digest != last
        before[kind] = (number + new, digest)
        says = "says something else than the version before: correct what was published" if new and number else ""
        same = "" if new else "the same once more"
        found.append(
            f"{line.at:%Y-%m-%d %H:%M} {kind} {ends}, version {number + new} ({digest[:12]}) {says or same}".strip()
        )
    return found


@contextlib.contextmanager
def _text(opened: BinaryIO) -> Iterator[TextIO]:
    """The same file, to write text to; it is left open."""
    text = io.TextIOWrapper(opened, encoding="utf-8", newline="")
    try:
        yield text
        text.flush()
    finally:
        text.detach()


def _made(form: str, out: BinaryIO, kind: str, about: str) -> cells.Into:
    if form == XLSX:
        return sheet.Book(out, kind)
    first, last = ssda903.year(int(about))
    return answers.Paper(out, kind, f"From {first:%-d %B %Y} to {last:%-d %B %Y}")


class _Noting:
    """Writes on, where there is something to write to, and knows what it wrote."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self.digest = hashlib.sha256()

    def write(self, text: str) -> int:
        self.digest.update(text.encode())
        return len(text) if self._out is None else self._out.write(text)


class _Rows:
    """Rows on their way into something else than CSV. Noted is what they say, which is the same in every form: so nobody takes
    a workbook for a correction of the figures.
    """

    def __init__(self, into: cells.Into, noting: _Noting) -> None:
        self._into, self._noting = into, noting

    def take(self, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
        def through() -> Iterator[Sequence[Cell]]:
            for row in rows:
                self._into.row(row)
                yield row

        self._into.head(header)
        number = cells.write(self._noting, header, through())  # type: ignore[arg-type]
        self._into.finish()
        return number


def _noted(database: Database, kind: str, about: str, digest: str, at: datetime) -> None:
    """That it left is written down before it can be read."""
    _commit(database, lambda tx: audit.record(tx, at, keeping.CLI, "report.exported", kind, about or "all", digest))


def _answered(database: Database, wanted: Wanted, at: datetime, *, whole: bool) -> tuple[int, int]:
    """How much work ended, and how much is open still; of a list with somebody left out none ends by itself."""

    def work(tx: Transaction) -> tuple[int, int]:
        if whole:
            return rounds.exported(tx, wanted.kind, wanted.day, wanted.calendar, keeping.CLI, at)
        return 0, rounds.open_of(tx, wanted.kind)

    return _commit(database, work)


def _commit(database: Database, work: Callable[[Transaction], T]) -> T:
    committer = Committer(database, writers=1)
    try:
        return committer.submit(work)
    finally:
        committer.close()
