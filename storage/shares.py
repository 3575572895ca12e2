"""Who was given which parts of a record, why, and by whom. Never changed. May not hand anything on.

Who it was and why stand sealed under the child's key; the role they have and the parts are codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select

from storage import audit, codec, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_S: Final = tables.shares.c
_ADD: Final = insert(tables.shares)
_OF: Final = (
    select(_S.id, _S.to, _S.role, _S.parts, _S.because, _S.by, _S.at)
    .where(_S.conversation_id == bindparam("conversation"))
    .order_by(_S.id)
)


@dataclass(frozen=True, slots=True)
class Share:
    """`role`: police, parent ...; `who`: the person as they were named; `parts`: codes; `by`: a staff id."""

    id: str
    conversation: str
    role: str
    who: str
    parts: tuple[str, ...]
    because: str
    by: str
    at: datetime


def add(  # noqa: PLR0913, PLR0917 - a share has this many parts
    tx: Transaction, conversation: str, role: str, who: str, parts: tuple[str, ...], because: str, by: str, at: datetime
) -> Share:
    """Note that parts of a record were given to somebody."""
    made = Share(ids.new(), conversation, role, who, parts, because, by, at)
    sealed = codec.dump_plain({"who": who, "because": because})
    row = {
        "id": made.id,
        "conversation_id": conversation,
        "to": role,
        "role": role,
        "parts": " ".join(parts),
        "because": tx.key_of(conversation).seal(sealed, "shares", made.id),
        "by": by,
        "at": at,
    }
    tx.execute(_ADD, row)
    audit.record(tx, at, by, "record.shared", conversation, role)
    return made


def of(tx: Transaction, conversation: str) -> tuple[Share, ...]:
    """Who was given what, oldest first."""
    key = tx.key_of(conversation)
    found = []
    for r in tx.execute(_OF, {"conversation": conversation}):
        said = codec.load_plain(key.open_bytes(r.because, "shares", r.id))
        found.append(
            Share(r.id, conversation, r.role or r.to, said["who"], tuple(r.parts.split()), said["because"], r.by, r.at)
        )
    return tuple(found)
