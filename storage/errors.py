"""What a database error may say. May not let a value through: drivers quote the row that failed, and rows are children.

`hide_parameters` keeps what we sent out of SQLAlchemy's text; PostgreSQL's DETAIL quotes it back. So the driver's
message is replaced by codes: the SQLSTATE, the table, the constraint. SQLite's own messages name columns only, and
stay.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import ExceptionContext
    from sqlalchemy.engine.interfaces import DBAPIModule

# Serialization failure, deadlock, lock not available: nothing was done, running the work again may succeed.
_AGAIN: Final = frozenset({"40001", "40P01", "55P03"})
# Connection lost, too many, shutting down, disk full, read-only: the house is not there, whoever asks.
_GONE: Final = ("08", "53", "57P", "25006", "58")
_SQLITE_GONE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)


class StoreUnavailable(RuntimeError):
    """The database cannot be reached or written now, and kept nothing: look at WAYMARK_DATABASE_URL and the room there."""


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


def is_gone(original: BaseException | None) -> bool:
    """Whether the database itself is the trouble."""
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _SQLITE_GONE
    state = getattr(original, "sqlstate", None)
    if state is None:
        return type(original).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")
    return bool(state.startswith(_GONE))
