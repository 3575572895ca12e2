"""Answers and concerns: every version of what a child answered, and what was heard in it. May not replace a row.

An answer says what it rests on: the messages, the flow revision, the language it was asked in, and whose hand it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select

from flows.model import Answer, Concern
from storage import codec, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_A: Final = tables.answers.c
_C: Final = tables.concerns.c
_ADD: Final = insert(tables.answers)
_OF: Final = select(_A.id, _A.revision, _A.value).where(_A.conversation_id == bindparam("conversation")).order_by(_A.id)
_ADD_CONCERN: Final = insert(tables.concerns)
_CONCERNS: Final = (
    select(_C.id, _C.message_id, _C.at, _C.value).where(_C.conversation_id == bindparam("conversation")).order_by(_C.id)
)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an answer and the flow revision it answered."""

    id: str
    revision: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Heeded:
    """A concern as it was kept."""

    id: str
    message: str | None
    at: datetime
    concern: Concern


def add(tx: Transaction, conversation: str, answer: Answer, revision: str) -> str:
    """Keep a version of an answer; returns the row's id."""
    return add_all(tx, conversation, (answer,), revision)[0]


def add_all(tx: Transaction, conversation: str, several: tuple[Answer, ...], revision: str) -> tuple[str, ...]:
    """Keep several in one round trip."""
    key = tx.key_of(conversation)
    rows: list[dict[str, Any]] = []
    for answer in several:
        row = ids.new()
        rows.append(
            {
                "id": row,
                "conversation_id": conversation,
                "question": answer.question,
                "value": key.seal(codec.dump(answer), "answers", row),
                "revision": revision,
                "locale": answer.locale,
                "at": answer.at,
            }
        )
    if rows:
        tx.write(_ADD, *rows)
    return tuple(row["id"] for row in rows)


def of(tx: Transaction, conversation: str) -> tuple[Version, ...]:
    """Every version of every answer, oldest first."""
    key = tx.key_of(conversation)
    rows = tx.execute(_OF, {"conversation": conversation}).all()
    return tuple(Version(r.id, r.revision, codec.load(Answer, key.open_bytes(r.value, "answers", r.id))) for r in rows)


def shown(tx: Transaction, conversation: str) -> dict[str, Answer]:
    """The last version by question, in the order the questions were last answered."""
    last: dict[str, Answer] = {}
    for version in of(tx, conversation):
        last.pop(version.answer.question, None)
        last[version.answer.question] = version.answer
    return last


def add_concern(tx: Transaction, conversation: str, concern: Concern, message: str | None, at: datetime) -> str:
    """Keep what was heard, with the message it came from; returns the row's id."""
    row = ids.new()
    tx.execute(
        _ADD_CONCERN,
        {
            "id": row,
            "conversation_id": conversation,
            "message_id": message,
            "level": int(concern.level),
            "detected": int(concern.detected),
            "categories": " ".join(concern.categories),
            "value": tx.key_of(conversation).seal(codec.dump(concern), "concerns", row),
            "at": at,
        },
    )
    return row


def concerns(tx: Transaction, conversation: str) -> tuple[Heeded, ...]:
    """What was heard in a conversation, oldest first."""
    key = tx.key_of(conversation)
    return tuple(
        Heeded(row, message, at, codec.load(Concern, key.open_bytes(value, "concerns", row)))
        for row, message, at, value in tx.read(_CONCERNS, {"conversation": conversation})
    )
