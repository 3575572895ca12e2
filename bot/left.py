"""What is kept beside a text that left: how late it was, what it proves, and how it can be taken out of the chat again.

Where that cannot be kept now, for somebody holds the child or what is read fails, a timer of its own keeps it: what left is
marked as sent whatever becomes of it. May not send.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from bot import clocks, removing, rounds, window
from storage import outbox, removals, timers
from storage.codes import Sending, Subject
from storage.errors import is_away
from storage.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.channels.base import Sent
    from bot.runner import House
    from storage.claiming import Outgoing
    from storage.database import Transaction

log = logging.getLogger(__name__)

# `about` is the sending.
BESIDE: Final = "left"
TEMPLATE: Final = "template_left"
TIMERS: Final = frozenset({BESIDE, TEMPLATE})


def sent(house: House, one: Outgoing, sent: Sent, now: datetime) -> None:
    """A channel took it."""
    _marked(
        house,
        one,
        lambda tx: outbox.sent(tx, one.id, sent.external_id, now),
        lambda tx: _keep(tx, house, one, sent.external_id, now),
        BESIDE,
        now,
    )


def template(house: House, one: Outgoing, sent: Sent, now: datetime) -> None:
    """WhatsApp's window closed while it was on its way: the template left, the text did not."""
    _marked(
        house,
        one,
        lambda tx: window.waits(tx, one, now),
        lambda tx: window.instead(tx, house, one, sent.external_id, now),
        TEMPLATE,
        now,
    )


def _marked(
    house: House,
    one: Outgoing,
    mark: Callable[[Transaction], object],
    beside: Callable[[Transaction], object],
    later: str,
    now: datetime,
) -> None:
    """Marked whatever becomes of what is kept beside that, or it would leave again. The mark asks for no child."""
    submit = house.committer.submit
    try:
        submit(lambda tx: (mark(tx), beside(tx)))
    except Exception as error:
        if is_away(error):
            raise
        log.exception("not kept beside what left", extra={"outbox": one.id})
        about = one.conversation or one.contact
        timer = Timer(0, Subject.CONVERSATION, about or "", later, now, 0, about=one.id)

        def without(tx: Transaction) -> None:
            mark(tx)
            if about:
                timers.add_all(tx, (timer,))

        submit(without)


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
