"""What was put out for a child's page: what is new, and what has stood on it. May not look at a text.

The outbox seen from a page: it needs no sender, for it reads the thread by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select, update

from storage import tables
from storage.codes import Status

if TYPE_CHECKING:
    from storage.database import Transaction

CHANNEL: Final = "web"
_O: Final = tables.outbox.c
_FRESH: Final = (
    select(_O.seq, _O.conversation_id)
    .where(_O.seq > bindparam("after"), _O.channel == CHANNEL, _O.conversation_id.is_not(None))
    .order_by(_O.seq)
)
_NEWEST: Final = select(_O.seq).order_by(_O.seq.desc()).limit(1)
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


def shown(tx: Transaction, several: tuple[str, ...]) -> None:
    """These messages of a thread stand on the child's page: they are delivered, and need not be sent any more."""
    if several:
        tx.execute(_SHOW, {"seen": list(several)})
