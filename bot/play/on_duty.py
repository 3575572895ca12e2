"""Who is on duty in a play, and how they are reached: as `rota:` and `reach:` say; a ladder edited while it runs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from bot import reminding
from bot.play.script import LONDON, PlayError
from flows import rota
from flows.model import Level, Rung
from flows.shifts import Pattern
from storage import methods, people, training
from storage.training import Training

if TYPE_CHECKING:
    from bot.play.script import OnRota, Play
    from bot.play.stage import Stage
    from storage.database import Transaction

# In a play everybody's training and background check hold.
NEVER: Final = date(2099, 12, 31)
_ALWAYS: Final = timedelta(days=800)
_WEEKS: Final = timedelta(days=59)


def stand(tx: Transaction, play: Play, now: datetime) -> None:
    """Everybody of the play: taken on, reached, on duty. With `notices: on` they are told of it as in earnest."""
    for number, one in enumerate(play.rota):
        person = people.add(tx, one.name, one.role, now)
        for kind in play.reach.get(one.name, ("sms", "voice")):
            address = f"{one.name}@example.org" if kind == "email" else f"+4477009002{number:02d}"
            methods.add(tx, person.id, kind, address, now, proof=methods.INVENTED)
        training.record(tx, Training(person.id, NEVER, NEVER), "play", now)
        for starts, ends in _shifts(one, play.now):
            people.add_shift(tx, person.id, one.role, starts, ends)
    if play.notices:
        reminding.keep(tx, now)


def edit(stage: Stage, text: str, where: str) -> None:
    """`ladder > L3 duty 0 manager 10`: the service changes its ladder, for alerts from now on."""
    level, _, rungs = text.partition(" ")
    found = re.findall(r"([a-z_]+) (\d+)", rungs)
    if level not in Level.__members__ or not found or any(role not in rota.LADDER for role, _ in found):
        raise PlayError(f"{where}: write ladder > L3 duty 0 manager 10")
    shelf = stage.house.shelf
    before = shelf.ladders[Level[level]]
    after = replace(before, rungs=tuple(Rung(int(minute), (role,), "sms") for role, minute in found))
    shelf.ladders = {**shelf.ladders, Level[level]: after}


def _shifts(one: OnRota, start: datetime) -> list[tuple[datetime, datetime]]:
    """Always, or the same local hours every day, as instants."""
    first = start.date() - timedelta(days=1)
    if one.hours is None:
        day = datetime.combine(first, time(), LONDON).astimezone(UTC)
        return [(day, day + _ALWAYS)]
    begins, ends = (time(minute // 60, minute % 60) for minute in one.hours)
    daily = Pattern("", one.name, one.role, frozenset(range(7)), begins, ends, first)
    return [(at, over) for _, at, over in rota.expand(daily, first, first + _WEEKS, LONDON)]
