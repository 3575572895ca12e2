"""Who is with the child: somebody came ("mums here"), or is gone again ("im alone now"). Pure.

It decides only what is said (decisions 4): what a child writes beside somebody is heard and paged like anything else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows import agenda, answering, asides, doubting, going_on, languages, matching, responding, settling, spelling
from flows.concerns import merged, says_who_is_there
from flows.matching import Match, Reading
from flows.model import BOT, NOBODY, Answer, Kind, Level, Privacy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.events import TextReceived
    from flows.model import Concern, Step, Value
    from flows.spelling import Token
    from flows.turn import Turn

_UNDERSTOOD: Final = frozenset({Reading.ANSWER, Reading.BESIDE})
_STOPS: Final = frozenset(".,;:!?\n؟،。")
_ENDING: Final = 24  # words in which a text may end; who wrote thousands has said more than that they are alone
_PLEA: Final = max(len(plea.split()) for plea in languages.PLEADS_ON)
# "And", but for what is another word in English: "i am safe", "ta".
_NO_AND: Final = frozenset({"ta", "then", "also", "plus", "i", "y", "e", "u"})
_WITH: Final = re.compile(r"(?:n|nd|w|with|but)\Z")
_SAID: Final = 2  # words that say by themselves that nobody is there, whatever was asked: "im alone"


def note(turn: Turn, event: TextReceived, step: Step | None, heard: Concern | None) -> bool:
    """Whether somebody came, by what the child writes, whoever has the chat: from there nothing is said.

    "im alone now" is noted here while a person has the chat, who answers it; else `alone_again` does.
    """
    if heard is not None and heard.level is Level.L4:
        responding.has_phone(turn)
    if (
        heard is not None
        and not _answers_who(step, event)
        and _says_so(turn, event, heard, at_gate=agenda.is_gate(step))
    ):
        turn.read_by(Privacy.OTHERS)
        turn.count("waits")
        return True
    said = _says_alone(turn, event) if turn.c.held else None
    if said is not None and _plainly(turn, event, *said):
        _alone(turn, event, *said)
    return False


def came(turn: Turn, event: TextReceived, step: Step | None, answer: Match | None, heard: Concern) -> None:
    """Somebody is with the child now, who has nobody else to write to.

    Of the gate it is its "not now". What it says of the open question still counts: "no hes here". What they are to
    tell freely, and where help is to be sent, is asked again once they are alone.
    """
    at_gate = agenda.is_gate(step)
    told = step is not None and answer is not None and answer.kind in _UNDERSTOOD
    understood = told and (_asks_who(step) or (step is not None and step.kind is not Kind.FREE))
    if step is not None and answer is not None and at_gate:
        _at_the_gate(turn, event, step, answer, heard)
    elif step is not None and answer is not None and understood:
        answering.take(turn, step, answer, event, heard)
    else:
        asides.remember(turn, event)
        _kept(turn, event, heard)
    if not turn.locked and turn.c.holder == BOT and not at_gate:
        turn.tell_holder("somebody_there")
        if _asks_who(step):
            turn.to_person(tell=False)  # as after any answer to it
        else:
            going_on.end(turn, "pause")


def _asks_who(step: Step | None) -> bool:
    return step is not None and "asks_company" in step.tags


def _answers_who(step: Step | None, event: TextReceived) -> bool:
    """Whether we asked who is with the child, and somebody is whom they feel OK with; "no my dads here" is somebody else."""
    return _asks_who(step) and languages.NOT.isdisjoint(doubting.words(event.text))


def _says_so(turn: Turn, event: TextReceived, heard: Concern, *, at_gate: bool) -> bool:
    """A find below L2 of what silences is somebody there for now; at the gate wherever it stands, else as most of a text."""
    there = [hit for hit in heard.evidence if says_who_is_there(hit, turn.library.categories)]
    return any(at_gate or 2 * (hit.end - hit.start) >= len(event.text) for hit in there)


def _at_the_gate(turn: Turn, event: TextReceived, step: Step, answer: Match, heard: Concern) -> None:
    worry = settling.meaning(turn, step, answer.value, event)
    others = _value(turn, step, event, Privacy.OTHERS)
    if worry is None and others is not None:
        answering.take(turn, step, Match(Reading.ANSWER, others), event, heard)
        return
    turn.record(Answer(step.key, answer.value, event.text, turn.at, turn.c.locale, messages=(event.message,)))
    _kept(turn, event, merged(worry, heard) or heard)


def _kept(turn: Turn, event: TextReceived, concern: Concern) -> None:
    going_on.interrupt(turn)
    responding.keep(turn, concern, event.message)
    if responding.wanted(concern):
        responding.reply(turn, concern)
    elif turn.locked or turn.c.holder != BOT:
        turn.tell_holder("somebody_there")


def _value(turn: Turn, step: Step, event: TextReceived, privacy: Privacy) -> Value:
    """The answer to the gate that means this."""
    for option in step.options:
        if any(row.privacy is privacy for row in settling.following(turn, step, option.value, event)):
            return option.value
    return None


def alone_again(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """A late "1" to the gate, or "im alone now", of a child who waits for a person: the last answer to the gate counts (decisions
    4), and what could not be said before is said. With other words beside it, or where nobody is waited for, the gate is asked.
    Whether it was that.
    """
    waits = turn.locked or turn.c.holder == NOBODY
    spoken_to = turn.c.privacy is Privacy.UNKNOWN and turn.c.level is Level.L4  # heard of 999 then
    said = _says_alone(turn, event)
    if said is None or spoken_to or not (waits or turn.c.privacy is Privacy.OTHERS):
        return False
    gate, alone = said
    if not _wholly(gate, event.text, alone):
        return not turn.locked and _asked_first(turn, event, heard)
    if not _plainly(turn, event, gate, alone):
        return False
    pleads = heard is not None and _before_plea(event.text) != event.text
    if not waits:
        return _asked_first(turn, event, heard if pleads else None)
    if heard is not None and pleads:
        responding.keep(turn, heard, event.message)
    _alone(turn, event, gate, alone)
    if turn.locked or (turn.service.alert_level or Level.L0) >= Level.L3:
        responding.at_last(turn)
    else:
        going_on.begin(turn)
    return True


def goes_on(turn: Turn, event: TextReceived, step: Step | None, heard: Concern | None) -> bool:
    """Whether a text goes on with who is there, moments after the gate: "just me", and "n my dad" behind it. It is no answer to
    what was asked since: the gate is asked again, and nothing more is said beside somebody.
    """
    gate = next(iter(agenda.tagged(turn.library.flow, "gate")), None)
    before = turn.c.answers.get(gate.key) if gate is not None else None
    said = doubting.words(event.text)
    if before is None or step is None or "each_session" not in step.tags or turn.c.privacy is not Privacy.ALONE:
        return False
    moments = (turn.at - before.at).total_seconds() <= turn.library.limits["join_seconds"]
    if not (moments and len(said) > 1 and _joins(said[0])) or (heard is not None and responding.wanted(heard)):
        return False
    rest = " ".join(said[1:])
    if (
        settling.settled(turn, step, matching.match(step, rest), replace(event, text=rest), heard).kind
        is not Reading.UNCLEAR
    ):
        return False  # "but im scared"
    asides.remember(turn, event)
    return _asked_first(turn, event, heard)


def _joins(word: str) -> bool:
    return _WITH.match(word) is not None or word in languages.AND - _NO_AND


def _asked_first(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """Ask who is reading; what stands beside "im alone now" is heard before. By their word nobody is there: until the gate is
    answered that is unknown, and a danger is answered (decisions 4).
    """
    turn.read_by(Privacy.UNKNOWN)
    if heard is not None:
        responding.keep(turn, heard, event.message)
        if turn.c.holder == BOT and responding.wanted(heard):
            responding.reply(turn, heard)
    if responding.worst(turn) is Level.L4 and responding.DANGER_SAID not in turn.c.counts:
        responding.at_last(turn)  # told while somebody was there, or beside this
    if turn.c.holder == BOT:
        going_on.to_gate(turn)
    else:
        turn.ask_tagged("gate")
    return True


def _alone(turn: Turn, event: TextReceived, gate: Step, value: Value) -> None:
    turn.record(Answer(gate.key, value, event.text, turn.at, turn.c.locale, messages=(event.message,)))
    turn.read_by(Privacy.ALONE)


def _says_alone(turn: Turn, event: TextReceived) -> tuple[Step, Value] | None:
    """The gate, and the answer to it that a text is or ends in, where that says what was not known: nobody is there."""
    gate = next(iter(agenda.tagged(turn.library.flow, "gate")), None)
    if gate is None or turn.c.privacy is Privacy.ALONE or event.pressed or event.edited:
        return None
    value = _value(turn, gate, event, Privacy.ALONE)
    return (gate, value) if value is not None and _ends_with(turn, gate, event.text, value) else None


def _plainly(turn: Turn, event: TextReceived, gate: Step, value: Value) -> bool:
    """Whether a text says nothing else; where the gate was not the last that was asked, neither "1" does nor "no worries"."""
    return _wholly(gate, event.text, value) and (turn.c.shown == gate.key or _by_itself(turn, event.text))


def _by_itself(turn: Turn, text: str) -> bool:
    """Whether words that would do at the gate speak of who is there whatever was asked: "yes", "no its fine" may be said of
    anything, "no one here" may not.
    """
    text = _before_plea(text)
    asked = (matching.match(step, text) for step in agenda.tagged(turn.library.flow, "each_session")[:1])
    of_anything = any(found.kind is Reading.ANSWER or found.value == matching.NO for found in asked)
    return len(text.split()) >= _SAID and (not of_anything or doubting.begins(doubting.words(text)))


def _wholly(gate: Step, text: str, value: Value) -> bool:
    found = matching.match(gate, _before_plea(text))
    return found.whole and found.value == value


def _before_plea(text: str) -> str:
    """A text without what is asked of us behind it: "hes gone" of "hes gone what do i do"."""
    found = spelling.tokens(text)
    for at in range(max(1, len(found) - _PLEA), len(found)):
        if " ".join(spelling.bare(token.text) for token in found[at:]) in languages.PLEADS_ON:
            return text[: found[at - 1].end]
    return text


def _ends_with(turn: Turn, gate: Step, text: str, value: Value) -> bool:
    """Whether a text is the answer, or ends in it by words of its own: "hes gone im alone now", but not "when im alone", nor "i
    was ok when he left", though "he left" alone is one.
    """
    if _wholly(gate, text, value):
        return True
    found = spelling.tokens(text)
    last = range(max(1, len(found) - _ENDING), len(found) - _SAID + 1)
    ends = (text[found[at].start :] for at in last if _stands(found, at))
    return any(_wholly(gate, end, value) and _by_itself(turn, end) and not _is_told(end) for end in ends)


def _is_told(end: str) -> bool:
    return " ".join(doubting.words(end)) in languages.WENT


def _stands(found: Sequence[Token], at: int) -> bool:
    """Whether words begin a sentence at `at`: behind a stop, or without one where nothing before says that it was then."""
    if any(mark in _STOPS for mark in found[at].gap):
        return True
    first, last = spelling.bare(found[at].text), spelling.bare(found[-1].text)
    hangs = first in languages.HANGS_ON and not (first in languages.ONLY_ME and last in languages.RIGHT_NOW)
    return not hangs and spelling.bare(found[at - 1].text) not in languages.ANOTHER_TIME
