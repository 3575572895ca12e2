"""A backup: every row of one instant in one sealed file, and back into an empty database of either kind. May not read settings.

The keys of children and cases are not in it. They stand in a second file, which is written anew with every backup: so whoever is
erased is gone from every older backup as soon as the next is made, and a restore erases them again (decisions 11: backups forget
too, keys never in the database backup). What is read back stands as it stood, sealed words sealed, and the audit chain is walked
before anything is kept.
"""

from __future__ import annotations

import base64
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import MetaData, String, func, insert, select, text

from storage import audit, instants, migrating, rotation, sealed_file, tables
from storage.sealed_file import FileBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from typing import BinaryIO

    from sqlalchemy import Table

    from storage.database import Database, Transaction
    from storage.keys import Keys

T = TypeVar("T")
CONTACTS: Final = tables.contacts.name
_ROWS: Final = 500  # a piece
# Who is signed in, and links to sign in by: what was used or ended since does not come back.
_PASSING: Final = frozenset({tables.sessions.name, tables.enrolments.name, tables.ceremonies.name})
_BACKUP, _DATA_KEYS = "backup", "data keys"
_COLUMN: Final = "data_key"
_COUNTED: Final = text("SELECT setval(pg_get_serial_sequence(:named, :counting), :reached)")


class NotEmpty(ValueError):
    """There is something in this database: a backup is read back into an empty one; name one in WAYMARK_DATABASE_URL."""


class WrongKeys(ValueError):
    """These data keys do not belong to this database or backup; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a backup says of itself. `rows`: how many of each table; `head`: number and link of the last audit line; `first`: link
    of the first; `waiting`: how many messages had come in and were not handled.
    """

    schema: str
    made: datetime
    rows: Mapping[str, int]
    head: tuple[int, str]
    first: str
    waiting: int


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The wrapped keys by table and id, when they were written, the last audit line of that moment, and the link of the first,
    which tells one database from another.
    """

    made: datetime
    head: tuple[int, str]
    first: str
    held: Mapping[tuple[str, str], bytes]


# --- writing ----------------------------------------------------------------------------------------------------------


def write(tx: Transaction, out: BinaryIO, data_keys: BinaryIO, now: datetime) -> Told:
    """Everything that `tx` sees, a snapshot, in two sealed files. The schema must be this program's."""
    tx.be_patient()
    waiting = tx.execute(select(func.count()).where(tables.inbox.c.handled_at.is_(None))).scalar() or 0
    told = Told(migrating.head(), now, {}, audit.head(tx), audit.link_of(tx, 1) or "", waiting)
    held: list[list[str]] = []
    rows: Counter[str] = Counter()
    # Where it cannot be written, what reads the rows ends before the transaction does.
    with closing(_pieces(tx, told, held, rows)) as pieces:
        sealed_file.write(out, tx.keys, _BACKUP, pieces)
    first = {"made": instants.whole(now), "audit": told.head, "first": told.first}
    batches = (held[at : at + _ROWS] for at in range(0, len(held), _ROWS))
    sealed_file.write(data_keys, tx.keys, _DATA_KEYS, iter([first, *batches, len(held)]))
    return replace(told, rows=dict(rows))


def _pieces(tx: Transaction, told: Told, held: list[list[str]], rows: Counter[str]) -> Generator[Any]:
    """What the file says first, the rows of each table, parents before children, and what it held; keys go to `held`."""
    yield {"schema": told.schema, "made": instants.whole(told.made), "first": told.first, "waiting": told.waiting}
    for table in tables.contacts.metadata.sorted_tables:
        if table.name in _PASSING:
            continue
        columns = table.c.keys()
        has_key = _COLUMN in columns
        with tx.execute(select(table).execution_options(yield_per=_ROWS)) as found:
            for some in found.partitions(_ROWS):
                plain = [[_plain(value) for value in row] for row in some]
                if table is tables.inbox:
                    plain = [_handled(columns, row, told.made) for row in plain]
                if has_key:
                    held += _without_keys(table.name, columns, plain)
                rows[table.name] += len(plain)
                yield [table.name, columns, plain]
    yield {"rows": rows, "audit": told.head}


def _handled(columns: list[str], row: list[Any], made: datetime) -> list[Any]:
    """What came in and was not handled is answered by the database it came to, never twice; its words are in no backup."""
    found = dict(zip(columns, row, strict=True))
    return list((found | {"payload": None, "handled_at": found["handled_at"] or _plain(made)}).values())


def _without_keys(name: str, columns: list[str], rows: list[list[Any]]) -> Iterator[list[str]]:
    """Takes the keys out of rows, where True says that there was one; each with its table and id."""
    key, one = columns.index(_COLUMN), columns.index("id")
    for row in rows:
        if row[key] is not None:
            yield [name, row[one], row[key]["b"]]
            row[key] = True


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """As JSON has it; an instant, a day and bytes are marked as such."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):  # which is a date too
        return {"t": instants.whole(value)}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    return value


# --- reading ----------------------------------------------------------------------------------------------------------


def check(source: BinaryIO, keys: Keys) -> Told:
    """Read a whole backup, keep nothing, and say what is in it. Raises FileBroken."""
    rows: Counter[str] = Counter()
    first: dict[str, Any] = {}
    for is_last, piece in sealed_file.read(source, keys, _BACKUP):
        if not first:
            first = piece
        elif not is_last:
            rows[piece[0]] += len(piece[2])
        elif piece["rows"] == rows:
            made, head = instants.read(first["made"]), (piece["audit"][0], piece["audit"][1])
            return Told(first["schema"], made, dict(rows), head, first["first"], first["waiting"])
    message = "this backup does not hold what it says it holds: use another copy of it"
    raise FileBroken(message)


def read_keys(source: BinaryIO, keys: Keys) -> DataKeys:
    """The second file. Raises FileBroken."""
    held: dict[tuple[str, str], bytes] = {}
    first: dict[str, Any] = {}
    for is_last, piece in sealed_file.read(source, keys, _DATA_KEYS):
        if not first:
            first = piece
        elif not is_last:
            held |= {(table, one): base64.b64decode(wrapped) for table, one, wrapped in piece}
    return DataKeys(instants.read(first["made"]), (first["audit"][0], first["audit"][1]), first["first"], held)


def check_same(tx: Transaction, data_keys: DataKeys) -> None:
    """Raises WrongKeys unless these data keys were written from this very database: what replaces them holds no others."""
    if data_keys.first and data_keys.first != audit.link_of(tx, 1):
        message = "the data keys that stand there are another database's, and would be lost: name another file with --data-keys"
        raise WrongKeys(message)


# --- back into a database ---------------------------------------------------------------------------------------------


def restore(
    database: Database,
    source: BinaryIO,
    data_keys: DataKeys,
    finish: Callable[[Transaction, Told, tuple[tuple[str, str], ...]], T],
) -> tuple[Told, T]:
    """Read a backup back into an empty database, an older program's too, and bring it up to this one. `finish`: done in the same
    transaction, given the table and id of whom there is no key any more; its result is returned beside what the backup told.
    Raises FileBroken, NotEmpty and WrongKeys, and then nothing is kept.
    """
    told = check(source, database.keys)
    if told.schema not in migrating.chain():
        message = f"the backup is of schema {told.schema}, which this program does not know: use the newer program that made it"
        raise FileBroken(message)
    if told.first != data_keys.first and told.first and data_keys.first:
        message = "the data keys are another database's: name those that were written with this backup or after it (--data-keys)"
        raise WrongKeys(message)
    if data_keys.head[0] < told.head[0]:  # the chain only grows; a clock may be set back
        message = (
            f"the data keys are of {data_keys.made:%Y-%m-%d %H:%M} UTC, older than the backup: whoever wrote since could not be "
            "read any more; name newer ones with --data-keys"
        )
        raise WrongKeys(message)
    stands = database.schema_version()
    if stands is not None:
        if stands not in migrating.chain():
            raise NotEmpty(NotEmpty.__doc__)
        with database.snapshot() as tx:
            if any(tx.execute(select(func.count()).select_from(table)).scalar() for table in _there(tx).values()):
                raise NotEmpty(NotEmpty.__doc__)
    with database.transaction() as tx:
        tx.be_patient()
        migrating.run(tx.connection, told.schema)
        gone = _fill(tx, source, data_keys)
        broken = audit.verify(tx)
        if broken is not None and not audit.begun_by_us(tx):
            raise WrongKeys(f"WAYMARK_KEYS_FILE: {rotation.WRONG_PEPPER}")
        if broken is not None or audit.head(tx) != told.head:
            message = f"the audit chain of the backup does not hold from line {broken or told.head[0]}: use another copy of it"
            raise FileBroken(message)
        migrating.run(tx.connection, "head")
        done = finish(tx, told, gone)
    return told, done


def _there(tx: Transaction) -> dict[str, Table]:
    """The tables as they stand in this database, whatever its revision, parents first; the revision's own is none of them."""
    found = MetaData()
    found.reflect(tx.connection)
    return {table.name: table for table in found.sorted_tables if table.name != migrating.TABLE}


def _fill(tx: Transaction, source: BinaryIO, data_keys: DataKeys) -> tuple[tuple[str, str], ...]:
    """Put every row in; returns the table and id of those whose key is not there any more."""
    there, gone = _there(tx), []
    for is_last, piece in sealed_file.read(source, tx.keys, _BACKUP):
        if is_last or isinstance(piece, dict):
            continue
        name, columns, rows = piece
        # SQLite keeps an instant as text of one length.
        as_text = [isinstance(there[name].c[column].type, String) for column in columns]
        put = [dict(zip(columns, map(_stored, row, as_text), strict=True)) for row in rows]
        for row in put:
            if row.get(_COLUMN) is True:
                row[_COLUMN] = data_keys.held.get((name, row["id"]))
                if row[_COLUMN] is None:
                    gone.append((name, row["id"]))
        tx.execute(insert(there[name]), put)
    if tx.postgresql:
        for table in there.values():
            _count_on(tx, table)
    return tuple(gone)


def _stored(value: Any, as_text: bool) -> Any:  # noqa: ANN401, FBT001 - what a column takes
    if not isinstance(value, dict):
        return value
    if "b" in value:
        return base64.b64decode(value["b"])
    if "d" in value:
        return date.fromisoformat(value["d"])
    return value["t"] if as_text else instants.read(value["t"])


def _count_on(tx: Transaction, table: Table) -> None:
    """PostgreSQL counts on from the last row: a number that a table gives by itself does not know what was put in."""
    for column in table.primary_key:
        if column.server_default is not None and "nextval" in str(column.server_default.arg):  # type: ignore[attr-defined]
            reached = tx.execute(select(func.max(column))).scalar()
            if reached is not None:
                tx.execute(_COUNTED, {"named": table.name, "counting": column.name, "reached": reached})
