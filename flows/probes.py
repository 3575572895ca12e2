"""The events a walk puts to a conversation: everything a child, a person, a timer or the house may do at a step.

May not judge what follows. Nothing here is chance: the same library gives the same probes in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import composing, events, matching, telling
from flows.model import Heard, Hit, Kind, Level, OnDuty

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flows.events import Desk, Event
    from flows.model import Category, Conversation, Library, Step

# Words that are no answer, no command and, by themselves, nothing to worry about; what listening "heard" is put beside.
WORDS: Final = "qwxz vrblk told"
NOTHING_HEARD: Final = Heard(locale="en")
PACKED: Final = "und"  # a language in which the emergency pack may be sent, and nothing else
NOW: Final = timedelta(minutes=2)
AT_ONCE: Final = timedelta(seconds=30)
NEXT_SESSION: Final = timedelta(minutes=31)

MANNED: Final = events.Desk(open=True, on_duty=(OnDuty("Rosa", "duty"),))
# By night, with nobody at the desk and an alert that nobody has taken.
EMPTY: Final = events.Desk(open=False, night=True)
WORKER: Final = "Rosa"
LEVELS: Final = (Level.L1, Level.L2, Level.L3, Level.L4)


@dataclass(frozen=True, slots=True)
class Probe:
    """One event with its name for a finding. `verb`: what it is as a command."""

    name: str
    event: Event
    verb: str = ""


def advances(library: Library, c: Conversation) -> Iterator[Probe]:
    """The texts by which a child goes on: each option by its number, a skip, words to an open question."""
    step = library.flow.steps.get(c.step) if c.step else None
    if step is None:
        return
    for text in _answers(step):
        yield Probe(f"answers '{text}'", texting(c, text))


def _answers(step: Step) -> Iterator[str]:
    yield from (str(number) for number, _ in composing.numbered(step))
    if step.kind is Kind.MULTI:
        yield " ".join(str(number) for number, _ in composing.numbered(step)[:2])
    if step.skippable:
        yield "0"
    if step.kind is Kind.FREE:
        yield "we went to the park"


def every(library: Library, c: Conversation, desk: Desk = MANNED, *, whole: bool = True) -> Iterator[Probe]:
    """All that may happen now. Not `whole`: without what differs only in how it is written, and the levels between."""
    yield from said(library, c, desk, whole=whole)
    yield from disclosed(library, c, desk, LEVELS if whole else LEVELS[1::2])
    yield from _happened(c, desk)


def said(library: Library, c: Conversation, desk: Desk = MANNED, *, whole: bool = True) -> Iterator[Probe]:
    """What a child may send that means nothing worrying: answers, labels, other words, every command, a photo."""
    step = library.flow.steps.get(c.step) if c.step else None
    labels = [one.label for one in step.options] if step is not None and whole else []
    for text in (*_answers(step), *labels) if step is not None else ():
        yield Probe(f"answers '{text}'", texting(c, text, desk))
    yield Probe("words that are no answer", texting(c, WORDS, desk))
    yield Probe("the same at once", texting(c, WORDS, desk, after=AT_ONCE))
    yield Probe("words in a new session", texting(c, WORDS, desk, after=NEXT_SESSION))
    yield from _commands(library, c, desk, step)
    yield Probe("a photo", events.MediaReceived(_at(c) + NOW, "photo", "m", desk))
    yield Probe("a word that the carrier took for STOP", replace(texting(c, "ARRET", desk), stopped=True), "stop")
    yield Probe("START", replace(texting(c, "START", desk), started=True))
    yield Probe("the code of the offer", replace(texting(c, "WK7F2QRT", desk), offer_code=True))


def _commands(library: Library, c: Conversation, desk: Desk, step: Step | None) -> Iterator[Probe]:
    texts = [(command.words[0], command.does) for command in library.commands]
    texts += [(f"{word} mango", "code") for word, verb in texts if verb == "code"]
    texts += [(name, "language") for name in _languages(library)]
    for text, verb in texts:
        answers = step is not None and step.kind is not Kind.FREE and matching.match(step, text).whole
        yield Probe(f"sends {text}", texting(c, text, desk), "" if answers else verb)


def _languages(library: Library) -> Iterator[str]:
    """The name of a language that is offered, and of one that is not."""
    for offered in (True, False):
        yield from [name for name, tag in library.language_names.items() if (tag in library.locales) is offered][:1]


def disclosed(
    library: Library, c: Conversation, desk: Desk = MANNED, levels: tuple[Level, ...] = LEVELS
) -> Iterator[Probe]:
    """A concern of every level, with a category of every guard and trait, asserted and in doubt."""
    for category in traits(library):
        for level in levels:
            yield _concern(c, category, level, desk)
    first = traits(library)[0]
    yield _concern(c, first, Level.L2, desk, doubt="negated")
    yield _concern(c, first, Level.L3, desk, after=NEXT_SESSION)
    yield _concern(c, first, Level.L3, desk, after=AT_ONCE)
    strange = Heard(unscreened="cannot read", locale=PACKED, reason="cannot read", clear=PACKED)
    unread = replace(strange, hits=_hits(first, Level.L4, None))
    yield Probe("L4 in words that no machine can read for sure", texting(c, WORDS, desk, heard=unread))
    yield Probe("words that no machine can read", texting(c, WORDS, desk, heard=strange))
    step = library.flow.steps.get(c.step) if c.step else None
    for number, _ in composing.numbered(step)[1:2] if step is not None else ():
        text, heard = f"{number} {WORDS}", Heard(hits=_hits(first, Level.L3, None))
        yield Probe(f"answers {number} and tells L3 beside it", texting(c, text, desk, heard=heard))


def traits(library: Library) -> tuple[Category, ...]:
    """One category for each way in which they differ, locking ones first."""
    found = {
        (one.guard, one.quiet, one.plain, one.own_life): one for one in reversed(list(library.categories.values()))
    }
    return tuple(sorted(found.values(), key=lambda one: one.line))


def _concern(
    c: Conversation, category: Category, level: Level, desk: Desk, *, doubt: str | None = None, after: timedelta = NOW
) -> Probe:
    heard = Heard(hits=_hits(category, level, doubt), locale="en")
    when = "" if after == NOW else (" at once" if after == AT_ONCE else " in a new session")
    name = f"tells {level.name} {category.code}{f' ({doubt})' if doubt else ''}{when}"
    return Probe(name, texting(c, WORDS, desk, after=after, heard=heard))


def _hits(category: Category, level: Level, doubt: str | None) -> tuple[Hit, ...]:
    return (Hit(category.code, level, 0, len(WORDS), "walk", doubt),)


def _happened(c: Conversation, desk: Desk) -> Iterator[Probe]:
    at = _at(c) + NOW
    yield Probe("the code word", replace(texting(c, "mango", desk), code_word=True))
    yield Probe("24 hours of silence", events.TimerFired(at + timedelta(hours=24), "idle", c.turn, "", desk))
    told_on = events.TimerFired(at + timedelta(minutes=2), telling.TOLD_ON, c.turn, c.step or "", desk)
    yield Probe("2 minutes behind words told on", told_on)
    waited = replace(desk, alert_level=Level.L3)
    still = events.TimerFired(at, "still", c.turn, str(c.counts.get("waits", 0)), waited)
    yield Probe("5 minutes of waiting", still)
    yield Probe("a timer of a turn long over", events.TimerFired(at, "idle", c.turn - 1, "", desk))
    yield Probe("the time to invite", events.TimerFired(at, "invite", c.turn, "", desk))
    yield Probe("a text that bounced", events.SendBounced(at, "opted_out", desk))
    yield Probe("a path is set", events.PathSet(at, WORKER, "E" if c.path != "E" else "M", desk))
    yield Probe("the chat is closed", events.ConversationClosed(at, WORKER))
    yield Probe("the child is back", events.EpisodeEnded(at))
    yield Probe("a person is called", events.PersonCalled(at, WORKER, desk))
    yield Probe("a worker is worried", events.ConcernRaised(at, WORKER, Level.L3, "seen", service=desk))
    yield Probe("somebody else may be typing", events.StrangerSuspected(at, WORKER, desk))
    yield Probe("a worker takes the chat", events.WorkerTook(at, WORKER, desk))
    if c.step is not None:
        yield Probe("a worker fills in the answer", events.AnswerSet(at, WORKER, c.step, None))
    if c.held:
        yield Probe("the child is told first", events.ToldFirst(at, WORKER, desk))
        yield Probe("the worker hands back", events.WorkerLeft(at, WORKER, service=desk))
        yield Probe("the worker hands on", events.WorkerLeft(at, WORKER, successor="Sam", service=desk))
        yield Probe("the worker must not go on", events.WorkerLeft(at, WORKER, removed=True, service=desk))
        yield Probe("the worker drops out", events.WorkerLeft(at, WORKER, dropped=True, service=desk))
    if c.guard.locks:
        yield Probe("the lock is lifted", events.LockLifted(at, WORKER, "seen", desk))


def _at(c: Conversation) -> datetime:
    return c.last_inbound_at or c.started_at


def texting(
    c: Conversation, text: str, desk: Desk = MANNED, *, after: timedelta = NOW, heard: Heard = NOTHING_HEARD
) -> events.TextReceived:
    """A text of the child that comes `after` their last one, and what listening makes of it."""
    return events.TextReceived(_at(c) + after, text, "m", lambda: heard, service=desk)
