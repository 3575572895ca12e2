"""Words in a language that is not offered: an option beside them counts, a person is got to read them (decisions 2, 7, 9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows import answering, concerns, going_on, responding, settling, tongues
from flows.matching import Reading
from flows.model import NOBODY, Answer, Kind, Level, Privacy, changed

if TYPE_CHECKING:
    from flows.events import TextReceived
    from flows.matching import Match
    from flows.model import Concern, Step
    from flows.turn import Turn


# The second at which a child was last told that we cannot read this.
_SAID: Final = "unreadable_said"


def other_language(turn: Turn, event: TextReceived, step: Step | None, answer: Match | None, heard: Concern) -> bool:
    """A change of language is followed (decisions 4); one that is not offered goes to a person. Whether that was all."""
    spoken = tongues.spoken(event.heard.locale, turn.c.locale, event.text)
    if spoken == turn.c.locale or turn.c.held or turn.locked:
        return False
    if spoken in turn.library.locales:
        turn.c = changed(turn.c, locale=spoken)
        turn.tell_holder("language")
        return False
    if event.heard.unscreened is None:
        return False
    if step is not None and step.kind is Kind.FREE:
        turn.record(Answer(step.key, event.text, event.text, turn.at, spoken, messages=(event.message,)))
    elif step is not None and answer is not None and _beside(turn, event, step, answer, heard):
        return True
    return cannot_read(turn, event, heard)


def _beside(turn: Turn, event: TextReceived, step: Step, answer: Match, heard: Concern) -> bool:
    """An option with such words, as "2" and that they are afraid. Whether it was one: to the question whether they are safe
    whatever nobody can read is.
    """
    found = settling.settled(turn, step, answer, event, unread=True)
    if found.kind is Reading.UNCLEAR:
        return False
    means = settling.meaning(turn, step, found.value, event)
    not_alone = any(row.privacy is Privacy.OTHERS for row in settling.following(turn, step, found.value, event))
    waits = not (not_alone or (means is not None and means.level >= Level.L3) or heard.level >= Level.L3)
    if waits:
        turn.say_tagged("unreadable")
        turn.hold(NOBODY)
        turn.move("wait")
    answering.take(turn, step, found, event, heard)
    if waits and turn.c.holder == NOBODY:
        turn.keep_company()
    return True


def cannot_read(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """Words in a language that is not offered: say so, and get a person to read them (decisions 7, 9)."""
    spoken = tongues.spoken(event.heard.locale, turn.c.locale, event.text)
    if event.heard.unscreened is None or spoken in turn.library.locales:
        return False
    unread = replace(concerns.plain(Level.L2, event.heard.reason or "cannot be read", night_page=True), unscreened=True)
    concern = concerns.merged(unread, heard) or unread
    responding.keep(turn, concern, event.message)
    if concern.level >= Level.L3:
        responding.reply(turn, concern)
        return True
    going_on.interrupt(turn)
    # Whoever writes on waits, and reads about waiting.
    said = not turn.is_of_session(_SAID) and turn.say_tagged("unreadable")
    if said:
        turn.mark(_SAID)
    turn.to_person(tell=not said)
    return True
