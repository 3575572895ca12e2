"""What is kept beside a text that left: how late it was, what it proves, and how it can be taken out of the chat again.

Where that cannot be kept now, for somebody holds the child or what is read fails, a timer of its own keeps it: what left is
marked as sent whatever becomes of it. May not send.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot import clocks, removing, rounds, window
from storage import outbox, removals, timers
from storage.codes import Sending, Subject
from storage.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.channels.base import Sent
    from bot.runner import House
    from storage.claiming import Outgoing
    from storage.database import Transaction

# `about` is the sending.
BESIDE: Final = "left"
TEMPLATE: Final = "template_left"
TIMERS: Final = frozenset({BESIDE, TEMPLATE})


@dataclass(frozen=True, slots=True)
class Left:
    """What left: its mark, which asks for no child, what is kept beside it, and the timer that keeps that where it cannot now."""

    mark: Callable[[Transaction], object]
    beside: Callable[[Transaction], object]
    timer: Timer

    def whole(self, tx: Transaction) -> None:
        """All at once."""
        self.mark(tx)
        self.beside(tx)

    def later(self, tx: Transaction) -> None:
        """The mark now."""
        self.mark(tx)
        if self.timer.subject_id:
            timers.add_all(tx, (self.timer,))


def sent(house: House, one: Outgoing, sent: Sent, now: datetime) -> Left:
    """A channel took it."""
    return Left(
        lambda tx: outbox.sent(tx, one.id, sent.external_id, now),
        lambda tx: _keep(tx, house, one, sent.external_id, now),
        _timer(one, BESIDE, now),
    )


def template(house: House, one: Outgoing, sent: Sent, now: datetime) -> Left:
    """WhatsApp's window closed while it was on its way: the template left, the text did not."""
    return Left(
        lambda tx: window.waits(tx, one, now),
        lambda tx: window.instead(tx, house, one, sent.external_id, now),
        _timer(one, TEMPLATE, now),
    )


def _timer(one: Outgoing, name: str, now: datetime) -> Timer:
    return Timer(0, Subject.CONVERSATION, one.conversation or one.contact or "", name, now, 0, about=one.id)


def due(tx: Transaction, house: House, timer: Timer) -> None:
    """What could not be kept when it left, as of then."""
    one = outbox.look(tx, timer.about)
    if one is None:
        return
    if timer.name == TEMPLATE:
        window.instead(tx, house, one, None, timer.at)
    else:
        _keep(tx, house, one, one.provider_id, timer.at)


def _keep(tx: Transaction, house: House, one: Outgoing | outbox.Sent, external: str | None, at: datetime) -> None:
    if one.kind is Sending.SAY:
        rounds.sent(tx, house, one, at)
        has(tx, one, at)
    if one.channel in removing.ON and one.contact is not None and external is not None:
        removals.keep(tx, one.contact, one.channel, external, at, at + removing.OURS_GO_AFTER)


def has(tx: Transaction, one: Outgoing | outbox.Sent, now: datetime) -> None:
    """A provider has it, whoever said so."""
    if one.kind is Sending.SAY and one.message is not None and one.conversation is not None:
        clocks.text_left(tx, one.message, one.conversation, now)
