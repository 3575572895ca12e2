"""Buttons: which a text carries, and what it means when one is pressed. May not decide whether that is an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.channels.base import Button
from flows import composing
from flows.model import Kind
from storage import conversations, messages
from storage.codes import Direction, Sending

if TYPE_CHECKING:
    from bot.channels.base import Inbound
    from bot.runner import House
    from flows.model import Conversation, Step
    from storage.claiming import Outgoing
    from storage.database import Transaction

ON: Final = frozenset({"telegram"})
# What may be pressed under a page to staff, with the keys of a call.
PAGE: Final = (Button("Take it", "1"), Button("I cannot take it", "2"))


def offered(tx: Transaction, house: House, one: Outgoing) -> tuple[Button, ...]:
    """The buttons of a claimed text: one an answer, where one number is the whole answer; under a page, its two answers."""
    if one.channel in ON and one.kind is Sending.PAGE and one.message is not None:
        return PAGE
    if one.channel not in ON or one.kind is not Sending.SAY or one.message is None or one.conversation is None:
        return ()
    said = messages.load(tx, one.message, one.conversation)
    if said.key is None or said.locale is None:
        return ()
    talk = conversations.peek(tx, one.conversation)
    talk = replace(talk, locale=said.locale, reads=said.locale)
    step = _step(tx, house, talk, said.key)
    if step is None or step.kind is Kind.MULTI or any("{" in option.label for option in step.options):
        return ()
    made = tuple(Button(option.label, str(number)) for number, option in composing.numbered(step))
    skippable = step.skippable and composing.SKIP_UNSAID not in step.tags
    if not (made and skippable):
        return made
    return (*made, Button(house.shelf.common_for(tx, talk, step, said.locale)["skip"], "0"))


def read(tx: Transaction, house: House, inbound: Inbound, conversation: Conversation) -> tuple[Inbound, str | None]:
    """What was pressed, and the key of its question (empty: none of this chat); of typed words: those, and None.

    Under the question that is open a button is its number. Under another it is what stood on it, and under which question:
    so it stands in the thread, and nobody takes it for an answer to what was said last.
    """
    if inbound.pressed is None:
        return inbound, None
    said = messages.find(tx, inbound.pressed, conversation.id)
    if said is None or said.direction is not Direction.OUT or said.key is None:
        return inbound, ""
    key = said.key.partition(".")[0]
    step = _step(tx, house, conversation, key)
    if step is None or conversation.step == key:
        return inbound, key
    labels = {str(number): option.label for number, option in composing.numbered(step)}
    label = labels.get(inbound.text or "")
    if label is None:
        return inbound, key
    first, shown = next(iter(labels.items()))
    asked = said.text.partition(f" {first} {shown}")[0]
    return replace(inbound, text=f"{inbound.text} {label} ({asked})"), key


def mark(inbound: Inbound) -> str:
    """What a message is known by in its thread: the provider's id, or the text a button hangs under and its number."""
    return inbound.external_id if inbound.pressed is None else f"{inbound.pressed}:{inbound.text}"


def is_second_tap(tx: Transaction, house: House, inbound: Inbound, conversation: Conversation) -> bool:
    """Whether the last thing to come, within `join_seconds`, was this very button: a thumb that tapped twice said it once.

    Later, or after anything else, it is heard anew: "I need help fast" may be meant again.
    """
    if inbound.pressed is None:
        return False
    since = inbound.at - timedelta(seconds=house.shelf.limits["join_seconds"])
    came = [one for one in messages.after(tx, conversation.id, inbound.pressed) if one.direction is Direction.IN]
    return bool(came) and came[-1].external_id == mark(inbound) and came[-1].at >= since


def _step(tx: Transaction, house: House, conversation: Conversation, key: str) -> Step | None:
    return house.shelf.library(tx, conversation).flow.steps.get(key.partition(".")[0])
