"""When people may be disturbed, by the clock on their wall. Nothing here may know why somebody is to be reached.

Instants go in and come out aware; an instant that had to be found comes out in UTC, because adding minutes to a local
time is wrong on the two days a year when the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, tzinfo

# decisions 7: an L2 is told by day, 08:00-22:00; domain 3.2: the same hours for invites.
DAY_FROM_HOUR = 8
DAY_TO_HOUR = 22


def is_night(at: datetime, tz: tzinfo) -> bool:
    """Is it outside 08:00-22:00 on the wall in `tz` (decisions 7)? ValueError when `at` names no zone."""
    return not is_open(at, tz, DAY_FROM_HOUR, DAY_TO_HOUR)


def is_open(at: datetime, tz: tzinfo, from_hour: int, to_hour: int) -> bool:
    """Does the wall clock in `tz` show a time from `from_hour` on, before `to_hour`? ValueError for hours of no day."""
    if from_hour not in range(24) or to_hour not in range(from_hour + 1, 25):
        message = f"open from {from_hour} to {to_hour}: write whole hours, the first smaller, both within 0 to 24"
        raise ValueError(message)
    return from_hour <= _local(at, tz).hour < to_hour


def next_open(at: datetime, tz: tzinfo, from_hour: int, to_hour: int) -> datetime:
    """`at` itself when open then, else the first instant after it that is. ValueError as in `is_open`."""
    while not is_open(at, tz, from_hour, to_hour):
        at = next_at(at, tz, from_hour)
    return at


def next_day(at: datetime, tz: tzinfo) -> datetime:
    """`at` itself by day, else when the next day begins."""
    return next_open(at, tz, DAY_FROM_HOUR, DAY_TO_HOUR)


def next_night(at: datetime, tz: tzinfo) -> datetime:
    """`at` itself when it is night then, else when the next night begins."""
    return at if is_night(at, tz) else next_at(at, tz, DAY_TO_HOUR)


def next_at(at: datetime, tz: tzinfo, hour: int) -> datetime:
    """The first instant after `at` when the wall clock strikes `hour`, in UTC.

    An hour that spring leaves out strikes when it would have come had the clock not changed; one that autumn shows
    twice strikes the first time.
    """
    day = _local(at, tz).date()
    while (strike := _strike(day, tz, hour)) <= at:
        day += timedelta(days=1)
    return strike


def _strike(day: date, tz: tzinfo, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tz).astimezone(UTC)


def _local(at: datetime, tz: tzinfo) -> datetime:
    if at.tzinfo is None:
        message = "a time without a zone cannot be placed on a wall clock: give an aware datetime"
        raise ValueError(message)
    return at.astimezone(tz)
