"""Work for people, and what has left the house: tasks, filings, shares. May not do or send any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from flows.model import Task
    from storage.database import Transaction

_T: Final = tables.tasks.c
_F: Final = tables.filings.c
_S: Final = tables.shares.c
_ADD: Final = insert(tables.tasks)
_COLUMNS: Final = (_T.id, _T.what, _T.role, _T.conversation_id, _T.case_id, _T.created_at, _T.due_at, _T.done_at)
_OPEN: Final = select(*_COLUMNS).where(_T.done_at.is_(None)).order_by(_T.due_at, _T.id)
_OF: Final = select(*_COLUMNS).where(_T.conversation_id == bindparam("conversation")).order_by(_T.id)
_DONE: Final = (
    update(tables.tasks)
    .where(_T.id == bindparam("task"), _T.done_at.is_(None))
    .values(done_at=bindparam("now"), done_by=bindparam("staff"))
)
_FILE: Final = insert(tables.filings)
_FILED: Final = (
    select(_F.id, _F.conversation_id, _F.form, _F.outcome, _F.digest, _F.by, _F.at)
    .where(_F.conversation_id == bindparam("conversation"))
    .order_by(_F.id)
)
_SHARE: Final = insert(tables.shares)
_SHARED: Final = (
    select(_S.id, _S.conversation_id, _S.to, _S.parts, _S.because, _S.by, _S.at)
    .where(_S.conversation_id == bindparam("conversation"))
    .order_by(_S.id)
)


@dataclass(frozen=True, slots=True)
class Given:
    """A task somebody has."""

    id: str
    what: str
    role: str
    conversation: str | None
    case: str | None
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Filing:
    """A record left. `digest`: SHA-256 of the bytes that left, hexadecimal."""

    id: str
    conversation: str
    form: str
    outcome: str
    digest: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """Who was given which parts, why, by whom (a staff id)."""

    id: str
    conversation: str
    to: str
    parts: tuple[str, ...]
    because: str
    by: str
    at: datetime


def add(
    tx: Transaction,
    task: Task,
    due_at: datetime | None,
    at: datetime,
    *,
    conversation: str | None = None,
    case: str | None = None,
) -> Given:
    """Give a role some work. `due_at` is `task.within` worked out by who knows the working days."""
    made = Given(ids.new(), task.what, task.role, conversation, case, at, due_at, None)
    tx.execute(
        _ADD,
        {
            "id": made.id,
            "what": task.what,
            "role": task.role,
            "conversation_id": conversation,
            "case_id": case,
            "created_at": at,
            "due_at": due_at,
        },
    )
    return made


def undone(tx: Transaction) -> tuple[Given, ...]:
    """All that is still to be done, soonest first."""
    return tuple(Given(*row) for row in tx.execute(_OPEN))


def of(tx: Transaction, conversation: str) -> tuple[Given, ...]:
    """The tasks a conversation made, oldest first."""
    return tuple(Given(*row) for row in tx.execute(_OF, {"conversation": conversation}))


def done(tx: Transaction, task: str, staff: str, now: datetime) -> bool:
    """Somebody did it; False when it was done already."""
    return tx.execute(_DONE, {"task": task, "staff": staff, "now": now}).rowcount == 1


def filed(  # noqa: PLR0913, PLR0917 - a filing has this many parts
    tx: Transaction, conversation: str, form: str, outcome: str, digest: str, by: str, at: datetime
) -> Filing:
    """Note that the record of a conversation left, as `html`, `json`, `csv` ..."""
    made = Filing(ids.new(), conversation, form, outcome, digest, by, at)
    tx.execute(
        _FILE,
        {
            "id": made.id,
            "conversation_id": conversation,
            "form": form,
            "outcome": outcome,
            "digest": digest,
            "by": by,
            "at": at,
        },
    )
    return made


def filings(tx: Transaction, conversation: str) -> tuple[Filing, ...]:
    """How often and how a record left, oldest first."""
    return tuple(Filing(*row) for row in tx.execute(_FILED, {"conversation": conversation}))


def shared(  # noqa: PLR0913, PLR0917 - a share has this many parts
    tx: Transaction, conversation: str, to: str, parts: tuple[str, ...], because: str, by: str, at: datetime
) -> Share:
    """Note that parts of a record were given to somebody. `parts`: question keys; `because` is sealed."""
    made = Share(ids.new(), conversation, to, parts, because, by, at)
    tx.execute(
        _SHARE,
        {
            "id": made.id,
            "conversation_id": conversation,
            "to": to,
            "parts": " ".join(parts),
            "because": tx.key_of(conversation).seal(because, "shares", made.id),
            "by": by,
            "at": at,
        },
    )
    return made


def shares(tx: Transaction, conversation: str) -> tuple[Share, ...]:
    """Who was given what, oldest first."""
    key = tx.key_of(conversation)
    return tuple(
        Share(r.id, conversation, r.to, tuple(r.parts.split()), key.open(r.because, "shares", r.id), r.by, r.at)
        for r in tx.execute(_SHARED, {"conversation": conversation})
    )
