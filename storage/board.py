"""What the board of the desk asks for at a glance: who fell silent, whom no key opens, what is new. May not decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select

from flows.model import UNDECIDED, Level
from storage import cases, conversations, tables
from storage.codes import AlertState, Holder

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.conversations.c
_A: Final = tables.alerts.c
_K: Final = tables.contacts.c
_WAITING: Final = (
    select(_C.id, _K.reference)
    .join(tables.contacts, _K.id == _C.contact_id)
    .where(_C.holder == Holder.NOBODY, _K.erased_at.is_(None))
    .order_by(_C.last_inbound_at, _C.id)
)
_SILENT: Final = (
    select(_A.id, _A.conversation_id, _K.reference, _A.level, _A.state, _C.last_inbound_at)
    .join(tables.conversations, _C.id == _A.conversation_id)
    .join(tables.contacts, _K.id == _C.contact_id)
    .where(
        _A.level >= int(Level.L3),
        _A.state != AlertState.CLOSED,
        _A.opened_at > bindparam("since"),
        _C.last_inbound_at <= bindparam("silent"),
        _K.erased_at.is_(None),
    )
    .order_by(_C.last_inbound_at, _A.id)
)
_BARRED: Final = select(tables.bars.c.conversation_id).where(tables.bars.c.staff_id == bindparam("staff"))
_WHOM: Final = select(_C.contact_id).where(_C.id.in_(_BARRED))
_CASES: Final = (
    select(_C.case_id)
    .where(_C.id.in_(_BARRED), _C.case_id.is_not(None))
    .union(select(tables.cases.c.id).where(tables.cases.c.contact_id.in_(_WHOM)))
)
_NEWEST: Final = select(func.max(tables.audit.c.number))
_KNOWN: Final = select(_A.id).where(_A.id == bindparam("alert"))


@dataclass(frozen=True, slots=True)
class Silent:
    """A child who said something grave and has not written since."""

    alert: str
    conversation: str
    case: str
    level: Level
    since: datetime


def unreadable(tx: Transaction) -> tuple[tuple[str, str], ...]:
    """Every chat that nobody holds and no key opens, with its two words, who wrote first first: nobody can be with these."""
    rows = [(talk, case) for talk, case in tx.execute(_WAITING)]
    return tuple(one for one in rows if conversations.readable(tx, one[0]) is None)


def silent(tx: Transaction, since: datetime, silent: datetime) -> tuple[Silent, ...]:
    """Children of an alert of L3 or L4 opened after `since` whose last text came before `silent`: each once, by the highest
    level, and by the alert that somebody must decide yet where there is one.
    """
    several: dict[str, list[Any]] = {}
    for row in tx.execute(_SILENT, {"since": since, "silent": silent}):
        several.setdefault(row.conversation_id, []).append(row)
    found = (
        (max(rows, key=lambda one: (one.state in UNDECIDED, one.level, one.id)), rows) for rows in several.values()
    )
    return tuple(
        Silent(one.id, one.conversation_id, one.reference, Level(max(row.level for row in rows)), one.last_inbound_at)
        for one, rows in found
    )


def barred(tx: Transaction, staff: str) -> frozenset[str]:
    """Conversations of which this person is shown nothing: the child asked for somebody else, or speaks of them."""
    return frozenset(tx.execute(_BARRED, {"staff": staff}).scalars())


def kept_from(tx: Transaction, staff: str) -> frozenset[str]:
    """Those conversations, and every case of these children, joined ones too: nothing that is owed of them is listed."""
    about = tx.execute(_CASES, {"staff": staff}).scalars().all()
    whole = (member for case in about for member in cases.members(tx, cases.root(tx, case)))
    return barred(tx, staff).union(about, whole)


def version(tx: Transaction) -> str:
    """Another one after anything at all has happened: every click, text and timer leaves a line in the audit."""
    return str(tx.execute(_NEWEST).scalar() or 0)


def is_alert(tx: Transaction, alert: str) -> bool:
    """Whether there is an alert of this id."""
    return tx.execute(_KNOWN, {"alert": alert}).first() is not None
