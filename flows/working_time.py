"""Days and hours as the rules count them: working days, ends of days, elapsed hours, months and ages.

May not know which days are bank holidays (`bot/calendar.py` hands them in), nor what is owed on any day. Instants come
out in UTC, because adding hours to a local time is wrong on the two days a year when the clocks change (domain 2.6).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

MIDNIGHT = time(23, 59, 59)
_SATURDAY = 5
_WITHIN = re.compile(r"([0-9]{1,4})(m|h|d|wd)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where and when a service works. `days_off`: bank holidays after the local list was applied. `close`: the local
    time at which a day's limits fall, the end of the day unless a service closes earlier. `version`: where the days
    come from, kept with every deadline. ValueError for a `close` that names a zone or lies after 23:59:59.
    """

    tz: tzinfo
    days_off: frozenset[date]
    close: time = MIDNIGHT
    version: str = ""

    def __post_init__(self) -> None:
        if self.close.tzinfo is not None or self.close > MIDNIGHT:
            message = f"close of business {self.close}: give a plain local time, 23:59:59 at the latest"
            raise ValueError(message)

    def day(self, at: datetime) -> date:
        """The local date of an instant. ValueError when `at` names no zone."""
        return aware(at).astimezone(self.tz).date()

    def is_wd(self, day: date) -> bool:
        """Monday to Friday, and no day off (domain 2.6)."""
        return day.weekday() < _SATURDAY and day not in self.days_off

    def wd(self, day: date, count: int) -> date:
        """The `count`-th working day strictly after `day`: day 0 is the day of the event. ValueError below 1."""
        if count < 1:
            message = f"{count} working days: count from 1, the first working day after the day of the event"
            raise ValueError(message)
        while count:
            day += timedelta(days=1)
            count -= self.is_wd(day)
        return day

    def eod(self, day: date) -> datetime:
        """The end of a local day, at `close`, in UTC."""
        return datetime.combine(day, self.close, self.tz).astimezone(UTC)

    def eod_from(self, at: datetime) -> datetime:
        """The end of the day of `at`, never before `at`: after an early close it is the last second of that day."""
        day = self.day(at)
        end = self.eod(day)
        return end if end >= at else datetime.combine(day, MIDNIGHT, self.tz).astimezone(UTC)

    def after_wd(self, at: datetime, count: int) -> datetime:
        """The end of the `count`-th working day after the local day of `at`: eod(wd(date, count))."""
        return self.eod(self.wd(self.day(at), count))

    def after_days(self, at: datetime, count: int) -> datetime:
        """The end of the local day `count` calendar days after that of `at`."""
        return self.eod(self.day(at) + timedelta(days=count))

    def after_months(self, at: datetime, count: int) -> datetime:
        """The end of the local day `count` months after that of `at`."""
        return self.eod(self.months(self.day(at), count))

    @staticmethod
    def elapsed(at: datetime, hours: float) -> datetime:
        """So many real hours after `at`, whatever the clocks did meanwhile."""
        return aware(at).astimezone(UTC) + timedelta(hours=hours)

    @staticmethod
    def months(day: date, count: int) -> date:
        """The same day `count` months on (or back), or the last of that month when it is too short."""
        year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def aware(at: datetime) -> datetime:
    """`at` itself. ValueError when it names no zone: nobody can say when that was."""
    if at.tzinfo is None:
        message = "a time without a zone cannot be counted from: give an aware datetime"
        raise ValueError(message)
    return at


def age(born: date, on: date) -> int:
    """Whole years on a date. A birthday of 29 February counts from 1 March in common years, which keeps a child under
    13 a day longer (domain 3.4). ValueError for a day before the birth.
    """
    if on < born:
        message = "no age on a day before the birth: one of the two dates is wrong"
        raise ValueError(message)
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def within(at: datetime, limit: str, calendar: Calendar) -> datetime:
    """When work is due that is owed within `limit` of `at`: `now`, `15m`, `4h`, `today`, `1wd`, `7d`.

    Minutes and hours are elapsed time. `today` ends with the local day of `at`, also late in the evening: a task that
    slid to the morning would leave the night without anything overdue on the board. `d` and `wd` run to the end of that
    day. ValueError for any other text.
    """
    if limit == "now":
        return aware(at).astimezone(UTC)
    if limit == "today":
        return calendar.eod_from(at)
    parts = _WITHIN.fullmatch(limit)
    if parts is None or (parts[2] == "wd" and int(parts[1]) == 0):
        message = f"{limit!r} is no time limit; write now, today, or a number with m, h, d or wd: 2wd"
        raise ValueError(message)
    return _counted(at, int(parts[1]), parts[2], calendar)


def _counted(at: datetime, count: int, unit: str, calendar: Calendar) -> datetime:
    match unit:
        case "wd":
            return calendar.after_wd(at, count)
        case "d":
            return calendar.after_days(at, count) if count else calendar.eod_from(at)
        case "h":
            return calendar.elapsed(at, count)
        case _:
            return calendar.elapsed(at, 0) + timedelta(minutes=count)
