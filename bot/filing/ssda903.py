"""The yearly return on looked-after children: its table of missing episodes, as the DfE's rules want it. May not mend data:
what the rules would refuse is named, so that whoever keeps the record mends it there.

Source: the collection's guide and rules 564 to 586, 1004 to 1012, INT04 and INT13, as published for 2022/23 to 2026/27.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bot import children

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo

    from bot.children import Child

HEADER: Final = ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END")
MISSING, AWAY = "M", "A"
_FORM: Final = "%d/%m/%Y"
_NUMBER: Final = re.compile(r"[A-Za-z0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Period:
    """One time missing or away as the collection sees it. `end` None: still open."""

    kind: str
    start: date
    end: date | None
    began: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a child's rows would be refused. `reference`: the case's two words."""

    reference: str
    what: str

    def __str__(self) -> str:
        return f"case {self.reference}: {self.what}"


def year(ends: int) -> tuple[date, date]:
    """The collection of a year: it is named by the year it ends in (2026: 1 April 2025 to 31 March 2026)."""
    return date(ends - 1, 4, 1), date(ends, 3, 31)


def collect(
    everyone: Iterable[Child], ends: int, tz: tzinfo, problems: list[Problem], today: date
) -> tuple[list[tuple[str, ...]], int]:
    """The rows in order of child and start, and how many children were left out because nobody said whether they are
    looked after. What is wrong is added to `problems`, and that child has no row.
    """
    rows: list[tuple[str, ...]] = []
    unknown = 0
    seen: dict[str, str] = {}
    for child in everyone:
        if any(child.looked_after(one) is None for one in child.episodes):
            unknown += 1
        periods = list(_periods(child, ends, tz))
        if not periods:
            continue
        wrong = [*_wrong(child, periods), *_twice(child, seen)]
        problems += (Problem(child.reference, what) for what in wrong)
        if not wrong:
            rows += (_row(child, one) for one in _within(periods, child, ends, today))
    return sorted(rows, key=lambda row: row[0]), unknown


def _periods(child: Child, ends: int, tz: tzinfo) -> Iterator[Period]:
    """What counts in this collection, one after the other: a stay in care that began twice is one."""
    first, last = year(ends)
    held: Period | None = None
    for episode in child.episodes:
        if not child.looked_after(episode):
            continue
        kind = AWAY if children.is_away(episode) else MISSING
        # Missing ends when the child is found, away when they are back (SSD data model, MISS005A).
        end = (episode.returned_at or episode.ended_at) if kind == AWAY else children.found_at(episode)
        start = children.day(episode.missing_at, tz)
        found = Period(kind, start, end and children.day(end, tz), episode.missing_at, end)
        if held is not None and kind == held.kind and held.ended is not None and found.began < held.ended:
            held = _joined(held, found)
            continue
        if held is not None and _counts(held, first, last):
            yield held
        held = found
    if held is not None and _counts(held, first, last):
        yield held


def _joined(before: Period, after: Period) -> Period:
    """Two records of one absence, as a child with two cases may have them."""
    if before.ended is None or after.ended is None:
        return replace(before, end=None, ended=None)
    later = max(before, after, key=lambda one: one.ended or one.began)
    return replace(before, end=later.end, ended=later.ended)


def _counts(period: Period, first: date, last: date) -> bool:
    return period.start <= last and (period.end is None or period.end >= first)


def _within(periods: list[Period], child: Child, ends: int, today: date) -> Iterator[Period]:
    """An end after the year is not known in it: the same start is told again next year. At 18 care has ended, and with it
    the absence (577); whoever is missing before that day is missing still.
    """
    first, last = year(ends)
    of_age = _birthday(child.birth, children.ADULT) if child.birth else date.max
    of_age = of_age if of_age <= today else date.max
    for one in periods:
        end = of_age if one.end is None else min(one.end, of_age)
        if one.start <= of_age and end >= first:
            yield replace(one, end=end if end <= last else None)


def _birthday(born: date, age: int) -> date:
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def _wrong(child: Child, periods: list[Period]) -> Iterator[str]:
    if not _NUMBER.fullmatch(_number(child)):
        yield "the reference is not what the collection takes, 1 to 10 letters and digits"
    if child.birth is None:
        yield "the date of birth is not known"
    elif any(one.start <= child.birth for one in periods):
        yield "went missing on or before the date of birth (rule 586)"
    for before, after in pairwise(periods):
        if before.ended is None:
            yield f"missing since {before.start:%d/%m/%Y} without an end, and again later (rule 574)"
        elif after.began < before.ended:
            yield f"the periods from {before.start:%d/%m/%Y} and {after.start:%d/%m/%Y} overlap (rule 574)"


def _twice(child: Child, seen: dict[str, str]) -> Iterator[str]:
    """The collection strips leading zeros: two references may become one."""
    other = seen.setdefault(_number(child).upper(), child.reference)
    if other != child.reference:
        yield f"the reference is that of case {other} when leading zeros are taken away"


def _number(child: Child) -> str:
    return child.number.lstrip("0")


def _row(child: Child, period: Period) -> tuple[str, ...]:
    assert child.birth is not None
    return (
        _number(child),
        child.birth.strftime(_FORM),
        period.kind,
        period.start.strftime(_FORM),
        period.end.strftime(_FORM) if period.end else "",
    )
