"""WhatsApp's window: free words for a day after the child's last text; outside it one neutral template, then we wait.

May not send, and decides nothing about a child. A text that may not leave is held: it is not shown as sent, and what
becomes of it is settled when the child writes again. Then an invitation and the words of a person who holds the chat are
let out. A question of the bot is dropped: whoever writes after a day is asked first who is reading, and only then the
question again (decisions 1).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import giving, noticing, pages
from flows import inviting
from flows.model import Privacy
from storage import audit, contacts, conversations, messages, outbox
from storage.codes import Direction, Sending, Status
from storage.outbox import Draft

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from flows.model import Conversation
    from storage.claiming import Outgoing
    from storage.contacts import Contact
    from storage.database import Transaction

log = logging.getLogger(__name__)

# How long after a child's text a provider takes our own words. Channels that are not here take them at any time.
WINDOWS: Final = {"whatsapp": timedelta(hours=24)}
# Wider than the channel's own, so that the channel never has to send the template in place of words.
MARGIN: Final = timedelta(minutes=2)
# At most one template in this time, whatever waits: two texts that say nothing look like somebody watching.
BETWEEN_TEMPLATES: Final = timedelta(hours=24)
# How the template stands in the thread: under this key, and as this note for staff. Its words are the provider's to keep.
TEMPLATE, NOTE = "template", "[template]"
# The channel's word for: outside the window, and no template is set.
NO_TEMPLATE: Final = "no_template"
_HELD_FOR: Final = timedelta(hours=4)
_INVITE, _OF_A_PERSON = "invite", frozenset({"human_on", "human_off"})


@dataclass(frozen=True, slots=True)
class Passage:
    """Whether a claimed sending may go to the channel now, and until when words may; without a time: the template."""

    leaves: bool
    closes: datetime | None = None


def passage(tx: Transaction, house: House, one: Outgoing, now: datetime) -> Passage:
    """Look before a sending leaves on a channel with a window; what may not leave is held, cancelled or failed here."""
    if one.contact is None:
        # No template is approved for the staff, and their pages have a channel of their own.
        log.error("not for staff", extra={"outbox": one.id, "channel": one.channel})
        outbox.failed(tx, one.id, "window_closed")
        return Passage(leaves=False)
    closes = _closes(tx, one.contact, one.channel)
    is_open = closes is not None and now < closes - MARGIN
    if _is_template(tx, one):
        if is_open:
            outbox.status(tx, one.id, Status.CANCELLED)
        return Passage(leaves=not is_open)
    if not is_open:
        hold(tx, house, one, now)
    return Passage(is_open, closes)


def _closes(tx: Transaction, contact: str, channel: str) -> datetime | None:
    last = messages.last_at(tx, contact, channel, Direction.IN)
    return None if last is None else last + WINDOWS[channel]


def takes_words(tx: Transaction, contact: str, channel: str, now: datetime) -> bool:
    """Whether words of ours that are written now would leave for this child, and not wait until the child writes."""
    if channel not in WINDOWS:
        return True
    closes = _closes(tx, contact, channel)
    return closes is not None and now < closes - MARGIN


def _is_template(tx: Transaction, one: Outgoing) -> bool:
    if one.message is None or one.conversation is None:
        return False
    return messages.load(tx, one.message, one.conversation).key == TEMPLATE


def hold(tx: Transaction, house: House, one: Outgoing, now: datetime) -> None:
    """Keep a text until the child writes, and have the template sent unless one left within the day."""
    if one.conversation is None or one.contact is None:
        outbox.failed(tx, one.id, "window_closed")
        return
    conversations.load(tx, one.conversation)
    expires = waits(tx, one, now)
    _held(tx, house, one, now)
    if _template_is_due(tx, one, now):
        _to_leave(tx, one, expires, now)


def waits(tx: Transaction, one: Outgoing, now: datetime) -> datetime:
    """The mark of a text that is kept until the child writes, which asks for nothing of theirs; until when."""
    expires = one.expires_at or now + _HELD_FOR
    outbox.hold(tx, one.id, expires)
    return expires


def instead(tx: Transaction, house: House, one: Outgoing | outbox.Sent, external: str | None, at: datetime) -> None:
    """A template left in the place of a text that is marked already. `external`: the provider's id of it, where it is known."""
    if one.conversation is None or one.contact is None:
        return
    conversations.load(tx, one.conversation)
    _held(tx, house, one, at)
    outbox.sent(tx, _to_leave(tx, one, at + _HELD_FOR, at), external, at)


def _held(tx: Transaction, house: House, one: Outgoing | outbox.Sent, at: datetime) -> None:
    audit.record(tx, at, "ticker", "send.held", one.id)
    _tell(tx, house, one.message, one.conversation, "held", at)


def _to_leave(tx: Transaction, one: Outgoing | outbox.Sent, expires: datetime, now: datetime) -> str:
    sending = outbox.add(tx, _template(tx, one, expires, now), now)
    audit.record(tx, now, "ticker", "send.template", sending)
    return sending


def _template_is_due(tx: Transaction, one: Outgoing, now: datetime) -> bool:
    """Not twice in a day, and not to a child who said STOP: a template is something that we start."""
    contact = one.contact or ""
    if contacts.load(tx, contact).opted_out:
        return False
    before = messages.last_at(tx, contact, one.channel, Direction.OUT, TEMPLATE)
    return before is None or now - before >= BETWEEN_TEMPLATES


def _template(tx: Transaction, one: Outgoing | outbox.Sent, expires: datetime, now: datetime) -> Draft:
    note = messages.add(tx, one.conversation or "", Direction.OUT, one.channel, NOTE, now, key=TEMPLATE)
    return Draft(
        kind=Sending.SAY,
        channel=one.channel,
        text=NOTE,
        not_before=now,
        contact=one.contact,
        conversation=one.conversation,
        message=note,
        expires_at=expires,
    )


def held(tx: Transaction, contact: Contact, channel: str) -> tuple[outbox.Sent, ...]:
    """What waits for a child's reply on this channel."""
    return outbox.held(tx, contact.id, channel) if channel in WINDOWS else ()


def unseen(tx: Transaction, waiting: tuple[outbox.Sent, ...], conversation: Conversation) -> bool:
    """Whether the open question is among what the child has not been sent, so that no text can be its answer."""
    return conversation.step is not None and any(
        one.conversation == conversation.id and one.message and _key(tx, one) == conversation.step for one in waiting
    )


def settle(tx: Transaction, house: House, waiting: tuple[outbox.Sent, ...], before: Conversation, at: datetime) -> None:
    """The child wrote, and was answered: each held text is let out or dropped."""
    after = conversations.load(tx, before.id)
    for one in waiting:
        if one.conversation == after.id and _may_leave(tx, house, one, before, after):
            outbox.let_out(tx, one.id, at)
        else:
            outbox.cancel(tx, one.id)
            audit.record(tx, at, "bot", "send.dropped", one.id)
            _tell(tx, house, one.message, one.conversation, "held_dropped", at)
            _instead(tx, house, one, after, at)


def _instead(tx: Transaction, house: House, one: outbox.Sent, after: Conversation, at: datetime) -> None:
    """An offer that the record has come to speak against while it waited is left to a person (decisions 6)."""
    lacks = inviting.needs(after.facts)
    if lacks is None or one.conversation != after.id or _INVITE not in _tags(tx, house, after, _key(tx, one)):
        return
    giving.work(tx, house, inviting.INSTEAD[lacks], at, conversation=after.id)


def _tags(tx: Transaction, house: House, c: Conversation, key: str | None) -> frozenset[str]:
    step = house.shelf.library(tx, c).flow.steps.get(key or "")
    return frozenset() if step is None else step.tags


def _may_leave(tx: Transaction, house: House, one: outbox.Sent, before: Conversation, after: Conversation) -> bool:
    if after.quiet or after.privacy is Privacy.OTHERS or (after.opted_out and not before.opted_out):
        return False
    if one.message is None:
        return False
    said = messages.load(tx, one.message, after.id)
    tags = _tags(tx, house, after, said.key)
    if said.key is None:
        # Who has gone since is not heard now: the child would answer somebody who is not there.
        return said.by == after.holder
    named = re.search(rf"(?<!\w){re.escape(after.holder)}(?!\w)", said.text)
    with_somebody = after.held
    of_whom_they_have = with_somebody and named is not None and not tags.isdisjoint(_OF_A_PERSON)
    return of_whom_they_have or (_INVITE in tags and inviting.needs(after.facts) is None)


def _key(tx: Transaction, one: outbox.Sent) -> str | None:
    return messages.load(tx, one.message, one.conversation).key if one.message else None


def bots_own(tx: Transaction, one: outbox.Sent | None) -> bool:
    """Whether a held text was the bot's: when its time is up nobody has lost anything, the child is asked again."""
    return one is not None and one.held and _key(tx, one) is not None


def _tell(
    tx: Transaction, house: House, message: str | None, conversation: str | None, about: str, at: datetime
) -> None:
    """A person whose words wait, or are dropped, must know that the child has not read them."""
    if message is None or conversation is None:
        return
    said = messages.load(tx, message, conversation)
    if said.key is None:
        reference = conversations.contact_of(tx, conversation).reference
        noticing.notice(tx, house, said.by, pages.about(about, reference), at)
