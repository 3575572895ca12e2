"""Connections to the tests' own PostgreSQL that outlive the engine that opened them, for the next test's engine.

A connection there is a process of its own: to begin one, and to have it read what the tables are, took the server longer
than most tests take. Parked is only what was given back clean, of a database that is used again; whoever takes one finds
it as if it were new. May not be used by tests of what a server does when connections come and go: they ask the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg
    import pytest

    Connection = psycopg.Connection[tuple[Any, ...]]

# By database, for those that are kept: how each connection was asked for, and the connection.
_KEPT: Final[dict[str, list[tuple[dict[str, Any], Connection]]]] = {}
_HOW: Final = "_parked_how"
_AS_NEW: Final = b"RESET ALL; SELECT pg_advisory_unlock_all()"


def share(patch: pytest.MonkeyPatch) -> None:
    """Every engine made from here on takes what is parked before it opens another, and parks what it would close."""
    patch.setattr(PGDialect_psycopg, "connect", _taking(PGDialect_psycopg.connect))
    patch.setattr(PGDialect_psycopg, "do_close", _parking(PGDialect_psycopg.do_close))


def keep(database: str) -> None:
    """Connections to this one are parked from now on."""
    _KEPT[database] = []


def let_go(database: str) -> None:
    """End all that is parked of this one, and park no more."""
    for _, connection in _KEPT.pop(database, []):
        connection.close()


def backends(database: str) -> list[int]:
    """Numbers of the server's processes that stand behind what is parked."""
    return [connection.info.backend_pid for _, connection in _KEPT.get(database, []) if not connection.closed]


def _taking(opened: Callable[..., Any]) -> Callable[..., Any]:
    def connect(dialect: Any, *where: Any, **how: Any) -> Any:
        # What types are read as is the same for every engine here, only not the same object.
        asked = {name: value for name, value in how.items() if name != "context"}
        parked = _KEPT.get(asked.get("dbname", ""))
        if parked is None:
            return opened(dialect, *where, **how)
        connection = _ready(parked, asked) or opened(dialect, *where, **how)
        setattr(connection, _HOW, asked)
        return connection

    return connect


def _ready(parked: list[tuple[dict[str, Any], Connection]], asked: dict[str, Any]) -> Connection | None:
    while (place := next((number for number, (how, _) in enumerate(parked) if how == asked), None)) is not None:
        _, connection = parked.pop(place)
        connection._notice_handlers.clear()
        if connection.pgconn.exec_(_AS_NEW).status == ExecStatus.TUPLES_OK:
            return connection
        connection.close()  # the server ended it meanwhile
    return None


def _parking(closed: Callable[..., None]) -> Callable[..., None]:
    def do_close(dialect: Any, connection: Connection) -> None:
        how = getattr(connection, _HOW, None)
        parked = _KEPT.get(how["dbname"]) if how else None
        if how is not None and parked is not None and _clean(connection):
            parked.append((how, connection))
        else:
            closed(dialect, connection)

    return do_close


def _clean(connection: Connection) -> bool:
    """Whether nothing is under way and nothing was set."""
    idle = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
    return idle and (connection.autocommit, connection.isolation_level, connection.read_only) == (False, None, None)
