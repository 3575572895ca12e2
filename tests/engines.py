"""One store of compiled statements, and of what is known of the server, for all engines of a test process.

SQLAlchemy compiles a statement once for each engine. A program has one; the tests have thousands, one a test, and compiling
the same statements anew took an eighth of their time. What is compiled depends on the kind of database and nothing else:
every database of a kind is of one server and one driver here. For the same reason a server is asked once what it is and can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import Dialect

_COMPILED: Final[dict[Any, Any]] = {}


def share(patch: pytest.MonkeyPatch) -> None:
    """Every `Database` made from here on finds what another has compiled."""
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        # A compiled statement is kept under its dialect, and each engine has a dialect of its own.
        patch.setattr(dialect, "__hash__", _hash)
        patch.setattr(dialect, "__eq__", _alike)
        patch.setattr(dialect, "initialize", _asked_once(dialect.initialize))
    patch.setattr("storage.engines.create_engine", _sharing)


def _asked_once(ask: Callable[[Any, Connection], None]) -> Callable[[Any, Connection], None]:
    found: dict[str, Any] = {}

    def initialize(dialect: Any, connection: Connection) -> None:
        if not found:
            before = dict(vars(dialect))
            ask(dialect, connection)
            found.update((name, told) for name, told in vars(dialect).items() if before.get(name, found) is not told)
        vars(dialect).update(found)

    return initialize


def _sharing(*where: Any, **how: Any) -> Engine:
    return create_engine(*where, **how, execution_options={"compiled_cache": _COMPILED})


def _hash(dialect: Dialect) -> int:
    return hash(type(dialect))


def _alike(dialect: Dialect, other: object) -> bool:
    return type(dialect) is type(other)
