"""The rota, kept up: patterns written ahead as shifts, swaps made and undone, gaps and rungs that would reach nobody found.

May not tell anybody (that is `reminding`). Whoever calls audits who did it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.filing import times
from flows import rota
from flows.shifts import Shift
from storage import methods, people, timers
from storage import rota as store
from storage.codes import Method, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, tzinfo

    from flows.shifts import Cover, Gap, Pattern
    from storage.database import Transaction

# The timer by which the rota is looked at.
TIMER: Final = "rota"
# Patterns are written so far ahead; what reaches further stands in the pattern alone.
AHEAD: Final = timedelta(days=42)
# So far back what ended is looked at: the gap that is there now is known by when it began.
BACK: Final = timedelta(days=40)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody stands in a role of an urgent ladder and has no verified method that the ladder would use."""

    staff: str
    name: str
    role: str
    method: str
    starts_at: datetime


def wake(tx: Transaction, now: datetime) -> None:
    """The rota changed: it is looked at now."""
    timers.add(tx, Subject.HOUSE, TIMER, TIMER, now, 0)


def stands_already(tx: Transaction, given: Pattern) -> bool:
    """Whether these hours are somebody's already on one of these days: kept twice, they stand on after one of them is ended, and
    hide the gap.
    """
    store.lock(tx)
    return any(
        (one.staff, one.role, one.starts, one.ends) == (given.staff, given.role, given.starts, given.ends)
        and one.days & given.days
        and (one.until is None or one.until >= given.since)
        and (given.until is None or given.until >= one.since)
        for one in store.patterns(tx)
    )


def write_ahead(tx: Transaction, now: datetime, tz: tzinfo) -> int:
    """Write the shifts of every pattern, and what stands after the swaps; returns how many are new. Again, it does nothing."""
    store.lock(tx)
    first, last = (now - _DAY).astimezone(tz).date(), (now + AHEAD).astimezone(tz).date()
    wanted = {
        one.id: one for pattern in store.patterns(tx) for one in _of(tx, pattern, rota.expand(pattern, first, last, tz))
    }
    known = {one.id: one for one in store.planned(tx, now - 2 * _DAY)}
    gone = [one.id for one in known.values() if one.pattern and one.id not in wanted and one.starts_at > now]
    store.unplan(tx, gone)
    new = [one for shift, one in wanted.items() if shift not in known and one.ends_at > now]
    store.plan(tx, new)
    settle(tx, now)
    return len(new)


def _of(tx: Transaction, pattern: Pattern, hours: Iterable[tuple[object, datetime, datetime]]) -> Iterable[Shift]:
    for _, starts, ends in hours:
        shift = Shift("", pattern.staff, pattern.role, starts, ends, pattern.id)
        yield replace(shift, id=store.shift_id(tx, shift, pattern.id))


def settle(tx: Transaction, now: datetime) -> None:
    """Write who stands, from what is planned and the swaps that count."""
    store.lock(tx)
    since = now - 2 * _DAY
    standing = rota.stand(store.planned(tx, since), store.covers(tx, since))
    parts = [replace(one, id=store.shift_id(tx, one, "swap")) for one in standing if not one.id]
    store.stand(tx, since, {one.id for one in standing if one.id}, parts)


def swapped(tx: Transaction, cover: Cover, now: datetime) -> Cover | None:
    """This very swap, where it counts already: sent twice it is made, written down and told once. Whoever it let go and
    who stands there again, by a swap back, may be swapped anew.
    """
    store.lock(tx)
    if _goes(tx, cover):
        return None
    return next((one for one in store.covers(tx, now) if replace(one, id="") == replace(cover, id="")), None)


def swap(tx: Transaction, cover: Cover, now: datetime) -> Cover | None:
    """Somebody stands for somebody else; None, and nothing is changed, when there was nothing to stand in for."""
    store.lock(tx)
    if not _goes(tx, cover):
        return None
    made = store.add_cover(tx, cover, now)
    settle(tx, min(now, cover.starts_at))
    return made


def _goes(tx: Transaction, cover: Cover) -> bool:
    """Whether who is to go stands in these hours."""
    there = store.standing(tx, cover.starts_at, cover.ends_at)
    return any((one.role, one.staff) == (cover.role, cover.out) for one in there)


def undo(tx: Transaction, cover: str, now: datetime) -> bool:
    """As if the swap had never been, from what is planned; False when there is none of that id."""
    store.lock(tx)
    if not store.undo_cover(tx, cover, now):
        return False
    settle(tx, now)
    return True


def gaps(tx: Transaction, now: datetime, until: datetime) -> tuple[Gap, ...]:
    """Where nobody stands in a role that is paged, soonest first. On the last rung whoever is named for it always does."""
    shifts = store.standing(tx, now - BACK, until + BACK)
    roles = rota.LADDER[:-1] if people.fallbacks(tx) else rota.LADDER
    found = (gap for role in roles for gap in rota.gaps(shifts, role, now, until))
    return tuple(sorted(found, key=lambda gap: gap.starts_at or now - BACK))


def unreached(tx: Transaction, now: datetime, until: datetime) -> tuple[Unreached, ...]:
    """Who stands on a ladder and has not proved that a text and a call reach them: an L4 uses both for every rung."""
    verified = methods.verified_of_all(tx)
    found: dict[tuple[str, str], Unreached] = {}
    named = (people.by_name(tx, name) for name in people.fallbacks(tx))
    last = (Shift("", one.id, rota.LAST, now, until) for one in named if one is not None)
    for one in (*store.standing(tx, now, until), *last):
        for method in (Method.SMS.value, Method.VOICE.value) if one.role in rota.LADDER else ():
            if method not in verified.get(one.staff, frozenset()) and (one.staff, method) not in found:
                name = people.load(tx, one.staff).name
                found[one.staff, method] = Unreached(one.staff, name, one.role, method, one.starts_at)
    return tuple(found.values())


def gap_told(gap: Gap, now: datetime, zone: tzinfo) -> str:
    """A gap in words."""
    since = now if gap.starts_at is None else max(gap.starts_at, now)
    until = "on" if gap.ends_at is None else f"to {times.told(gap.ends_at, zone)}"
    return f"{gap.role}: nobody from {times.told(since, zone)} {until}"
