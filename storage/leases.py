"""Who is with which child, for as long as they are there; and who rests after a hard one. May not choose who gets a chat.

A lease is one row a conversation: the primary key makes a second holder impossible, whatever two processes try. The core
says who holds a chat; the row says until when that person was last seen to be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage import hands, ids, tables
from storage.codes import Holder

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_L: Final = tables.leases.c
_R: Final = tables.rests.c
_C: Final = tables.conversations.c
_COLUMNS: Final = (_L.conversation_id, _L.id, _L.staff_id, _L.taken_at, _L.expires_at)
_OF_TALK: Final = _L.conversation_id == bindparam("conversation")
_ADD: Final = insert(tables.leases)
_OF: Final = select(*_COLUMNS).where(_OF_TALK)
_BY: Final = select(*_COLUMNS).where(_L.staff_id == bindparam("staff")).order_by(_L.taken_at, _L.id)
_ALL: Final = select(_L.conversation_id).order_by(_L.taken_at, _L.id)
_END: Final = delete(tables.leases).where(_OF_TALK)
# Never backwards: a beat that was held up must not shorten what a later one has lengthened.
_SEEN: Final = (
    update(tables.leases)
    .where(_L.staff_id == bindparam("staff"), _L.expires_at < bindparam("until"))
    .values(expires_at=bindparam("until"))
)
_WITHOUT: Final = (
    select(_C.id)
    .join(tables.leases, _L.conversation_id == _C.id, isouter=True)
    .where(_C.holder == Holder.PERSON, _L.id.is_(None))
    .order_by(_C.id)
)
_A: Final = tables.alerts.c
# The alert's level, not the chat's: what a manager has lowered no longer weighs.
_LEVELS: Final = (
    select(_L.conversation_id, func.coalesce(func.max(_A.level), 0))
    .select_from(tables.leases)
    .join(tables.alerts, _A.conversation_id == _L.conversation_id, isouter=True)
    .where(_L.staff_id == bindparam("staff"))
    .group_by(_L.conversation_id)
)
_WORST: Final = select(func.coalesce(func.max(_A.level), 0)).where(_A.conversation_id == bindparam("conversation"))
_REST: Final = insert(tables.rests)
_RESTS_UNTIL: Final = select(func.max(_R.until)).where(_R.staff_id == bindparam("staff"))
_LONGER: Final = (
    update(tables.rests)
    .where(
        _R.staff_id == bindparam("staff"), _R.conversation_id == bindparam("conversation"), _R.at >= bindparam("since")
    )
    .values(until=bindparam("new_until"))
)
_RESTS: Final = (
    select(_R.id, _R.staff_id, _R.conversation_id, _R.task_id, _R.at, _R.until)
    .join(tables.tasks, tables.tasks.c.id == _R.task_id)
    .where(tables.tasks.c.done_at.is_(None))
    .order_by(_R.at, _R.id)
)


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker (by id) has a chat until `expires_at`, which every sign of them moves on."""

    conversation: str
    id: str
    staff: str
    taken_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """A worker's time off after an L3 or L4. `task`: the talk with a supervisor that is owed for it."""

    id: str
    staff: str
    conversation: str
    task: str
    at: datetime
    until: datetime


def begin(tx: Transaction, conversation: str, staff: str, at: datetime, expires_at: datetime) -> Lease:
    """Note that a worker has a chat, and a hand in its record. The person is locked, and no lease of this chat stands
    (`end`).
    """
    made = Lease(conversation, ids.new(), staff, at, expires_at)
    tx.execute(
        _ADD,
        {"conversation_id": conversation, "id": made.id, "staff_id": staff, "taken_at": at, "expires_at": expires_at},
    )
    hands.put(tx, conversation, staff, at)
    return made


def of(tx: Transaction, conversation: str) -> Lease | None:
    """Who has a chat; None: no person."""
    rows = tx.read(_OF, {"conversation": conversation})
    return Lease(*rows[0]) if rows else None


def by(tx: Transaction, staff: str) -> tuple[Lease, ...]:
    """The chats a worker has, the longest held first."""
    return tuple(Lease(*row) for row in tx.read(_BY, {"staff": staff}))


def everyone(tx: Transaction) -> tuple[str, ...]:
    """Ids of the chats that people have, the longest held first."""
    return tuple(str(row[0]) for row in tx.execute(_ALL))


def end(tx: Transaction, conversation: str) -> Lease | None:
    """Nobody has this chat any more; returns whose it was."""
    ended = of(tx, conversation)
    if ended is not None:
        tx.execute(_END, {"conversation": conversation})
    return ended


def seen(tx: Transaction, staff: str, until: datetime) -> int:
    """A sign of a worker: every chat they have is theirs until then. Returns how many were lengthened."""
    return tx.write(_SEEN, {"staff": staff, "until": until})


def without(tx: Transaction) -> tuple[str, ...]:
    """Ids of chats that a person has and no lease says until when: from before there were leases."""
    return tuple(str(row[0]) for row in tx.execute(_WITHOUT))


def fading(tx: Transaction, staff: str, before: datetime) -> bool:
    """Whether a chat of this worker will be lost by then unless there is a sign of them."""
    return any(one.expires_at < before for one in by(tx, staff))


def levels(tx: Transaction, staff: str) -> tuple[tuple[str, int], ...]:
    """Each chat a worker has, and its worst alert, 0 where there was none."""
    return tuple((chat, int(level)) for chat, level in tx.execute(_LEVELS, {"staff": staff}))


def worst(tx: Transaction, conversation: str) -> int:
    """The level of the worst alert there was in a chat, 0 for none."""
    return int(tx.read(_WORST, {"conversation": conversation})[0][0])


def rest(tx: Transaction, staff: str, conversation: str, task: str, at: datetime, until: datetime) -> None:
    """Time off for a worker, and the task of whoever talks with them."""
    tx.execute(
        _REST,
        {
            "id": ids.new(),
            "staff_id": staff,
            "conversation_id": conversation,
            "task_id": task,
            "at": at,
            "until": until,
        },
    )


def rest_again(tx: Transaction, staff: str, conversation: str, since: datetime, until: datetime) -> bool:
    """The same chat again within the day: more time off, one talk. False when none has been owed since `since`."""
    asked = {"staff": staff, "conversation": conversation, "since": since, "new_until": until}
    return tx.execute(_LONGER, asked).rowcount > 0


def rests_until(tx: Transaction, staff: str) -> datetime | None:
    """Until when a worker rests, or last did; None: never."""
    rows = tx.read(_RESTS_UNTIL, {"staff": staff})
    found: datetime | None = rows[0][0]
    return found


def debriefs(tx: Transaction) -> tuple[Rest, ...]:
    """The talks that supervisors still owe, the oldest first."""
    return tuple(Rest(*row) for row in tx.execute(_RESTS))
