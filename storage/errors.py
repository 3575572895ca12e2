"""What a database error may say. May not let a value through: drivers quote the row that failed, and rows are children.

`hide_parameters` keeps what we sent out of SQLAlchemy's text; PostgreSQL's DETAIL quotes it back. So the driver's
message is replaced by codes: the SQLSTATE, the table, the constraint. SQLite's own messages name columns only, and
stay.
"""

from __future__ import annotations

import contextlib
import sqlite3
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIModule


class Trouble(StrEnum):
    """What keeps the database from us, and what whoever is woken for it does about it."""

    AWAY = "cannot be reached: look at WAYMARK_DATABASE_URL, and whether its server runs or its disk is there"
    FULL = "cannot be written: make room on its disk, and see that the disk and the server are whole"
    DENIED = "may be read and not written by us: let this user or role write it, or name the right one in WAYMARK_DATABASE_URL"
    HELD = "is held by another program: find it (a file's by `fuser`, PostgreSQL's by `waymark doctor`), and end it or let it end"
    DAMAGED = (
        "is damaged, or WAYMARK_DATABASE_URL names something else: stop `serve`, keep what is there as it is, and read the last "
        "backup into a new one (docs/restore.md)"
    )


# Serialization failure, deadlock, and a name or number that another took between our look and our writing (two new children
# given the same two words): nothing was done, running the work again may succeed.
_TAKEN: Final = "23505"
_AGAIN: Final = frozenset({"40001", "40P01", _TAKEN})
# How a state begins: a lock not had in time; read-only, no right to write; a page or an index that is broken; disk full, an error
# of its system; connection lost, ended for doing nothing, not let in, too many, shutting down. The first that fits.
_STATES: Final = (
    (("55P03",), Trouble.HELD),
    (("25006", "42501"), Trouble.DENIED),
    (("XX001", "XX002"), Trouble.DAMAGED),
    (("53100", "58"), Trouble.FULL),
    (("08", "25P03", "28", "3D", "53", "57P"), Trouble.AWAY),
)
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: Trouble.HELD,
    sqlite3.SQLITE_LOCKED: Trouble.HELD,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_IOERR: Trouble.FULL,
    sqlite3.SQLITE_CANTOPEN: Trouble.AWAY,
    sqlite3.SQLITE_READONLY: Trouble.DENIED,
    sqlite3.SQLITE_PERM: Trouble.DENIED,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
# Of whoever could not connect the driver tells no state.
_UNTOLD: Final = ("OperationalError", "InterfaceError", "ConnectionTimeout")


class StoreUnavailable(RuntimeError):
    """The database cannot be reached or written now, and kept nothing."""

    def __init__(self, message: str | None = None, trouble: Trouble = Trouble.AWAY) -> None:
        super().__init__(message or f"the database {trouble}; nothing was kept")
        self.trouble = trouble


def scrub(context: ExceptionContext) -> None:
    """Listener for `handle_error`: take every value out of the driver's error and of SQLAlchemy's."""
    clean(context.original_exception, context.sqlalchemy_exception)


def clean(original: BaseException, shown: BaseException | None) -> None:
    """Leave codes alone in a driver's error, and in the error it is shown as."""
    state = getattr(original, "sqlstate", None)
    diagnosis = getattr(original, "diag", None)
    if diagnosis is None and not isinstance(original, sqlite3.Error):
        return
    if diagnosis is not None:
        parts = [state, diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name]
        original.args = (" ".join(part for part in parts if part) or "no connection",)
    if shown is not None:
        shown.args = (f"({type(original).__name__}) {original}",)


def wrapped(connection: Connection, sql: str, error: DBAPIModule.Error) -> BaseException:
    """A driver's error as SQLAlchemy would have raised it, with no value in it; a connection that is gone is given up."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, None)
    if gone:
        connection.invalidate(error)
    shown = DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )
    clean(error, shown)
    return shown


def may_run_again(original: BaseException | None) -> bool:
    """Whether the transaction lost a race and left nothing behind."""
    return getattr(original, "sqlstate", None) in _AGAIN


def was_taken(original: BaseException | None) -> bool:
    """Whether a name or number was there already, and the transaction may go on without what failed by it."""
    return getattr(original, "sqlstate", None) == _TAKEN


def trouble(error: DBAPIError) -> Trouble | None:
    """What is the matter with the database itself; None where the fault is another."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return _SQLITE.get((getattr(original, "sqlite_errorcode", None) or 0) & 0xFF)
    state = getattr(original, "sqlstate", None)
    found = next((told for begins, told in _STATES if state and state.startswith(begins)), None)
    if found is None and (error.connection_invalidated or (state is None and type(original).__name__ in _UNTOLD)):
        return Trouble.AWAY
    return found


def is_away(error: Exception) -> bool:
    """Whether nothing at all can be kept now. What somebody holds may be less than everything: a text can be kept unhandled."""
    return isinstance(error, StoreUnavailable) and error.trouble is not Trouble.HELD


@contextlib.contextmanager
def there() -> Iterator[None]:
    """A database that is not there is StoreUnavailable, whatever the driver calls it; other errors stay what they are."""
    try:
        yield
    except PoolTimeout:
        raise StoreUnavailable from None
    except DBAPIError as error:
        if (found := trouble(error)) is not None:
            raise StoreUnavailable(trouble=found) from None
        raise
