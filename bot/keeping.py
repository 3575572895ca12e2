"""Keys, and work on the service's own database from the command line. May not talk to a child or decide about one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot import app, serving
from bot.filing import folder
from storage import rotation
from storage.commit import Committer, StoreUnavailable
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.config import Settings
    from storage.database import Transaction

T = TypeVar("T")
ROLES = ("duty", "backup", "manager", "service_manager", "worker", "supervisor", "requester")
CLI = "cli"
MOST_NAMED = 20
_OLD_COPY = (
    "{}: a key is missing from it, which sealed {} values ({}): put back the file that was made for this database, with every "
    "key added since. Only if that key is lost for good, `waymark keys rotate --lost` goes on without what it sealed"
)


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
    """Write a first key ring; never over one that is there. An empty file is none: it is what is left of one that was killed."""
    path = settings.keys_file
    if path is None:
        raise NotFound("WAYMARK_KEYS_FILE is not set: name the file the keys shall stand in")
    if path.is_file() and not path.stat().st_size:
        path.unlink()
    taken = f"{path} is there already: keys are never written over; use `waymark keys rotate`"
    _put(path, Keys.new, taken)
    return path


class Rotated(NamedTuple):
    """What a rotation did. `added`: a new key; else the one before was finished."""

    added: bool
    done: rotation.Rewrapped


def rotate_keys(settings: Settings, *, lost: bool = False) -> Rotated:
    """Add a new service key to the file, and seal under it whatever an older one sealed. Where the last rotation was not finished
    no key is added: it is finished. `lost`: what names a key that the file lacks stays as it is, for that key is gone for good.
    Raises NotFound, StoreUnavailable.
    """
    path = settings.keys_file
    if path is None:
        raise NotFound("WAYMARK_KEYS_FILE is not set: keys in the environment cannot be rotated by a program")
    # A ring that does not belong here gets no key added, nor does an old copy: there would be two, and neither opens all.
    lacking = () if lost else within(settings, rotation.unheld)
    if lacking:
        raise NotFound(_OLD_COPY.format(path, len(lacking), ", ".join(lacking[:MOST_NAMED])))
    if not within(settings, rotation.is_done):
        return Rotated(added=False, done=within(settings, rotation.rewrap))
    new = aside(path)
    taken = f"{new} is there: another rotation runs, or was cut off; remove it if none runs"
    # Read when it is ours to write: of two at once the second would write the first one's key away.
    _put(new, lambda: app.keys(settings).rotated(), taken)
    new.replace(path)
    folder.settle(path.parent)
    try:
        return Rotated(added=True, done=within(settings, rotation.rewrap))
    except StoreUnavailable:
        raise StoreUnavailable(
            f"the database could not be written, but a new key stands in {path} and is in use: copy that file now, and run "
            "`waymark keys rotate` again, which adds no further key and seals anew what older ones sealed"
        ) from None


def aside(path: Path) -> Path:
    """Where the next ring stands, whole, until it takes the place of this one."""
    return path.with_name(path.name + ".new")


def _put(path: Path, ring: Callable[[], str], taken: str) -> None:
    """A key ring in a new file, on the disk before anything is sealed under it: whole or, where we are killed, empty.
    Raises NotFound.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        if path.exists():
            raise NotFound(taken) from None
        raise NotFound(f"{path}: cannot be written ({error.strerror}); name a file in another folder") from None
    try:
        with os.fdopen(file, "w", encoding="utf-8") as opened:
            opened.write(ring() + "\n")
            opened.flush()
            os.fsync(file)
        folder.settle(path.parent)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise NotFound(f"{path}: cannot be written ({error.strerror}); make room there") from None
        raise
