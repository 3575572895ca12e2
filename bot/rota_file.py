"""Shifts between a calendar file and the rota: all events of a file or none, and the same file twice is the same rota."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import keeping, reminding, roster, rostering, staffing
from bot.keeping import CLI, ROLES, NotFound
from flows.shifts import Shift
from storage import audit, people
from storage import rota as store

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from types import ModuleType

    from bot.calendar_file import Series
    from bot.config import Settings
    from storage.database import Transaction

# A repetition without an end is written so far ahead.
AHEAD: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Read:
    """What an import changed."""

    new: int
    gone: int
    same: int
    other_role: int


def take_in(settings: Settings, file: Path, role: str, by: str | None, at: datetime) -> Read:
    """Read shifts of one role from a file; whose each is, its title says. Raises NotFound, which names the event.

    An event is known again by its UID: moved it is moved, cancelled it is taken away. One that is not in the file any more
    stays, for a file may hold a part of the rota. What has begun is not touched. An event whose category names another role
    (as an export of ours does) is left to that role.
    """
    rostering.known_role(role)
    calendar = _calendar()
    try:
        series = calendar.read(file, at - _DAY, at + AHEAD, settings.timezone)
    except calendar.BadCalendar as wrong:
        raise NotFound(str(wrong)) from None

    def work(tx: Transaction) -> Read:
        store.lock(tx)
        counts = [_one(tx, file, one, role, at) for one in series]
        who = CLI if by is None else staffing.named(tx, by).id
        audit.record(tx, at, who, "rota.imported", role, f"events:{len(counts)}")
        roster.settle(tx, at)
        reminding.wake(tx, at)
        return Read(*(sum(column) for column in zip(*counts, strict=True))) if counts else Read(0, 0, 0, 0)

    return keeping.within(settings, work)


def give_out(settings: Settings, file: Path, name: str | None, at: datetime) -> int:
    """Write who stands when, everybody or one person; returns how many shifts."""
    calendar = _calendar()

    def work(tx: Transaction) -> list[tuple[str, str, str, datetime, datetime]]:
        only = None if name is None else staffing.named(tx, name).id
        names = {one.id: one.name for one in people.everyone(tx)}
        return [
            (one.id, names[one.staff], one.role, one.starts_at, one.ends_at)
            for one in store.standing(tx, at, at + AHEAD)
            if only in (None, one.staff)
        ]

    events = [calendar.Event(*one) for one in keeping.within(settings, work)]
    try:
        return int(calendar.write(file, events, at))
    except calendar.BadCalendar as wrong:
        raise NotFound(str(wrong)) from None


def _calendar() -> ModuleType:
    """The one file that knows calendars, when its libraries are there."""
    try:
        from bot import calendar_file  # noqa: PLC0415 - only who has the extra can
    except ModuleNotFoundError:
        raise NotFound("calendar files need two more libraries: pip install 'waymark[ics]'") from None
    return calendar_file


def _hours(shift: Shift) -> tuple[str, str, datetime, datetime]:
    return shift.staff, shift.role, shift.starts_at, shift.ends_at


def _one(tx: Transaction, file: Path, series: Series, role: str, at: datetime) -> tuple[int, int, int, int]:
    mark = tx.keys.mac("ics", role, series.uid)
    mine = [one for one in series.events if one.label == role or one.label not in ROLES]
    wanted: dict[str, Shift] = {}
    for one in mine:
        person = people.by_name(tx, one.name)
        if person is None or not person.active:
            day = one.starts_at.date()
            raise NotFound(
                f"{file}: event '{one.name}' ({series.uid}) on {day}: nobody of that name is on the staff; "
                "its title must be a name as in `waymark staff list`"
            )
        if one.ends_at - one.starts_at > rostering.LONGEST:
            day = one.starts_at.date()
            raise NotFound(f"{file}: event '{one.name}' ({series.uid}) on {day} {rostering.TOO_LONG}; mend its end")
        shift = Shift("", person.id, role, one.starts_at, one.ends_at)
        made = store.shift_id(tx, shift, f"ics:{series.uid}")
        wanted[made] = Shift(made, person.id, role, one.starts_at, one.ends_at)
    known = store.of_series(tx, mark)
    gone = [shift for shift, starts in known.items() if shift not in wanted and starts > at]
    # What stands there already, put in by hand or read from another file, is not put in beside itself.
    there = {_hours(one) for one in store.planned(tx, at)}
    new = [one for one in wanted.values() if one.id not in known and one.ends_at > at and _hours(one) not in there]
    store.unplan(tx, gone)
    store.plan(tx, new, series=mark)
    return len(new), len(gone), len(wanted) - len(new), len(series.events) - len(mine)
