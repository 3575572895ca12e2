"""What a child writes beside an answer, behind it or in its place: kept with the question that it belongs to. May not judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import amounts, doubting, languages, matching
from flows.model import WEIGHED, Answer, Kind, Level, Privacy, Recent, Unread, changed

if TYPE_CHECKING:
    from datetime import datetime

    from flows.events import TextReceived
    from flows.model import Concern, Step
    from flows.turn import Turn

# The timer that asks the open question once more when nothing follows what was told on behind it.
TOLD_ON: Final = "told_on"


def remember(turn: Turn, text: str, free_for: str | None) -> None:
    """Keep the text for `join_seconds`, so that words split over several texts are heard and filed together."""
    horizon = turn.at - timedelta(seconds=turn.library.limits["join_seconds"])
    kept = tuple(one for one in turn.c.recent if one.at >= horizon)[-9:]
    turn.c = changed(turn.c, recent=(*kept, Recent(turn.at, text, free_for)))


def earlier_free(turn: Turn, at: datetime) -> str | None:
    """The question answered within the last `join_seconds` that takes more than one text, if any: a free one, or how they are."""
    horizon = at - timedelta(seconds=turn.library.limits["join_seconds"])
    return next((one.free_for for one in reversed(turn.c.recent) if one.free_for and one.at >= horizon), None)


def append(turn: Turn, question: str, event: TextReceived) -> None:
    """More words behind an answer: of one in the child's own words they are more of it, beside an option they change nothing."""
    before = turn.c.answers[question]
    said = f"{before.said}\n{event.text}"
    step = turn.library.flow.steps.get(question)
    chosen = step is not None and any(one.value == before.value for one in step.options)
    # Of an option the words stand beside it, also where it was said by the very word: "yes".
    value = said if before.value == before.said and not chosen else before.value
    turn.record(replace(before, value=value, said=said, messages=(*before.messages, event.message)))


def keep_place(turn: Turn, event: TextReceived) -> None:
    """A place on the map answers where they are whatever is open and whoever has the chat, behind what they said before."""
    question = event.answers
    if question is None:
        return
    before = turn.c.answers.get(question)
    if before is None or before.value is None:
        turn.record(Answer(question, event.text, event.text, turn.at, turn.c.locale, messages=(event.message,)))
    elif event.message not in before.messages:
        append(turn, question, event)


def tell_on(turn: Turn, event: TextReceived) -> bool:
    """Words behind the answer to how the child is, in the same session and with nothing asked since: they go with it."""
    step = turn.last_asked()
    if step is None or "look_in" not in step.tags or step.key not in turn.c.answers:
        return False
    if event.pressed is not None or event.edited or turn.c.privacy is not Privacy.ALONE:
        return False
    append(turn, step.key, event)
    remember(turn, event.text, step.key)
    return True


def is_of_the_last(turn: Turn, asked: Step, event: TextReceived, heard: Concern | None) -> bool:
    """More of the answer just given and nothing new, kept with it: "safe" behind "ye", "s" behind "ye", "pls" behind "talk". What
    the weights alone make of a mere courtesy is nothing. "Ok" or "pls" to whether they are safe is about that, and so is a face
    or a "??": it is asked again at once.
    """
    last = turn.latest()
    since = turn.at - timedelta(seconds=turn.library.limits["join_seconds"])
    step = turn.library.flow.steps.get(last.question) if last is not None else None
    if last is None or step is None or last.at < since or turn.c.tries or last.value is None or not step.options:
        return False
    said = doubting.words(event.text)
    about_this = "sensitive" in asked.tags and (languages.WELL | languages.THANKS).issuperset(said)
    if not said or about_this:
        return False
    polite = languages.THANKS.issuperset(said)
    weighed = heard is not None and heard.level <= Level.L2 and all(hit.doubt == WEIGHED for hit in heard.evidence)
    if heard is not None and not (polite and weighed):
        return False
    whole = (matching.match(step, text) for text in (event.text, f"{last.said}{event.text}"))
    older = "age" in step.tags and amounts.soon(step, last.said, event.text) is not None
    if not (polite or older or any(one.kind is matching.Reading.ANSWER and one.value == last.value for one in whole)):
        return False
    append(turn, last.question, event)
    return True


def keep(turn: Turn, step: Step, event: TextReceived, earlier: str | None) -> None:
    """Words in place of an answer: more of what was told freely just before (`earlier`), else they wait for the answer that comes
    when the question is asked once more, and stand before it then. A break is no question about them.
    """
    if earlier is not None:
        append(turn, earlier, event)
    elif "break" in step.tags:
        _keep_beside(turn, step, event)
    else:
        turn.c = changed(turn.c, unread=(*turn.c.unread, Unread(step.key, event.text, event.message)))


def _keep_beside(turn: Turn, step: Step, event: TextReceived) -> None:
    """What a child tells in place of an answer goes with the last they told freely, or stands by itself where there is none."""
    steps, answers = turn.library.flow.steps, turn.c.answers
    for key in reversed(turn.c.order):
        told = answers.get(key)
        free = key in steps and steps[key].kind is Kind.FREE
        if free and told is not None and told.value is not None and told.messages:
            append(turn, key, event)
            return
    said = f"{before.said}\n{event.text}" if (before := answers.get(step.key)) and before.unclear else event.text
    turn.record(Answer(step.key, said, said, turn.at, turn.c.locale, unclear=True, messages=(event.message,)))


def wait_for_more(turn: Turn, step: Step) -> None:
    """Whoever tells on is not interrupted; whose words these were an answer is asked once more when nothing follows."""
    turn.timer(TOLD_ON, turn.at + timedelta(seconds=turn.library.limits["join_seconds"]), step.key)


def is_left_open(turn: Turn, question: str) -> bool:
    """Whether a question that words were told on behind waits for an answer still, and nothing has come since; also where a
    person is awaited: what is asked then is what gets help.
    """
    step, last, limits = turn.open_step(), turn.c.last_inbound_at, turn.library.limits
    if step is None or step.key != question or turn.c.tries or turn.c.held:
        return False
    return last is not None and turn.at - last >= timedelta(seconds=limits["join_seconds"])
