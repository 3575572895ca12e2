"""A flood of chats on the web page, by a manager's switch or by the number of alerts: pages about them leave together.

May drop nothing and close no door: every chat is answered, every alert climbs. A page waits for the end of the two minutes it
falls in, and is grouped there (`bundling`). An L4 does not wait, and no page about any other chat does.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.channels import webchat
from flows.model import Level
from storage import conversations, counts, switches

if TYPE_CHECKING:
    from flows.model import Alert
    from storage.database import Transaction

MANY: Final = 20
WINDOW: Final = timedelta(minutes=10)
SLOT: Final = timedelta(minutes=2)


def leaves_at(tx: Transaction, alert: Alert, now: datetime) -> datetime:
    """When a page may leave: now, or at the end of the slot."""
    if alert.level >= Level.L4 or conversations.peek(tx, alert.conversation).channel != webchat.NAME:
        return now
    return _slot_end(now) if is_on(tx, now) else now


def is_on(tx: Transaction, now: datetime) -> bool:
    """Whether a manager says so, or the alerts of the last minutes do."""
    return switches.on(tx, "flood", now) or counts.opened_since(tx, webchat.NAME, now - WINDOW) > MANY


def _slot_end(now: datetime) -> datetime:
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, UTC)
