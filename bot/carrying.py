"""Carries out what the core decided, in the transaction of the event: one exhaustive `match`, an unknown effect is a crash.

May not decide whether: only how. Nothing is sent here; what must leave is written to the outbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, assert_never

from bot import alarms, clocks, giving, holding, refiling
from bot.channels.base import NO_CHAT
from flows import effects, events
from flows.model import Level, Service, Task
from storage import answers, audit, contacts, messages, offers, outbox, removals, revisions, timers
from storage.codes import Direction, Sending, Subject
from storage.outbox import Draft

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from flows.effects import Effect
    from flows.events import Desk, Event
    from flows.model import Concern, Conversation, Library
    from storage.contacts import Contact
    from storage.database import Transaction

# A text of ours that has not left after this long would come out of nowhere: it stays.
SAY_EXPIRES = timedelta(hours=4)


class Observe(Protocol):
    """Told what was carried out, as codes and values: transcripts listen here, nothing in `serve` does."""

    def __call__(self, kind: str, about: str, **fields: object) -> None:
        """`kind` as in a transcript's outcomes; `about`: the conversation's id."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One event on one conversation, before and after. `words`: what was written, where the event itself is no text."""

    contact: Contact
    before: Conversation
    after: Conversation
    event: Event
    desk: Desk
    library: Library
    words: str = ""

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.event.at


def carry(tx: Transaction, house: House, scene: Scene, todo: tuple[Effect, ...]) -> None:
    """Carry out every effect, in order; a change of state is observed with them."""
    if scene.after.state != scene.before.state or scene.after.step != scene.before.step:
        house.observe("state", scene.after.id, state=scene.after.state, step=scene.after.step)
    # Where a concern is raised people are told after it: only then is it known who may not hear of this child.
    raised = any(isinstance(one, effects.RaiseConcern) for one in todo)
    for effect in sorted(todo, key=lambda one: raised and isinstance(one, effects.TellHolder)):
        _one(tx, house, scene, effect)
    if any(_is_of_the_record(scene, effect) for effect in todo):
        refiling.told_more(tx, house, scene.after.id, scene.at)
    if isinstance(scene.event, events.EpisodeEnded):
        offers.close_requests(tx, scene.contact.id, scene.at)
    clocks.after(tx, house, scene, todo)


def _one(tx: Transaction, house: House, scene: Scene, effect: Effect) -> None:  # noqa: C901, PLR0912 - one arm an effect
    c = scene.after
    match effect:
        case effects.Say():
            say(tx, house, scene, effect)
        case effects.Relay():
            _relay(tx, scene, effect)
        case effects.Record():
            answers.add(tx, c.id, effect.answer, c.revision)
            house.observe("answer", c.id, answer=effect.answer)
        case effects.RaiseConcern():
            _raise(tx, house, scene, effect.concern, effect.message)
        case effects.SetTimer():
            timers.add(tx, Subject.CONVERSATION, c.id, effect.name, effect.at, effect.turn, about=effect.about)
        case effects.ChangeHolder():
            house.observe("holder", c.id, holder=effect.holder)
            holding.follow(tx, house, scene, effect.holder)
            audit.record(
                tx,
                scene.at,
                "bot",
                "holder",
                c.id,
                "person" if effect.holder not in ("bot", "nobody") else effect.holder,
            )
        case effects.AddTask():
            giving.work(tx, house, effect.task, scene.at, conversation=c.id)
        case effects.KeepCodeWord():
            contacts.set_code_word(tx, scene.contact.id, effect.word)
        case effects.OptOut():
            contacts.opt_out(tx, scene.contact.id)
            offers.close_requests(tx, scene.contact.id, scene.at)
        case effects.OptIn():
            contacts.opt_out(tx, scene.contact.id, out=False)
        case effects.DeleteMessages():
            _note_deletion(tx, scene)
        case effects.TellHolder():
            alarms.tell(tx, house, scene, effect.about)
        case effects.PassOver():
            if effect.different:
                holding.bar(tx, scene, effect.worker)
            alarms.pass_over(tx, house, scene, effect.worker)
        case effects.FileRecord():
            _tell_child(tx, house, scene, effect.outcome)
            house.observe("filed", c.id, outcome=effect.outcome)
            audit.record(tx, scene.at, "bot", "filed", c.id, effect.outcome)
        case _:
            assert_never(effect)


def _is_of_the_record(scene: Scene, effect: Effect) -> bool:
    """Whether the record says more by it: something was heard, or answered about what happened."""
    if isinstance(effect, effects.Record):
        step = scene.library.flow.steps.get(effect.answer.question)
        return step is not None and bool(step.area)
    return isinstance(effect, effects.RaiseConcern)


def _tell_child(tx: Transaction, house: House, scene: Scene, outcome: str) -> None:
    """A child who was told "you will hear from us" is owed it: two working days (R36; 001:1025)."""
    if scene.contact.store is Service.RETURN_INTERVIEW and outcome in ("done", "partly_done"):
        giving.work(tx, house, Task("tell_child", "worker", "2wd"), scene.at, conversation=scene.after.id)


def say(tx: Transaction, house: House, scene: Scene, effect: effects.Say) -> None:
    """A catalogue text: into the thread and into the outbox."""
    if scene.after.channel == NO_CHAT:
        return
    text = house.shelf.render(tx, scene.after, effect, scene.desk, scene.at)
    message = messages.add(
        tx, scene.after.id, Direction.OUT, scene.after.channel, text, scene.at, key=effect.key, locale=effect.locale
    )
    _send(tx, scene, text, message)


def _relay(tx: Transaction, scene: Scene, effect: effects.Relay) -> None:
    if scene.after.channel == NO_CHAT:
        return
    message = messages.add(
        tx, scene.after.id, Direction.OUT, scene.after.channel, effect.text, scene.at, by=effect.worker
    )
    _send(tx, scene, effect.text, message)


def _send(tx: Transaction, scene: Scene, text: str, message: str) -> None:
    draft = Draft(
        kind=Sending.SAY,
        channel=scene.after.channel,
        text=text,
        not_before=scene.at,
        contact=scene.contact.id,
        conversation=scene.after.id,
        message=message,
        expires_at=scene.at + SAY_EXPIRES,
        # A child's question that arrives twice does less harm than one that never does.
        repeat_in_doubt=True,
    )
    outbox.add(tx, draft, scene.at)


def _note_deletion(tx: Transaction, scene: Scene) -> None:
    """A child asked us to delete: noted for the channel that can; where none can (SMS), the child is told the truth."""
    removals.hasten(tx, scene.contact.id, scene.at)
    audit.record(tx, scene.at, f"child:{scene.contact.id}", "asked_to_delete", scene.after.id)


def _raise(tx: Transaction, house: House, scene: Scene, concern: Concern, message: str | None) -> None:
    answers.add_concern(tx, scene.after.id, concern, message, scene.at)
    house.observe("concern", scene.after.id, concern=concern)
    if concern.level >= Level.L2:
        alarms.raise_alert(tx, house, scene, concern)
        if scene.after.held:
            holding.crowded(tx, house, scene, concern.level)


def keep_revision(tx: Transaction, house: House, conversation: Conversation, at: datetime) -> None:
    """Keep the flow a conversation begins with, once per revision and language."""
    source = house.shelf.source_text(conversation)
    revisions.keep(tx, conversation.revision, conversation.locale, conversation.flow, source, at)
