"""Who is on duty, from the command line. May not page anybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import keeping, staffing, switching
from bot.keeping import ROLES, NotFound
from storage import people

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.config import Settings
    from storage.database import Transaction


def local(text: str, zone: ZoneInfo) -> datetime:
    """An instant from a local time. Raises NotFound."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise NotFound(f"'{text}' is no time: write it like 2026-11-21 20:00") from None


def add_shift(settings: Settings, name: str, role: str, start: str, end: str) -> None:
    """Put a person on duty between two local times."""
    starts, ends = local(start, settings.timezone), local(end, settings.timezone)
    if role not in ROLES:
        raise NotFound(f"--role {role}: use one of {', '.join(ROLES)}")
    if role == "requester":
        raise NotFound("--role requester: an official outside the service stands on no shift")
    if ends <= starts:
        raise NotFound(f"the shift ends ({end}) before it begins ({start})")
    keeping.within(settings, lambda tx: people.add_shift(tx, staffing.named(tx, name).id, role, starts, ends))


def shifts(settings: Settings, now: datetime, days: int) -> list[str]:
    """What is switched, and who is on when, in local time."""
    zone = settings.timezone

    def work(tx: Transaction) -> list[str]:
        found = people.shifts(tx, now, now + timedelta(days=days))
        return switching.told(tx, now, zone) + [
            f"{one.starts_at.astimezone(zone):%a %d %b %H:%M} - {one.ends_at.astimezone(zone):%a %d %b %H:%M}  "
            f"{one.role.value:<16} {one.name}"
            for one in found
        ]

    return keeping.within(settings, work)


def gaps(settings: Settings, now: datetime, days: int) -> list[str]:
    """Hours in which nobody stands in a role that is paged."""
    until = now + timedelta(days=days)
    return gaps_in(keeping.within(settings, lambda tx: people.shifts(tx, now, until)), now, until, settings.timezone)


def gaps_in(found: tuple[people.Shift, ...], now: datetime, until: datetime, zone: ZoneInfo) -> list[str]:
    """As `gaps`, of shifts that were read."""
    lines = []
    for role in ROLES[:4]:
        at = now
        for one in sorted((shift for shift in found if shift.role == role), key=lambda shift: shift.starts_at):
            if one.starts_at > at:
                lines.append(
                    f"{role}: nobody from {at.astimezone(zone):%a %d %b %H:%M} to {one.starts_at.astimezone(zone):%a %d %b %H:%M}"
                )
            at = max(at, one.ends_at)
        if at < until:
            lines.append(f"{role}: nobody from {at.astimezone(zone):%a %d %b %H:%M} on")
    return lines


def switch(settings: Settings, name: str, by: str, *, on: bool, until: str | None, now: datetime) -> None:
    """Turn a switch in the name of a manager."""
    ends = None if until is None else local(until, settings.timezone)
    keeping.within(settings, lambda tx: switching.turn(tx, staffing.named(tx, by), name, on=on, at=now, until=ends))
