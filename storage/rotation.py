"""A new service key: everything the old ones sealed is sealed again under it. May not touch what contacts' own keys
sealed.

Data keys are only wrapped anew, so ten years of messages are not rewritten. Run it while serving or not: a process that
meets the new key reads the ring again. What another process changes meanwhile is left as it made it (a key that an erasure
destroyed stays destroyed), and one that has not met the new key yet seals under the old: the ring keeps both.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from storage import audit, tables
from storage.codes import Method
from storage.keys import SealBroken, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Column, ColumnElement, Table

    from storage.database import Transaction

_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Which column of which rows, and the place each value is bound to: `under`, the named columns, `rest`."""

    table: Table
    column: str
    places: tuple[str, ...] = ("id",)
    rest: str = ""
    key: str = "id"
    under: str = ""
    only: ColumnElement[bool] | None = None

    def place(self, named: Sequence[str]) -> tuple[str, ...]:
        """Where a value of a row belongs."""
        return (self.under or self.table.name, *named, *([self.rest] if self.rest else []))


def _ways(rest: str, *kinds: Method) -> _Sealed:
    """How staff are reached is bound to the person: that is where it stood before."""
    only = tables.methods.c.kind.in_(kinds)
    return _Sealed(tables.methods, "address", ("staff_id",), rest, under="staff", only=only)


_SEALED: Final = (
    _Sealed(tables.contacts, "data_key"),
    _Sealed(tables.data_requests, "value"),
    _Sealed(tables.cases, "data_key"),
    _Sealed(tables.staff, "name", rest="name"),
    _ways("phone", Method.SMS, Method.VOICE),
    _ways("email", Method.EMAIL),
    _ways("telegram", Method.TELEGRAM),
    _Sealed(tables.passkeys, "value"),
    _Sealed(tables.authenticators, "secret", ("staff_id",), key="staff_id"),
    _Sealed(tables.draft_languages, "reason"),
    _Sealed(tables.interpreters, "value"),
    _Sealed(tables.inbox, "payload", ("channel", "external_id")),
    _Sealed(tables.outbox, "text", key="seq", only=tables.outbox.c.staff_id.is_not(None)),
)

WRONG_KEYS: Final = (
    "these keys do not open what this database keeps: set the file that was made for it, with every key added since; "
    "`waymark doctor` looks again"
)
WRONG_PEPPER: Final = (
    "its entry `pepper=` is not the one this database was made with, and every child and colleague it knows would be a stranger: "
    "put back that entry from the copy you keep, and leave the others as they are"
)
_A: Final = tables.addresses.c
_KNOWN: Final = (
    select(_A.id, _A.contact_id, _A.store, _A.channel, _A.fingerprint, _A.address, tables.contacts.c.data_key)
    .join(tables.contacts, tables.contacts.c.id == _A.contact_id)
    .where(tables.contacts.c.data_key.is_not(None))
    .order_by(_A.id)
)
_TOLD_BY: Final = (tables.staff, tables.contacts, tables.cases)
_FIRST: Final = 3
_NEWEST: Final = 50


def fits(tx: Transaction) -> bool:
    """Whether this key ring is this database's: of what was sealed first, one value opens, or nothing is sealed yet; and of what
    was sealed last no two values name a key that it lacks.

    One value that was changed or moved says nothing about the ring, and may not keep a service from its children.
    """
    if _lacks(tx):
        return False
    tried = False
    for entry in _SEALED:
        if entry.table not in _TOLD_BY:
            continue
        read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
        column, named = read(entry.column), (read(name) for name in entry.places)
        first = select(column, *named).where(column.is_not(None)).order_by(read(entry.key)).limit(_FIRST)
        for sealed, *values in tx.execute(first).all():
            tried = True
            with contextlib.suppress(SealBroken):
                tx.keys.open_bytes(sealed, *entry.place(values))
                return True
    return not tried


def _lacks(tx: Transaction) -> bool:
    """An old copy of the ring opens what is old, and no child or colleague since."""
    unheld: set[bytes] = set()
    for entry in (one for one in _SEALED if one.table in _TOLD_BY):
        read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
        column = read(entry.column)
        newest = select(column).where(column.is_not(None)).order_by(read(entry.key).desc()).limit(_NEWEST)
        for sealed in tx.execute(newest).scalars().all():
            if not tx.keys.holds(sealed):
                if tx.keys.id_of(sealed) in unheld:
                    return True
                unheld.add(tx.keys.id_of(sealed))
    return False


def knows(tx: Transaction) -> bool:
    """Whether this ring's pepper is this database's: it made a line of the audit chain or finds a number, or there is none yet.

    No value is kept for it: one written at the next start would bless whatever pepper stands there then.
    """
    told = audit.begun_by_us(tx)
    if told:
        return True
    for row in tx.execute(_KNOWN.limit(_FIRST)).all():
        with contextlib.suppress(SealBroken):
            key = tx.keys.unwrap(row.data_key, "contacts", row.contact_id)
            address = key.open(row.address, "addresses", row.id)
            told = tx.keys.fingerprint(row.store, row.channel, address) == row.fingerprint
            if told:
                return True
    return told is None


def misfit(tx: Transaction) -> str:
    """What is wrong with this key ring for this database, and how to mend it; empty when it is its own."""
    if not fits(tx):
        return WRONG_KEYS
    return "" if knows(tx) else WRONG_PEPPER


def is_done(tx: Transaction) -> bool:
    """Whether the newest service key has sealed everything."""
    for entry in _SEALED:
        column: Column[Any] = entry.table.c[entry.column]
        wanted = select(column).where(column.is_not(None), *([entry.only] if entry.only is not None else []))
        if not all(tx.keys.is_current(sealed) for sealed in tx.execute(wanted).scalars()):
            return False
    return True


def rewrap(tx: Transaction) -> int:
    """Seal again what an older service key sealed; returns how many values that were."""
    return sum(_rewrap(tx, entry) for entry in _SEALED)


def _rewrap(tx: Transaction, entry: _Sealed) -> int:
    read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
    column = read(entry.column)
    wanted = select(read(entry.key), column, *(read(name) for name in entry.places)).where(column.is_not(None))
    if entry.only is not None:
        wanted = wanted.where(entry.only)
    unchanged = (read(entry.key) == bindparam("row"), column == bindparam("was"))
    change = update(entry.table).where(*unchanged).values({entry.column: bindparam("sealed")})
    changed = 0
    for batch in tx.execute(wanted).partitions(_BATCH):
        again = []
        for row, sealed, *named in batch:
            if tx.keys.is_current(sealed):
                continue
            place = entry.place(named)
            anew = tx.keys.seal(tx.keys.open_bytes(sealed, *place), *place)
            again.append({"row": row, "was": Sealed(sealed), "sealed": anew})
        if again:
            tx.execute(change, again)
        changed += len(again)
    return changed
