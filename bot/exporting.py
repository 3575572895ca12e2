"""`waymark export`: the record leaves as a file. May not change what stands in it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot import app, keeping, records, serving
from bot.filing import page, plain
from storage import audit, cases, contacts, conversations, tasks
from storage.commit import Committer

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction

FORMS = ("html", "json")
_WRITERS = {"html": page.write, "json": plain.write}


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


def write(out: Path, text: str) -> None:
    """The whole file or none of it: readable by its owner alone, for it holds a child's words."""
    folder = out.resolve().parent
    if not folder.is_dir():
        raise keeping.NotFound(f"{folder}: no such folder; make it first")
    file, name = tempfile.mkstemp(dir=folder, prefix=".waymark-")
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(text)
    Path(name).replace(out)
