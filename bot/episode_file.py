"""Reads a file of missing episodes row by row, and names what is wrong with each. May not store, and never quotes a value:
what stands in a cell is a child's.

Bounded: a line, a field and a file have a largest size, and only numbers are kept of rows that were read.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flows.lines import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo
    from pathlib import Path

LARGEST: Final = 64 * 1024 * 1024
LONGEST_LINE: Final = 16 * 1024
LONGEST_VALUE: Final = 200
OLDEST_CHILD: Final = 18
FLAGS: Final = ("cse", "trafficked", "high_risk", "missing_and_wanted", "gangs", "radicalisation", "self_harm")
# Of the child, and of this one time missing.
CHILD: tuple[str, ...] = (
    "birth_date", "looked_after", "responsible_authority", "host_authority", "learning_disability", "social_worker",
    "ethnicity", "gender", "worker",
)  # fmt: skip
EPISODE: tuple[str, ...] = (
    "status", "missing", "located", "returned", "notified", "police_ref", "flags", "report_refused", "location_from",
)  # fmt: skip
# Of the child as it was that time: a child who leaves care had been in it, and the return of that year says so.
AT_THE_TIME: Final = ("looked_after",)
# An episode is ended with all of these or not at all (003:1855, 2059).
ENDING: tuple[str, ...] = ("ended", "location_found", "outcome", "risk_assessed", "interviewed")
WHY_NOT: tuple[str, ...] = ("not_done_reason", "again_on")
COLUMNS: Final = ("child", *CHILD, *EPISODE, *ENDING, *WHY_NOT)
GENDERS: Final = ("female", "male", "trans", "other")
NEEDED: Final = ("child", "missing")
_YES: Final = ("looked_after", "learning_disability", "social_worker", "risk_assessed", "interviewed")
_TIMES: Final = ("missing", "located", "returned", "notified", "report_refused", "ended")
_FORMS: Final = {
    "iso": (re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?"), (0, 1, 2)),
    "british": (re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?:,? (\d\d?):(\d\d)(?::(\d\d))?)?"), (2, 1, 0)),
}
_SHOWN: Final = {"iso": "2026-11-14 18:30", "british": "14/11/2026 18:30"}
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")


class WrongFile(ValueError):
    """The file as a whole cannot be read: what, where, how to mend it. Nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. `column` is empty when it is the row as a whole."""

    line: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.what}"


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


@dataclass
class _Reading:
    """What a whole file must agree on: the zone, the time it is read, and the one form of its dates."""

    tz: tzinfo
    now: datetime
    form: str = ""
    found: list[Problem] = field(default_factory=list)


def rows(path: Path, tz: tzinfo, now: datetime) -> Iterator[Row | list[Problem]]:
    """Every row in the order of the file, or what is wrong with it. Raises WrongFile."""
    reading = _Reading(tz, now)
    lines = _Lines(path)
    reader = csv.reader(lines, strict=True)
    try:
        header = _header(next(reader, None))
        first = lines.number + 1
        for cells in reader:
            line, first = first, lines.number + 1
            if any(cell.strip() for cell in cells):
                yield _row(reading, line, header, cells)
    except csv.Error:
        raise WrongFile(f"line {lines.number}: a quotation mark is out of place; save the file as CSV anew") from None
    finally:
        lines.close()


class _Lines:
    """The physical lines of a file as text, one at a time, so that whatever is wrong has a line."""

    def __init__(self, path: Path) -> None:
        try:
            size = path.stat().st_size
            self._file = path.open("rb")
        except OSError:
            raise WrongFile("cannot be read: is it there, and may this user read it?") from None
        if size > LARGEST:
            self.close()
            megabytes = LARGEST // (1024 * 1024)
            raise WrongFile(f"is {size // (1024 * 1024)} MB: give at most {megabytes} MB at once, in several files")
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

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _header(cells: list[str] | None) -> tuple[str, ...]:
    if cells is None:
        raise WrongFile(f"line 1: is empty; the first line names the columns, at least {', '.join(NEEDED)}")
    names = tuple(cell.strip().lower() for cell in cells)
    if len(names) == 1 and any(mark in names[0] for mark in ";\t"):
        raise WrongFile("line 1: the columns are not parted by commas; save the file as comma-separated CSV")
    for name in names:
        if name not in COLUMNS:
            raise WrongFile(f"line 1: no column has this name: {nearest(name, COLUMNS)}")
        if names.count(name) > 1:
            raise WrongFile(f"line 1: the column {name} stands there twice")
    for name in NEEDED:
        if name not in names:
            raise WrongFile(f"line 1: the column {name} is missing")
    return names


def _row(reading: _Reading, line: int, header: tuple[str, ...], cells: list[str]) -> Row | list[Problem]:
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


def _values(reading: _Reading, given: dict[str, str], wrong: Callable[[str, str], None]) -> dict[str, datetime]:
    """Every cell by itself: the times it has, and what is wrong."""
    times: dict[str, datetime] = {}
    for name in NEEDED:
        if name not in given:
            wrong(name, "is empty")
    for name, value in given.items():
        if len(value) > LONGEST_VALUE or not value.isprintable():
            wrong(name, f"is longer than {LONGEST_VALUE} characters, or has one that cannot be printed")
        elif name in _TIMES:
            _time(reading, name, value, times, wrong)
        elif (problem := _plain(reading, name, value)) is not None:
            wrong(name, problem)
    return times


def _plain(reading: _Reading, name: str, value: str) -> str | None:
    """What is wrong with a cell that holds no time."""
    if name in _YES and value.lower() not in ("yes", "no"):
        return "write yes or no, or leave it empty when it is not known"
    if name == "status" and value.lower() not in ("missing", "away"):
        return "write missing, or away for away without authorisation"
    if name == "gender" and value.lower() not in GENDERS:
        return f"write {', '.join(GENDERS[:-1])} or {GENDERS[-1]}, or leave it empty when it is not known"
    if name == "flags" and (unknown := [flag for flag in value.lower().split() if flag not in FLAGS]):
        return f"{len(unknown)} of the flags are not known: use {', '.join(FLAGS)}, with blanks between"
    if name == "child" and not _REFERENCE.fullmatch(value):
        return "is no reference of a child: letters, digits, . _ / - and at most 40 characters"
    if name == "ethnicity" and not re.fullmatch(r"[A-Za-z0-9_-]{1,12}", value):
        return "is no code: letters and digits, at most 12, as in WBRI"
    if name in ("birth_date", "again_on") and not (name == "again_on" and value.lower() == "never"):
        return _date_problem(reading, value)
    return None


def _date_problem(reading: _Reading, value: str) -> str | None:
    found = _parts(reading, value)
    if isinstance(found, str):
        return found
    return "is a day without an hour: leave the hour out" if found[1] else None


def _time(
    reading: _Reading, name: str, value: str, times: dict[str, datetime], wrong: Callable[[str, str], None]
) -> None:
    found = _parts(reading, value)
    if isinstance(found, str):
        wrong(name, found)
        return
    at, with_hour = found
    if not with_hour:
        wrong(name, f"needs its hour, as in {_SHOWN[reading.form]}")
        return
    # Of the hour that autumn shows twice the first counts: no clock ends later than it should.
    local = at.replace(tzinfo=reading.tz)
    if local.astimezone(UTC).astimezone(reading.tz).replace(tzinfo=None) != at:
        wrong(name, "is an hour that the change of the clocks left out")
    elif local > reading.now + timedelta(minutes=5):
        wrong(name, "lies in the future")
    else:
        times[name] = local.astimezone(UTC)


def _parts(reading: _Reading, value: str) -> tuple[datetime, bool] | str:
    """The local time and whether an hour was given, or what is wrong. One file has one form of dates."""
    for form, (pattern, order) in _FORMS.items():
        match = pattern.fullmatch(value)
        if match is None:
            continue
        if reading.form and form != reading.form:
            return f"is written another way than the dates before it: keep to {_SHOWN[reading.form]}"
        year, month, day = (int(match[order[place] + 1]) for place in range(3))
        hour, minute, second = (int(part or 0) for part in match.groups()[3:])
        try:
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the file's own wall clock
        except ValueError:
            return "is no day or hour of the calendar"
        reading.form = form
        return found, match[4] is not None
    return f"is no date: write it like {_SHOWN['iso']} or {_SHOWN['british']}"


def _agree(
    reading: _Reading, given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]
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
    if any(name in given for name in (*ENDING, *WHY_NOT)):
        _ended(given, times, wrong)


def _born(
    reading: _Reading, given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]
) -> None:
    started = times["missing"].astimezone(reading.tz).date()
    born = _day(given["birth_date"])
    if born > started:
        wrong("birth_date", "is after the child went missing")
    elif started.year - born.year > OLDEST_CHILD:
        wrong("birth_date", f"makes the child older than {OLDEST_CHILD} when they went missing")


def _ended(given: dict[str, str], times: dict[str, datetime], wrong: Callable[[str, str], None]) -> None:
    """Until an episode has all of it, the child is recorded missing (F2, F3)."""
    if "ended" not in given:
        wrong("ended", "is empty, and what belongs to an end is given: give it too, or neither")
        return
    for name in ENDING:
        if name not in given:
            wrong(name, "is empty: an episode is ended with all its fields or not at all")
    if "located" not in times and "returned" not in times:
        wrong("returned", "is empty: no episode ends before the child is located or returned")
    if given.get("interviewed", "").lower() == "no":
        for name in WHY_NOT:
            if name not in given:
                wrong(name, "is empty: an interview that was not done needs the reason and a date, or never")


def _day(value: str) -> date:
    match = _FORMS["iso"][0].fullmatch(value)
    if match is not None:
        return date(int(match[1]), int(match[2]), int(match[3]))
    day, month, year = value.split("/")
    return date(int(year), int(month), int(day))


def _made(line: int, given: dict[str, str], times: dict[str, datetime]) -> Row:
    lower = {*_YES, "status", "flags", "gender"}
    plain = {name: value.lower() if name in lower else value for name, value in given.items()}
    for name in ("birth_date", "again_on"):
        if name in plain and plain[name].lower() != "never":
            plain[name] = _day(plain[name]).isoformat()
    of_child = {name: plain[name] for name in CHILD if name in plain}
    kept = (*EPISODE, *ENDING, *WHY_NOT, *AT_THE_TIME)
    known = {name: plain[name] for name in kept if name in plain and name not in _TIMES}
    known |= {f"{name}_at": times[name].isoformat() for name in ("located", "notified") if name in times}
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
