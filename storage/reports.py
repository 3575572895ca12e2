"""What a worker recorded of an interview, in versions: each stands beside the one before, none is ever changed.

May not decide what may be recorded, nor by whom it is signed. Sealed under the child's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy import bindparam, insert, select

from storage import audit, codec, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

T = TypeVar("T")

_R: Final = tables.reports.c
_ADD: Final = insert(tables.reports)
_OF: Final = (
    select(_R.id, _R.version, _R.act, _R.value, _R.by, _R.at)
    .where(_R.conversation_id == bindparam("conversation"))
    .order_by(_R.version)
)
_ANY: Final = select(_R.id).where(_R.conversation_id == bindparam("conversation")).limit(1)


@dataclass(frozen=True, slots=True)
class Version:
    """One version. `act`: what made it (set, signed, amended, corrected ...); `value`: bytes of the codec."""

    number: int
    act: str
    value: bytes
    by: str
    at: datetime


def is_there(tx: Transaction, conversation: str) -> bool:
    """Whether anything was recorded; nothing is opened."""
    return bool(tx.read(_ANY, {"conversation": conversation}))


def of(tx: Transaction, conversation: str) -> tuple[Version, ...]:
    """Every version, the first first. Raises Erased."""
    key = tx.key_of(conversation)
    return tuple(
        Version(number, act, key.open_bytes(value, "reports", row), by, at)
        for row, number, act, value, by, at in tx.read(_OF, {"conversation": conversation})
    )


def last(tx: Transaction, conversation: str, kind: type[T]) -> tuple[T | None, int]:
    """The newest version as a value, and its number; (None, 0) before the first."""
    held = of(tx, conversation)
    return (codec.load(kind, held[-1].value), held[-1].number) if held else (None, 0)


def add(tx: Transaction, conversation: str, number: int, act: str, value: object, by: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - a version has this many parts
    """Keep a version: `number` is one more than the last, which the caller read with the person locked."""
    row = ids.derived(at, tx.keys.mac("report", conversation, str(number)))
    sealed = tx.key_of(conversation).seal(codec.dump(value), "reports", row)
    held = {
        "id": row,
        "conversation_id": conversation,
        "version": number,
        "act": act,
        "value": sealed,
        "by": by,
        "at": at,
    }
    tx.execute(_ADD, held)
    audit.record(tx, at, by, f"report.{act}", conversation, str(number))
