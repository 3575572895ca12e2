"""A new service key: everything the old ones sealed is sealed again under it. May not touch what contacts' own keys
sealed.

Data keys are only wrapped anew, so ten years of messages are not rewritten. Run it while serving or not: a process that
meets the new key reads the ring again. What another process changes meanwhile is left as it made it (a key that an erasure
destroyed stays destroyed), and one that has not met the new key yet seals under the old: the ring keeps both.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, select, update

from storage import audit, tables
from storage.codes import Method
from storage.keys import SealBroken, Sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Select, Table

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


class Rewrapped(NamedTuple):
    """How many values were sealed anew, and which no key opens, by table and id."""

    changed: int
    unopened: tuple[str, ...]


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
LACKING: Final = (
    "a key is missing, and what it sealed cannot be read, of children and colleagues: put back the file that was made for this "
    "database, with every key added since; only if it is lost for good, let such colleagues go, add them anew, and run "
    "`waymark keys rotate --lost`"
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
    """Whether this key ring is this database's: of what was sealed first, one value opens, or nothing is sealed yet.

    What else does not open may not keep a service from its children: of a key that it `lacks` people are told.
    """
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


def lacks(tx: Transaction) -> bool:
    """Whether a key is missing: two of the newest children or colleagues name one that the ring has not. An old copy of it opens
    what is old, and nobody since. One alone may have been changed.
    """
    unheld: set[bytes] = set()
    for entry in (one for one in _SEALED if one.table in _TOLD_BY):
        read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
        column = read(entry.column)
        here = (tables.staff.c.active,) if entry.table is tables.staff else ()
        newest = select(column).where(column.is_not(None), *here).order_by(read(entry.key).desc()).limit(_NEWEST)
        for sealed in tx.execute(newest).scalars().all():
            if not tx.keys.holds(sealed):
                if tx.keys.id_of(sealed) in unheld:
                    return True
                unheld.add(tx.keys.id_of(sealed))
    return False


def unheld(tx: Transaction) -> tuple[str, ...]:
    """What names a key that the ring lacks, by table and id: an old copy of it may rotate nothing, or there are two rings."""
    return tuple(
        f"{entry.table.name} {row}"
        for entry in _SEALED
        for row, sealed in tx.execute(_kept(entry))
        if not tx.keys.holds(sealed)
    )


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
    """Whether the newest service key has sealed everything that opens."""
    return not any(opened is not None for entry in _SEALED for batch in _older(tx, entry) for *_, opened in batch)


def rewrap(tx: Transaction) -> Rewrapped:
    """Seal again what an older service key sealed. What no key opens stays as it is, for the day the key is found."""
    done = [_rewrap(tx, entry) for entry in _SEALED]
    return Rewrapped(sum(one.changed for one in done), tuple(row for one in done for row in one.unopened))


def _older(tx: Transaction, entry: _Sealed) -> Iterator[list[tuple[Any, bytes, tuple[str, ...], bytes | None]]]:
    """In batches: row, value, place and what was sealed, of what the newest key has not sealed; None: no key opens it."""
    for batch in tx.execute(_kept(entry, *entry.places)).partitions(_BATCH):
        older = [(row, sealed, entry.place(named)) for row, sealed, *named in batch if not tx.keys.is_current(sealed)]
        yield [(row, sealed, place, _opened(tx, sealed, place)) for row, sealed, place in older]


def _kept(entry: _Sealed, *named: str) -> Select[*tuple[Any, ...]]:
    """Every row with its value, and the columns that are named."""
    read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
    column = read(entry.column)
    wanted = select(read(entry.key), column, *(read(name) for name in named)).where(column.is_not(None))
    return wanted if entry.only is None else wanted.where(entry.only)


def _opened(tx: Transaction, sealed: bytes, place: tuple[str, ...]) -> bytes | None:
    try:
        return tx.keys.open_bytes(sealed, *place)
    except SealBroken:
        return None


def _rewrap(tx: Transaction, entry: _Sealed) -> Rewrapped:
    read: Callable[[str], Column[Any]] = entry.table.c.__getitem__
    column = read(entry.column)
    unchanged = (read(entry.key) == bindparam("row"), column == bindparam("was"))
    change = update(entry.table).where(*unchanged).values({entry.column: bindparam("sealed")})
    changed, unopened = 0, list[str]()
    for batch in _older(tx, entry):
        again = [
            {"row": row, "was": Sealed(sealed), "sealed": tx.keys.seal(opened, *place)}
            for row, sealed, place, opened in batch
            if opened is not None
        ]
        if again:
            tx.execute(change, again)
        changed += len(again)
        unopened += [f"{entry.table.name} {row}" for row, *_, opened in batch if opened is None]
    return Rewrapped(changed, tuple(unopened))
