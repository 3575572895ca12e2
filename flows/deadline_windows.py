"""Rules that are windows, checks or facts rather than clocks: R06, R24, R24b, R25, R34, R38 to R42 (domain 3.4).

May not say who is told: a count, a window or a list of what is missing comes out, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from flows import quiet_hours

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from flows.deadline_facts import Attempt
    from flows.working_time import Calendar

ATTEMPTS, CHANNELS = 3, 2
REPEATS = 3
YEAR = 12
FRESH_DAYS = 180
# (months, days) a kind of record is kept (domain 2.7); what is not here follows the council's own schedule.
KEPT = {
    "text_safe_words": (0, 30),
    "address_fingerprint": (YEAR, 0),
    "raw_chat": (0, 90),
    "audit": (7 * YEAR, 0),
    "looked_after_record": (75 * YEAR, 0),
}
# What was heard in a chat that is kept whole until a manager decides, beside every L3 and L4 (decisions 11).
KEPT_WHOLE = frozenset((
    *(f"D{number:02}" for number in range(5, 9)), *(f"D{number}" for number in (12, 13, 14, 15, 16, 21, 22, 23)),
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repeat:
    """Too many starts: `at` is the start that made it so, `starts` the local dates that count."""

    at: datetime
    starts: tuple[date, ...]


def lacking_offers(attempts: Sequence[Attempt]) -> tuple[str, ...]:
    """R06: what still lacks before "not reached" may be said: `attempts`, `channels`, `person`; empty when nothing."""
    lacks = {
        "attempts": len(attempts) < ATTEMPTS,
        "channels": len({attempt.channel for attempt in attempts}) < CHANNELS,
        "person": not any(attempt.by_person for attempt in attempts),
    }
    return tuple(name for name, lack in lacks.items() if lack)


def repeats(
    starts: Sequence[datetime], meetings: Sequence[datetime], calendar: Calendar, days: int | None = None
) -> tuple[Repeat, ...]:
    """R24: every start with which three lie in a rolling month, or in `days` days (R24b) (003:1553; Derbyshire).

    Starts up to the last meeting before it are not counted again: the meeting has dealt with them.
    """
    found = []
    known = sorted(set(_utc(starts)))  # one episode sent twice is one
    for at in known:
        day = calendar.day(at)
        opens = calendar.months(day, -1) if days is None else day - timedelta(days=days)
        met = max((held for held in _utc(meetings) if held < at), default=None)
        counted = [s for s in known if s <= at and calendar.day(s) >= opens and (met is None or s > met)]
        if len(counted) >= REPEATS:
            found.append(Repeat(at, tuple(calendar.day(s) for s in counted)))
    return tuple(found)


def is_repeat_of_year(starts: Sequence[datetime], at: datetime, calendar: Calendar) -> bool:
    """R25: with the start `at`, two or more in twelve months: the interview's priority is raised, same worker."""
    day = calendar.day(at)
    opens = calendar.months(day, -YEAR)
    return sum(opens <= calendar.day(start) <= day for start in starts) > 1


def started_within(
    starts: Sequence[datetime], at: datetime, calendar: Calendar, *, months: int = 0, days: int = 0
) -> int:
    """How many starts lie in the rolling months and days up to `at`, by local dates, as R24 counts them."""
    day = calendar.day(at)
    opens = calendar.months(day, -months) - timedelta(days=days)
    return sum(opens <= calendar.day(start) <= day for start in set(_utc(starts)))


def next_invite(
    sent: Sequence[datetime],
    now: datetime,
    calendar: Calendar,
    *,
    gap_hours: int = 24,
    most: int = 3,
) -> datetime | None:
    """R34: the first instant from `now` at which a text-safe invite may go out; None when all have gone."""
    if len(sent) >= most:
        return None
    earliest = max([now.astimezone(UTC), *(calendar.elapsed(at, gap_hours) for at in sent)])
    return quiet_hours.next_day(earliest, calendar.tz)


def in_weekly_list(moments: Collection[datetime], run: datetime, calendar: Calendar) -> bool:
    """R38: is one of an episode's start and report in the seven local days before `run`, `run` not included?"""
    opens = run.astimezone(calendar.tz) - timedelta(days=7)  # wall clock: the list is run at the same hour each week
    return any(opens.timestamp() <= at.timestamp() < run.timestamp() for at in moments)


def in_annex_a(start: date, reference: date, calendar: Calendar) -> bool:
    """R39: does an episode's start lie in the twelve months up to the reference date?"""
    return calendar.months(reference, -YEAR) < start <= reference


def year_903(ends: int) -> tuple[date, date]:
    """R40: the first and last day of the collection year that ends in March of `ends`."""
    return date(ends - 1, 4, 1), date(ends, 3, 31)


def kept_from(kind: str, today: date, calendar: Calendar) -> date:
    """R41: the first day whose records of a kind are still kept today: those of the days before it are past their time."""
    months, days = KEPT[kind]
    return calendar.months(today - timedelta(days=days), -months)


def is_fresh(verified_on: date, today: date) -> bool:
    """R42: was a help number looked up no more than 180 days ago, and not in the future?"""
    return verified_on <= today <= verified_on + timedelta(days=FRESH_DAYS)


def _utc(times: Iterable[datetime]) -> Iterator[datetime]:
    """Two local times of one zone compare by the wall, and one hour a year the wall shows twice."""
    return (at.astimezone(UTC) for at in times)
