"""`waymark backup` and `restore`: the whole service in two sealed files, and back. May not decide how long a file is kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from bot import app, exporting, keeping, restored, serving
from bot.keeping import CLI, NotFound
from storage import audit, backup, retention
from storage import restored as aside
from storage.errors import StoreUnavailable
from storage.lock import AlreadyWriting, WriterLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from bot.config import Settings
    from storage.backup import Told
    from storage.database import Transaction

_DATA_KEYS = "data-keys.waymark"


def back_up(settings: Settings, out: Path, now: datetime, data_keys: Path | None = None) -> Told:
    """Write one instant of the database while others go on working in it; `data_keys` (else beside `out`) is written anew, the
    backup never over another. Raises NotFound, FileBroken, WrongKeys.
    """
    out, beside = out.resolve(), (data_keys or out.parent / _DATA_KEYS).resolve()
    if out.exists() or out == beside:
        raise NotFound(
            f"{out}: is there already or is the file of the data keys; a backup is never written over another file"
        )
    database = app.database(settings)
    try:
        serving.check_schema(database)
        with _alone(beside), database.snapshot() as tx:
            if beside.exists():
                with _opened(beside) as source:
                    backup.check_same(tx, backup.read_keys(source, database.keys))
            # The keys take their place first: with newer keys every backup can be read, with older ones this one cannot.
            with exporting.whole(out) as rows, exporting.whole(beside) as keys:
                told = backup.write(tx, rows, keys, now)
        _noted(settings, out, now)
    except OSError as error:
        raise NotFound(f"{out}: cannot be written ({error.strerror}); name another folder, or make room") from None
    finally:
        database.close()
    return told


def _noted(settings: Settings, out: Path, now: datetime) -> None:
    """Only now that it is whole: the doctor tells when a backup was last made."""
    try:
        keeping.within(settings, lambda tx: audit.record(tx, now, CLI, "backup.made"))
    except StoreUnavailable:
        raise StoreUnavailable(
            f"{out} is written, and whole; but the database cannot be written now, so that it was made is not noted there"
        ) from None


@contextlib.contextmanager
def _alone(beside: Path) -> Iterator[None]:
    """Two at once could put back the key of a child who was erased between them."""
    try:
        with WriterLock(beside):
            yield
    except AlreadyWriting:
        raise NotFound(f"{beside}: another backup is being written; wait until it is done") from None


def restore(settings: Settings, file: Path, now: datetime, data_keys: Path | None = None) -> tuple[Told, int]:
    """Read a backup back into the empty database of the settings. Whose key is no longer among the data keys was erased, and is
    erased again: returns what the backup told, and of how many contacts and cases that is so. Raises FileBroken, NotEmpty,
    NotFound, WrongKeys.
    """
    if file.is_dir():
        raise NotFound(f"{file}: is a folder; name a file in it")
    database = app.database(settings)

    def finish(tx: Transaction, told: Told, gone: tuple[tuple[str, str], ...]) -> int:
        aside.set_aside(tx, now, restored.STAY)
        audit.record(tx, now, CLI, "backup.restored", told.made.strftime("made:%Y%m%dT%H%MZ"))
        for table, one in gone:
            if table == backup.CONTACTS:
                retention.erase_again(tx, one, now)
                audit.record(tx, now, CLI, "contact.erased", one, "again")
            else:
                retention.erase_case_again(tx, one)
                audit.record(tx, now, CLI, "case.erased", one, "again")
        return len(gone)

    try:
        with _opened(data_keys or file.parent / _DATA_KEYS) as keys, _opened(file) as source:
            return backup.restore(database, source, backup.read_keys(keys, database.keys), finish)
    finally:
        database.close()


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        opened = file.open("rb")
    except OSError as error:
        raise NotFound(
            f"{file}: cannot be read ({error.strerror}); name what `waymark backup` wrote, its data keys with --data-keys"
        ) from None
    with opened:
        yield opened
