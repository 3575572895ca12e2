"""What was put out for a child's page: what is new, and what has stood on it. May not look at a text.

The outbox seen from a page: it needs no sender, for it reads the thread by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select, update

from storage import tables
from storage.codes import Status

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

CHANNEL: Final = "web"
_O: Final = tables.outbox.c
_FRESH: Final = (
    select(_O.seq, _O.conversation_id)
    .where(_O.seq > bindparam("after"), _O.channel == CHANNEL, _O.conversation_id.is_not(None))
    .order_by(_O.seq)
)
_NEWEST: Final = select(_O.seq).order_by(_O.seq.desc()).limit(1)
# Looked at every second: never the whole of ten years, only what can have come since the last time, and much more.
_LAST: Final = 5000
_RECENT: Final = _O.seq > select(func.coalesce(func.max(_O.seq), 0) - _LAST).scalar_subquery()
_WAITING: Final = (_RECENT, _O.channel == CHANNEL, _O.status == Status.WAITING)
_ANY: Final = select(_O.seq).where(*_WAITING).limit(1)
_STORED: Final = (
    update(tables.outbox)
    .where(*_WAITING, _O.due_at <= bindparam("now"))
    .values(status=Status.SENT, sent_at=bindparam("now"), text=None)
)
_SHOW: Final = (
    update(tables.outbox)
    .where(
        _O.message_id.in_(bindparam("seen", expanding=True)),
        _O.status.in_((Status.WAITING, Status.LEASED, Status.IN_DOUBT, Status.SENT)),
    )
    .values(status=Status.DELIVERED, text=None)
)


def newest(tx: Transaction) -> int:
    """The number of the row that was added to the outbox last; 0: none."""
    found: int | None = tx.execute(_NEWEST).scalar()
    return found or 0


def fresh(tx: Transaction, after: int) -> tuple[tuple[int, str], ...]:
    """(number, conversation) of what was added for pages after a row. Numbers of transactions that run side by side
    appear out of order: ask again from some way back.
    """
    rows = tx.execute(_FRESH, {"after": after}).all()
    return tuple((int(row.seq), str(row.conversation_id)) for row in rows)


def is_any(tx: Transaction) -> bool:
    """Whether something is put out for pages and not yet noted as sent."""
    return tx.execute(_ANY).first() is not None


def stored(tx: Transaction, now: datetime) -> None:
    """What is due for pages is in the thread, from which they read: it is sent, all of it at once."""
    tx.execute(_STORED, {"now": now})


def shown(tx: Transaction, several: tuple[str, ...]) -> None:
    """These messages of a thread stand on the child's page: they are delivered, and need not be sent any more."""
    if several:
        tx.execute(_SHOW, {"seen": list(several)})
