"""Children who wait for a person, and who may not be given to them. May not choose who is first (that is `flows.queue`).

Whether a child waits is said by the conversation itself (`holder` is nobody), in the same row that a text of theirs saves:
a child cannot fall out of the queue by a row that is missing here. What stands here is since when and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, literal, null, select, text
from sqlalchemy.dialects import postgresql, sqlite

from flows.model import Level
from storage import joining, tables
from storage.codes import AlertState, Bar, Holder

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.conversations.c
_W: Final = tables.waits.c
_B: Final = tables.bars.c
_A: Final = tables.alerts.c
_ADD: Final = insert(tables.waits)
_END: Final = delete(tables.waits).where(_W.conversation_id == bindparam("conversation"))
_OF: Final = select(_W.conversation_id, _W.since, _W.dropped, _W.wanted_staff, _W.left_by).where(
    _W.conversation_id == bindparam("conversation")
)
_LEVEL: Final = (
    select(func.max(_A.level))
    .where(_A.conversation_id == _C.id, _A.state.in_((AlertState.RAISED, AlertState.ACKNOWLEDGED)))
    .scalar_subquery()
)
_LIVE: Final = _A.state.in_((AlertState.RAISED, AlertState.ACKNOWLEDGED))
_WAITING: Final = (
    select(
        _C.id,
        _C.locale,
        func.coalesce(_LEVEL, 0).label("level"),
        func.coalesce(_W.since, _C.last_inbound_at, _C.started_at).label("since"),
        func.coalesce(_W.dropped, False).label("dropped"),
        _W.wanted_staff,
        _W.left_by,
    )
    .join(tables.waits, _W.conversation_id == _C.id, isouter=True)
    # The words of the index, so that it is used.
    .where(text("conversations.holder <> 'bot'"), _C.holder == Holder.NOBODY)
)
# A child at L3 or L4 was told that a person joins; the bot keeps them company meanwhile.
_PROMISED: Final = (
    select(
        _C.id,
        _C.locale,
        _A.level,
        _A.opened_at.label("since"),
        literal(value=False).label("dropped"),
        null().label("wanted_staff"),
        null().label("left_by"),
    )
    .select_from(tables.alerts)
    .join(tables.conversations, _C.id == _A.conversation_id)
    .join(tables.contacts, tables.contacts.c.id == _C.contact_id)
    .where(_LIVE, _A.level >= int(Level.L3), _C.holder == Holder.BOT, tables.contacts.c.erased_at.is_(None))
)
_BARRED: Final = select(_B.conversation_id, _B.staff_id).join(tables.conversations, _C.id == _B.conversation_id)
_BARRED_WAITING: Final = _BARRED.where(_C.holder != Holder.PERSON)
_BARRED_FROM: Final = select(_B.staff_id).where(_B.conversation_id == bindparam("conversation"))
_REASONS: Final = (
    select(_B.staff_id, _B.why).where(_B.conversation_id == bindparam("conversation")).order_by(_B.at, _B.staff_id)
)
_BARRED_FOR: Final = _BARRED_FROM.where(_B.why == bindparam("why"))
_BARRED_FROM_CHILD: Final = (
    select(_B.staff_id, _B.why, func.min(_B.at))
    .join(tables.conversations, _C.id == _B.conversation_id)
    .where(_C.contact_id == bindparam("contact"))
    .group_by(_B.staff_id, _B.why)
)
_TALKS: Final = select(_C.id).where(_C.contact_id == bindparam("contact"))
_WHO: Final = select(_C.contact_id).where(_C.id == bindparam("conversation"))
# A child may first want somebody else, and only later say what was done: the graver reason is the one that keeps words away.
_ONE_BAR: Final = ("conversation_id", "staff_id")
_LITE, _PG = sqlite.insert(tables.bars), postgresql.insert(tables.bars)
_BAR_LITE: Final = _LITE.on_conflict_do_update(
    index_elements=_ONE_BAR, set_={"why": Bar.CONFLICT}, where=_LITE.excluded.why == Bar.CONFLICT
)
_BAR_PG: Final = _PG.on_conflict_do_update(
    index_elements=_ONE_BAR, set_={"why": Bar.CONFLICT}, where=_PG.excluded.why == Bar.CONFLICT
)


@dataclass(frozen=True, slots=True)
class Wait:
    """Since when a child waits. `dropped`: whoever had them was gone. `wanted_staff`: whom they asked for, or had before.
    `left_by`: who put them in the queue and could not go on.
    """

    conversation: str
    since: datetime
    dropped: bool
    wanted_staff: str | None
    left_by: str | None


@dataclass(frozen=True, slots=True)
class Queued:
    """A child in the queue. `level`: of the open alert, 0 without one. `barred`: ids of who is not given to them. The rest is
    as in `Wait`.
    """

    conversation: str
    locale: str
    level: int
    since: datetime
    dropped: bool
    wanted_staff: str | None
    left_by: str | None
    barred: frozenset[str]


def begin(
    tx: Transaction,
    conversation: str,
    at: datetime,
    *,
    dropped: bool,
    wanted_staff: str | None,
    left_by: str | None = None,
) -> None:
    """A child waits from now."""
    end(tx, conversation)
    row = {"dropped": dropped, "wanted_staff": wanted_staff, "left_by": left_by}
    tx.execute(_ADD, {"conversation_id": conversation, "since": at} | row)


def end(tx: Transaction, conversation: str) -> None:
    """Somebody has them, or the bot does."""
    tx.execute(_END, {"conversation": conversation})


def of(tx: Transaction, conversation: str) -> Wait | None:
    """Since when this child waits; None when they do not."""
    rows = tx.read(_OF, {"conversation": conversation})
    return Wait(*rows[0]) if rows else None


def queue(tx: Transaction) -> tuple[Queued, ...]:
    """Everybody who waits, or is at L3 or L4 with the bot alone, the longest first. Who is taken first: `flows.queue`."""
    barred: dict[str, set[str]] = {}
    for conversation, staff in tx.execute(_BARRED_WAITING):
        barred.setdefault(conversation, set()).add(staff)
    rows = (*tx.execute(_WAITING), *tx.execute(_PROMISED))
    return tuple(
        Queued(talk, locale, level, since, dropped, wanted, left_by, frozenset(barred.get(talk, ())))
        for talk, locale, level, since, dropped, wanted, left_by in sorted(rows, key=lambda row: row.since)
    )


def bar(tx: Transaction, conversation: str, staff: str, why: Bar, at: datetime) -> None:
    """Never give this child to this worker again, in this chat or any other they have; the first reason stands, but for
    the graver one.
    """
    ((contact,),) = tx.read(_WHO, {"conversation": conversation})
    for one in joining.whole(tx, contact):
        for (talk,) in tx.read(_TALKS, {"contact": one}):
            _bar(tx, talk, staff, why, at)


def follow(tx: Transaction, conversation: str, contact: str) -> None:
    """A new chat of a child: whoever was kept from an earlier one, by any of their telephones, is kept from it."""
    for one in joining.whole(tx, contact):
        for staff, why, at in tx.read(_BARRED_FROM_CHILD, {"contact": one}):
            _bar(tx, conversation, staff, why, at)


def spread(tx: Transaction, contact: str) -> None:
    """Telephones have come to be one child's: whoever is kept from one chat of that child is kept from all. A split takes none of
    it back.
    """
    for one in joining.whole(tx, contact):
        for (talk,) in tx.read(_TALKS, {"contact": one}):
            follow(tx, talk, one)


def _bar(tx: Transaction, conversation: str, staff: str, why: Bar, at: datetime) -> None:
    row = {"conversation_id": conversation, "staff_id": staff, "why": Bar(why), "at": at}
    tx.execute(_BAR_PG if tx.postgresql else _BAR_LITE, row)


def barred(tx: Transaction, conversation: str) -> frozenset[str]:
    """Ids of the workers who are never given this chat."""
    return frozenset(str(row[0]) for row in tx.read(_BARRED_FROM, {"conversation": conversation}))


def reasons(tx: Transaction, conversation: str) -> tuple[tuple[str, Bar], ...]:
    """(id, why) of the workers who are never given this chat, whoever was kept away first."""
    return tuple((staff, Bar(why)) for staff, why in tx.read(_REASONS, {"conversation": conversation}))


def barred_for(tx: Transaction, conversation: str, why: Bar) -> frozenset[str]:
    """As `barred`, for this reason alone."""
    return frozenset(str(row[0]) for row in tx.read(_BARRED_FOR, {"conversation": conversation, "why": why}))


def is_barred(tx: Transaction, conversation: str, staff: str) -> bool:
    """Whether this worker may not be given, or shown, this chat."""
    return staff in barred(tx, conversation)
