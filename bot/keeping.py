"""Keys, people and shifts, from the command line. May not talk to a child or decide about one."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from bot import app, serving
from storage import audit, contacts, joining, people, retention, rotation
from storage.commit import Committer
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from bot.config import Settings
    from storage.database import Transaction

T = TypeVar("T")
ROLES = ("duty", "backup", "manager", "service_manager", "worker", "supervisor", "requester")
CLI = "cli"


class NotFound(ValueError):
    """Something that was named is not there, or not written as it must be; the message says how to go on."""


def within(settings: Settings, work: Callable[[Transaction], T]) -> T:
    """Run one piece of work on the service's own database."""
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        return committer.submit(work)
    finally:
        committer.close()
        database.close()


# --- keys -------------------------------------------------------------------------------------------------------------


def new_keys(settings: Settings) -> Path:
    """Write a first key ring; never over one that is there."""
    path = settings.keys_file
    if path is None:
        raise NotFound("WAYMARK_KEYS_FILE is not set: name the file the keys shall stand in")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise NotFound(f"{path} is there already: keys are never written over; use `waymark keys rotate`") from None
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(Keys.new() + "\n")
    return path


def rotate_keys(settings: Settings) -> int:
    """Add a new service key to the file, and seal under it whatever an older one sealed; returns how many values."""
    path = settings.keys_file
    if path is None:
        raise NotFound("WAYMARK_KEYS_FILE is not set: keys in the environment cannot be rotated by a program")
    ring = app.keys(settings).rotated()
    aside = path.with_suffix(".new")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(ring + "\n")
    aside.replace(path)
    return within(settings, rotation.rewrap)


# --- people -----------------------------------------------------------------------------------------------------------


def _person(tx: Transaction, name: str) -> people.Person:
    person = people.by_name(tx, name)
    if person is None:
        raise NotFound(f"nobody called '{name}' is on the staff; `waymark staff list` shows who is")
    return person


# --- shifts -----------------------------------------------------------------------------------------------------------


def _local(settings: Settings, text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=settings.timezone).astimezone(UTC)
    except ValueError:
        raise NotFound(f"'{text}' is no time: write it like 2026-11-21 20:00") from None


def add_shift(settings: Settings, name: str, role: str, start: str, end: str) -> None:
    """Put a person on duty between two local times."""
    starts, ends = _local(settings, start), _local(settings, end)
    if role not in ROLES:
        raise NotFound(f"--role {role}: use one of {', '.join(ROLES)}")
    if role == "requester":
        raise NotFound("--role requester: an official outside the service stands on no shift")
    if ends <= starts:
        raise NotFound(f"the shift ends ({end}) before it begins ({start})")
    within(settings, lambda tx: people.add_shift(tx, _person(tx, name).id, role, starts, ends))


def shifts(settings: Settings, now: datetime, days: int) -> list[str]:
    """Who is on when, in local time."""
    found = within(settings, lambda tx: people.shifts(tx, now, now + timedelta(days=days)))
    zone = settings.timezone
    return [
        f"{one.starts_at.astimezone(zone):%a %d %b %H:%M} - {one.ends_at.astimezone(zone):%a %d %b %H:%M}  "
        f"{one.role.value:<16} {one.name}"
        for one in found
    ]


def gaps(settings: Settings, now: datetime, days: int) -> list[str]:
    """Hours in which nobody stands in a role that is paged."""
    until = now + timedelta(days=days)
    return gaps_in(within(settings, lambda tx: people.shifts(tx, now, until)), now, until, settings.timezone)


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


# --- one child --------------------------------------------------------------------------------------------------------


def erase(settings: Settings, reference: str, at: datetime) -> None:
    """Destroy one contact's data key: their words are gone, here and in every backup (decisions 11)."""

    def work(tx: Transaction) -> None:
        contact = contacts.by_reference(tx, reference)
        if contact is None:
            raise NotFound(f"no contact '{reference}'; give the two words, as in amber-heron")
        for one in joining.contacts_of(tx, contact.id):
            retention.erase(tx, one, at)
            audit.record(tx, at, CLI, "contact.erased", one)

    within(settings, work)
