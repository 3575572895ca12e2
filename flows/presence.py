"""Who is with the child: somebody came ("mums here"), or is gone again ("im alone now"). Pure.

It decides only what is said (decisions 4): what a child writes beside somebody is heard and paged like anything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import agenda, answering, asides, effects, going_on, matching, responding
from flows.concerns import merged
from flows.matching import Match, Reading
from flows.model import Answer, Kind, Level, Privacy, changed
from flows.turn import BOT, NOBODY

if TYPE_CHECKING:
    from flows.events import TextReceived
    from flows.model import Concern, Step, Value
    from flows.turn import Turn

_UNDERSTOOD: Final = frozenset({Reading.ANSWER, Reading.BESIDE})
_SAID: Final = 2  # words that say by themselves that nobody is there, whatever was asked: "im alone"


def came(turn: Turn, event: TextReceived, step: Step | None, answer: Match | None, heard: Concern | None) -> bool:
    """Somebody is with the child now: from here nothing is said. Whether the text says so, and is done with.

    Of the gate it is its "not now". What it says of the open question still counts: "no hes here".
    """
    at_gate = step is not None and "gate" in step.tags
    if heard is None or not _says_so(turn, event, heard, at_gate=at_gate):
        return False
    understood = step is not None and answer is not None and answer.kind in _UNDERSTOOD and step.kind is not Kind.FREE
    turn.c = changed(turn.c, privacy=Privacy.OTHERS)
    turn.count("waits")
    if step is not None and answer is not None and at_gate:
        _at_the_gate(turn, event, step, answer, heard)
    elif step is not None and answer is not None and understood:
        answering.take(turn, step, answer, event, heard)
    else:
        asides.remember(turn, event)
        _kept(turn, event, heard)
    if not turn.locked and turn.c.holder == BOT and not at_gate:
        turn.done.append(effects.TellHolder("somebody_there"))
        going_on.end(turn, "pause")
    return True


def _says_so(turn: Turn, event: TextReceived, heard: Concern, *, at_gate: bool) -> bool:
    """A find below L2 of what silences is somebody there for now; at the gate wherever it stands, else as most of a text."""
    known = turn.library.categories
    found = [hit for hit in heard.evidence if hit.category in known and known[hit.category].quiet]
    there = [hit for hit in found if hit.doubt is None and hit.level is Level.L1]
    return any(at_gate or 2 * (hit.end - hit.start) >= len(event.text) for hit in there)


def _at_the_gate(turn: Turn, event: TextReceived, step: Step, answer: Match, heard: Concern) -> None:
    worry = answering.meaning(turn, step, answer.value, event)
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
        turn.done.append(effects.TellHolder("somebody_there"))


def _value(turn: Turn, step: Step, event: TextReceived, privacy: Privacy) -> Value:
    """The answer to the gate that means this."""
    for option in step.options:
        if any(row.privacy is privacy for row in answering.following(turn, step, option.value, event)):
            return option.value
    return None


def alone_again(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """A late "1" to the gate, or "im alone now", of a child who waits for a person: the last answer to the gate counts (decisions
    4), and what could not be said before is said. With other words beside it the gate is asked. Whether it was that.
    """
    waits = turn.locked or turn.c.holder == NOBODY
    spoken_to = turn.c.privacy is Privacy.UNKNOWN and turn.c.level is Level.L4  # heard of 999 then
    gate = next(iter(agenda.tagged(turn.library.flow, "gate")), None)
    if gate is None or not waits or spoken_to or turn.c.privacy is Privacy.ALONE or event.pressed or event.edited:
        return False
    alone, words = _value(turn, gate, event, Privacy.ALONE), event.text.split()
    if alone is None or not _ends_with(gate, words, alone):
        return False
    if not _wholly(gate, event.text, alone):
        if heard is not None:
            responding.keep(turn, heard, event.message)
        return turn.ask_tagged("gate")
    if turn.c.shown != gate.key and len(words) < _SAID:
        return False
    turn.record(Answer(gate.key, alone, event.text, turn.at, turn.c.locale, messages=(event.message,)))
    turn.c = changed(turn.c, privacy=Privacy.ALONE)
    if turn.locked or (turn.service.alert_level or Level.L0) >= Level.L3:
        responding.at_last(turn)
    else:
        going_on.begin(turn)
    return True


def _wholly(gate: Step, text: str, value: Value) -> bool:
    found = matching.match(gate, text)
    return found.whole and found.value == value


def _ends_with(gate: Step, words: list[str], value: Value) -> bool:
    """Whether a text is the answer, or ends in it by words of its own: "hes gone im alone now"."""
    ends = (" ".join(words[at:]) for at in range(1, len(words) - _SAID + 1))
    return _wholly(gate, " ".join(words), value) or any(_wholly(gate, end, value) for end in ends)
