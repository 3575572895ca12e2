"""How a database is opened, so that nothing is lost and nobody is waited for without end. May not begin or end a transaction.

SQLite: WAL, synchronous=FULL, foreign keys on, deleted content overwritten. PostgreSQL: psycopg 3, in UTC.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

BUSY_SECONDS: Final = 10
# What holds a lock and does nothing more (its machine stopped in the middle of a commit) is ended by the server, before whoever
# waits for the lock gives up: every commit takes the head of the audit chain. How long a statement works has no limit.
_LIMITS: Final = {
    "idle_in_transaction_session_timeout": f"{BUSY_SECONDS - 2}s",
    "lock_timeout": f"{BUSY_SECONDS}s",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
# And the other way: a server whose machine is gone says nothing.
_ALIVE: Final = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": int(_LIMITS["tcp_user_timeout"]),
}
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    # 32 MB of log between checkpoints, 64 MB of pages in memory: a page that changes often is written back once.
    "PRAGMA wal_autocheckpoint=8000",
    "PRAGMA cache_size=-65536",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)
WRITING: Final = "BEGIN IMMEDIATE"
_READING: Final = "BEGIN"


def postgresql(url: URL, pool_size: int) -> Engine:
    """Connections to a server, which ends what holds others up."""
    options = " ".join(f"-c {name}={value}" for name, value in ({"timezone": "UTC"} | _LIMITS).items())
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={"options": options, "connect_timeout": 5, "application_name": "waymark", **_ALIVE}
        | {"cursor_factory": _cursor()},
    )


@cache
def _cursor() -> type[Any]:
    """What psycopg sends last when it runs a statement many times is no statement, and the server does not begin to count how
    long nothing comes after it. An empty one makes it.
    """
    import psycopg  # noqa: PLC0415 - not installed where SQLite is all there is

    class Cursor(psycopg.Cursor[Any]):
        def executemany(self, *statement: Any, **how: Any) -> None:  # noqa: ANN401 - as psycopg has it
            super().executemany(*statement, **how)
            self.connection.execute("")

    return Cursor


def sqlite(url: URL) -> Engine:
    """Connections to a file, which nobody else may hold for long."""
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": BUSY_SECONDS},
    )

    def connected(connection: Any, record: object) -> None:  # noqa: ANN401, ARG001 - the driver's own
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    def begun(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if driver is not None and driver.in_transaction:
            return
        reading = connection.get_execution_options().get("waymark_reading", False)
        connection.exec_driver_sql(_READING if reading else WRITING)

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine
