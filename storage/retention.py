"""Forgetting: the data key of a child is destroyed, so that backups forget too; the numbers stay. Cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from flows.model import Level, Service
from storage import contacts, outbox, tables
from storage.codes import AlertState, Holder, Sending, Status

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.contacts.c
_A: Final = tables.addresses.c
_MARKS: Final = select(_A.fingerprint).where(_A.contact_id == bindparam("contact"))
_STOP_LITE: Final = sqlite.insert(tables.stops).on_conflict_do_nothing(index_elements=["fingerprint"])
_STOP_PG: Final = postgresql.insert(tables.stops).on_conflict_do_nothing(index_elements=["fingerprint"])
_FORGET_ADDRESSES: Final = delete(tables.addresses).where(_A.contact_id == bindparam("contact"))
_DESTROY: Final = (
    update(tables.contacts)
    .where(_C.id == bindparam("contact"))
    .values(data_key=None, code_word=None, erased_at=bindparam("now"))
)
_JOINED: Final = tables.cases.alias("joined")
_KEPT: Final = select(_JOINED.c.joined_to).where(
    _JOINED.c.contact_id == bindparam("contact"), _JOINED.c.joined_to.is_not(None)
)
_THEIRS: Final = or_(
    tables.cases.c.contact_id == bindparam("contact"),
    tables.cases.c.joined_to.in_(select(_JOINED.c.id).where(_JOINED.c.contact_id == bindparam("contact"))),
    # Theirs was joined to another, which is the one to look at: it is the same child, and so are all joined to that.
    tables.cases.c.id.in_(_KEPT),
    tables.cases.c.joined_to.in_(_KEPT),
)
_CASES: Final = update(tables.cases).where(_THEIRS).values(data_key=None)
_HELD: Final = select(tables.cases.c.id).where(_THEIRS, tables.cases.c.on_hold)
_TALKS: Final = select(tables.conversations.c.id).where(tables.conversations.c.contact_id == bindparam("contact"))
_ALERTS: Final = (
    select(tables.alerts.c.id)
    .join(tables.conversations, tables.conversations.c.id == tables.alerts.c.conversation_id)
    .where(tables.conversations.c.contact_id == bindparam("contact"))
)
_TIMERS: Final = delete(tables.timers).where(tables.timers.c.subject_id.in_(_TALKS.union_all(_ALERTS)))
# Nobody is called for what nobody can read, and nobody's answer to it is waited for.
_PAGES: Final = (
    update(tables.outbox)
    .where(
        tables.outbox.c.alert_id.in_(_ALERTS),
        tables.outbox.c.kind == Sending.PAGE,
        tables.outbox.c.status == Status.WAITING,
    )
    .values(status=Status.CANCELLED, text=None)
)
_CLOSE: Final = update(tables.alerts).where(tables.alerts.c.conversation_id.in_(_TALKS)).values(state=AlertState.CLOSED)
_VISITS: Final = delete(tables.visits).where(tables.visits.c.conversation_id.in_(_TALKS))
_REENTRIES: Final = delete(tables.reentries).where(tables.reentries.c.conversation_id.in_(_TALKS))
_REMOVALS: Final = delete(tables.removals).where(tables.removals.c.contact_id == bindparam("contact"))
# Nobody reads or adds to what nobody can open.
_READINGS: Final = delete(tables.readings).where(tables.readings.c.conversation_id.in_(_TALKS))
_PARENT_FORMS: Final = delete(tables.parent_forms).where(tables.parent_forms.c.conversation_id.in_(_TALKS))
_LEASES: Final = delete(tables.leases).where(tables.leases.c.conversation_id.in_(_TALKS))
_WAITS: Final = delete(tables.waits).where(tables.waits.c.conversation_id.in_(_TALKS))
# Nobody is given a chat that nobody can read.
_LET_GO: Final = (
    update(tables.conversations)
    .where(tables.conversations.c.contact_id == bindparam("contact"))
    .values(holder=Holder.BOT)
)
_OFFERS: Final = delete(tables.offers).where(tables.offers.c.contact_id == bindparam("contact"))


_SPOKEN: Final = func.coalesce(tables.conversations.c.last_inbound_at, tables.conversations.c.started_at)
_OLDEST: Final = (
    select(func.min(_SPOKEN))
    .join(tables.contacts, _C.id == tables.conversations.c.contact_id)
    .where(
        tables.conversations.c.store == Service.TEXT_SAFE,
        # Higher ones are kept whole until a manager decides (decisions 11).
        tables.conversations.c.level <= int(Level.L2),
        _C.erased_at.is_(None),
    )
)


class OnHold(RuntimeError):
    """Retention is frozen for this child's case: free it first (`waymark hold`)."""


def erase(tx: Transaction, contact: str, at: datetime) -> None:
    """Forget a child: their keys, addresses, code word, offers, ways back, timers and what waits to be sent, to them or as
    a page about them. Their alerts are closed. What was sealed cannot be opened again, here or in any backup; counts,
    levels, dates and codes stay. A STOP outlives it. Raises OnHold.
    """
    tx.lock_contact(contact)
    asked = {"contact": contact}
    if tx.execute(_HELD, asked).first() is not None:
        raise OnHold(OnHold.__doc__)
    if contacts.load(tx, contact).opted_out:
        for mark in tx.execute(_MARKS, asked).scalars().all():
            tx.execute(_STOP_PG if tx.postgresql else _STOP_LITE, {"fingerprint": mark, "at": at})
    outbox.cancel_for(tx, contact)
    for statement in (
        _TIMERS,
        _PAGES,
        _CLOSE,
        _OFFERS,
        _REMOVALS,
        _VISITS,
        _REENTRIES,
        _READINGS,
        _PARENT_FORMS,
        _LEASES,
        _WAITS,
        _LET_GO,
        _FORGET_ADDRESSES,
        _CASES,
    ):
        tx.execute(statement, asked)
    tx.execute(_DESTROY, {"contact": contact, "now": at})
    tx.forget(contact)
    tx.case_keys.clear()


def oldest_text_safe(tx: Transaction) -> datetime | None:
    """When the longest silent text-safe chat of a low level was last written in; None when there is none."""
    found: datetime | None = tx.execute(_OLDEST).scalar_one()
    return found
