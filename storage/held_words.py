"""What a worker typed and the check held back, until somebody has decided about it. May not send it.

Sealed under the child's key, like every word of their thread: erasing the child forgets it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

# What becomes of held words: sent as they are by a supervisor, or taken back by whoever typed them.
SENT: Final = "sent"
TAKEN_BACK: Final = "taken_back"

_H: Final = tables.held_words.c
_ADD: Final = insert(tables.held_words)
_COLUMNS: Final = (_H.id, _H.conversation_id, _H.staff_id, _H.reasons, _H.value, _H.at, _H.outcome)
_OPEN_OF: Final = (
    select(*_COLUMNS).where(_H.conversation_id == bindparam("conversation"), _H.decided_at.is_(None)).order_by(_H.id)
)
_ONE: Final = select(*_COLUMNS).where(_H.id == bindparam("held"), _H.conversation_id == bindparam("conversation"))
_OPEN: Final = select(_H.conversation_id).where(_H.decided_at.is_(None)).distinct()
_DECIDED: Final = (
    update(tables.held_words)
    .where(_H.id == bindparam("held"), _H.decided_at.is_(None))
    .values(decided_at=bindparam("now"), decided_by=bindparam("staff"), outcome=bindparam("became"))
)


@dataclass(frozen=True, slots=True)
class Held:
    """Words that wait. `staff`: who typed them; `reasons` as `flows.composer.REASONS`; `outcome` None: undecided."""

    id: str
    conversation: str
    staff: str
    reasons: tuple[str, ...]
    text: str
    at: datetime
    outcome: str | None = None


def hold(tx: Transaction, conversation: str, staff: str, text: str, reasons: tuple[str, ...], at: datetime) -> str:
    """Keep what must not leave by itself; returns its id."""
    held = ids.new()
    tx.execute(
        _ADD,
        {
            "id": held,
            "conversation_id": conversation,
            "staff_id": staff,
            "reasons": " ".join(reasons),
            "value": tx.key_of(conversation).seal(text, "held_words", held),
            "at": at,
        },
    )
    return held


def of(tx: Transaction, conversation: str) -> tuple[Held, ...]:
    """What waits in a chat, oldest first."""
    return tuple(_held(tx, *row) for row in tx.execute(_OPEN_OF, {"conversation": conversation}))


def find(tx: Transaction, held: str, conversation: str) -> Held | None:
    """Held words of this chat by id, decided or not; None for an id that is none of it."""
    row = tx.execute(_ONE, {"held": held, "conversation": conversation}).first()
    return None if row is None else _held(tx, *row)


def chats(tx: Transaction) -> frozenset[str]:
    """Ids of the chats in which words wait for a supervisor."""
    return frozenset(str(row[0]) for row in tx.execute(_OPEN))


def decided(tx: Transaction, held: str, staff: str, outcome: str, now: datetime) -> bool:
    """What became of them; False when that was decided already."""
    return tx.execute(_DECIDED, {"held": held, "staff": staff, "became": outcome, "now": now}).rowcount == 1


def _held(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    held: str,
    conversation: str,
    staff: str,
    reasons: str,
    value: bytes,
    at: datetime,
    outcome: str | None,
) -> Held:
    text = tx.key_of(conversation).open(value, "held_words", held)
    return Held(held, conversation, staff, tuple(reasons.split()), text, at, outcome)
