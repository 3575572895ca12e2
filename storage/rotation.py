"""A new service key: everything the old ones sealed is sealed again under it. May not touch what contacts' own keys
sealed.

Data keys are only wrapped anew, so ten years of messages are not rewritten. Run it while serving or not; when it
returns 0 the old keys may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from storage import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column, Table

    from storage.database import Transaction

# Table, its key column, the sealed column, the columns that make up the place, and the rest of the place.
_SEALED: Final[tuple[tuple[Table, str, str, tuple[str, ...], str], ...]] = (
    (tables.contacts, "id", "data_key", ("id",), ""),
    (tables.cases, "id", "data_key", ("id",), ""),
    (tables.staff, "id", "name", ("id",), "name"),
    (tables.staff, "id", "phone", ("id",), "phone"),
    (tables.staff, "id", "email", ("id",), "email"),
    (tables.inbox, "id", "payload", ("channel", "external_id"), ""),
    (tables.outbox, "seq", "text", ("id",), ""),
)
_BATCH: Final = 500


def rewrap(tx: Transaction) -> int:
    """Seal again what an older service key sealed; returns how many values that were."""
    return sum(_rewrap(tx, *entry) for entry in _SEALED)


def _rewrap(tx: Transaction, table: Table, key: str, column: str, places: tuple[str, ...], rest: str) -> int:
    read: Callable[[str], Column[Any]] = table.c.__getitem__
    wanted = select(read(key), read(column), *(read(name) for name in places)).where(read(column).is_not(None))
    if table is tables.outbox:
        wanted = wanted.where(read("staff_id").is_not(None))
    change = update(table).where(read(key) == bindparam("row")).values({column: bindparam("sealed")})
    changed = 0
    for batch in tx.execute(wanted).partitions(_BATCH):
        again = []
        for row, sealed, *named in batch:
            if tx.keys.is_current(sealed):
                continue
            place = (table.name, *named, *([rest] if rest else []))
            again.append({"row": row, "sealed": tx.keys.seal(tx.keys.open_bytes(sealed, *place), *place)})
        if again:
            tx.execute(change, again)
        changed += len(again)
    return changed
