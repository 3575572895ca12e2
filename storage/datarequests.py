"""The register of who asked for what we hold, under what power, and what was decided. Never changed but by the decision.

May not hand anything out. What was asked stands sealed under the service's own key, for it may be about nobody we know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import audit, codec, ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_R: Final = tables.data_requests.c
_ADD: Final = insert(tables.data_requests)
_ALL: Final = (
    select(
        _R.id, _R.kind, _R.case_id, _R.value, _R.decision, _R.asked_at, _R.noted_by, _R.decided_at, _R.decided_by,
    )
    .order_by(_R.asked_at, _R.id)
)  # fmt: skip
_DECIDE: Final = (
    update(tables.data_requests)
    .where(_R.id == bindparam("request"), _R.decided_at.is_(None))
    .values(
        decision=bindparam("what"),
        decided_at=bindparam("now"),
        decided_by=bindparam("by_whom"),
        value=bindparam("told"),
    )
)


@dataclass(frozen=True, slots=True)
class DataRequest:
    """`kind`: who asks, as a code; `decision`: refused, given or part, None while it is open."""

    id: str
    kind: str
    case: str | None
    who: str
    what: str
    because: str
    decision: str | None
    asked_at: datetime
    noted_by: str
    decided_at: datetime | None
    decided_by: str | None


def add(tx: Transaction, kind: str, case: str | None, who: str, what: str, by: str, at: datetime) -> str:  # noqa: PLR0913, PLR0917 - a request has this many parts
    """Write a request down; returns its id."""
    row = ids.new()
    value = tx.keys.seal(codec.dump_plain({"who": who, "what": what, "because": ""}), "data_requests", row)
    tx.execute(_ADD, {"id": row, "kind": kind, "case_id": case, "value": value, "asked_at": at, "noted_by": by})
    audit.record(tx, at, by, "data.asked", row, kind)
    return row


def everything(tx: Transaction) -> tuple[DataRequest, ...]:
    """All requests, oldest first."""
    found = []
    for row, kind, case, value, decision, asked_at, noted_by, decided_at, decided_by in tx.execute(_ALL):
        held = codec.load_plain(tx.keys.open_bytes(value, "data_requests", row))
        said = (held["who"], held["what"], held["because"])
        found.append(DataRequest(row, kind, case, *said, decision, asked_at, noted_by, decided_at, decided_by))
    return tuple(found)


def decide(tx: Transaction, held: DataRequest, decision: str, because: str, by: str, at: datetime) -> bool:
    """Write down what was decided; False when it was decided already."""
    value = codec.dump_plain({"who": held.who, "what": held.what, "because": because})
    told = tx.keys.seal(value, "data_requests", held.id)
    asked = {"request": held.id, "what": decision, "now": at, "by_whom": by, "told": told}
    done = tx.execute(_DECIDE, asked).rowcount == 1
    if done:
        audit.record(tx, at, by, "data.decided", held.id, decision)
    return done
