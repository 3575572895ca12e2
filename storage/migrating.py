"""Alembic, run from inside the program. May not be used while serving: `serve` refuses an older schema and says so."""

from __future__ import annotations

import contextlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

    from storage.database import Transaction

_FOLDER: Final = Path(__file__).parent / "migrations"
_VERSIONS: Final = _FOLDER / "versions"
_STEP: Final = re.compile(r'^revision = "(\w+)"\ndown_revision = "?(\w+)"?$', re.MULTILINE)
TABLE: Final = "alembic_version"
# A lock is written too, and refused wherever a change is. Whoever migrates holds the row until that is done: nobody waits for it.
_TOUCH: Final = {
    "sqlite": text("UPDATE alembic_version SET version_num = version_num"),
    "postgresql": text("SELECT version_num FROM alembic_version FOR UPDATE SKIP LOCKED"),
}
# One migrates at a time, however long the other takes; a table that somebody holds is waited for no longer than ever, for
# everybody else waits behind us then.
_ALONE: Final = (
    text("SET LOCAL idle_in_transaction_session_timeout = '10min'"),
    text("SET LOCAL lock_timeout = 0"),
    text("SELECT pg_advisory_xact_lock(hashtextextended('waymark migrate', 0))"),
    text("SET LOCAL lock_timeout TO DEFAULT"),
)


class SchemaOld(RuntimeError):
    """The database is not at this program's version: run `waymark migrate` first."""


class SchemaNewer(RuntimeError):
    """The database is of a newer Waymark: use that program, or restore a backup from before into an empty database."""


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - 100 ms that only migrating should pay

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@cache
def chain() -> tuple[str, ...]:
    """Every revision, oldest first, each after the one its file names; `tests/migrations` holds it equal to Alembic's."""
    texts = (path.read_text(encoding="utf-8") for path in _VERSIONS.glob("[0-9]*.py"))
    after = {match[2]: match[1] for one in texts if (match := _STEP.search(one)) is not None}
    found, last = [], "None"
    while last in after:
        last = after[last]
        found.append(last)
    return tuple(found)


def head() -> str:
    """The newest revision."""
    return chain()[-1]


def version(connection: Connection) -> str | None:
    """The revision the database stands at."""
    if not inspect(connection).has_table(TABLE):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def touch(tx: Transaction) -> None:
    """Write what changes nothing: a commit goes to the disk only with what was written, and nobody may be held up by it."""
    tx.execute(_TOUCH["postgresql" if tx.postgresql else "sqlite"])


def check(revision: str | None) -> None:
    """Raises SchemaNewer for a revision that this program has not (whoever goes back to an older one meets it), SchemaOld."""
    if revision is not None and revision not in chain():
        raise SchemaNewer(SchemaNewer.__doc__)
    if revision != head():
        raise SchemaOld(SchemaOld.__doc__)


def run(connection: Connection, to: str) -> None:
    """Go to a revision, up or down, in the open transaction of `connection`. `to`: head, base or a revision."""
    if connection.dialect.name == "postgresql":
        for statement in _ALONE:
            connection.execute(statement)
    now, order = version(connection), chain()
    if now == (head() if to == "head" else to):
        return
    with contextlib.suppress(SchemaOld):
        check(now)
    from alembic import command  # noqa: PLC0415 - as above

    config = _config(connection)
    upward = to == "head" or (to != "base" and (now is None or order.index(to) >= order.index(now)))
    (command.upgrade if upward else command.downgrade)(config, to)
