"""What can still be taken out of a child's chat by its provider: ours after a time, theirs when they ask. May not take it.

A row goes when it was done. A removal that may have happened is asked for again: what is gone already cannot go twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from storage import contacts, tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.database import Transaction

# Until another process may try what this one took: longer than an exchange, short beside the hours that are left.
LEASE: Final = timedelta(minutes=5)
AT_ONCE: Final = 100
_T: Final = tables.removals
_R: Final = _T.c
_KEY: Final = ["contact_id", "channel", "external_id"]
_KEEP_LITE: Final = sqlite.insert(_T).on_conflict_do_nothing(index_elements=_KEY)
_KEEP_PG: Final = postgresql.insert(_T).on_conflict_do_nothing(index_elements=_KEY)
_HASTEN: Final = (
    update(_T)
    .where(_R.contact_id == bindparam("contact"), or_(_R.due_at.is_(None), _R.due_at > bindparam("now")))
    .values(due_at=bindparam("now"))
)
_NEXT: Final = (
    select(_R.contact_id, _R.channel)
    .where(_R.due_at <= bindparam("now"), _R.channel.in_(bindparam("channels", expanding=True)))
    .order_by(_R.due_at, _R.id)
    .limit(1)
)
_ITS: Final = (
    select(_R.id, _R.external_id)
    .where(_R.due_at <= bindparam("now"), _R.contact_id == bindparam("contact"), _R.channel == bindparam("channel"))
    .order_by(_R.id)
    .limit(AT_ONCE)
    .with_for_update(skip_locked=True)
)
_LEASE: Final = update(_T).where(_R.id.in_(bindparam("ids", expanding=True))).values(due_at=bindparam("until"))
_DONE: Final = delete(_T).where(_R.id.in_(bindparam("ids", expanding=True)))
_FORGET: Final = delete(_T).where(_R.at < bindparam("before"))


@dataclass(frozen=True, slots=True)
class Due:
    """Texts of one chat that are to go now. `address` None: the child is no longer known there."""

    channel: str
    address: str | None
    external_ids: tuple[str, ...]
    ids: tuple[int, ...]


def keep(
    tx: Transaction, contact: str, channel: str, external_id: str, at: datetime, due_at: datetime | None = None
) -> None:
    """Remember a text that left or came at `at`, once; without `due_at` it goes only when the child asks."""
    row = {"contact_id": contact, "channel": channel, "external_id": external_id[:80], "at": at, "due_at": due_at}
    tx.execute(_KEEP_PG if tx.postgresql else _KEEP_LITE, row)


def hasten(tx: Transaction, contact: str, now: datetime) -> None:
    """Everything of this child that can go is due now."""
    tx.execute(_HASTEN, {"contact": contact, "now": now})


def claim(tx: Transaction, now: datetime, channels: Sequence[str]) -> Due | None:
    """What is due longest, with all that is due in the same chat (at most 100). Commit before asking the provider."""
    chat = tx.execute(_NEXT, {"now": now, "channels": list(channels)}).first()
    if chat is None:
        return None
    asked = {"now": now, "contact": chat.contact_id, "channel": chat.channel}
    rows = tx.execute(_ITS, asked).all()
    if not rows:
        return None
    ids = tuple(row.id for row in rows)
    tx.execute(_LEASE, {"ids": list(ids), "until": now + LEASE})
    contacts.load(tx, chat.contact_id)
    if not contacts.opens(tx, chat.contact_id):
        return Due(chat.channel, None, (), ())  # again when the lease is over: the key may be found
    known = dict(contacts.addresses(tx, chat.contact_id))
    return Due(chat.channel, known.get(chat.channel), tuple(row.external_id for row in rows), ids)


def done(tx: Transaction, ids: Sequence[int]) -> None:
    """They are gone, or never can be."""
    tx.execute(_DONE, {"ids": list(ids)})


def forget(tx: Transaction, before: datetime) -> int:
    """Drop what was written before a time: no provider takes it away any more. Returns how many."""
    return tx.execute(_FORGET, {"before": before}).rowcount
