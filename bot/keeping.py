"""Keys, and work on the service's own database from the command line. May not talk to a child or decide about one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

from bot import app, serving
from storage import rotation
from storage.commit import Committer
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
