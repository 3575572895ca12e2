"""Whatever a column may hold is in a backup and comes back as it was: one row of every table, every column of it filled."""

from __future__ import annotations

import io
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, TypeDecorator, insert, select

from storage import audit, backup, tables
from storage.database import Database
from storage.keys import Sealed
from storage.types import SealedBytes
from tests.storage.invented import AT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Column

    from storage.database import Transaction

Rows = dict[str, dict[str, Any]]
# A later kind of column is told what to hold here, and `backup` how it is written.
HOLDS: Final[Mapping[type, Any]] = {bool: True, int: 7, date: date(2028, 2, 29), datetime: AT.replace(microsecond=5)}


def value(column: Column[Any], rows: Rows) -> Any:
    for key in column.foreign_keys:
        return rows[key.column.table.name][key.column.name]
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    kind, named = stored.python_type, f"{column.table.name}.{column.name}"
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, bytes):
        return Sealed(named.encode()) if isinstance(column.type, SealedBytes) else named.encode()
    return named[-(stored.length or len(named)) :] if isinstance(stored, String) else HOLDS[kind]


def fill(tx: Transaction) -> None:
    rows: Rows = {}
    for table in tables.METADATA.sorted_tables:
        if table is not tables.audit:  # a chain: only what its own module writes holds
            rows[table.name] = {column.name: value(column, rows) for column in table.columns}
            tx.execute(insert(table), [rows[table.name]])
    audit.record(tx, AT, "cli", "case.opened", "one")


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.snapshot() as tx:
        return {
            table.name: [dict(row) for row in tx.execute(select(table)).mappings()]
            for table in tables.METADATA.sorted_tables
        }


def test_every_column_of_every_table_comes_back_into_either_database(database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        fill(tx)
    before = everything(database)
    assert all(len(rows) == 1 and None not in rows[0].values() for rows in before.values())
    out, keys = io.BytesIO(), io.BytesIO()
    with database.snapshot() as tx:
        told = backup.write(tx, out, keys, AT)
    # Who was signed in is not in it, nor what had come in; the database it came to has answered that.
    for passing in backup._PASSING:
        del before[passing]
    before["inbox"][0]["payload"] = None
    assert told.rows == dict.fromkeys(before, 1)
    keys.seek(0)
    held = backup.read_keys(keys, database.keys)
    database.migrate("base")
    other = Database(f"sqlite:///{tmp_path / 'other.db'}", database.keys)
    for empty in (database, other):
        out.seek(0)
        _, gone = backup.restore(empty, out, held, lambda _tx, _told, gone: gone)
        assert gone == ()
        assert {name: rows for name, rows in everything(empty).items() if rows} == before
    other.close()
