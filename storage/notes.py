"""What people note as done on a case: an attempt to offer, a talk, a meeting, a reason. Never changed: taken back.

A kind is a code; what only one kind knows stands sealed in `details`. May not say what a note means for a deadline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import bindparam, insert, or_, select, update

from storage import audit, cases, codec, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.keys import DataKey

Details: TypeAlias = Mapping[str, "str | int | None"]

_N: Final = tables.case_notes.c
_COLUMNS: Final = (
    _N.id, _N.case_id, _N.episode_id, _N.conversation_id, _N.kind, _N.at, _N.noted_at, _N.by, _N.details,
)  # fmt: skip
_STANDS: Final = _N.taken_back_at.is_(None)
_ADD: Final = insert(tables.case_notes)
_OF: Final = select(*_COLUMNS).where(_STANDS, _N.case_id.in_(cases.OF_ONE_CHILD)).order_by(_N.at, _N.id)
_ABOUT: Final = select(*_COLUMNS).where(_STANDS, _N.conversation_id == bindparam("conversation")).order_by(_N.at, _N.id)
_BY_ID: Final = select(*_COLUMNS, _N.taken_back_at).where(_N.id == bindparam("note"))
_WHO: Final = select(_N.by).where(_N.id == bindparam("note"), _STANDS)
_WHO_FIRST: Final = (
    select(_N.by)
    .where(
        _STANDS,
        _N.kind == bindparam("kind"),
        or_(_N.case_id == bindparam("case"), _N.conversation_id == bindparam("conversation")),
    )
    .order_by(_N.at, _N.id)
    .limit(1)
)
_TAKE_BACK: Final = (
    update(tables.case_notes)
    .where(_N.id == bindparam("note"), _STANDS)
    .values(taken_back_at=bindparam("now"), taken_back_by=bindparam("who"))
)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing noted. `at`: when it happened; `by`: a staff id, `bot` or `cli`."""

    id: str
    case: str | None
    episode: str | None
    conversation: str | None
    kind: str
    at: datetime
    noted_at: datetime
    by: str
    details: Details


def add(  # noqa: PLR0913 - a note has this many parts
    tx: Transaction,
    kind: str,
    at: datetime,
    by: str,
    now: datetime,
    *,
    case: str | None = None,
    episode: str | None = None,
    conversation: str | None = None,
    details: Details | None = None,
) -> Note:
    """Note something on a case, or on a conversation that has none; the same thing of the same moment is noted once.
    Raises Erased.
    """
    mark = tx.keys.mac(
        "note", kind, at.isoformat(), case or "", conversation or "", *map(str, (details or {}).values())
    )
    made = Note(ids.derived(now, mark), case, episode, conversation, kind, at, now, by, dict(details or {}))
    if tx.read(_BY_ID, {"note": made.id}):
        return made
    sealed = _key(tx, case, conversation).seal(codec.dump_plain(made.details), "case_notes", made.id)
    row = {
        "id": made.id,
        "case_id": case,
        "episode_id": episode,
        "conversation_id": conversation,
        "kind": kind,
        "at": at,
        "noted_at": now,
        "by": by,
        "details": sealed,
    }
    tx.write(_ADD, row)
    audit.record(tx, now, by, f"note.{kind}", made.id, episode or case or conversation or "")
    return made


def of_case(tx: Transaction, case: str) -> tuple[Note, ...]:
    """What stands noted on a child's case and on those joined to it, in the order it happened."""
    return tuple(_note(tx, *row) for row in tx.read(_OF, {"case": case}))


def of_conversation(tx: Transaction, conversation: str) -> tuple[Note, ...]:
    """What stands noted on one conversation."""
    return tuple(_note(tx, *row) for row in tx.read(_ABOUT, {"conversation": conversation}))


def who_noted(tx: Transaction, note: str) -> str | None:
    """Who noted something: a staff id; None for no note that stands. Opens no key."""
    rows = tx.read(_WHO, {"note": note})
    return str(rows[0][0]) if rows else None


def who_first(tx: Transaction, kind: str, *, case: str | None, conversation: str | None) -> str | None:
    """Who was the first to note a kind on a case or a conversation: a staff id. Opens no key."""
    rows = tx.read(_WHO_FIRST, {"kind": kind, "case": case or "", "conversation": conversation or ""})
    return str(rows[0][0]) if rows else None


def take_back(tx: Transaction, note: str, by: str, now: datetime) -> bool:
    """A note was a mistake: it stays, and counts no more. False when it was taken back already."""
    done = tx.execute(_TAKE_BACK, {"note": note, "who": by, "now": now}).rowcount == 1
    if done:
        audit.record(tx, now, by, "note.taken_back", note)
    return done


def _key(tx: Transaction, case: str | None, conversation: str | None) -> DataKey:
    return cases.key(tx, case) if case is not None else tx.key_of(conversation or "")


def _note(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    note: str,
    case: str | None,
    episode: str | None,
    conversation: str | None,
    kind: str,
    at: datetime,
    noted_at: datetime,
    by: str,
    sealed: bytes,
) -> Note:
    opened = _key(tx, case, conversation).open_bytes(sealed, "case_notes", note)
    return Note(note, case, episode, conversation, kind, at, noted_at, by, codec.load_plain(opened))
