"""`waymark export interview`: one record leaves as a file. May not change what stands in it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot import app, keeping, records, serving
from bot.filing import page, plain, table
from storage import audit, cases, contacts, conversations, tasks
from storage.commit import Committer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction

_WRITERS = {"html": page.write, "json": plain.write, "csv": table.write}
FORMS = tuple(_WRITERS)


def interview(settings: Settings, named: str, form: str, at: datetime) -> str:
    """One interview in one form; that it left is noted (who, what, when). Raises NotFound."""
    database = app.database(settings)
    serving.check_schema(database)
    committer = Committer(database, writers=1)
    try:
        house = app.furnish(committer, settings)

        def work(tx: Transaction) -> str:
            conversation = find(tx, named)
            record = records.build(tx, house, conversation)
            text = _WRITERS[form](record)
            digest = hashlib.sha256(text.encode()).hexdigest()
            tasks.filed(tx, conversation, form, record.outcome, digest, keeping.CLI, at)
            audit.record(tx, at, keeping.CLI, "record.exported", conversation, form)
            return text

        return committer.submit(work)
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
def whole(out: Path) -> Iterator[TextIO]:
    """A file to write text to that is there in the end as a whole or not at all: readable by its owner alone, for it
    speaks of children. Raises NotFound.
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
    try:
        with os.fdopen(file, "w", encoding="utf-8", newline="") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        aside.replace(out)
    finally:
        aside.unlink(missing_ok=True)


def write(out: Path, text: str) -> None:
    """As `whole`, of a text that is there already."""
    with whole(out) as opened:
        opened.write(text)
