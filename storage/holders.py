"""Who keeps a PostgreSQL database from the others, as far as the server tells. May not end anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database

# Of another role the server tells no times and no state, only what it has locked against everybody. Who waits holds nobody up.
_LONG: Final = text("""
    SELECT a.pid, concat_ws(', ', nullif(a.application_name, ''), a.state) AS name,
        CAST(extract(epoch FROM clock_timestamp() - a.xact_start) AS integer) AS seconds
    FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.wait_event_type IS DISTINCT FROM 'Lock'
        AND (a.xact_start < clock_timestamp() - interval '3 seconds' OR a.xact_start IS NULL AND a.pid IN (
            SELECT pid FROM pg_locks WHERE granted AND mode IN ('ExclusiveLock', 'AccessExclusiveLock')
            AND locktype IN ('relation', 'advisory')))
    ORDER BY a.xact_start NULLS LAST LIMIT 3
""")


@dataclass(frozen=True, slots=True)
class Holder:
    """One process of the server. `name`: the program and what it does; `seconds`: how long it has been in its transaction."""

    process: int
    name: str
    seconds: int | None


def of(database: Database) -> Iterator[Holder]:
    """Those who have been at it longest. Of a file nobody is told: the system knows (`fuser`)."""
    if database.postgresql:
        with database.snapshot() as tx:
            for row in tx.execute(_LONG):
                yield Holder(row.pid, row.name or "unknown", row.seconds)
