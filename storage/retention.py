"""Forgetting: the data key of a child is destroyed, so that backups forget too; the numbers stay. Cannot be undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from flows.model import UNDECIDED, Level, Service
from storage import cases, contacts, outbox, tables
from storage.codes import AlertState, Holder, Sending, Status
from storage.types import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Executable

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
_FREE: Final = update(tables.contacts).where(_C.id == bindparam("contact")).values(on_hold=False)
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


_OF_CONTACT: Final = (
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
)


_SPOKEN: Final = func.max(func.coalesce(tables.messages.c.at, tables.conversations.c.started_at))
_K: Final = tables.concerns.c
# A child of whom anything is to be kept whole is kept whole: words of one telephone are sealed under one key.
_PAST: Final = (
    select(_C.id, _C.reference, _SPOKEN.label("spoken"))
    .join(tables.conversations, tables.conversations.c.contact_id == _C.id)
    .join(tables.messages, tables.messages.c.conversation_id == tables.conversations.c.id, isouter=True)
    .where(
        _C.store == Service.TEXT_SAFE,
        _C.erased_at.is_(None),
        _C.on_hold.is_(False),
    )
    .group_by(_C.id, _C.reference)
    .having(func.max(tables.conversations.c.level) <= int(Level.L2), bindparam("before", type_=UtcDateTime()) > _SPOKEN)
    .order_by(_C.id)
)
_PAST_ONE: Final = _PAST.where(_C.id == bindparam("contact"))
# Of whom the council still owes an answer, what they told is what its question would be about.
_REFERRED: Final = (
    select(tables.deadlines.c.id)
    .join(tables.conversations, tables.conversations.c.id == tables.deadlines.c.conversation_id)
    .where(tables.conversations.c.contact_id == bindparam("contact"), tables.deadlines.c.rule == "R11")
    .where(tables.deadlines.c.met_at.is_(None), tables.deadlines.c.withdrawn.is_(False))
    .limit(1)
)
_GRAVEST: Final = select(func.max(tables.conversations.c.level)).where(
    tables.conversations.c.contact_id == bindparam("contact")
)
_UNDECIDED: Final = (
    select(func.max(tables.alerts.c.level))
    .join(tables.conversations, tables.conversations.c.id == tables.alerts.c.conversation_id)
    .where(
        tables.conversations.c.contact_id == bindparam("contact"),
        tables.alerts.c.state.in_([AlertState(one) for one in UNDECIDED]),
    )
)
_HEARD: Final = (
    select(_K.categories)
    .join(tables.conversations, tables.conversations.c.id == _K.conversation_id)
    .where(tables.conversations.c.contact_id == bindparam("contact"))
)
_CASE_KEY: Final = update(tables.cases).where(tables.cases.c.id == bindparam("case")).values(data_key=None)
_CASE_TIMERS: Final = delete(tables.timers).where(tables.timers.c.subject_id == bindparam("case"))


@dataclass(frozen=True, slots=True)
class Past:
    """A text-safe contact whose words were kept long enough; `spoken`: when the last word went either way."""

    contact: str
    reference: str
    spoken: datetime


class OnHold(RuntimeError):
    """Retention is frozen for this child: a manager frees it first (`waymark hold REF --free --by NAME --because WHY`)."""


def erase(tx: Transaction, contact: str, at: datetime) -> None:
    """Forget a child: their keys, addresses, code word, offers, ways back, timers and what waits to be sent, to them or as
    a page about them. Their alerts are closed. What was sealed cannot be opened again, here or, after the next, in any backup;
    counts, levels, dates and codes stay. A STOP outlives it. Raises OnHold.
    """
    tx.lock_contact(contact)
    asked = {"contact": contact}
    held = contacts.load(tx, contact)
    if held.on_hold or tx.execute(_HELD, asked).first() is not None:
        raise OnHold(OnHold.__doc__)
    _forget(tx, held, at, (*_OF_CONTACT, _CASES))


def _forget(tx: Transaction, held: contacts.Contact, at: datetime, statements: Iterable[Executable]) -> None:
    contact, asked = held.id, {"contact": held.id}
    if held.opted_out:
        for mark in tx.execute(_MARKS, asked).scalars().all():
            tx.execute(_STOP_PG if tx.postgresql else _STOP_LITE, {"fingerprint": mark, "at": at})
    outbox.cancel_for(tx, contact)
    for statement in statements:
        tx.execute(statement, asked)
    tx.execute(_DESTROY, {"contact": contact, "now": at})
    tx.forget(contact)
    tx.case_keys.clear()


def erase_case(tx: Transaction, case: str) -> None:
    """Forget what is kept of a child on the council's books: the details, every time missing, what was noted, owed and done.
    That there was a case, how often and when the child was missing stay as numbers. Raises OnHold.
    """
    if cases.is_held(tx, case):
        raise OnHold(OnHold.__doc__)
    for statement in (_CASE_TIMERS, _CASE_KEY):
        tx.execute(statement, {"case": case})
    tx.case_keys.clear()


def erase_again(tx: Transaction, contact: str, at: datetime) -> None:
    """Erase whom a backup brought back though they were erased after it was made, whatever froze them then. Not their cases:
    whose those were may have changed since, and each is told by its own key.
    """
    tx.execute(_FREE, {"contact": contact})
    _forget(tx, contacts.load(tx, contact), at, _OF_CONTACT)


def erase_case_again(tx: Transaction, case: str) -> None:
    """As `erase_again`, of a case."""
    cases.hold(tx, case, on=False)
    erase_case(tx, case)


def text_safe_past(tx: Transaction, before: datetime, keep: Collection[str]) -> tuple[Past, ...]:
    """Who last wrote to the text-safe service, or was written to, before a time, and of whom nothing is to be kept whole: no
    level above L2, none of the categories of `keep`, no alert that nobody has decided, no referral without an answer, no hold
    (decisions 11). Longest silent first.
    """
    found = (Past(*row) for row in tx.execute(_PAST, {"before": before}).all())
    return tuple(sorted((one for one in found if not _is_kept(tx, one.contact, keep)), key=lambda one: one.spoken))


def is_past(tx: Transaction, contact: str, before: datetime, keep: Collection[str]) -> bool:
    """Whether that is so of one contact, locked until the commit: they may have written again since somebody looked."""
    tx.lock_contact(contact)
    there = tx.execute(_PAST_ONE, {"before": before, "contact": contact}).first() is not None
    return there and not _is_kept(tx, contact, keep)


def undecided(tx: Transaction, contact: str) -> Level | None:
    """How grave the gravest alert of a contact is that nobody has decided yet; None when there is none."""
    level = tx.execute(_UNDECIDED, {"contact": contact}).scalar()
    return None if level is None else Level(level)


def is_kept_whole(tx: Transaction, contact: str, keep: Collection[str]) -> bool:
    """Whether a contact's words stay until a manager decides: a level above L2 was reached, or a category of `keep` heard."""
    gravest = tx.execute(_GRAVEST, {"contact": contact}).scalar()
    return (gravest or 0) > int(Level.L2) or _is_heard(tx, contact, keep)


def _is_kept(tx: Transaction, contact: str, keep: Collection[str]) -> bool:
    waits = undecided(tx, contact) is not None or tx.execute(_REFERRED, {"contact": contact}).first() is not None
    return waits or _is_heard(tx, contact, keep)


def _is_heard(tx: Transaction, contact: str, keep: Collection[str]) -> bool:
    heard = tx.execute(_HEARD, {"contact": contact}).scalars().all()
    return any(not set(keep).isdisjoint(one.split()) for one in heard)
