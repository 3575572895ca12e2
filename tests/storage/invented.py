"""Invented people and values for the tests of storage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flows.model import Alert, Conversation, Ladder, Level, Rung, Service
from storage import contacts, conversations

if TYPE_CHECKING:
    from storage.contacts import Contact
    from storage.database import Transaction

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CHILD = "+447700900001"
OTHER = "+447700900002"
WORDS = "he hurt me behind the shop"


def conversation(**changes: Any) -> Conversation:
    given: dict[str, Any] = {
        "id": conversations.new_id(),
        "flow": "text_safe",
        "revision": "r1",
        "locale": "en",
        "channel": "sms",
        "path": "M",
        "state": "GATE",
        "started_at": AT,
    }
    return Conversation(**given | changes)


def found(
    tx: Transaction, store: Service, channel: str, address: str, at: datetime
) -> tuple[Contact, Conversation | None]:
    """Who writes from an address to a service, and the conversation they began last."""
    contact = contacts.find(tx, store, channel, address, at)
    return contact, conversations.latest(tx, contact.id)


def chat(
    tx: Transaction, address: str = CHILD, store: Service = Service.TEXT_SAFE, **changes: Any
) -> tuple[Contact, Conversation]:
    """A contact and a conversation that has just begun."""
    contact = contacts.find(tx, store, "sms", address, AT)
    return contact, conversations.start(tx, contact.id, conversation(**changes))


def alert(talk: Conversation, **changes: Any) -> Alert:
    ladder = Ladder(Level.L3, (Rung(0, ("duty",), "sms"), Rung(15, ("backup",), "sms")), 20, 30)
    given: dict[str, Any] = {
        "id": "a" * 26,
        "conversation": talk.id,
        "level": Level.L3,
        "state": "raised",
        "opened_at": AT,
        "ladder": ladder,
        "case_name": "amber-heron",
        "categories": ("D05",),
    }
    return Alert(**given | changes)
