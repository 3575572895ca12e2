"""Deadlines as they were last computed: one row a clock, never deleted, with what it was before sealed inside.

May not compute one (that is `flows.deadlines`): it keeps what changed and lists what is owed. What a list needs stands in
columns, so that nobody's key is opened to know that something is late.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, case, func, insert, or_, select, update

from flows.model import Deadline, Status
from storage import cases, codec, ids, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from storage.database import Transaction
    from storage.keys import DataKey, Sealed

_D: Final = tables.deadlines.c
_SAVED: Final = (
    "due_at",
    "status",
    "role",
    "started_at",
    "amber_at",
    "met_at",
    "version",
    "inputs",
    "value",
    "updated_at",
    "withdrawn",
)
_ADD: Final = insert(tables.deadlines)
_SAVE: Final = (
    update(tables.deadlines)
    .where(_D.id == bindparam("deadline"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)
_OF: Final = select(_D.id, _D.value).where(_D.book == bindparam("book")).order_by(_D.id)
_BY_ID: Final = select(_D.case_id, _D.value).where(_D.id == bindparam("deadline"))
_OF_CASES: Final = (
    select(_D.id, _D.case_id, _D.value).where(_D.case_id.in_(cases.OF_ONE_CHILD)).order_by(_D.due_at, _D.id)
)
_BOOKS: Final = select(_D.book).where(_D.case_id.in_(cases.OF_ONE_CHILD)).distinct()
_RUNNING: Final = (_D.case_id.in_(cases.OF_ONE_CHILD), _D.status == Status.RUNNING)
_NEXT: Final = select(
    func.min(case((_D.due_at > bindparam("now"), _D.due_at))),
    func.min(case((_D.amber_at > bindparam("now"), _D.amber_at))),
).where(*_RUNNING)
_OPEN: Final = (
    select(
        _D.id, _D.book, _D.case_id, _D.conversation_id, _D.rule, _D.part, _D.due_at, _D.status, _D.role,
        _D.started_at, _D.amber_at, func.coalesce(tables.cases.c.reference, tables.contacts.c.reference),
    )
    .join(tables.cases, tables.cases.c.id == _D.case_id, isouter=True)
    .join(tables.conversations, tables.conversations.c.id == _D.conversation_id, isouter=True)
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id, isouter=True)
    .where(
        _D.met_at.is_(None),
        _D.withdrawn.is_(False),
        or_(_D.case_id.is_(None), tables.cases.c.data_key.is_not(None)),
        tables.contacts.c.erased_at.is_(None),
    )
    .order_by(_D.due_at, _D.id)
)  # fmt: skip
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Book:
    """Whose facts a set of deadlines is computed from: an episode, a case or a conversation (`id`); `case` when there is
    one, else the conversation they are sealed with.
    """

    id: str
    case: str | None = None
    conversation: str | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """A deadline that is not met, as a list shows it; `reference` is the case's two words, empty without a case."""

    id: str
    book: str
    case: str | None
    conversation: str | None
    rule: str
    part: str
    due: datetime
    status: Status
    role: str
    started_at: datetime
    amber_at: datetime | None
    reference: str | None


def of(tx: Transaction, book: Book) -> dict[str, Deadline]:
    """The deadlines of a book by row id, as they were last computed. Raises Erased."""
    key = _key(tx, book)
    return {row: _opened(key, row, value) for row, value in tx.read(_OF, {"book": book.id})}


def of_case(tx: Transaction, case: str) -> tuple[Deadline, ...]:
    """Every deadline of a child, of all their episodes and joined cases, soonest due first."""
    rows = tx.read(_OF_CASES, {"case": case})
    return tuple(_opened(cases.key(tx, of), row, value) for row, of, value in rows)


def books(tx: Transaction, case: str) -> frozenset[str]:
    """The ids of the books in which anything was ever computed for a child, joined cases too; opens no key."""
    return frozenset(row[0] for row in tx.read(_BOOKS, {"case": case}))


def load(tx: Transaction, row: str) -> Deadline:
    """One deadline of a case by its row id. Raises Erased."""
    ((case, value),) = tx.read(_BY_ID, {"deadline": row})
    return _opened(cases.key(tx, case), row, value)


def keep(
    tx: Transaction, book: Book, before: Mapping[str, Deadline], current: Iterable[Deadline], now: datetime
) -> dict[str, Deadline]:
    """Write what is new or another than `before` (what `of` gave); returns row id -> deadline of what was written."""
    known = {(one.rule, one.part): (row, one) for row, one in before.items()}
    key = _key(tx, book)
    added: list[dict[str, Any]] = []
    written: dict[str, Deadline] = {}
    for deadline in current:
        row, held = known.get((deadline.rule, deadline.part), ("", None))
        if held is not None and _same(held, deadline):
            continue
        row_id = row or ids.derived(deadline.started_at, tx.keys.mac("deadline", book.id, deadline.rule, deadline.part))
        written[row_id] = deadline
        columns = _columns(deadline, _sealed(key, row_id, deadline), now)
        if row:
            tx.write(_SAVE, {"deadline": row} | {f"new_{name}": value for name, value in columns.items()})
        else:
            place = {"book": book.id, "case_id": book.case, "conversation_id": book.conversation}
            added.append(columns | place | {"id": row_id, "rule": deadline.rule, "part": deadline.part})
    if added:
        tx.write(_ADD, *added)
    return written


def next_change(tx: Transaction, case: str, now: datetime) -> datetime | None:
    """When the first running deadline of a child turns amber or late by itself."""
    (moments,) = tx.read(_NEXT, {"case": case, "now": now})
    return min((at for at in moments if at is not None), default=None)


def unmet(tx: Transaction) -> Iterator[Owed]:
    """All that is not met nor withdrawn, soonest due first, of everybody but the erased; read in portions. A chat without a
    case is named by the two words of its contact.
    """
    with tx.execute(_OPEN.execution_options(yield_per=_BATCH)) as rows:
        for row in rows:
            yield Owed(*row)


def _same(held: Deadline, deadline: Deadline) -> bool:
    """Whether nothing is to be written: what is late grows later by the minute, and that needs no row."""
    if deadline.met_at is None:
        held = replace(held, minutes_late=deadline.minutes_late)
    return held == deadline


def _key(tx: Transaction, book: Book) -> DataKey:
    return cases.key(tx, book.case) if book.case is not None else tx.key_of(book.conversation or "")


def _opened(key: DataKey, row: str, value: bytes) -> Deadline:
    return codec.load(Deadline, key.open_bytes(value, "deadlines", row))


def _sealed(key: DataKey, row: str, deadline: Deadline) -> Sealed:
    return key.seal(codec.dump(deadline), "deadlines", row)


def _columns(deadline: Deadline, value: Sealed, now: datetime) -> dict[str, Any]:
    return {
        "due_at": deadline.due,
        "status": deadline.status,
        "role": deadline.role,
        "started_at": deadline.started_at,
        "amber_at": deadline.amber_at,
        "met_at": deadline.met_at,
        "version": deadline.version,
        "inputs": hashlib.sha256(repr(deadline.inputs).encode()).digest(),
        "value": value,
        "updated_at": now,
        "withdrawn": deadline.withdrawn,
    }
