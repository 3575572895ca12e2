"""What a text answers when every word of it counts: what takes something from a yes, and what is no "no" (decisions 2).

May not record, ask or say anything.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import agenda, conditions, doubting, facts, languages, matching, several, telling
from flows.concerns import from_answer
from flows.matching import NO, UNCLEAR, UNSURE, YES, Match, Reading
from flows.model import Answer, Kind, Level, Privacy

if TYPE_CHECKING:
    from flows.events import TextReceived
    from flows.model import Concern, Outcome, Step, Value
    from flows.turn import Turn

# Tags of the questions by which a child agrees to something.
_AGREES: Final = frozenset({"consent", "permission"})


def meaning(turn: Turn, step: Step, value: Value, event: TextReceived) -> Concern | None:
    """What a value would raise as the answer to a step; nothing is recorded as answered."""
    return from_answer(following(turn, step, value, event), step.key, turn.c)


def following(turn: Turn, step: Step, value: Value, event: TextReceived) -> tuple[Outcome, ...]:
    """What would follow from a value as the answer to a step; nothing does yet."""
    if value is None:
        return ()
    answer = Answer(step.key, value, event.text, turn.at, turn.c.locale, messages=(event.message,))
    then = replace(turn.c, answers={**turn.c.answers, step.key: answer})
    values = facts.names(then, turn.service, turn.concern)
    return tuple(row for row in step.outcomes if conditions.holds(row.when, values))


def _less_sure(turn: Turn, step: Step, found: Match, event: TextReceived) -> Match:
    """What an answer still is with words beside it that take something from it. Nobody agrees to more than they said: "yes if you
    don't tell mum" and "yes not him" are asked again, and so is "any time dads at work". Else a yes or no is not sure, where that
    worries more: "yes until my dad gets home".
    """
    said = doubting.words(found.rest)
    less = doubting.takes_from(said)
    if "as_said" in step.tags and (less or doubting.depends(said)) and not following(turn, step, found.value, event):
        return UNCLEAR  # but "please dont text me my dad reads it", by which we stop, stands
    if found.value == YES and step.tags & _AGREES and (found.limited or (less and "permission" in step.tags)):
        return UNCLEAR
    if not found.limited:
        return found
    if all(option.value != UNSURE for option in step.options):
        return found
    plain, unsure = meaning(turn, step, found.value, event), meaning(turn, step, UNSURE, event)
    worries = unsure is not None and (plain is None or unsure.level > plain.level)
    return replace(found, value=UNSURE) if worries else found


def _in_part(step: Step, found: Match, event: TextReceived) -> Match:
    """Half a yes is not sure where a question offers that, and nothing of a list fits who says so in so many words."""
    if found.kind is not Reading.UNCLEAR:
        return found
    said, values = doubting.words(event.text), {option.value for option in step.options}
    if UNSURE in values and doubting.in_part(said):
        return Match(Reading.BESIDE, UNSURE, rest=event.text)
    none = next((one for one in several.ALONE if step.kind is Kind.MULTI and one in values), None)
    return Match(Reading.BESIDE, (none,), rest=event.text) if none and doubting.fits_none(said) else found


def _perhaps_not_alone(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """What stands beside the words for "alone" may say the opposite ("its only me and my dad"), and who reads comes first."""
    if found.kind is not Reading.BESIDE or event.text.lstrip()[:1].isdigit():
        return False
    return any(row.privacy is Privacy.ALONE for row in following(turn, step, found.value, event))


def is_safety(turn: Turn, step: Step, event: TextReceived) -> bool:
    """Whether "not sure" already calls for a person at once: then nothing may be taken for safe that is not plainly said."""
    return any(row.level >= Level.L3 for row in following(turn, step, UNSURE, event))


def settled(
    turn: Turn, step: Step, found: Match, event: TextReceived, heard: Concern | None = None, *, unread: bool = False
) -> Match:
    """What a text answers when every word of it counts. `unread`: there are words in it that nobody here can read."""
    found = _in_part(step, _less_sure(turn, step, found, event), event)
    if _perhaps_not_alone(turn, step, found, event):
        return UNCLEAR
    asked_again = turn.c.step == step.key and turn.c.tries > 0
    if asked_again and agenda.is_gate(step):
        found = _not_now_in_two(turn, step, event) or found
    if not is_safety(turn, step, event):
        if found.kind is Reading.UNCLEAR and asked_again and "any_yes" in step.tags and _agrees(turn, step, event.text):
            return Match(Reading.BESIDE, several.least(step.options), rest=event.text)
        return UNCLEAR if _answers_nothing_here(turn, step, found, event) else found
    joined = _with_the_last(turn, step, event) if asked_again or turn.c.step is None else None
    if joined is not None or found.whole:
        return joined or found
    nothing = answers_nothing(found, event.text)
    said = doubting.words(event.text)
    soothed = found.value == NO and not nothing and doubting.soothes(said)
    plain = found.kind in (Reading.ANSWER, Reading.BESIDE) and not (soothed or nothing)
    if plain and not (found.value == YES and doubting.unwell(said)):
        return found
    told = heard is not None and heard.detected >= Level.L3  # harm, and not whether they are safe
    doubted = plain or soothed or unread or (asked_again and not told) or _doubted(turn, step, event, told=told)
    return Match(Reading.BESIDE, UNSURE, rest=event.text) if doubted else UNCLEAR


def _answers_nothing_here(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """Whether what stands beside a yes, a "no" or a "none" unmakes it, where the question is not whether they are safe."""
    if found.kind is Reading.UNCLEAR or (found.whole and "consent" not in step.tags):
        return False
    said, rest = doubting.words(event.text), doubting.words(found.rest)
    if _ends_beside(turn, step, found, event) or (
        doubting.not_understood(rest) and (found.value == NO or _puts_off(turn, step, found, event))
    ):
        return True
    if found.value == YES:
        return doubting.of_who_is_well(rest) and _is_about_harm(turn, step, event)  # "my sister is ok"
    if isinstance(found.value, tuple):
        none = not several.ALONE.isdisjoint(found.value)
        return (none and doubting.not_all(said, rest)) or _all_of_the_ways(turn, step, found, event)
    if found.value != NO:
        return False
    begins = "consent" in step.tags and (doubting.begins(said) or _says_safe(turn, event))
    keeps = doubting.asks_to_keep(rest) and not step.tags & _AGREES
    soothes = "permission" in step.tags and doubting.no_bother(said)
    # Their family is not asked against a fear either: there the "no" stands.
    scared = "permission" not in step.tags and bool(rest) and doubting.fears(said)
    other = "offer" in step.tags and doubting.asks_for_another(said)
    return (
        begins
        or keeps
        or soothes
        or scared
        or other
        or (_is_about_harm(turn, step, event) and doubting.leaves_unsaid(said, rest))
    )


def _all_of_the_ways(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """Whether "everything" is said of ways to talk, of which one decides what is asked: nobody needs them all at once."""
    every = {one.value for one in step.options}.difference(several.ALONE)
    chosen = found.value if isinstance(found.value, tuple) else ()
    leads = not found.whole and every == {*chosen}
    return leads and any(row.path for row in following(turn, step, found.value, event))


def _is_about_harm(turn: Turn, step: Step, event: TextReceived) -> bool:
    """Whether an answer to it is for a person to read."""
    return any(row.level >= Level.L2 for one in step.options for row in following(turn, step, one.value, event))


def _puts_off(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """Whether now is no time to write, or somebody else may read."""
    return any(row.privacy is Privacy.OTHERS for row in following(turn, step, found.value, event))


def _ends_beside(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """Whether an answer by which all ends has more beside it than thanks: "none of these i need help"."""
    more = not languages.COURTESY.issuperset(doubting.words(found.rest))
    return more and any(row.trigger == "finish" for row in following(turn, step, found.value, event))


def _agrees(turn: Turn, step: Step, text: str) -> bool:
    """Whether it is a yes, and what they wrote before asked for no more than the least: "tomorrow" did."""
    *more, least, _no = ({*doubting.words(option.label)} for option in step.options)
    before = {word for one in turn.c.unread if one.question == step.key for word in doubting.words(one.text)}
    if not before.isdisjoint(set().union(*more) - least - languages.AND):
        return False
    found = (matching.match(one, text) for one in agenda.tagged(turn.library.flow, "consent"))
    return any(one.value == YES and one.kind is Reading.ANSWER for one in found)


def _says_safe(turn: Turn, event: TextReceived) -> bool:
    """Whether the "no" is said of whether they are safe, which was asked just before: "no im safe", but not "no im all good"."""
    said, last = doubting.words(event.text), turn.library.flow.steps.get(turn.last_answered() or "")
    asked = last is not None and is_safety(turn, last, event) and not doubting.declines(said)
    return asked and last is not None and matching.match(last, " ".join(said[1:])).value == YES


def _with_the_last(turn: Turn, step: Step, event: TextReceived) -> Match | None:
    """What the text says behind the one before, which said nothing by itself: "not", and "safe" behind it (decisions 2)."""
    last = _just_before(turn, step)
    if last is None:
        return None
    both = matching.match(step, f"{last} {event.text}")
    return replace(both, kind=Reading.BESIDE, whole=False) if both.value in (NO, UNSURE) else None


def _not_now_in_two(turn: Turn, step: Step, event: TextReceived) -> Match | None:
    """At the gate, "not" and "now" behind it, or "alone": nobody is alone by halves."""
    last = _just_before(turn, step)
    if last is None:
        return None
    both = matching.match(step, f"{last} {event.text}")
    rows = following(turn, step, both.value, event) if both.whole else ()
    if any(row.privacy is Privacy.OTHERS for row in rows):
        return both
    begun = doubting.words(last)[-1:]
    return UNCLEAR if not (languages.NOT.isdisjoint(begun) or event.text.strip().isdecimal()) else None


def _just_before(turn: Turn, step: Step) -> str | None:
    """The text before this one, where it said nothing by itself and the two may be read as one."""
    last = turn.c.recent[-1] if turn.c.recent else None
    if last is None or turn.at - last.at > timedelta(seconds=turn.library.limits["join_seconds"]):
        return None
    return last.text if matching.match(step, last.text).kind is Reading.UNCLEAR else None


def answers_nothing(found: Match, text: str) -> bool:
    """Whether the "no" in front is none: "no one can help", "no worries", "nah im good"."""
    said = doubting.words(text)
    return found.value == NO and (doubting.pleads(said) or doubting.begins(said) or doubting.declines(said))


def _doubted(turn: Turn, step: Step, event: TextReceived, *, told: bool) -> bool:
    """Whether a text that is no plain answer says that a child may not be safe. Behind a disclosure or a free answer, and while
    a person is awaited, it may be more of what is told: then only a fear or a hedge that stands alone.
    """
    said = doubting.words(event.text)
    if told or turn.locked or turn.c.step is None or telling.earlier_free(turn, event.at) is not None:
        hedge = doubting.unwell(said) or doubting.hedged(said, after_yes=False)
        return doubting.short(said) and hedge
    if matching.match(step, "".join(said[:1])).value != YES:
        return any((doubting.unwell(said), doubting.denied(said), doubting.hedged(said, after_yes=False)))
    against = matching.match(step, " ".join(said[1:])).value in (NO, UNSURE)
    more_than_a_word = matching.match(step, "".join(said[1:2])).kind is Reading.UNCLEAR
    return doubting.unwell(said) or doubting.hedged(said, after_yes=True) or (against and more_than_a_word)
