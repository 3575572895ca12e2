"""What is said to a number and not to a chat: STOP, START, and that it is not the child's. It counts in every chat of the number,
of either service, without a word there.

May not hear anything in a text: where it came in, it was heard. Nothing of one service is shown in the other (G13).
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from bot import carrying, waking
from flows import carrier, commands, effects, engine, inviting
from flows.events import TextReceived
from flows.model import Heard
from storage import apart, audit, contacts, conversations, messages, offers
from storage.codes import Direction, Subject
from storage.timers import Timer

if TYPE_CHECKING:
    from bot.channels.base import Inbound
    from bot.runner import Runner
    from flows.events import Event
    from flows.model import Conversation
    from storage.contacts import Contact
    from storage.database import Transaction

log = logging.getLogger(__name__)

_STOP, _START = "stop", "start"


def said(tx: Transaction, runner: Runner, inbound: Inbound, before: Conversation, event: Event) -> None:
    """Have it count elsewhere. `before`: the chat it was said in, as it was then."""
    if not isinstance(event, TextReceived):
        return
    what = _what(tx, runner, event, before)
    if what not in (_STOP, _START, inviting.NOT_THEIRS, inviting.WRONG_NUMBER):
        return
    for contact in contacts.known_anywhere(tx, inbound.channel, inbound.address):
        for talk in conversations.spoken(tx, contact.id):
            if talk.id == before.id:
                continue
            why = apart.tried(tx, partial(_count, tx, runner, inbound, before, event, what, contact, talk.id))
            if why is not None:
                # It counts where it was said all the same, and to an unreadable chat nothing more is begun.
                log.error("not counted elsewhere", exc_info=why, extra={"conversation": talk.id})
                if what == _STOP:
                    _opt_out(tx, contact, talk.id, event)
                failed = Timer(0, Subject.CONVERSATION, talk.id, waking.ELSEWHERE, event.at, 0)
                waking.failed(tx, runner.house, failed, event.at)


def _count(  # noqa: PLR0913, PLR0917 - what was said, where, and where else it counts
    tx: Transaction,
    runner: Runner,
    inbound: Inbound,
    before: Conversation,
    event: TextReceived,
    what: str,
    contact: Contact,
    talk: str,
) -> None:
    c = conversations.of(tx, contact.id, talk)
    if what == _START:
        _restart(tx, contact, c, event)
    elif _is_unanswered(runner, c) and (what == _STOP or _came_last(c, before)):
        _answer(tx, runner, contact, c, inbound, event)
    elif what == _STOP:
        conversations.save(tx, carrier.with_stop(c, event.at))
        if not c.opted_out:
            _opt_out(tx, contact, c.id, event)


def _what(tx: Transaction, runner: Runner, event: TextReceived, before: Conversation) -> str:
    """What the text was taken for where it came in."""
    if event.started:
        # In a chat that was never stopped it is a word like any other; the number may be stopped in another all the same.
        return "" if conversations.peek(tx, before.id).opted_out else _START
    after = conversations.peek(tx, before.id)
    # Behind a "no thanks" it is a STOP too: what it was taken for is plain from what it did.
    if event.stopped or (after.opted_out and not before.opted_out):
        return _STOP
    library = runner.house.shelf.library(tx, before)
    found = commands.find(library.commands, event.text, library.language_names)
    if found is None:
        return ""
    # "Please stop hitting me" may be like the word, and was heard as what it is.
    taken = found.exact or (found.command.does == _STOP and after.opted_out)
    return found.command.does if taken else ""


def _is_unanswered(runner: Runner, c: Conversation) -> bool:
    """Whether we began it and nobody has answered."""
    return c.last_inbound_at is None and c.state == runner.house.shelf.source.flows[c.flow].initial


def _came_last(c: Conversation, before: Conversation) -> bool:
    """Whether it, and not the chat in which was answered, said the last that was read on this telephone."""
    return c.last_outbound_at is not None and c.last_outbound_at > (before.last_outbound_at or before.started_at)


def _answer(
    tx: Transaction, runner: Runner, contact: Contact, c: Conversation, inbound: Inbound, event: TextReceived
) -> None:
    """An offer is answered by it as by any text, but says nothing: one word gets one reply."""
    message = messages.add(tx, c.id, Direction.IN, inbound.channel, event.text, event.at)
    heard = replace(event, message=message, listen=Heard, service=runner.desk(tx, c, event.at))
    library = runner.house.shelf.library(tx, c)
    after, todo = engine.step(library, c, heard)
    conversations.save(tx, after)
    audit.record(tx, event.at, f"child:{contact.id}", "text_elsewhere", c.id)
    silent = tuple(one for one in todo if not isinstance(one, effects.Say))
    carrying.carry(tx, runner.house, carrying.Scene(contact, c, after, heard, heard.service, library), silent)


def _opt_out(tx: Transaction, contact: Contact, conversation: str, event: TextReceived) -> None:
    contacts.opt_out(tx, contact.id)
    offers.close_requests(tx, contact.id, event.at)
    audit.record(tx, event.at, f"child:{contact.id}", "stopped_elsewhere", conversation)


def _restart(tx: Transaction, contact: Contact, c: Conversation, event: TextReceived) -> None:
    if c.opted_out:
        conversations.save(tx, replace(c, opted_out=False))
        contacts.opt_out(tx, contact.id, out=False)
        audit.record(tx, event.at, f"child:{contact.id}", "started_elsewhere", c.id)
