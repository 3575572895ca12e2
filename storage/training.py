"""Who is trained to speak with a child, with their background check in date (decisions 8: a named trained person).

May not say what an untrained talk means. Until it is recorded nobody is trained: a date that was never given is not in date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import audit, tables

if TYPE_CHECKING:
    from datetime import date, datetime

    from storage.database import Transaction

_T: Final = tables.training.c
_OF: Final = select(_T.staff_id, _T.trained_until, _T.dbs_until, _T.regulated).where(_T.staff_id == bindparam("staff"))
_ADD: Final = insert(tables.training)
_SAVED: Final = ("trained_until", "dbs_until", "regulated", "noted_by", "noted_at")
_SAVE: Final = (
    update(tables.training)
    .where(_T.staff_id == bindparam("staff"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)


@dataclass(frozen=True, slots=True)
class Training:
    """Until when somebody's training and background check hold, the last days included. `regulated`: theirs is a role that
    must report FGM to the police (FGM Act s5B).
    """

    staff: str
    trained_until: date
    dbs_until: date
    regulated: bool = False

    def holds(self, on: date) -> bool:
        """Whether both are in date."""
        return on <= min(self.trained_until, self.dbs_until)


def record(tx: Transaction, training: Training, by: str, at: datetime) -> None:
    """Keep what a manager saw the papers of; what stood before is in the audit alone."""
    columns = {
        "trained_until": training.trained_until,
        "dbs_until": training.dbs_until,
        "regulated": training.regulated,
        "noted_by": by,
        "noted_at": at,
    }
    changed = {"staff": training.staff} | {f"new_{name}": held for name, held in columns.items()}
    if not tx.execute(_SAVE, changed).rowcount:
        tx.execute(_ADD, {"staff_id": training.staff, **columns})
    audit.record(
        tx,
        at,
        by,
        "staff.trained",
        training.staff,
        f"until:{training.trained_until.isoformat()}",
        f"dbs:{training.dbs_until.isoformat()}",
    )


def of(tx: Transaction, staff: str) -> Training | None:
    """What is known of one person; None when nothing was ever recorded."""
    rows = tx.read(_OF, {"staff": staff})
    return Training(*rows[0]) if rows else None


def in_date(tx: Transaction, staff: str, on: date) -> bool:
    """Whether training and background check of a person both hold on a day."""
    known = of(tx, staff)
    return known is not None and known.holds(on)
