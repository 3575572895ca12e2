"""One event's work on one conversation: a new value grows here and the effects are gathered in order.

May not decide what an event means (that is `engine`); it keeps the promises that hold whatever happens: after a lock only
the allowed texts, nothing at all when quiet or when others may be reading, never more steps in a turn than the limit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows import agenda, carrier, concerns, conditions, effects, facts, machine
from flows.model import BOT, NOBODY, Kind, Level, Privacy, changed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flows.effects import Effect
    from flows.events import Desk
    from flows.model import Answer, Concern, Conversation, Library, Step, Task

# Counted while a child waits for a person and has not been told so.
UNTOLD = "untold"
# The timer by which somebody was promised in minutes; counted when somebody came, or the child took their leave.
PROMISED = "promised"
# The minute (of the epoch) of the last text about waiting.
WAIT_TOLD = "wait_text_minute"
# Counted while a telephone on which was disclosed is said to be somebody else's.
PHONE = "phone"


def reading_in(library: Library, locale: str | None) -> Library:
    """`library` for a child who is sent the emergency pack in this language (None: in that of the chat)."""
    pack = {**library.packs.get(library.flow.locale, {}), **library.packs.get(locale or "", {})}
    return replace(library, flow=replace(library.flow, steps=MappingProxyType({**library.flow.steps, **pack})))


class Turn:
    """Gathers what one event does. `c` is the conversation as it stands so far."""

    def __init__(self, library: Library, conversation: Conversation, at: datetime, service: Desk) -> None:
        self.library = library
        self.c = changed(conversation, turn=conversation.turn + 1)
        self.at = at
        self.service = service
        self.concern: Concern | None = None
        # What this text means to an earlier question: hearing its words anew, once more is known, takes nothing from that.
        self.meant: Concern | None = None
        self.of_earlier = False  # and was filed with the answer to that
        self.done: list[Effect] = []

    # --- small changes ------------------------------------------------------------------------------------------------

    def move(self, trigger: str) -> None:
        """Fire a trigger of the state table."""
        self.c = changed(self.c, state=machine.move(self.library.flow, self.c.state, trigger))

    def can(self, trigger: str) -> bool:
        """Whether the state table has a row for this trigger here."""
        return machine.can(self.library.flow, self.c.state, trigger)

    def count(self, what: str) -> int:
        """Count something that may happen only so often; the number includes this time."""
        number = self.c.counts.get(what, 0) + 1
        self.c = changed(self.c, counts={**self.c.counts, what: number})
        return number

    def uncount(self, what: str) -> None:
        """Begin to count it anew."""
        self.c = changed(self.c, counts={key: one for key, one in self.c.counts.items() if key != what})

    def mark(self, what: str) -> None:
        """Keep the second at which something was done last."""
        self.c = changed(self.c, counts={**self.c.counts, what: int(self.at.timestamp())})

    def is_marked(self, what: str, seconds: int) -> bool:
        """Whether it was done within these seconds."""
        at = self.c.counts.get(what)
        return at is not None and self.at.timestamp() - at < seconds

    def is_of_session(self, what: str) -> bool:
        """Whether it was done no longer ago than a session lasts."""
        return self.is_marked(what, self.library.limits["session_minutes"] * 60)

    def learn(self, known: Mapping[str, str | int]) -> None:
        """Know something of the child from here on, as if the record had said it."""
        self.c = changed(self.c, facts={**self.c.facts, **known})

    def forget(self, names: Iterable[str]) -> None:
        """What an answer made known is not known any more, where the child gives another."""
        gone = {*names}
        self.c = changed(self.c, facts={name: one for name, one in self.c.facts.items() if name not in gone})

    def read_by(self, privacy: Privacy) -> None:
        """Who may be reading, as the child says; what was known of the telephone before is past."""
        self.uncount(PHONE)
        self.c = changed(self.c, privacy=privacy)

    def hold(self, holder: str) -> None:
        """Give the chat to the bot, to nobody (waiting for a person) or to a worker."""
        if holder != self.c.holder:
            self.c = changed(self.c, holder=holder)
            self.done.append(effects.ChangeHolder(holder))

    def tell_holder(self, about: str) -> None:
        """Whoever answers for this child hears of something, by its code."""
        self.done.append(effects.TellHolder(about))

    def task(self, tasks: Iterable[Task]) -> None:
        """Give people work."""
        for one in tasks:
            self.done.append(effects.AddTask(one))
            if one.within.endswith("m"):
                due = self.at + timedelta(minutes=int(one.within[:-1]))
                self.timer(PROMISED, due, str(self.c.counts.get(PROMISED, 0)))

    def record(self, answer: Answer) -> None:
        """Keep an answer, behind what the child wrote in its place before; what was asked stays known as asked."""
        answer = self._behind(answer)
        order = self.c.order if answer.question in self.c.order else (*self.c.order, answer.question)
        self.c = changed(self.c, answers={**self.c.answers, answer.question: answer}, order=order)
        self.done.append(effects.Record(answer))

    def latest(self) -> Answer | None:
        """The answer given last."""
        given = (self.c.answers[key] for key in reversed(self.c.order) if key in self.c.answers)
        return max(given, key=lambda one: one.at, default=None)

    def _behind(self, answer: Answer) -> Answer:
        before = [one for one in self.c.unread if one.question == answer.question]
        if not before or answer.by != "child":
            return answer
        self.c = changed(self.c, unread=tuple(one for one in self.c.unread if one not in before))
        said = "\n".join((*(one.text for one in before), answer.said))
        messages = dict.fromkeys((*(one.message for one in before), *answer.messages))
        return replace(answer, said=said, messages=tuple(messages))

    def timer(self, name: str, at: datetime, about: str = "") -> None:
        """Set a timer in this turn."""
        self.done.append(effects.SetTimer(name, at, self.c.turn, about))

    def read_in(self, locale: str | None) -> None:
        """From here the emergency pack is sent in this language, where it may be; None: in that of the chat. People hear of each
        language once: a child who mixes two would have them told with every text.
        """
        locale = locale if locale in self.library.packs else None
        if locale == self.c.reads:
            return
        self.c = changed(self.c, reads=locale)
        self.library = reading_in(self.library, locale)
        if locale is not None and self.count(f"reads:{locale}") == 1:
            self.tell_holder("language")

    def values(self) -> Mapping[str, object]:
        """What conditions may ask about, now."""
        return facts.names(self.c, self.service, self.concern)

    # --- saying -------------------------------------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether only the texts of `after_lock` may leave."""
        return self.c.guard.locks

    def may_say(self, key: str) -> bool:
        """The one gate of everything the bot sends (decisions 3 and 4); while a person has the chat, nothing passes."""
        if self.c.held:
            return False
        if self.c.quiet or (self.c.privacy is Privacy.OTHERS and key not in self._parting):
            return False
        return not self.locked or key.partition(".")[0] in self.library.after_lock

    @property
    def _parting(self) -> frozenset[str]:
        # What may still be said to whoever is reading: the gate itself, and goodbye to somebody who said "not now".
        steps = self.library.flow.steps.values()
        return frozenset(step.key for step in steps if step.tags & {"gate", "parting"})

    def say(self, key: str, **values: str) -> bool:
        """Send a catalogue text if it may be sent now; whether it was."""
        if not self.may_say(key):
            return False
        pack = self.library.packs.get(self.c.reads or "", {})
        locale = self.c.reads if key.partition(".")[0] in pack else None
        self._send(key, locale or self.c.locale, values)
        if any(one.after == key for one in self.library.commands):
            self.c = changed(self.c, shown=key)
        return True

    def say_for_person(self, key: str, **values: str) -> None:
        """Send a catalogue text in the name of whoever has the chat: the lock binds the bot, not them. They do not choose its
        words, so nothing leaves by it where only they may decide to write (decisions 4), nor after a STOP.
        """
        if not (self.c.quiet or self.c.privacy is Privacy.OTHERS or carrier.silent_since_stop(self)):
            self._send(key, self.c.locale, values)

    def _send(self, key: str, locale: str, values: Mapping[str, str]) -> None:
        self.done.append(effects.Say(key, locale, tuple(values.items())))
        self.c = changed(self.c, last_outbound_at=self.at)

    def ask(self, step: Step) -> bool:
        """Open a question (or say a statement); whether it was sent."""
        if not self.say(step.key):
            return False
        order = self.c.order if step.key in self.c.order else (*self.c.order, step.key)
        self.c = changed(self.c, order=order)
        if step.kind is not Kind.STATEMENT:
            self.c = changed(self.c, step=step.key, shown=step.key, tries=0, followed_up=False)
        return True

    def ask_tagged(self, tag: str) -> bool:
        """Ask or say the first step with a tag; False when there is none or it may not be sent."""
        return any(self.ask(step) for step in agenda.tagged(self.library.flow, tag)[:1])

    def say_tagged(self, tag: str) -> bool:
        """Say the first text with a tag, without counting it as asked."""
        return any(self.say(step.key) for step in agenda.tagged(self.library.flow, tag)[:1])

    def again(self) -> bool:
        """Repeat the open question as it was."""
        step = self.open_step()
        return step is not None and self.say(step.key)

    def open_step(self) -> Step | None:
        """The question that waits for an answer."""
        return self.library.flow.steps.get(self.c.step) if self.c.step else None

    def last_answered(self) -> str | None:
        """The question that was answered last."""
        return next((key for key in reversed(self.c.order) if key in self.c.answers), None)

    def last_asked(self) -> Step | None:
        """The question the child was last asked in this session, answered or not."""
        return self.library.flow.steps.get(self.c.shown or "")

    def wait_text(self) -> bool:
        """Tell a waiting child the truth about waiting, of one wait at most once in `wait_again_minutes`."""
        if not self._wait_is_due():
            return False
        values = self.values()
        row = next((one for one in self.library.waiting if conditions.holds(one.when, values)), None)
        if row is None or not self.may_say(row.say):
            return False
        self.promise()
        self.say(row.say, minutes=self._minutes())
        self._note_wait_text()
        if UNTOLD in self.c.counts:
            self.uncount(UNTOLD)
            self.keep_company()
        return True

    def still(self) -> None:
        """Say that we are still trying; not beside the same words, a minute before or at the child's next text."""
        last = self.c.counts.get(WAIT_TOLD)
        if (last is None or self._minute() - last > 1) and self.say_tagged("still"):
            self._note_wait_text()

    def _note_wait_text(self) -> None:
        self.c = changed(self.c, counts={**self.c.counts, WAIT_TOLD: self._minute()})

    def _minute(self) -> int:
        return int(self.at.timestamp()) // 60

    def _minutes(self) -> str:
        # What a child is told is what people are held to: by then somebody else would be paged (domain 3.3).
        now, open_alert = self.concern, self.service.alert_level
        level = max(open_alert or Level.L2, now.level if now is not None else Level.L2, Level.L2)
        rungs = self.library.ladders[Level(level)].rungs
        first = set(rungs[0].roles)
        held_to = next((one.after_minutes for one in rungs if first.isdisjoint(one.roles)), rungs[-1].after_minutes)
        return str(max(self.service.waiting_minutes, held_to))

    def _wait_is_due(self) -> bool:
        last = self.c.counts.get(WAIT_TOLD)
        return last is None or self._minute() - last >= self.library.limits["wait_again_minutes"]

    def to_person(self, *, tell: bool = True) -> None:
        """From here a person answers: nobody holds the chat until one takes it, and the child is told how long."""
        if self.c.held:
            return
        self.promise()
        first = self.c.holder == BOT
        self.hold(NOBODY)
        self.move("wait")
        if tell:
            self.wait_text()
        if first:
            self.keep_company()

    def promise(self) -> None:
        """Nobody is promised to a child who has not been told of: what a child waits for climbs, by night too (M2), and a promise
        of the evening does when the night begins.
        """
        now, desk = self.concern, self.service
        # While the desk is closed it is the morning that is promised: it need not page; whoever asks for a person does.
        told = now is not None and now.level >= Level.L2 and (now.level >= Level.L3 or now.night_page or not desk.open)
        has = desk.alert_level is not None and (desk.alert_taken or not (desk.open and desk.alert_may_wait))
        if not told and not has:
            self.raise_concern(concerns.plain(Level.L2, "a person was promised", night_page=desk.open), None)

    def raise_concern(self, concern: Concern, message: str | None) -> None:
        """Keep a concern; from L2 somebody is told in the same transaction."""
        self.concern = concern
        self.c = changed(self.c, level=max(self.c.level, concern.level))
        self.done.append(effects.RaiseConcern(concern, message))

    def keep_company(self) -> None:
        """Set the times at which a child nobody has answered hears that we are still trying (decisions 7)."""
        waits = str(self.count("waits"))
        for limit in ("still_1_minutes", "still_2_minutes"):
            self.timer("still", self.at + timedelta(minutes=self.library.limits[limit]), waits)
        # By then a person was promised.
        self.timer("past", self.at + timedelta(minutes=int(self._minutes())), waits)
