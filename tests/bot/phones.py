"""A program without a network: the provider takes what it is given, or fails as it is told; the ticker is turned by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.channels.base import Reason, SendFailed, Sent
from flows.model import Service
from storage import contacts, conversations

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Outgoing
    from bot.runner import Runner
    from bot.ticker import Ticker
    from flows.model import Conversation
    from storage.database import Database, Transaction


@dataclass
class Phone:
    """`fails`: what the next sends meet, in order; `down`: what all of them meet until it is up again."""

    name: str = "sms"
    down: bool = False
    sent: list[Outgoing] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def send(self, outgoing: Outgoing) -> Sent:
        """Take a text or a call, or raise."""
        if self.down:
            raise SendFailed(Reason.TRANSIENT)
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(outgoing)
        return Sent(f"id-{len(self.sent)}")

    def parse(self, arrived: Any) -> None:
        """Nothing comes in here."""

    @property
    def texts(self) -> list[str]:
        """What was sent, whoever it was for."""
        return [one.text for one in self.sent]

    def to(self, address: str) -> list[str]:
        """What was sent there."""
        return [one.text for one in self.sent if one.to == address]


@dataclass
class Ground:
    """What a place of a test stands on."""

    database: Database
    runner: Runner
    ticker: Ticker

    def rounds(self, now: datetime) -> None:
        """All that is due, and what comes of it."""
        while self.ticker.round(now).any:
            pass


def talk(tx: Transaction, address: str, channel: str = "sms", service: Service = Service.TEXT_SAFE) -> Conversation:
    """The newest chat with somebody."""
    contact = contacts.known(tx, service, channel, address)
    assert contact is not None
    found = conversations.latest(tx, contact.id)
    assert found is not None
    return found
