"""Accounts kept elsewhere by which people of the service sign in: bound to somebody over a link that works once.

May not keep who an account belongs to elsewhere: a mark of issuer and subject stands here, and nothing that could be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from storage import ids, sessions, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_T: Final = tables.identities.c
_COLUMNS: Final = (_T.id, _T.staff_id, _T.added_at, _T.used_at)
_ADD: Final = insert(tables.identities)
_BY_MARK: Final = select(*_COLUMNS).where(_T.mark == bindparam("known")).with_for_update()
_OF: Final = select(*_COLUMNS).where(_T.staff_id == bindparam("staff")).order_by(_T.id)
_USED: Final = update(tables.identities).where(_T.id == bindparam("identity")).values(used_at=bindparam("now"))
_REMOVE: Final = delete(tables.identities).where(_T.id == bindparam("identity"), _T.staff_id == bindparam("staff"))
_REMOVE_ALL: Final = delete(tables.identities).where(_T.staff_id == bindparam("staff"))


@dataclass(frozen=True, slots=True)
class Identity:
    """An account elsewhere that is somebody here."""

    id: str
    staff: str
    added_at: datetime
    used_at: datetime | None


def bind(tx: Transaction, staff: str, issuer: str, subject: str, now: datetime) -> Identity:
    """From now on this account is this person; it must be nobody's yet."""
    made = Identity(ids.new(), staff, now, now)
    held = {"id": made.id, "staff_id": staff, "mark": _mark(tx, issuer, subject), "added_at": now, "used_at": now}
    tx.execute(_ADD, held)
    return made


def find(tx: Transaction, issuer: str, subject: str) -> Identity | None:
    """Who this account is here; None: nobody."""
    row = tx.execute(_BY_MARK, {"known": _mark(tx, issuer, subject)}).first()
    return None if row is None else Identity(*row)


def of(tx: Transaction, staff: str) -> tuple[Identity, ...]:
    """A person's accounts, oldest first."""
    return tuple(Identity(*row) for row in tx.execute(_OF, {"staff": staff}).all())


def used(tx: Transaction, identity: str, now: datetime) -> None:
    """An account signed somebody in."""
    tx.execute(_USED, {"identity": identity, "now": now})


def remove(tx: Transaction, staff: str, identity: str) -> bool:
    """Unbind a person's account, and end what it began; False when they have no such account."""
    gone = tx.execute(_REMOVE, {"identity": identity, "staff": staff}).rowcount == 1
    if gone:
        sessions.end_by(tx, identity)
    return gone


def remove_all(tx: Transaction, staff: str) -> None:
    """Unbind every account of a person."""
    tx.execute(_REMOVE_ALL, {"staff": staff})


def _mark(tx: Transaction, issuer: str, subject: str) -> bytes:
    return tx.keys.mac("desk account", f"{issuer}\n{subject}")
