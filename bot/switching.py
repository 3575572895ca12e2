"""What a manager turns on and off while the house runs. Every turn is audited under the name of who did it.

Closed changes what a child is promised, and lets nothing wait that would page by night. L3 and L4 page as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.clicks import NotPossible
from storage import audit, people, switches
from storage.codes import Role, Switch

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from storage.database import Transaction
    from storage.people import Person

# Whose word turns a switch; the desk asks this module, so it may not stand on the command line's.
MANAGERS: Final = (Role.MANAGER, Role.SERVICE_MANAGER)


def turn(tx: Transaction, who: Person, name: str, *, on: bool, at: datetime, until: datetime | None = None) -> None:
    """Turn a switch. Raises NotPossible for who is no manager, an unknown switch, or a time that has passed."""
    if name not in set(Switch):
        raise NotPossible(f"there is no switch '{name}': use one of {', '.join(Switch)}")
    if not who.active or who.role not in MANAGERS:
        raise NotPossible(f"{who.name} is no manager: only a manager or a service manager may turn '{name}'")
    if until is not None and until <= at:
        raise NotPossible("--until has passed: give a time to come, or leave it out")
    switches.turn(tx, name, on=on, by=who.id, at=at, until=until)
    audit.record(tx, at, who.id, "switch.on" if on else "switch.off", name, *(_stamp(until) if on else ()))


def told(tx: Transaction, now: datetime, zone: ZoneInfo) -> list[str]:
    """A line for each switch that is on."""
    return [_line(tx, one, zone) for one in switches.shown(tx, now)]


def _line(tx: Transaction, one: switches.Turned, zone: ZoneInfo) -> str:
    until = "until it is turned off" if one.until is None else f"until {one.until.astimezone(zone):%a %d %b %H:%M}"
    name = people.load(tx, one.by).name
    return f"{one.name} is on since {one.at.astimezone(zone):%a %d %b %H:%M}, by {name}, {until}"


def _stamp(until: datetime | None) -> tuple[str, ...]:
    return () if until is None else (until.strftime("until:%Y%m%dT%H%MZ"),)
