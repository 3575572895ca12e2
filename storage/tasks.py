"""Work for people, and what has left the house: tasks and filings. May not do or send any of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from storage import ids, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flows.model import Task
    from storage.database import Transaction

_T: Final = tables.tasks.c
_F: Final = tables.filings.c
_ADD: Final = insert(tables.tasks)
_COLUMNS: Final = (
    _T.id, _T.what, _T.role, _T.conversation_id, _T.case_id, _T.created_at, _T.due_at, _T.done_at, _T.deadline_id,
)  # fmt: skip
_OPEN: Final = select(*_COLUMNS).where(_T.done_at.is_(None)).order_by(_T.due_at, _T.id)
_OF: Final = select(*_COLUMNS).where(_T.conversation_id == bindparam("conversation")).order_by(_T.id)
_OF_CASE: Final = (
    select(*_COLUMNS)
    .where(
        or_(
            _T.case_id == bindparam("case"),
            _T.conversation_id.in_(
                select(tables.conversations.c.id).where(tables.conversations.c.case_id == bindparam("case"))
            ),
        )
    )
    .order_by(_T.id)
)
_OF_HOUSE: Final = (
    select(*_COLUMNS).where(_T.case_id.is_(None), _T.conversation_id.is_(None)).order_by(_T.created_at, _T.id)
)
_THERE: Final = select(_T.id).where(_T.id == bindparam("task"))
_FORGET: Final = delete(tables.tasks).where(_T.id == bindparam("task"), _T.done_at.is_(None))
_LISTED: Final = (
    select(*_COLUMNS, func.coalesce(tables.cases.c.reference, tables.contacts.c.reference))
    .join(tables.conversations, tables.conversations.c.id == _T.conversation_id, isouter=True)
    .join(
        tables.cases,
        tables.cases.c.id == func.coalesce(_T.case_id, tables.conversations.c.case_id),
        isouter=True,
    )
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id, isouter=True)
    .where(
        _T.done_at.is_(None),
        # Of an erased child nothing is owed any more.
        or_(tables.cases.c.id.is_(None), tables.cases.c.data_key.is_not(None)),
        tables.contacts.c.erased_at.is_(None),
    )
    .order_by(_T.due_at, _T.id)
)
_BIND: Final = (
    update(tables.tasks)
    .where(_T.id == bindparam("task"), _T.deadline_id.is_(None))
    .values(deadline_id=bindparam("deadline"))
)
_AGAIN: Final = (
    update(tables.tasks)
    .where(_T.id == bindparam("task"))
    .values(done_at=None, done_by=None, due_at=bindparam("new_due"))
)
_ENDED: Final = (
    update(tables.tasks)
    .where(_T.deadline_id == bindparam("deadline"), _T.done_at.is_(None))
    .values(done_at=bindparam("now"), done_by=bindparam("staff"))
)
_DONE: Final = (
    update(tables.tasks)
    .where(_T.id == bindparam("task"), _T.done_at.is_(None))
    .values(done_at=bindparam("now"), done_by=bindparam("staff"))
)
_BATCH: Final = 1000
_FILE: Final = insert(tables.filings)
_FILED: Final = (
    select(_F.id, _F.conversation_id, _F.form, _F.outcome, _F.digest, _F.by, _F.at)
    .where(_F.conversation_id == bindparam("conversation"))
    .order_by(_F.id)
)


@dataclass(frozen=True, slots=True)
class Given:
    """A task somebody has. `deadline`: the row of the clock that made it, and that ends it."""

    id: str
    what: str
    role: str
    conversation: str | None
    case: str | None
    created_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    deadline: str | None = None


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


def add(  # noqa: PLR0913 - a task has this many parts
    tx: Transaction,
    task: Task,
    due_at: datetime | None,
    at: datetime,
    *,
    conversation: str | None = None,
    case: str | None = None,
    deadline: str | None = None,
    note: str | None = None,
) -> Given:
    """Give a role some work. `due_at` is `task.within` worked out by who knows the working days. `deadline`: the clock
    that wants it; `note`: what was noted made it.
    """
    subject = deadline or case
    # What a clock asks for can only be once at a time, and takes nothing from chance.
    task_id = ids.new() if subject is None else of_note(tx, task.what, subject, note or "", at)
    made = Given(task_id, task.what, task.role, conversation, case, at, due_at, None, deadline)
    if subject is not None and tx.write(_AGAIN, {"task": task_id, "new_due": due_at}):
        # Given, ended and given again within one instant: it is the same work.
        return made
    tx.write(
        _ADD,
        {
            "id": made.id,
            "what": task.what,
            "role": task.role,
            "conversation_id": conversation,
            "case_id": case,
            "created_at": at,
            "due_at": due_at,
            "deadline_id": deadline,
        },
    )
    return made


def of_note(tx: Transaction, what: str, subject: str, note: str, at: datetime) -> str:
    """The id of the work that a note (or a clock, `note` empty) made at a time, so that one leads to the other."""
    more = (note,) if note else ()
    return ids.derived(at, tx.keys.mac("task", subject, what, *more))


def of_case(tx: Transaction, case: str) -> tuple[Given, ...]:
    """The tasks of a case and of its conversations, oldest first."""
    return tuple(Given(*row) for row in tx.read(_OF_CASE, {"case": case}))


def of_house(tx: Transaction) -> tuple[Given, ...]:
    """The tasks that are of no child, done or not, oldest first."""
    return tuple(Given(*row) for row in tx.execute(_OF_HOUSE))


def is_there(tx: Transaction, task: str) -> bool:
    """Whether this work was ever given."""
    return tx.execute(_THERE, {"task": task}).first() is not None


def forget(tx: Transaction, task: str) -> None:
    """Work that was given by mistake and that nobody did: as if it had never been."""
    tx.execute(_FORGET, {"task": task})


def listed(tx: Transaction) -> Iterator[tuple[Given, str | None]]:
    """All that is still to be done, soonest first, each with the two words of its case or its contact; read in portions."""
    with tx.execute(_LISTED.execution_options(yield_per=_BATCH)) as rows:
        for row in rows:
            yield Given(*row[:-1]), row[-1]


def adopt(tx: Transaction, what: str, deadline: str, *, case: str | None, conversation: str | None) -> bool:
    """Bind work that is open already to the clock that wants it done; False when there is none."""
    # Found first and bound by id: left to itself, SQLite looks through all work that no clock wants.
    there = of(tx, conversation or "") if case is None else of_case(tx, case)
    free = [one for one in there if one.what == what and one.done_at is None and one.deadline is None]
    for one in free:
        tx.write(_BIND, {"task": one.id, "deadline": deadline})
    return bool(free)


def ended(tx: Transaction, deadline: str, now: datetime) -> int:
    """A clock stopped: what it had asked somebody to do is done. Returns how many tasks that were."""
    return tx.write(_ENDED, {"deadline": deadline, "now": now, "staff": "bot"})


def undone(tx: Transaction) -> tuple[Given, ...]:
    """All that is still to be done, soonest first."""
    return tuple(Given(*row) for row in tx.execute(_OPEN))


def of(tx: Transaction, conversation: str) -> tuple[Given, ...]:
    """The tasks a conversation made, oldest first."""
    return tuple(Given(*row) for row in tx.read(_OF, {"conversation": conversation}))


def open_of(tx: Transaction, conversation: str, what: str) -> tuple[Given, ...]:
    """The work of one kind that a conversation made and nobody has done, oldest first."""
    return tuple(one for one in of(tx, conversation) if one.what == what and one.done_at is None)


def done(tx: Transaction, task: str, staff: str, now: datetime) -> bool:
    """Somebody did it; False when it was done already."""
    return tx.write(_DONE, {"task": task, "staff": staff, "now": now}) == 1


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
