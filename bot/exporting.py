"""`waymark export interview`: one record leaves as a file. May not change what stands in it."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from bot import app, keeping, records, serving
from bot.filing import page, paper, plain, sheet, table
from storage import audit, cases, contacts, conversations, tasks
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.config import Settings
    from flows.record import Record
    from storage.database import Transaction


def _workbook(record: Record) -> bytes:
    out = io.BytesIO()
    book = sheet.Book(out, "interview")
    book.head(table.HEADER)
    for row in table.rows(record):
        book.row(row)
    book.finish()
    return out.getvalue()


_WRITERS: Final[dict[str, Callable[[Record], bytes]]] = {
    "html": lambda record: page.write(record).encode(),
    "json": lambda record: plain.write(record).encode(),
    "csv": lambda record: table.write(record).encode(),
    "xlsx": _workbook,
    "pdf": lambda record: paper.pdf(page.write(record)),
}
FORMS = tuple(_WRITERS)
_LEFT_SECONDS: Final = 6 * 3600


def interview(settings: Settings, named: str, form: str, at: datetime) -> bytes:
    """One interview in one form; that it left is noted (who, what, when). Raises NotFound, NotInstalled and NotDrawn."""
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        house = app.furnish(committer, settings)

        with database.snapshot() as tx:
            conversation = find(tx, named)
            record = records.build(tx, house, conversation)
        # A PDF takes seconds: nobody else waits for the store meanwhile.
        made = _WRITERS[form](record)

        def work(tx: Transaction) -> None:
            tasks.filed(tx, conversation, form, record.outcome, hashlib.sha256(made).hexdigest(), keeping.CLI, at)
            audit.record(tx, at, keeping.CLI, "record.exported", conversation, form)

        committer.submit(work)
        return made
    finally:
        committer.close()
        database.close()


def find(tx: Transaction, named: str) -> str:
    """A conversation by its id, or the latest of a case or contact by its two words."""
    case = cases.find(tx, named)
    if case is not None and (of_case := conversations.of_case(tx, case.id)):
        return of_case[-1]
    contact = contacts.by_reference(tx, named)
    if contact is not None and (latest := conversations.latest(tx, contact.id)):
        return latest.id
    if conversations.known(tx, named):
        return named
    raise keeping.NotFound(f"no interview '{named}': give its id, or the two words of its case")


@contextlib.contextmanager
def whole(out: Path) -> Iterator[BinaryIO]:
    """A file to write to that is there in the end as a whole or not at all: readable by its owner alone, for it speaks of
    children. Raises NotFound.
    """
    folder = out.resolve().parent
    if not folder.is_dir():
        raise keeping.NotFound(f"{folder}: no such folder; make it first")
    if out.is_dir():
        raise keeping.NotFound(f"{out}: is a folder; name a file in it")
    try:
        file, name = tempfile.mkstemp(dir=folder, prefix=".waymark-")
    except OSError as error:
        raise keeping.NotFound(f"{folder}: cannot be written to ({error.strerror}); name another folder") from None
    aside = Path(name)
    _sweep(folder)
    try:
        with os.fdopen(file, "wb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        aside.replace(out)
    except OSError as error:
        raise keeping.NotFound(
            f"{out}: cannot be written ({error.strerror}); name another folder, or make room"
        ) from None
    finally:
        aside.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """What a process that was killed left half written goes: of a backup it may be the beginning of the data keys, of which no
    old copy may stay. Whatever is being written now is younger.
    """
    for left in folder.glob(".waymark-????????"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                left.unlink()


def write(out: Path, made: bytes) -> None:
    """As `whole`, of what is there already."""
    with whole(out) as opened:
        opened.write(made)
