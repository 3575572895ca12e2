"""The provider of tests in which pages leave: it takes what it is given, or fails as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.channels.base import Reason, SendFailed, Sent

if TYPE_CHECKING:
    from bot.channels.base import Outgoing


@dataclass
class Phone:
    """`fails`: what the next sends meet, in order; `down`: what all of them meet until it is up again."""

    name: str
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
