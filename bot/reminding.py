"""What staff are told of the rota: a shift that begins, a swap, a gap, somebody whom no page would surely reach.

Runs by one timer of the house, which is set anew for the next moment at which there may be something to tell; everything is
told once. No text names a child or a case. May not change who stands where, but for writing the weeks ahead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import alarms, called, noticing, roster
from bot.filing import times
from flows import quiet_hours, rota
from flows.model import MANAGERS
from storage import people, timers
from storage import rota as store
from storage.codes import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.runner import House
    from flows.shifts import Cover, Gap, Shift
    from storage.database import Transaction
    from storage.timers import Timer

TIMER: Final = roster.TIMER
wake: Final = roster.wake
AHEAD: Final = timedelta(days=7)
# At the latest then it is looked at again, whatever was foreseen.
AGAIN: Final = timedelta(hours=6)
# Whoever has stood there longer than that knows it.
STALE: Final = timedelta(hours=2)
REMEMBERED: Final = timedelta(days=90)

BEGINS: Final = (
    "Waymark: you are on as {role} until {until}. A page may come at any time. To pass one on, see its text."
)
SWAPPED: Final = "Waymark rota: {into} stands for {out} as {role}, {since} to {until}."
UNDONE: Final = "Waymark rota: taken back: {into} does not stand for {out} as {role}, {since} to {until}."
GAPS: Final = "Waymark rota: {first}.{more}"
MORE: Final = " {count} more: waymark rota gaps"
UNREACHED: Final = (
    "Waymark rota: {name} ({role}) has no verified number for a {method}: a page may not reach them. "
    "waymark staff method"
)


def keep(tx: Transaction, now: datetime) -> None:
    """Make sure that the rota has its timer; called when a process begins to keep time."""
    store.lock(tx)
    if not timers.of(tx, TIMER):
        wake(tx, now)


def look(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """Its time came: write the weeks ahead, tell what is due, and set the timer of the next time."""
    zone = house.settings.timezone
    roster.write_ahead(tx, now, zone)
    due = [
        now + AGAIN,
        *_shifts(tx, house, now),
        *_swaps(tx, house, now),
        *_gaps(tx, house, now),
    ]
    _unreached(tx, house, now)
    store.forget_told(tx, now - REMEMBERED)
    at = min(one for one in due if one > now)
    if not any(other.id != timer.id and other.at <= at for other in timers.of(tx, TIMER)):
        timers.add(tx, Subject.HOUSE, TIMER, TIMER, at, 0)


# --- shifts and swaps -------------------------------------------------------------------------------------------------


def _shifts(tx: Transaction, house: House, now: datetime) -> Iterator[datetime]:
    """Tell who begins; gives when others will."""
    shifts = store.standing(tx, now - STALE - timedelta(days=1), now + AHEAD)
    for one in shifts:
        if one.starts_at > now:
            yield one.starts_at
        elif one.ends_at > now and one.starts_at > now - STALE and not _goes_on(one, shifts):
            mark = f"start:{one.staff}:{one.role}:{one.starts_at.isoformat()}"
            if store.tell_once(tx, mark, now):
                text = BEGINS.format(role=_role(one.role), until=times.told(one.ends_at, house.settings.timezone))
                noticing.notice(tx, house, people.load(tx, one.staff).name, text, now)
                if one.role in rota.LADDER:
                    alarms.came_on(tx, one.staff, now)


def _goes_on(shift: Shift, shifts: tuple[Shift, ...]) -> bool:
    """Whether they stood there until now anyway."""
    return any(
        (one.staff, one.role) == (shift.staff, shift.role) and one.starts_at < shift.starts_at <= one.ends_at
        for one in shifts
    )


def _swaps(tx: Transaction, house: House, now: datetime) -> Iterator[datetime]:
    for cover, text, mark in (
        *((one, SWAPPED, "swap") for one in store.covers(tx, now)),
        *((one, UNDONE, "undone") for one in store.undone(tx, now)),
    ):
        at = _in_time(house, cover, now)
        if at > now:
            yield at
        elif store.tell_once(tx, f"{mark}:{cover.id}", now):
            _tell_swap(tx, house, cover, text, now)


def _in_time(house: House, cover: Cover, now: datetime) -> datetime:
    """Now, or in the morning when that is early enough."""
    morning = quiet_hours.next_day(now, house.settings.timezone)
    return morning if morning < cover.starts_at else now


def _tell_swap(tx: Transaction, house: House, cover: Cover, text: str, now: datetime) -> None:
    names = {staff: people.load(tx, staff).name for staff in (cover.out, cover.into)}
    told = text.format(
        into=names[cover.into],
        out=names[cover.out],
        role=_role(cover.role),
        since=times.told(cover.starts_at, house.settings.timezone),
        until=times.told(cover.ends_at, house.settings.timezone),
    )
    for name in names.values():
        noticing.notice(tx, house, name, told, now)


# --- gaps -------------------------------------------------------------------------------------------------------------


def _gaps(tx: Transaction, house: House, now: datetime) -> Iterator[datetime]:
    """Tell managers of what is due, in one text; gives when something else will be."""
    due: list[Gap] = []
    for gap in roster.gaps(tx, now, now + AHEAD):
        mark = f"gap:{gap.role}:{'never' if gap.starts_at is None else gap.starts_at.isoformat()}"
        times = rota.told_at(gap, store.seen(tx, f"{mark}:seen", now), house.settings.timezone)
        late = [stage for stage, at in enumerate(times) if at <= now]
        # Several that are due together are one text: the marks of all are set.
        if [stage for stage in late if store.tell_once(tx, f"{mark}:{stage}", now)]:
            due.append(gap)
        yield from (at for at in times if at > now)
    if due:
        zone = house.settings.timezone
        more = MORE.format(count=len(due) - 1) if len(due) > 1 else ""
        tell_managers(tx, house, GAPS.format(first=roster.gap_told(due[0], now, zone), more=more), now)


def _unreached(tx: Transaction, house: House, now: datetime) -> None:
    """Once a week and person, by day."""
    if quiet_hours.is_night(now, house.settings.timezone):
        return
    year, week, _ = now.astimezone(house.settings.timezone).isocalendar()
    for one in roster.unreached(tx, now, now + AHEAD):
        if store.tell_once(tx, f"unreached:{one.staff}:{one.method}:{year}-{week}", now):
            tell_managers(
                tx, house, UNREACHED.format(name=one.name, role=_role(one.role), method=called.words(one.method)), now
            )


def tell_managers(tx: Transaction, house: House, text: str, now: datetime) -> None:
    """The managers who are on; else all managers; else everybody of the service."""
    active = people.of_service(tx)
    on = [one.name for one in people.on_duty(tx, now) if one.role in MANAGERS]
    names = on or [one.name for one in active if one.role.value in MANAGERS] or [one.name for one in active]
    for name in dict.fromkeys(names):
        noticing.notice(tx, house, name, text, now)


def _role(role: str) -> str:
    return role.replace("_", " ")
