"""The one door: a child's text, a timer and a staff member's click all come through `Runner`, each in one transaction.

May not decide anything about a child (that is `flows`) or send anything (that is `ticker`, after the commit).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

from bot import (
    alarms,
    attached,
    calling,
    carrying,
    clocks,
    code_word,
    conflict,
    holding,
    learnt,
    left,
    owing,
    packing,
    pressing,
    refiling,
    reminding,
    restored,
    routing,
    telephone,
    window,
)
from bot.lately import Lately
from flows import concerns, effects, engine, events, facts, quiet_hours, standing
from flows.listening import Context, Telling
from flows.model import BOT, NOBODY, Conversation, Heard, Level
from flows.remembering import remembering
from storage import alerts, audit, conversations, inbox, messages, offers, removals, switches, timers
from storage.codes import Direction, Subject, Switch
from storage.errors import StoreUnavailable, is_away

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.carrying import Observe
    from bot.channels.base import Inbound
    from bot.config import Settings
    from bot.shelf import Shelf
    from flows.effects import Effect
    from flows.events import Event
    from flows.model import Concern
    from storage.commit import Committer
    from storage.contacts import Contact
    from storage.database import Transaction
    from storage.timers import Timer

    Listen: TypeAlias = Callable[[str, Context], Heard]
    Tell: TypeAlias = Callable[[str, str, Context], Telling]

log = logging.getLogger(__name__)

_WITHOUT_DESK = (events.Started, events.WorkerSaid, events.AnswerSet, events.ConversationClosed, events.EpisodeEnded)


def unobserved(kind: str, about: str, **fields: object) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class House:
    """What everything that talks needs, built once by `app.build`. `tell`: why weights found what no phrase does."""

    committer: Committer
    shelf: Shelf
    listen: Listen
    settings: Settings
    tell: Tell = lambda _text, _category, _context: Telling()
    observe: Observe = unobserved
    lately: Lately = field(default_factory=Lately, compare=False)


class NotAChild(RuntimeError):
    """A staff member's text failed: there is no chat to open."""


class Runner:
    """`accept` for what providers bring, `handle` for everything else that happens."""

    def __init__(self, house: House) -> None:
        self.house = house

    # --- what comes in ------------------------------------------------------------------------------------------------

    def accept(self, inbound: Inbound) -> None:
        """Keep a message once and handle it; when this returns it is committed. Raises StoreUnavailable (try again).

        A message that cannot be handled is kept all the same, tried again by the ticker, and goes to a person after
        the third failure.
        """
        try:
            self.house.committer.submit(lambda tx: self._keep_and_handle(tx, inbound))
        except Exception as error:
            if is_away(error):
                raise
            log.exception("not handled", extra={"channel": inbound.channel})
            self.house.committer.submit(lambda tx: _keep(tx, inbound))

    async def aaccept(self, inbound: Inbound) -> None:
        """As `accept`, for callers on an event loop."""
        committer = self.house.committer
        try:
            await committer.atogether(lambda tx: self._keep_and_handle(tx, inbound))
        except Exception as error:
            if is_away(error):
                raise
            log.exception("not handled", extra={"channel": inbound.channel})
            await committer.asubmit(lambda tx: _keep(tx, inbound))

    def _keep_and_handle(self, tx: Transaction, inbound: Inbound) -> None:
        if inbox.arrived(tx, inbound.channel, inbound.external_id, inbound.address, inbound.at):
            self.receive(tx, inbound)
        elif inbox.is_held_up(tx, inbound.channel, inbound.address):
            _keep(tx, inbound)

    def retry(self, tx: Transaction, kept: inbox.Kept) -> None:
        """Handle a message that could not be handled when it came."""
        inbound = packing.unpacked(kept.payload)
        self.receive(tx, inbound)
        inbox.done(tx, kept.id, inbound.at)

    def to_person(self, tx: Transaction, kept: inbox.Kept, now: datetime) -> str | None:
        """A message that failed three times: into the thread as it came, unheard, and the chat, whose id is returned, opens
        to a person. None: another process has handled it meanwhile.

        The core is not asked, for it may be what fails. What nobody could read is `unscreened` (decisions 7): its alert
        climbs until a person has it, and the child's next text is handled again.
        """
        if inbox.take(tx, kept.id) is None:
            return None
        inbound = packing.unpacked(kept.payload)
        if routing.staff_of(tx, inbound) is not None:
            raise NotAChild(NotAChild.__doc__)
        arrived = routing.whose(tx, self.house, inbound)
        before = arrived.conversation
        message = messages.add(
            tx,
            before.id,
            Direction.IN,
            inbound.channel,
            attached.shown(inbound),
            inbound.at,
            external_id=inbound.external_id,
        )
        after = replace(before, holder=NOBODY, last_inbound_at=inbound.at) if before.holder == BOT else before
        conversations.save(tx, after)
        event = events.TimerFired(now, "unhandled", before.turn)
        library = self.house.shelf.library(tx, after)
        scene = carrying.Scene(arrived.contact, before, after, event, self.desk(tx, after, now), library)
        todo: list[Effect] = [effects.RaiseConcern(_unheard(), message), effects.TellHolder("unhandled")]
        if after is not before:
            todo.append(effects.ChangeHolder(NOBODY))
        carrying.carry(tx, self.house, scene, tuple(todo))
        audit.record(tx, now, "ticker", "unhandled", after.id)
        inbox.done(tx, kept.id, now)
        return after.id

    def tell_waiting(self, conversation: str, now: datetime) -> None:
        """The truth about waiting, to a child whose text we failed: in a transaction of its own, for the core may fail again."""

        def work(tx: Transaction) -> None:
            self.handle(tx, conversations.load(tx, conversation), events.PersonCalled(now, "bot"))

        try:
            self.house.committer.submit(work)
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("child not told", extra={"conversation": conversation})

    def receive(self, tx: Transaction, inbound: Inbound) -> None:
        """One message of a child, or of a staff member's telephone, in this transaction."""
        with remembering():  # one text is put to the same lists by all who read it
            self._receive(tx, inbound)

    def _receive(self, tx: Transaction, inbound: Inbound) -> None:
        if routing.staff_answers(tx, self.house, inbound):
            return
        arrived = routing.whose(tx, self.house, inbound)
        if pressing.is_second_tap(tx, self.house, inbound, arrived.conversation):
            return
        mark = pressing.mark(inbound)
        inbound, pressed = pressing.read(tx, self.house, inbound, arrived.conversation)
        answers = attached.answers(self.house.shelf.library(tx, arrived.conversation), arrived.conversation, inbound)
        inbound = inbound if answers is None else attached.in_words(inbound)
        message = messages.add(
            tx,
            arrived.conversation.id,
            Direction.IN,
            inbound.channel,
            attached.shown(inbound),
            inbound.at,
            external_id=mark,
        )
        if inbound.removable is not None:
            removals.keep(tx, arrived.contact.id, inbound.channel, inbound.removable, inbound.at)
        waiting = window.held(tx, arrived.contact, inbound.channel)
        if inbound.text is None or (inbound.media and not inbound.text.strip()):
            event: Event = events.MediaReceived(inbound.at, inbound.media or "media", message)
        else:
            unseen = window.unseen(tx, waiting, arrived.conversation)
            heard = self._heard(tx, arrived, inbound, message, unseen=unseen, pressed=pressed)
            event = replace(heard, answers=answers)
        self.handle(tx, arrived.conversation, event, arrived.contact)
        telephone.said(tx, self, inbound, arrived.conversation, event)
        if inbound.media and inbound.text and inbound.text.strip():
            after = conversations.load(tx, arrived.conversation.id)
            self.handle(tx, after, events.MediaReceived(inbound.at, inbound.media, message), arrived.contact)
        # Only where something grave was heard: a name in any other text is a greeting.
        if inbound.text and inbound.pressed is None and arrived.conversation.level >= Level.L3:
            alarms.name_later(tx, self.house, arrived.conversation, inbound.text, inbound.at)
        if arrived.conversation.held:
            conflict.part(tx, self, arrived.conversation.id, inbound.at)
        if waiting:
            window.settle(tx, self.house, waiting, arrived.conversation, inbound.at)

    def _heard(
        self,
        tx: Transaction,
        arrived: routing.Arrived,
        inbound: Inbound,
        message: str,
        *,
        unseen: bool,
        pressed: str | None,
    ) -> events.TextReceived:
        """What was texted, with the ears to listen to it: once, and not at all where the core finds nothing but an option of
        the open question, a command or a code (decisions 2). A failure inside is `unscreened`, never silence (decisions 7).

        What stands on a button is our words and not the child's: the core knows what the option means.
        """
        c, text, at = arrived.conversation, inbound.text or "", inbound.at
        horizon = at - timedelta(seconds=self.house.shelf.limits["join_seconds"])
        recent = tuple(one.text for one in c.recent if one.text and one.at >= horizon)
        context = Context(locale=c.locale, age=facts.age(c), recent=recent)
        return events.TextReceived(
            at=at,
            text=text,
            message=message,
            listen=Heard if inbound.pressed is not None else cache(partial(self.house.listen, text, context)),
            code_word=c.code_word and code_word.is_said(tx, arrived.contact.id, text),
            offer_code=arrived.by_code,
            unseen=unseen,
            pressed=pressed,
            edited=inbound.edited,
            wrong_code=not arrived.by_code and offers.looks_like_code(text),
            stopped=inbound.opt_out and inbound.carrier_acted,
            started=inbound.opt_in,
            service=self.desk(tx, c, at),
        )

    # --- the door -----------------------------------------------------------------------------------------------------

    def handle(self, tx: Transaction, conversation: Conversation, event: Event, contact: Contact | None = None) -> None:
        """One event on one conversation, whose person is locked: decide, save, and keep all that must happen."""
        contact = contact or conversations.contact_of(tx, conversation.id)
        was, conversation = conversation, learnt.taken_in(tx, self.house, conversation, contact, event)
        library = self.house.shelf.library(tx, conversation)
        if isinstance(event, events.TextReceived):
            desk = event.service  # `_heard` has just asked
        else:
            desk = self.desk(tx, conversation, event.at)
            if not isinstance(event, _WITHOUT_DESK):
                event = replace(event, service=desk)
        after, effects = engine.step(library, conversation, event)
        if after is conversation and not effects:
            if was is not conversation:
                conversations.save(tx, conversation)
            return
        conversations.save(tx, after)
        audit.record(tx, event.at, _who(event, contact), _code(type(event).__name__), conversation.id)
        carrying.carry(tx, self.house, carrying.Scene(contact, conversation, after, event, desk, library), effects)

    def timer(self, tx: Transaction, timer: Timer, now: datetime) -> None:
        """A timer fired: for a conversation, or for a rung of an alert."""
        if timer.subject is Subject.ALERT:
            alarms.rung(tx, self.house, timer, now)
        elif timer.subject is Subject.HOUSE and timer.name == reminding.TIMER:
            reminding.look(tx, self.house, timer, now)
        elif timer.subject is Subject.HOUSE:
            owing.send_digest(tx, self.house, timer, now)
        elif timer.name.startswith(restored.MARK):
            restored.look(tx, self, timer, now)
        elif timer.name == refiling.TIMER:
            refiling.due(tx, self.house, timer, now)
        elif timer.subject is Subject.CASE or timer.name in clocks.TIMERS:
            clocks.due(tx, self.house, timer, now)
        elif timer.name in left.TIMERS:
            left.due(tx, self.house, timer)
        elif timer.name in holding.TIMERS:
            holding.due(tx, self, timer, now)
        elif timer.name == clocks.LOOK_IN and not clocks.still_asked(tx, timer):
            audit.record(tx, now, "timer", "check_in.not_wanted", timer.subject_id)
        else:
            conversation = conversations.load(tx, timer.subject_id)
            event = events.TimerFired(now, timer.name, timer.turn, timer.about)
            self.handle(tx, conversation, event)
        timers.done(tx, timer.id)

    def desk(self, tx: Transaction, conversation: Conversation, at: datetime) -> events.Desk:
        """How things stand for this conversation now: read once, handed to the core."""
        # A chat in which nothing worrying was ever heard has no alert to look for.
        alert = alerts.undecided_of(tx, conversation.id) if conversation.level else None
        alone = not conversation.held
        return events.Desk(
            open=not switches.on(tx, Switch.CLOSED, at),
            on_duty=calling.shift(tx, at),
            night=quiet_hours.is_night(at, self.house.settings.timezone),
            alert_level=alert.level if alert else None,
            alert_taken=bool(alert and alert.taken_by),
            alert_may_wait=bool(alert and standing.may_wait(alert)),
            alert_age_minutes=int((at - alert.opened_at).total_seconds() // 60) if alert and alone else 0,
            alert_id=alert.id if alert else None,
            worker=str(conversation.facts.get("worker", "")) or None,
        )


def _unheard() -> Concern:
    plain = concerns.plain(Level.L2, "a text could not be handled", night_page=True)
    return replace(plain, unscreened=True)


@cache
def _code(event: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", event).lower()


def _who(event: Event, contact: Contact) -> str:
    if isinstance(event, events.TextReceived | events.MediaReceived):
        return f"child:{contact.id}"
    return "timer" if isinstance(event, events.TimerFired) else "bot"


def _keep(tx: Transaction, inbound: Inbound) -> int | None:
    return inbox.keep(tx, inbound.channel, inbound.external_id, inbound.address, packing.packed(inbound), inbound.at)
