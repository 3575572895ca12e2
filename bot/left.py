"""What is kept beside a text that left: how late it was, what it proves, and how it can be taken out of the chat again.

May not mark it as sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import clocks, removing, rounds
from storage import removals
from storage.codes import Sending

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Sent
    from bot.runner import House
    from storage import outbox
    from storage.claiming import Outgoing
    from storage.database import Transaction


def keep(tx: Transaction, house: House, one: Outgoing, sent: Sent, now: datetime) -> None:
    """A channel took it."""
    if one.kind is Sending.SAY:
        rounds.sent(tx, house, one, now)
        has(tx, one, now)
    if one.channel in removing.ON and one.contact is not None:
        removals.keep(tx, one.contact, one.channel, sent.external_id, now, now + removing.OURS_GO_AFTER)


def has(tx: Transaction, one: Outgoing | outbox.Sent, now: datetime) -> None:
    """A provider has it, whoever said so."""
    if one.kind is Sending.SAY and one.message is not None and one.conversation is not None:
        clocks.text_left(tx, one.message, one.conversation, now)
