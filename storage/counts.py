"""How many of everything there are now, for whoever watches the program. Counts only: no id, no word, nobody's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from storage import sessions, tables
from storage.codes import AlertState, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.database import Transaction

_A: Final = tables.alerts.c
_C: Final = tables.conversations.c
_O: Final = tables.outbox.c
_I: Final = tables.inbox.c
_UNSENT: Final = (Status.WAITING, Status.LEASED)
_ALERTS: Final = (
    select(_A.level, _A.state, func.count(), func.min(_A.opened_at))
    .where(_A.state.in_((AlertState.RAISED, AlertState.ACKNOWLEDGED)))
    .group_by(_A.level, _A.state)
    .order_by(_A.level, _A.state)
)
_OPENED: Final = (
    select(func.count())
    .select_from(tables.alerts)
    .join(tables.conversations, _C.id == _A.conversation_id)
    # Every state there is: the words by which the index of the board finds the latest.
    .where(_A.state.in_(AlertState), _A.opened_at > bindparam("since"))
    .where(_C.channel == bindparam("channel"))
)
_CHATS: Final = select(_C.holder, func.count()).group_by(_C.holder).order_by(_C.holder)
_SENDINGS: Final = (
    select(_O.kind, func.count(), func.min(_O.due_at))
    .where(_O.status.in_(_UNSENT), _O.due_at <= bindparam("now"))
    .group_by(_O.kind)
    .order_by(_O.kind)
)
_INBOX: Final = select(func.count()).select_from(tables.inbox).where(_I.handled_at.is_(None))
_TASKS: Final = select(func.count()).select_from(tables.tasks).where(tables.tasks.c.done_at.is_(None))


@dataclass(frozen=True, slots=True)
class Count:
    """One number. `what`: its meaning in words; `labels`: codes that tell it from its like."""

    name: str
    what: str
    value: int
    labels: tuple[tuple[str, str], ...] = ()


def opened_since(tx: Transaction, channel: str, since: datetime) -> int:
    """How many alerts were opened since then about chats on this channel."""
    return int(tx.execute(_OPENED, {"channel": channel, "since": since}).scalar_one())


def now(tx: Transaction, at: datetime) -> Iterator[Count]:
    """Every count, those of one name together."""
    alerts = tx.execute(_ALERTS).all()
    for level, state, number, _ in alerts:
        yield Count("alerts", "Alerts that are not decided.", number, (("level", f"L{level}"), ("state", str(state))))
    oldest = [opened for _, state, _, opened in alerts if state == AlertState.RAISED]
    yield Count("alert_oldest_seconds", "Age of the oldest alert that nobody has taken.", _age(oldest, at))
    for holder, number in tx.execute(_CHATS):
        yield Count("chats", "Conversations by who holds them.", number, (("holder", str(holder)),))
    sendings = tx.execute(_SENDINGS, {"now": at}).all()
    for kind, number, _ in sendings:
        yield Count("sendings_due", "What should have left by now.", number, (("kind", str(kind)),))
    yield Count("sending_oldest_seconds", "How late the oldest of it is.", _age([due for _, _, due in sendings], at))
    yield Count("inbox_unhandled", "Messages that wait to be handled again.", tx.execute(_INBOX).scalar_one())
    yield Count("tasks_open", "Work for people that is not done.", tx.execute(_TASKS).scalar_one())
    yield Count("desk_sessions", "Browsers signed in at the desk.", sessions.count(tx, at))


def _age(moments: list[datetime], at: datetime) -> int:
    return max(0, int((at - min(moments)).total_seconds())) if moments else 0
