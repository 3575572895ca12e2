"""What `waymark lists ...` does. May not say what belongs in a list: `rounds` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot import calendar, casing, keeping, rounds
from bot.filing import times

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person

HOSTED = "hosted"


def show(settings: Settings, kind: str, at: str | None, now: datetime) -> list[dict[str, Any]]:
    """The times missing that belong in a list at a time; `hosted`: of children whom another authority placed here."""
    when = now if at is None else casing.local(settings, "--at", at)
    working_days = calendar.load(settings.timezone)
    if kind == HOSTED:
        return keeping.within(settings, lambda tx: list(rounds.hosted(tx, when, working_days)))
    return keeping.within(settings, lambda tx: list(rounds.listed(tx, kind, when, working_days)))


def want(settings: Settings, kind: str, by: str, now: datetime) -> str:
    """Somebody asked for a list; says by when it is owed."""
    due: list[datetime] = []

    def work(tx: Transaction, house: House, who: Person) -> None:
        due[:] = [rounds.want(tx, house, kind, now, who.id)]

    casing.act(settings, by, work, kind)
    return f"{kind}: a manager's work, by {times.told(due[0], settings.timezone)}"


def filed(settings: Settings, kind: str, by: str, now: datetime) -> str:
    """A list was filed."""
    ended: list[int] = []

    def work(tx: Transaction, _house: House, who: Person) -> None:
        ended[:] = [rounds.filed(tx, kind, who.id, now)]

    casing.act(settings, by, work, kind)
    return f"{kind}: noted as filed" + ("" if ended[0] else "; no work of it was open")
