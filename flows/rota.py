"""Who stands in which role when: weeks to instants, swaps, gaps, whom an alert reaches when nobody stands there. Pure.

May not look up the time or anybody: both are handed in. Where a wall clock is in doubt (an hour that comes twice, one that
never comes) a shift is the longer of the two: two people for an hour harm nobody, nobody for an hour may.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flows import quiet_hours
from flows.model import MANAGERS, Level
from flows.shifts import Gap, Shift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date, time, tzinfo

    from flows.model import Ladder, OnDuty
    from flows.shifts import Cover, Pattern

# Whom a ladder reaches, in the order of its rungs; a volunteer worker on shift is not on it.
LADDER: Final = ("duty", "backup", "manager", "service_manager")
LAST: Final = LADDER[-1]
# A gap is told of when it is seen, and again so long before it begins.
AGAIN: Final = (timedelta(hours=24), timedelta(hours=2))
_DAY: Final = timedelta(days=1)


# --- weeks ------------------------------------------------------------------------------------------------------------


def expand(pattern: Pattern, first: date, last: date, tz: tzinfo) -> Iterator[tuple[date, datetime, datetime]]:
    """The shifts that begin on the days from `first` to `last`: the day, and when it starts and ends in UTC.

    Hours that end no later than they start end on the next day. An eight-hour night lasts nine hours when the clocks go
    back in it, and seven when they go forward.
    """
    day = max(first, pattern.since)
    last = last if pattern.until is None else min(last, pattern.until)
    while day <= last:
        if day.weekday() in pattern.days:
            over = day + _DAY if pattern.ends <= pattern.starts else day
            yield day, _earliest(day, pattern.starts, tz), _latest(over, pattern.ends, tz)
        day += _DAY


def _earliest(day: date, wall: time, tz: tzinfo) -> datetime:
    return min(_both(day, wall, tz))


def _latest(day: date, wall: time, tz: tzinfo) -> datetime:
    return max(_both(day, wall, tz))


def _both(day: date, wall: time, tz: tzinfo) -> tuple[datetime, ...]:
    """The instants a wall clock may mean: one on most days, two when it shows the time twice or not at all."""
    return tuple(datetime.combine(day, wall.replace(fold=fold), tz).astimezone(UTC) for fold in (0, 1))


# --- swaps ------------------------------------------------------------------------------------------------------------


def stand(planned: Iterable[Shift], covers: Iterable[Cover]) -> tuple[Shift, ...]:
    """What is planned, with the swaps in the order in which they were made. What no swap touches keeps its id."""
    standing = list(planned)
    for cover in covers:
        standing = [part for shift in standing for part in _covered(shift, cover)]
    return tuple(standing)


def _covered(shift: Shift, cover: Cover) -> tuple[Shift, ...]:
    starts, ends = max(shift.starts_at, cover.starts_at), min(shift.ends_at, cover.ends_at)
    if (shift.role, shift.staff) != (cover.role, cover.out) or starts >= ends:
        return (shift,)
    parts = (
        replace(shift, id="", ends_at=starts),
        replace(shift, id="", staff=cover.into, starts_at=starts, ends_at=ends),
        replace(shift, id="", starts_at=ends),
    )
    return tuple(part for part in parts if part.starts_at < part.ends_at)


# --- gaps -------------------------------------------------------------------------------------------------------------


def gaps(shifts: Collection[Shift], role: str, now: datetime, until: datetime) -> tuple[Gap, ...]:
    """Where nobody stands in a role between `now` and `until`. Hand in shifts that ended before too: a gap is known by
    when it really began.
    """
    found: list[Gap] = []
    covered: datetime | None = None
    for shift in sorted((one for one in shifts if one.role == role), key=lambda one: one.starts_at):
        if shift.starts_at >= until:
            found.extend([] if covered is not None and covered >= until else [Gap(role, covered, shift.starts_at)])
            return tuple(found)
        if shift.starts_at > now and (covered is None or shift.starts_at > covered):
            found.append(Gap(role, covered, shift.starts_at))
        covered = shift.ends_at if covered is None else max(covered, shift.ends_at)
    if covered is None or covered < until:
        found.append(Gap(role, covered, None))
    return tuple(found)


def told_at(gap: Gap, seen: datetime, tz: tzinfo) -> tuple[datetime, ...]:
    """When managers are told of a gap first seen at `seen`: at once by day, else next morning if that is before it; then
    24 and 2 hours before it. What would fall into the night comes the evening before.
    """
    starts = gap.starts_at or seen
    morning = quiet_hours.next_day(seen, tz)
    first = morning if morning < starts else seen
    later = (_by_day(starts - before, tz) for before in AGAIN)
    return (first, *(at for at in later if at > first))


def _by_day(at: datetime, tz: tzinfo) -> datetime:
    """`at`, or the last hour of the day before when it is night then."""
    while quiet_hours.is_night(at, tz):
        at -= timedelta(minutes=30)
    return at


# --- whom an alert reaches --------------------------------------------------------------------------------------------


def resting_since(now: datetime, tz: tzinfo, hours: tuple[int, int, int]) -> tuple[datetime, datetime] | None:
    """The night after which a manager who was paged in it is not first this morning; None when it is no such morning.

    `hours`: from and to when a page counts as by night, and until when they rest, by the wall clock.
    """
    starts, ends, until = hours
    local = now.astimezone(tz)
    if not ends <= local.hour < until:
        return None
    morning = datetime.combine(local.date(), local.time().replace(hour=ends, minute=0, second=0, microsecond=0), tz)
    evening = datetime.combine(local.date() - _DAY, morning.time().replace(hour=starts), tz)
    return evening.astimezone(UTC), morning.astimezone(UTC)


def stood_in(on_duty: tuple[OnDuty, ...]) -> tuple[OnDuty, ...]:
    """Of what can wait, the service manager is the last to hear, unless nobody else is there: then they are first and next."""
    if any(one.role != MANAGERS[-1] for one in on_duty):
        return on_duty
    return tuple(replace(one, role=role) for role in ("duty", "backup", MANAGERS[-1]) for one in on_duty)


def rested(on_duty: tuple[OnDuty, ...], paged_by_night: Collection[str]) -> tuple[OnDuty, ...]:
    """Mark the managers who were paged in the night; whether somebody else can be first is for the ladder to see."""
    return tuple(
        replace(one, resting=True) if one.role in MANAGERS and one.name in paged_by_night else one for one in on_duty
    )


def on_rung(ladder: Ladder, index: int, on_duty: tuple[OnDuty, ...]) -> tuple[OnDuty, ...]:
    """Who is called by a rung: its roles. Below L4 a manager who rests is called by the second instead of the first, unless
    nobody else is there to be first.
    """
    held = tuple(one for one in on_duty if one.role in ladder.rungs[index].roles)
    if ladder.level >= Level.L4:
        # Duty and manager together, at any hour (decisions 7): the rest is a courtesy of ours, a life outweighs it.
        return held
    number, last = ladder.rung_number(index), ladder.rung_number(len(ladder.rungs))
    first = [one for one in on_duty if one.role in ladder.rungs[0].roles]
    late = tuple(one for one in first if one.resting)
    if number > 1 or not last or not late or len(late) == len(first):
        return held
    return tuple(one for one in held if one not in late) + (late if number == 1 else ())


def managers(on_duty: Iterable[OnDuty]) -> tuple[str, ...]:
    """Who decides an L3 or L4: the managers there, else those above them. Each is named once."""
    there = tuple(on_duty)
    found = ({one.name: None for one in there if one.role == role} for role in MANAGERS)
    return tuple(next(filter(None, found), ()))


def asked_to_decide(
    shift: tuple[OnDuty, ...], everybody: tuple[OnDuty, ...], fallback: Collection[str] = ()
) -> tuple[OnDuty, ...]:
    """Who is asked when a manager must decide: the shift; with nobody on its last rung the manager who is named for that, else
    the highest of the service who is not on the shift.

    `everybody`: all who are active, each in their own role. Whoever is lent a role so that somebody is called is no manager;
    whoever is one and stands elsewhere on the shift is asked as one.
    """
    known = {one.name for one in shift if one.role in MANAGERS}
    elsewhere = {one.name for one in shift} - known
    shift = (*(one for one in everybody if one.role in MANAGERS and one.name in elsewhere), *shift)
    if any(one.role == LAST for one in shift):
        return shift
    there = managers(shift)
    free = [one for one in everybody if one.role in MANAGERS and one.name not in there]
    last = [one for one in free if one.name in fallback] or _highest(free)
    return shift + tuple(replace(one, role=LAST) if there else one for one in last)


def reachable(
    on_duty: tuple[OnDuty, ...], everybody: tuple[OnDuty, ...], fallback: Collection[str]
) -> tuple[OnDuty, ...]:
    """Whom an L3 or L4 may reach: who is on duty, and on the last rung always somebody.

    `everybody`: all of the service who are active, each in their own role. With nobody on the whole rota it is all of
    them; with nobody on the last rung it is who is named for that (`fallback`), else the highest who is not called already.
    """
    if not on_duty:
        ladder = tuple(one for one in everybody if one.role in LADDER)
        on_duty = ladder or tuple(replace(one, role=LADDER[0]) for one in everybody)
    if any(one.role == LAST for one in on_duty):
        return on_duty
    called = {one.name for one in on_duty}
    free = [one for one in everybody if one.name not in called]
    named = [one for one in free if one.name in fallback]
    return on_duty + tuple(replace(one, role=LAST) for one in (named or _highest(free)))


def _highest(free: list[OnDuty]) -> list[OnDuty]:
    for role in (*reversed(LADDER), *{one.role: None for one in free}):
        found = [one for one in free if one.role == role]
        if found:
            return found
    return []
