"""Glass that is broken to see an address: asked for with a reason, agreed by a second person below L4, shown for a while,
looked at by somebody else afterwards. Nothing of it is ever removed.

May not show an address: whoever does asks `shown` first, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from flows.model import Level
from storage import audit, ids, tables
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

SHOWN_FOR: Final = timedelta(minutes=30)
# What nobody agreed to by then is asked for again.
WAITS: Final = timedelta(hours=4)

_R: Final = tables.reveals.c
_COLUMNS: Final = (
    _R.id, _R.contact_id, _R.alert_id, tables.alerts.c.conversation_id, _R.level, _R.because, _R.asked_by,
    _R.asked_at, _R.agreed_by, _R.shown_until,
    _R.reviewed_by, _R.reviewed_at, _R.in_order,
)  # fmt: skip
_ADD: Final = insert(tables.reveals)
_READ: Final = select(*_COLUMNS).join(tables.alerts, tables.alerts.c.id == _R.alert_id)
_BY_ID: Final = _READ.where(_R.id == bindparam("reveal")).with_for_update(of=tables.reveals)
_OF: Final = _READ.where(_R.alert_id == bindparam("alert")).order_by(_R.id)
_ALL: Final = _READ.order_by(_R.id.desc())
_AGREE: Final = (
    update(tables.reveals)
    .where(_R.id == bindparam("reveal"), _R.shown_until.is_(None))
    .values(agreed_by=bindparam("staff"), shown_until=bindparam("until"))
)
_REVIEW: Final = (
    update(tables.reveals)
    .where(_R.id == bindparam("reveal"), _R.reviewed_at.is_(None))
    .values(reviewed_by=bindparam("staff"), reviewed_at=bindparam("now"), in_order=bindparam("fine"))
)


@dataclass(frozen=True, slots=True)
class Reveal:
    """One time the glass was broken, or asked to be. People are staff ids; `shown_until` None: not agreed to yet."""

    id: str
    contact: str
    alert: str
    conversation: str
    level: Level
    because: str
    asked_by: str
    asked_at: datetime
    agreed_by: str | None
    shown_until: datetime | None
    reviewed_by: str | None
    reviewed_at: datetime | None
    in_order: bool | None


class NotAllowed(ValueError):
    """The glass stays whole; the message says why."""


def ask(  # noqa: PLR0913, PLR0917 - whose, about what, why, by whom
    tx: Transaction, contact: str, alert: str, level: Level, because: str, by: str, now: datetime
) -> Reveal:
    """Ask to see a contact's address. At L4 it is shown at once, and looked at afterwards; below, when somebody agrees."""
    made = ids.new()
    until = now + SHOWN_FOR if level >= Level.L4 else None
    tx.execute(
        _ADD,
        {
            "id": made,
            "contact_id": contact,
            "alert_id": alert,
            "level": int(level),
            "because": tx.data_key(contact).seal(because, "reveals", made),
            "asked_by": by,
            "asked_at": now,
            "shown_until": until,
        },
    )
    audit.record(tx, now, by, "address.asked" if until is None else "address.shown", made, alert, contact)
    return load(tx, made)


def agree(tx: Transaction, reveal: str, by: str, now: datetime) -> Reveal:
    """A second person agrees. Raises NotAllowed for the first one, for one that is shown, and for one asked too long ago."""
    held = load(tx, reveal)
    if held.asked_by == by:
        raise NotAllowed("whoever asks cannot agree: a second person has to")
    if held.shown_until is not None:
        raise NotAllowed("somebody has agreed already")
    if now - held.asked_at > WAITS:
        raise NotAllowed("this was asked for hours ago: ask again")
    tx.execute(_AGREE, {"reveal": reveal, "staff": by, "until": now + SHOWN_FOR})
    audit.record(tx, now, by, "address.agreed", reveal, held.alert, held.contact)
    return load(tx, reveal)


def review(tx: Transaction, reveal: str, by: str, now: datetime, *, in_order: bool) -> None:
    """Somebody who did not ask looks at it afterwards. Raises NotAllowed."""
    held = load(tx, reveal)
    if held.asked_by == by:
        raise NotAllowed("whoever asked cannot review it")
    if tx.execute(_REVIEW, {"reveal": reveal, "staff": by, "now": now, "fine": in_order}).rowcount != 1:
        raise NotAllowed("it has been reviewed already")
    audit.record(tx, now, by, "address.reviewed", reveal, "in_order" if in_order else "not_in_order")


def shown(tx: Transaction, alert: str, by: str, now: datetime) -> Reveal | None:
    """What lets this person see the address of an alert's child now; None: nothing does."""
    open_now = (one for one in of(tx, alert) if one.asked_by == by and one.shown_until and one.shown_until > now)
    return next(open_now, None)


def load(tx: Transaction, reveal: str) -> Reveal:
    """By id. Raises NoResultFound."""
    return _reveal(tx, tx.execute(_BY_ID, {"reveal": reveal}).one())


def find(tx: Transaction, reveal: str) -> Reveal | None:
    """By id, or None."""
    row = tx.execute(_BY_ID, {"reveal": reveal}).first()
    return None if row is None else _reveal(tx, row)


def of(tx: Transaction, alert: str) -> tuple[Reveal, ...]:
    """All of an alert, oldest first."""
    return tuple(_reveal(tx, row) for row in tx.execute(_OF, {"alert": alert}).all())


def history(tx: Transaction) -> tuple[Reveal, ...]:
    """Every one there ever was, newest first; of a child who was erased, or whom no key opens, without the reason."""
    return tuple(_reveal(tx, row) for row in tx.execute(_ALL).all())


def _reveal(tx: Transaction, row: Any) -> Reveal:  # noqa: ANN401 - a row
    reveal, contact, alert, talk, level, because, *rest = row
    try:
        why = tx.data_key(contact).open(because, "reveals", reveal)
    except (LookupError, SealBroken):
        why = ""
    return Reveal(reveal, contact, alert, talk, Level(level), why, *rest)
