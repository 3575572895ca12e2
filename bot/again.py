"""When a send that failed is tried again, and what is not sent any more because something has overtaken it. May not send."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows.model import Level
from storage import audit, conversations, leaving
from storage.codes import Sending

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import SendFailed
    from storage.claiming import Outgoing
    from storage.database import Transaction

# Seconds until a send is tried again, by attempts so far. What did not leave is tried until it expires (a page never
# does); what may have left, and might arrive twice, no oftener than this.
BACKOFF: Final = (5, 15, 60, 300, 900)
PAGE_BACKOFF: Final = (2, 5, 10, 20, 30)
STILL: Final = "ts_still"
_FRESH: Final = timedelta(minutes=1)


def at(tx: Transaction, one: Outgoing, failure: SendFailed, now: datetime) -> datetime:
    """When what failed is tried again: a page, and a text to a child who told of grave harm, however long a provider asks us to
    wait, because somebody waits for it.
    """
    hurries = one.kind is Sending.PAGE or (not failure.in_doubt and _is_grave(tx, one))
    steps = PAGE_BACKOFF if hurries else BACKOFF
    wait = failure.retry_after or steps[min(one.attempts, len(steps)) - 1]
    return now + timedelta(seconds=min(wait, PAGE_BACKOFF[-1]) if hurries else wait)


def soon(one: Outgoing, now: datetime) -> datetime:
    """When what met trouble of our own is tried again."""
    return now + timedelta(seconds=PAGE_BACKOFF[min(one.attempts, len(PAGE_BACKOFF)) - 1])


def _is_grave(tx: Transaction, one: Outgoing) -> bool:
    return one.conversation is not None and conversations.level(tx, one.conversation) >= Level.L3


def is_old(one: Outgoing, now: datetime) -> bool:
    """Whether a text to a child waited so long that what it says may be so no more."""
    return one.kind is Sending.SAY and now - one.created_at >= _FRESH


def dropped(tx: Transaction, one: Outgoing, now: datetime) -> bool:
    """Whether it stays: that somebody is still sought is said once, and not to a child who has them."""
    if not leaving.is_overtaken(tx, one.id, STILL):
        return False
    leaving.cancel(tx, [one.id])
    audit.record(tx, now, "ticker", "send.dropped", one.id)
    return True
