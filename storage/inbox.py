"""What providers handed over, kept before it is understood, once. May not understand it.

A message stays until it is handled; then only the provider's id stays, by which a second copy is known. Messages of one
person are handled in their order: one that fails holds up those behind it until a human was woken.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

WAKE_AFTER: Final = 3
_LONGEST_ID: Final = 80
_T: Final = tables.inbox
_I: Final = _T.c
_EARLIER: Final = _T.alias("earlier")
_ONCE_LITE: Final = sqlite.insert(_T).on_conflict_do_nothing(index_elements=["channel", "external_id"])
_ONCE_PG: Final = postgresql.insert(_T).on_conflict_do_nothing(index_elements=["channel", "external_id"])
_KEEP_LITE: Final = _ONCE_LITE.returning(_I.id)
_KEEP_PG: Final = _ONCE_PG.returning(_I.id)
_HELD_UP: Final = exists().where(_I.person == bindparam("who"), _I.handled_at.is_(None))
_HOLDS_UP: Final = select(_HELD_UP)
# In one statement: nothing of this person waits, and the provider's id is new.
_AT_ONCE: Final = (_I.channel, _I.external_id, _I.failures, _I.received_at, _I.retry_at, _I.handled_at)
_NEW: Final = select(*(bindparam(column.name, type_=column.type) for column in _AT_ONCE)).where(~_HELD_UP)
_NAMES: Final = [column.name for column in _AT_ONCE]
_ARRIVED_LITE: Final = _ONCE_LITE.from_select(_NAMES, _NEW, include_defaults=False)
_ARRIVED_PG: Final = _ONCE_PG.from_select(_NAMES, _NEW, include_defaults=False)
_WAITS: Final = exists().where(_EARLIER.c.person == _I.person, _EARLIER.c.id < _I.id, _EARLIER.c.handled_at.is_(None))
_COLUMNS: Final = (_I.id, _I.channel, _I.external_id, _I.payload, _I.received_at, _I.failures)
_PENDING: Final = (
    select(*_COLUMNS)
    .where(_I.handled_at.is_(None), _I.retry_at <= bindparam("now"), ~_WAITS)
    # Not by the key itself: SQLite would then read every message there ever was in that order.
    .order_by(_I.id + 0)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=_T)
)
_TAKE: Final = select(*_COLUMNS).where(_I.id == bindparam("inbox"), _I.handled_at.is_(None)).with_for_update(of=_T)
_DONE: Final = (
    update(_T).where(_I.id == bindparam("inbox")).values(handled_at=bindparam("now"), payload=None, person=None)
)
_FAILED: Final = (
    update(_T)
    .where(_I.id == bindparam("inbox"))
    .values(failures=_I.failures + 1, retry_at=bindparam("retry"))
    .returning(_I.failures)
)
_FORGET: Final = delete(_T).where(and_(_I.handled_at.is_not(None), _I.handled_at < bindparam("before")))
_WAITING: Final = select(func.count()).select_from(_T).where(_I.handled_at.is_(None))


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that is not yet handled. `payload` is what `keep` was given; None: it does not open, and waits till it does."""

    id: int
    channel: str
    external_id: str
    payload: str | None
    received_at: datetime
    failures: int


def keep(tx: Transaction, channel: str, external_id: str, address: str, payload: str, at: datetime) -> int | None:
    """Keep a message once; None when this provider's id was seen before.

    `address` (from whom, as the channel writes it) only orders the messages of one person, as an HMAC, until they are
    handled. `payload`: what the channel needs to read it again, already stripped of what we must not keep (decisions
    11).
    """
    known = _known_by(external_id)
    rows = tx.read(
        _KEEP_PG if tx.postgresql else _KEEP_LITE,
        {
            "channel": channel,
            "external_id": known,
            "person": tx.keys.mac("inbox", channel, address),
            "payload": tx.keys.seal(payload, "inbox", channel, known),
            "failures": 0,
            "received_at": at,
            "retry_at": at,
        },
    )
    return rows[0][0] if rows else None


def arrived(tx: Transaction, channel: str, external_id: str, address: str, at: datetime) -> bool:
    """A message that is handled in this very transaction: only the provider's id is kept. False: it was seen before, or
    `is_held_up`.

    If handling it raises, this is rolled back with the rest, and the message is to be kept by `keep`.
    """
    who = tx.keys.mac("inbox", channel, address)
    row = {"channel": channel, "external_id": _known_by(external_id), "failures": 0, "who": who}
    times = {"received_at": at, "retry_at": at, "handled_at": at}
    return tx.write(_ARRIVED_PG if tx.postgresql else _ARRIVED_LITE, row | times) == 1


def is_held_up(tx: Transaction, channel: str, address: str) -> bool:
    """Whether a message of this person still waits: what they send now goes behind it, by `keep`."""
    return bool(tx.read(_HOLDS_UP, {"who": tx.keys.mac("inbox", channel, address)})[0][0])


def take(tx: Transaction, inbox: int) -> Kept | None:
    """One message, locked; None when it has been handled already."""
    row = tx.execute(_TAKE, {"inbox": inbox}).first()
    return None if row is None else _kept(tx, *row)


def pending(tx: Transaction, now: datetime, limit: int = 1) -> tuple[Kept, ...]:
    """Messages whose turn it is, each the first unhandled one of its person, locked; those others hold are left to
    them.
    """
    rows = tx.read(_PENDING, {"now": now, "limit": limit})
    return tuple(_kept(tx, *row) for row in rows)


def done(tx: Transaction, inbox: int, now: datetime) -> None:
    """It was handled, in this very transaction: the payload and the mark of the person go."""
    tx.write(_DONE, {"inbox": inbox, "now": now})


def failed(tx: Transaction, inbox: int, retry_at: datetime) -> bool:
    """It could not be handled (its transaction was rolled back; this is a new one). True: the third time, wake a
    human.
    """
    failures: int = tx.execute(_FAILED, {"inbox": inbox, "retry": retry_at}).scalar_one()
    return failures == WAKE_AFTER


def waiting(tx: Transaction) -> int:
    """How many messages are not handled yet."""
    count: int = tx.execute(_WAITING).scalar_one()
    return count


def forget(tx: Transaction, before: datetime) -> int:
    """Drop the ids of messages handled before a time; providers no longer send them again. Returns how many."""
    return tx.execute(_FORGET, {"before": before}).rowcount


def _kept(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction, inbox: int, channel: str, external_id: str, payload: bytes, received_at: datetime, failures: int
) -> Kept:
    text = None
    # One that does not open counts its failures as any other, and stands in nobody else's way.
    with contextlib.suppress(SealBroken):
        text = tx.keys.open(payload, "inbox", channel, external_id)
    return Kept(inbox, channel, external_id, text, received_at, failures)


def _known_by(external_id: str) -> str:
    """A provider's id as it is when it is plain, else its hash: what a stranger sends must fit the column on both
    databases.
    """
    if external_id.isascii() and external_id.isprintable() and 0 < len(external_id) <= _LONGEST_ID:
        return external_id
    return "sha256:" + hashlib.sha256(external_id.encode("utf-8", "surrogatepass")).hexdigest()
