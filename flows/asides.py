"""What a child says that is no answer to the open question: a button of an earlier one, or words changed afterwards. Pure.

It is heard like anything else, and what the old button says is taken at its word where it means danger ("I need help
fast"). But it never answers what was asked since: the open question is asked again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import answering, matching, responding
from flows.matching import Reading
from flows.turn import BOT, NOBODY

if TYPE_CHECKING:
    from flows.commands import Found
    from flows.events import TextReceived
    from flows.model import Concern, Step
    from flows.turn import Turn

# These speak of the open question, which such a text does not.
_OF_THE_QUESTION = frozenset({"skip", "back"})


def is_one(event: TextReceived, open_step: Step | None) -> bool:
    """Whether the text speaks of something else than the question that is open now."""
    return event.edited or (event.pressed is not None and (open_step is None or event.pressed != open_step.key))


def command(found: Found | None) -> Found | None:
    """A command in it means what it means at any time, but for those that move the open question."""
    return None if found is not None and found.command.does in _OF_THE_QUESTION else found


def concern(turn: Turn, event: TextReceived) -> Concern | None:
    """What the old button would mean as an answer to its own question; nothing is recorded as answered."""
    step = turn.library.flow.steps.get(event.pressed or "")
    if step is None:
        return None
    found = matching.match(step, event.text.partition(" ")[0])
    return answering.meaning(turn, step, found.value, event) if found.whole else None


def late(turn: Turn, event: TextReceived) -> Concern | None:
    """What a typed "2" or "no" means to the question the child was last asked, where it is open no more: a person was called for,
    or all is silent. Nobody who says that they are not safe has to know that.
    """
    step = turn.library.flow.steps.get(turn.c.shown or "")
    if step is None or turn.c.step is not None or event.pressed is not None or turn.c.holder not in (BOT, NOBODY):
        return None
    found = matching.match(step, event.text)
    return answering.meaning(turn, step, found.value, event) if found.kind is Reading.ANSWER else None


def take(turn: Turn, event: TextReceived, heard: Concern | None) -> None:
    """Hear it, and ask again what is open."""
    answering.remember(turn, event.text, None)
    if heard is not None:
        responding.keep(turn, heard, event.message)
        if responding.wanted(heard):
            responding.reply(turn, heard)
            return
    turn.again() or turn.wait_text()
