"""Reads a file of missing episodes row by row, and names what is wrong with each. May not store, and never quotes a value:
what stands in a cell is a child's.

Bounded: a line, a field and a file have a largest size, a file has so many rows at most, and only numbers are kept of rows that
were read.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from bot import episode_cells as columns
from bot.episode_cells import Problem
from bot.episode_source import WrongFile
from flows.lines import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo
    from typing import BinaryIO

    from bot.episode_source import Source

LONGEST_LINE: Final = 16 * 1024
MOST_ROWS: Final = 500_000


@dataclass(frozen=True, slots=True)
class Row:
    """One episode as the file has it. `details`: everything but its three times, absent what the cell left empty."""

    line: int
    child: str
    missing: datetime
    returned: datetime | None
    ended: datetime | None
    birth: date | None
    of_child: Mapping[str, str]
    details: Mapping[str, str]
    report_refused: datetime | None = None


def rows(source: Source, tz: tzinfo, now: datetime) -> Iterator[Row | list[Problem]]:
    """Every row in the order of the file, or what is wrong with it. Raises WrongFile."""
    reading, count = columns.Reading(tz, now), 0
    with source.open() as file:
        lines = _Lines(file)
        reader = csv.reader(lines, strict=True)
        try:
            header = _header(next(reader, None))
            first = lines.number + 1
            for cells in reader:
                line, first = first, lines.number + 1
                if any(cell.strip() for cell in cells):
                    count += 1
                    if count > MOST_ROWS:
                        raise WrongFile(f"line {line}: more than {MOST_ROWS:,} rows; give them in several files")
                    yield _row(reading, line, header, cells)
        except csv.Error:
            where = f"line {lines.number}: a quotation mark is out of place"
            raise WrongFile(f"{where}; save the file as CSV anew") from None
        source.still(file)


class _Lines:
    """The physical lines of a file as text, one at a time, so that whatever is wrong has a line."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            raw = self._file.readline(LONGEST_LINE + 1)
        except OSError:
            raise WrongFile("cannot be read: is it a file?") from None
        if not raw:
            raise StopIteration
        self.number += 1
        return self._text(raw)

    def _text(self, raw: bytes) -> str:
        if self.number == 1:
            if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
                raise WrongFile("line 1: this is UTF-16; save the file as 'CSV UTF-8'")
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if len(raw) > LONGEST_LINE:
            raise WrongFile(f"line {self.number}: is longer than any row can be; is this a CSV file?")
        if b"\0" in raw:
            raise WrongFile(f"line {self.number}: is no text; save the file as 'CSV UTF-8'")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise WrongFile(f"line {self.number}: is not UTF-8; save the file as 'CSV UTF-8'") from None


def _header(cells: list[str] | None) -> tuple[str, ...]:
    if cells is None:
        raise WrongFile(f"line 1: is empty; the first line names the columns, at least {', '.join(columns.NEEDED)}")
    names = tuple(cell.strip().lower() for cell in cells)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise WrongFile("line 1: the columns are not parted by commas; save the file as comma-separated CSV")
    for number, name in enumerate(names, 1):
        if not name:
            raise WrongFile(f"line 1, column {number}: has no name: take the column out, or give it one")
        if name not in columns.COLUMNS:
            # By its number: in a file without a first line of names this is a child's.
            raise WrongFile(f"line 1, column {number}: no column has this name: {nearest(name, columns.COLUMNS)}")
        if names.count(name) > 1:
            raise WrongFile(f"line 1: the column {name} stands there twice")
    for name in columns.NEEDED:
        if name not in names:
            raise WrongFile(f"line 1: the column {name} is missing")
    return names


def _row(reading: columns.Reading, line: int, header: tuple[str, ...], cells: list[str]) -> Row | list[Problem]:
    reading.found = []

    def wrong(column: str, what: str) -> None:
        reading.found.append(Problem(line, column, what))

    if len(cells) != len(header):
        wrong("", f"has {len(cells)} cells for {len(header)} columns")
        return reading.found
    given = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    times = _values(reading, given, wrong)
    if not reading.found:
        _agree(reading, given, times, wrong)
    return reading.found or _made(line, given, times)


def _values(reading: columns.Reading, given: dict[str, str], wrong: Callable[[str, str], None]) -> dict[str, datetime]:
    """Every cell by itself: the times it has, and what is wrong."""
    times: dict[str, datetime] = {}
    for name in columns.NEEDED:
        if name not in given:
            wrong(name, "is empty")
    for name, value in given.items():
        if len(value) > columns.LONGEST_VALUE or not value.isprintable():
            wrong(name, f"is longer than {columns.LONGEST_VALUE} characters, or has one that cannot be printed")
        elif name in columns.TIMES:
            columns.time(reading, name, value, times, wrong)
        elif (problem := columns.plain(reading, name, value)) is not None:
            wrong(name, problem)
    return times


def _agree(
    reading: columns.Reading, given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]
) -> None:
    """What the cells of a row say together."""
    last, before = times["missing"], "missing"
    for name in ("located", "returned", "ended"):
        if name in times:
            if times[name] < last:
                wrong(name, f"is before {before}")
            last, before = times[name], name
    if "report_refused" in times and times["report_refused"] < times["missing"]:
        wrong("report_refused", "is before missing")
    if "birth_date" in given:
        _born(reading, given, times, wrong)
    if any(name in given for name in (*columns.ENDING, *columns.WHY_NOT)):
        _ended(given, times, wrong)


def _born(
    reading: columns.Reading, given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]
) -> None:
    started = times["missing"].astimezone(reading.tz).date()
    born = columns.day(given["birth_date"])
    if born > started:
        wrong("birth_date", "is after the child went missing")
    elif started.year - born.year > columns.OLDEST_CHILD:
        wrong("birth_date", f"makes the child older than {columns.OLDEST_CHILD} when they went missing")


def _ended(given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]) -> None:
    """Until an episode has all of it, the child is recorded missing (F2, F3)."""
    if "ended" not in given:
        wrong("ended", "is empty, and what belongs to an end is given: give it too, or neither")
        return
    for name in columns.ENDING:
        if name not in given:
            wrong(name, "is empty: an episode is ended with all its fields or not at all")
    if "located" not in times and "returned" not in times:
        wrong("returned", "is empty: no episode ends before the child is located or returned")
    if given.get("interviewed", "").lower() == "no":
        for name in columns.WHY_NOT:
            if name not in given:
                wrong(name, "is empty: an interview that was not done needs the reason and a date, or never")


def _made(line: int, given: dict[str, str], times: dict[str, datetime]) -> Row:
    plain = {name: columns.kept(name, value) for name, value in given.items()}
    of_child = {name: plain[name] for name in columns.CHILD if name in plain}
    known = {
        name: plain[name]
        for name in (*columns.EPISODE, *columns.ENDING, *columns.WHY_NOT, *columns.AT_THE_TIME)
        if name in plain and name not in columns.TIMES
    }
    known |= {f"{name}_at": times[name].isoformat() for name in columns.KEPT_TIMES if name in times}
    return Row(
        line,
        given["child"],
        times["missing"],
        times.get("returned"),
        times.get("ended"),
        date.fromisoformat(of_child["birth_date"]) if "birth_date" in of_child else None,
        of_child,
        known,
        times.get("report_refused"),
    )
