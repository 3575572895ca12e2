"""England's working days as a `Calendar` value: the bank holidays of the `holidays` library and the service's own list.

The only user of `holidays`. May not count days itself: that is `flows.working_time`. The list exists because a one-off
day off can be proclaimed later than the library was pinned (domain 2.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

import holidays

from flows.working_time import MIDNIGHT, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

# Whatever a record may speak of, from a photo long ago to a looked-after child's file.
FIRST_YEAR, LAST_YEAR = 2000, 2100
_LINE = re.compile(r"(\d{4}-\d{2}-\d{2})\s+([+-])\s*(\S.*)", re.ASCII)
_FORM = "write a date, + or -, and why, like '2026-06-05 +one-off'"


class WrongLine(ValueError):
    """A line of the list of days off cannot be used: `line N: what, and how to mend it`."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Overrides:
    """Days a service works differently from the library's: `added` days off, and `removed` ones that are worked."""

    added: frozenset[date] = frozenset()
    removed: frozenset[date] = frozenset()


def load(tz: tzinfo, overrides: str = "", *, close: time = MIDNIGHT) -> Calendar:
    """The calendar of England for `FIRST_YEAR` to `LAST_YEAR`. `overrides`: the text of the local list, see `read`.

    Raises WrongLine, and ValueError for a `close` of business that is no plain local time.
    """
    known = _bank_holidays()
    local = read(overrides, known)
    days = (known | local.added) - local.removed
    count = len(local.added) + len(local.removed)
    return Calendar(tz, days, close, f"{_source()}, {count} local" if count else _source())


@cache
def _source() -> str:
    """Whose days they are: asked once, for a package's version is looked up in its files."""
    return f"GB-ENG holidays {version('holidays')}"


def read(text: str, known: frozenset[date] | None = None) -> Overrides:
    """The local list: one `2026-06-05 +one-off` (a day off) or `2026-05-04 -moved` (a working day) a line; empty lines
    and lines that begin with `#` are skipped. A day that is taken away must be a bank holiday, for else it is a slip of
    the pen that would change nothing unseen. Raises WrongLine.
    """
    bank_holidays = _bank_holidays() if known is None else known
    seen: dict[date, int] = {}
    added: set[date] = set()
    removed: set[date] = set()
    for number, line in _lines(text):
        day, adds = _entry(number, line)
        if day in seen:
            raise WrongLine(number, f"{day} stands in line {seen[day]} already; keep one of the two")
        if not adds and day not in bank_holidays:
            raise WrongLine(number, f"{day} is no bank holiday in England; take the line away or mend the date")
        seen[day] = number
        (added if adds else removed).add(day)
    return Overrides(frozenset(added), frozenset(removed))


@cache
def _bank_holidays() -> frozenset[date]:
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=years))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _entry(number: int, line: str) -> tuple[date, bool]:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise WrongLine(number, f"this is no day off; {_FORM}")
    try:
        day = date.fromisoformat(parts[1])
    except ValueError:
        raise WrongLine(number, f"{parts[1]} is no day of the calendar; {_FORM}") from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise WrongLine(number, f"{day} is outside {FIRST_YEAR} to {LAST_YEAR}; mend the year")
    return day, parts[2] == "+"
