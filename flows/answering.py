"""A child's text becomes an answer: to the open question, to the one before it, or it is asked once more (decisions 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import (
    agenda,
    amounts,
    conditions,
    doubting,
    facts,
    going_on,
    languages,
    matching,
    responding,
    several,
    telling,
)
from flows.concerns import from_answer, from_words, merged
from flows.listening import is_everybodys
from flows.matching import NO, UNCLEAR, UNSURE, YES, Match, Reading
from flows.model import Answer, Kind, Level, Privacy, Step, changed

if TYPE_CHECKING:
    from flows.events import TextReceived
    from flows.model import Concern, Outcome, Value
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
    if not is_safety(turn, step, event):
        if found.kind is Reading.UNCLEAR and asked_again and "any_yes" in step.tags and _agrees(turn, event.text):
            return Match(Reading.BESIDE, several.least(step.options), rest=event.text)
        said, rest = doubting.words(event.text), doubting.words(found.rest)
        begins = "consent" in step.tags and (doubting.begins(said) or _says_safe(turn, event))
        unsaid = doubting.leaves_unsaid(said, rest) and _is_about_harm(turn, step, event)
        keeps = doubting.asks_to_keep(rest) and not step.tags & _AGREES
        scared = "offer" in step.tags and doubting.unwell(said)
        none = isinstance(found.value, tuple) and not matching.ALONE.isdisjoint(found.value)
        no_answer = found.value == NO and (begins or unsaid or keeps or scared)
        no_answer |= (none and doubting.not_all(said, rest)) or _ends_beside(turn, step, found, event)
        return UNCLEAR if no_answer else found
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


def _is_about_harm(turn: Turn, step: Step, event: TextReceived) -> bool:
    """Whether an answer to it is for a person to read."""
    return any(row.level >= Level.L2 for one in step.options for row in following(turn, step, one.value, event))


def _ends_beside(turn: Turn, step: Step, found: Match, event: TextReceived) -> bool:
    """Whether an answer by which all ends has more beside it than thanks: "none of these i need help"."""
    more = not languages.COURTESY.issuperset(doubting.words(found.rest))
    return more and any(row.trigger == "finish" for row in following(turn, step, found.value, event))


def _agrees(turn: Turn, text: str) -> bool:
    found = (matching.match(one, text) for one in agenda.tagged(turn.library.flow, "consent"))
    return any(one.value == YES and one.kind is Reading.ANSWER for one in found)


def _says_safe(turn: Turn, event: TextReceived) -> bool:
    """Whether the "no" is said of whether they are safe, which was asked just before: "no im safe", but not "no im all good"."""
    said, last = doubting.words(event.text), turn.library.flow.steps.get(turn.last_answered() or "")
    asked = last is not None and is_safety(turn, last, event) and not doubting.declines(said)
    return asked and last is not None and matching.match(last, " ".join(said[1:])).value == YES


def _with_the_last(turn: Turn, step: Step, event: TextReceived) -> Match | None:
    """What the text says behind the one before, which said nothing by itself: "not", and "safe" behind it (decisions 2)."""
    last = turn.c.recent[-1] if turn.c.recent else None
    if last is None or turn.at - last.at > timedelta(seconds=turn.library.limits["join_seconds"]):
        return None
    if matching.match(step, last.text).kind is not Reading.UNCLEAR:
        return None
    both = matching.match(step, f"{last.text} {event.text}")
    return replace(both, kind=Reading.BESIDE, whole=False) if both.value in (NO, UNSURE) else None


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


def take(turn: Turn, step: Step, found: Match, event: TextReceived, heard: Concern | None) -> None:
    """Use a text as the answer to the open question; `heard` is what listening made of it."""
    says_none = found.kind is Reading.UNCLEAR
    if says_none and _ends(turn, step, event, heard):
        return
    found = settled(turn, step, found, event, heard)
    if says_none and found.kind is Reading.UNCLEAR and telling.is_of_the_last(turn, step, event, heard):
        telling.wait_for_more(turn, step)
        return
    if heard is None and not turn.c.followed_up and _only_wants(turn, step, event.text):
        vague(turn, step, event.text, event.message)
        return
    if found.kind == "unclear" and "own_words" in step.tags:
        found = matching.match(replace(step, kind=Kind.FREE), event.text)
    if found.kind == "unclear":
        _unclear(turn, step, event, heard)
        return
    value, said = found.value, event.text
    before = turn.c.answers.get(step.key)
    messages: tuple[str, ...] = (event.message,)
    if step.kind is Kind.FREE and value is not None and before is not None and turn.c.followed_up:
        said, messages = f"{before.said}\n{said}", (*before.messages, event.message)
        value = said
    turn.record(Answer(step.key, value, said, turn.at, turn.c.locale, messages=messages))
    _note_age(turn, step, event.text)
    joins = step.kind is Kind.FREE or "look_in" in step.tags
    if joins or not found.whole:
        # An option number has no words in it, and would only blur what the words around it are.
        words = "" if found.whole and step.kind is not Kind.FREE else event.text
        telling.remember(turn, words, step.key if joins and value is not None else None)
    _answered(turn, step, event, heard)


def vague(turn: Turn, step: Step, text: str, message: str) -> None:
    """One gentle follow-up to what says next to nothing, then on (M6)."""
    earlier = turn.c.answers.get(step.key)
    said = f"{earlier.said}\n{text}" if earlier else text
    messages = (*earlier.messages, message) if earlier else (message,)
    turn.record(Answer(step.key, said, said, turn.at, turn.c.locale, messages=messages))
    if not turn.c.followed_up and not turn.locked and turn.ask_tagged("follow_up"):
        turn.c = changed(turn.c, followed_up=True)
        return
    turn.c = changed(turn.c, since_break=turn.c.since_break + 1)
    going_on.apply(turn, going_on.matching_outcomes(turn, step))


def _only_wants(turn: Turn, step: Step, text: str) -> bool:
    """Whether a child says no more than that they want to talk, where we asked that."""
    asked = (matching.match(one, text) for one in agenda.tagged(turn.library.flow, "each_session")[:1])
    return "wants_words" in step.tags and any(found.value == YES and found.kind is Reading.ANSWER for found in asked)


def _ends(turn: Turn, step: Step, event: TextReceived, heard: Concern | None) -> bool:
    """Whoever wishes to say no more after a disclosure, or takes it back, is asked nothing else. What is graver comes first."""
    graver = heard is not None and (heard.level >= Level.L3 or responding.silences(turn, heard))
    if graver or not turn.locked or turn.c.block is None or not doubting.ends(doubting.words(event.text)):
        return False
    telling.remember(turn, event.text, None)
    if heard is not None:
        responding.keep(turn, heard, event.message)
    going_on.only_wait(turn, step)
    return True


def _note_age(turn: Turn, step: Step, text: str) -> None:
    """An age that is typed is known like one on the record: what holds for who is under 10 holds for them."""
    worth = amounts.said(step, text) if "age" in step.tags else None
    if worth is not None:
        turn.learn({"age": worth})


def _answered(turn: Turn, step: Step, event: TextReceived, heard: Concern | None) -> None:
    if not step.tags & going_on.ROLES:
        turn.c = changed(turn.c, since_break=turn.c.since_break + 1)
    if "languages" in step.tags and turn.c.answers[step.key].value in turn.library.locales:
        turn.read_in(None)
        turn.c = changed(turn.c, locale=str(turn.c.answers[step.key].value))
    rows = going_on.matching_outcomes(turn, step)
    _known_first(turn, rows)
    if heard is not None:
        heard = merged(turn.meant, from_words(turn.library, turn.c, event.heard, event.at, turn.values()))
    _proceed(turn, rows, merged(from_answer(rows, step.key, turn.c), heard), event.message)


def _proceed(turn: Turn, rows: tuple[Outcome, ...], concern: Concern | None, message: str) -> None:
    """A concern that changes what is said comes before where the answer itself would lead."""
    turn.c = changed(turn.c, step=None, tries=0)
    if concern is not None:
        responding.keep(turn, concern, message)
        if responding.wanted(concern):
            for row in rows:
                turn.task(row.tasks)
            responding.reply(turn, concern, wished=any(row.to_person for row in rows))
            return
    going_on.apply(turn, rows)


def _known_first(turn: Turn, rows: tuple[Outcome, ...]) -> None:
    # Who is reading, and how old they are, decide about a concern in the same text.
    for row in rows:
        turn.learn(dict(row.facts))
        if row.privacy is not None:
            turn.read_by(row.privacy)
        if row.privacy is Privacy.ALONE:
            # A "hi" before the gate is a sentence of its own: "hi its my mum" would be her mother. It still tells the language.
            apart = (replace(one, text=f"{one.text}.") if is_everybodys(one.text) else one for one in turn.c.recent)
            turn.c = changed(turn.c, recent=tuple(apart))


def _unclear(turn: Turn, step: Step, event: TextReceived, heard: Concern | None) -> None:
    answers_itself = not step.tags & going_on.ROLES
    again = turn.is_of_session(_led_away(step))
    asked_twice = again or turn.c.tries > 0
    last = asked_twice and answers_itself and step.skippable
    before = None if asked_twice and answers_itself else telling.earlier_free(turn, event.at)
    appended = before is not None and answers_itself and before in turn.c.answers
    earlier = before if appended or ("offer" in step.tags and before in turn.c.answers) else None
    kept = earlier is not None or "break" in step.tags or not responding.of_somebody_else(turn, heard)
    if kept and not last:
        telling.keep(turn, step, event, earlier)
    heard = _heard_once(turn, event, heard)
    telling.remember(turn, event.text, before)
    if last:
        _accept_unclear(turn, step, event, heard)
        return
    if heard is not None:
        responding.keep(turn, heard, event.message)
        if responding.wanted(heard):
            responding.reply(turn, heard, wished=again)
            if answers_itself and not turn.locked:
                turn.mark(_led_away(step))
            return
    if appended:
        telling.wait_for_more(turn, step)
    elif not asked_twice:
        turn.c = changed(turn.c, tries=1)
        _ask_once_more(turn, step)
    elif "break" in step.tags:
        going_on.go_on(turn)  # a courtesy, and whoever tells on has not wanted one
    else:
        responding.ask_for_person(turn, f"no clear answer to {step.key}", event.message)


def _led_away(step: Step) -> str:
    """Where it stands when a worry was last told in place of an answer; what was asked is asked again after that."""
    return f"led_away:{step.key}"


def _heard_once(turn: Turn, event: TextReceived, heard: Concern | None) -> Concern | None:
    """The same words to a question that we repeated are one worry and not two (decisions 6)."""
    last = turn.c.recent[-1] if turn.c.recent and turn.c.tries else None
    low = heard is not None and all(hit.level <= Level.L1 for hit in heard.evidence)
    if last is None or not low or doubting.words(last.text) != doubting.words(event.text):
        return heard
    before = changed(turn.c, low_at=tuple(at for at in turn.c.low_at if at != last.at))
    return from_words(turn.library, before, event.heard, event.at, turn.values())


def _ask_once_more(turn: Turn, step: Step) -> None:
    """One plain line and the question again; a question's own `easier` words replace both."""
    if step.easier:
        turn.say(f"{step.key}.easier") or turn.wait_text()
        return
    if not agenda.is_gate(step):
        # Nobody is offered a way round that is then refused.
        turn.say_tagged("unclear" if step.skippable else "no_way_round")
    turn.again() or turn.wait_text()


def _accept_unclear(turn: Turn, step: Step, event: TextReceived, heard: Concern | None) -> None:
    """Never a third time: the words are kept as they are, and what they mean otherwise goes before the next question."""
    said = event.text
    turn.record(Answer(step.key, said, said, turn.at, turn.c.locale, unclear=True, messages=(event.message,)))
    turn.c = changed(turn.c, since_break=turn.c.since_break + 1)
    rows = going_on.matching_outcomes(turn, step)
    _known_first(turn, rows)
    _proceed(turn, rows, merged(from_answer(rows, step.key, turn.c), heard), event.message)


def skip(turn: Turn, step: Step, text: str, message: str) -> None:
    """The child chose not to say, by a word of the commands: what that means counts as behind a "0"."""
    turn.record(Answer(step.key, None, text, turn.at, turn.c.locale, messages=(message,)))
    turn.c = changed(turn.c, since_break=turn.c.since_break + 1)
    rows = going_on.matching_outcomes(turn, step)
    _proceed(turn, rows, from_answer(rows, step.key, turn.c), message)
