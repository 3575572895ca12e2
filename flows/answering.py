"""A child's text becomes an answer: to the open question, to the one before it, or it is asked once more (decisions 2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from flows import agenda, amounts, asides, doubting, going_on, languages, matching, responding, settling, telling
from flows.concerns import from_answer, from_words, merged
from flows.listening import is_everybodys
from flows.matching import YES, Match, Reading
from flows.model import Answer, Kind, Level, Privacy, Step, changed

if TYPE_CHECKING:
    from flows.events import TextReceived
    from flows.model import Concern, Outcome
    from flows.turn import Turn


def take(turn: Turn, step: Step, found: Match, event: TextReceived, heard: Concern | None) -> None:
    """Use a text as the answer to the open question; `heard` is what listening made of it."""
    says_none = found.kind is Reading.UNCLEAR
    # Where they are is told in their own words, of which a wish to say no more may be a part.
    nowhere = "whereabouts" in step.tags and " ".join(doubting.words(event.text)) in languages.NO_MORE
    if (says_none or nowhere) and _ends(turn, step, event, heard):
        return
    found = settling.settled(turn, step, found, event, heard)
    if says_none and found.kind is Reading.UNCLEAR and heard is None and _is_wish(turn, event):
        turn.c = changed(turn.c, tries=turn.c.tries + 1)
        turn.again()
        return
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
    if before is not None and before.value not in (None, value):
        turn.forget(name for row in settling.following(turn, step, before.value, event) for name, _ in row.facts)
    turn.record(Answer(step.key, value, said, turn.at, turn.c.locale, messages=messages))
    _note_age(turn, step, event.text)
    joins = step.kind is Kind.FREE or "look_in" in step.tags
    if joins or not found.whole:
        # An option number has no words in it, and would only blur what the words around it are.
        words = "" if found.whole and step.kind is not Kind.FREE else event.text
        telling.remember(turn, words, step.key if joins and value is not None else None)
    _answered(turn, step, event, heard)


def _is_wish(turn: Turn, event: TextReceived) -> bool:
    """Whether a text that answers nothing asked for a call or a meeting: that was understood."""
    wishes = (turn.c.answers.get(one.key) for one in agenda.tagged(turn.library.flow, "wish"))
    return any(one is not None and one.at == turn.at and event.message in one.messages for one in wishes)


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


def younger(turn: Turn, event: TextReceived, heard: Concern | None) -> bool:
    """An age put right behind the one just told, where it is a younger one ("sorry im 12", "13 next week"): what holds for who is
    so young holds for them, and what is open is asked again. What would make them older is none.
    """
    step = turn.library.flow.steps.get(turn.last_answered() or "")
    if step is None or "age" not in step.tags or event.pressed is not None or event.edited:
        return False
    before = turn.c.answers[step.key]
    since = turn.at - timedelta(minutes=turn.library.limits["session_minutes"])
    worth = asides.younger_age(step, before, event.text) if before.at >= since else None
    if worth is None:
        return False
    value = matching.match(step, str(worth)).value
    said = f"{before.said}\n{event.text}"
    turn.learn({"age": worth})
    turn.record(replace(before, value=value, said=said, messages=(*before.messages, event.message)))
    rows = going_on.matching_outcomes(turn, step)
    _known_first(turn, rows)
    concern = merged(from_answer(rows, step.key, turn.c), heard)
    if not turn.locked:
        going_on.interrupt(turn)
        _proceed(turn, rows, concern, event.message)
        return True
    # Behind a disclosure what is open stays open: whether they are safe is not passed over.
    if concern is not None:
        responding.keep(turn, concern, event.message)
    if concern is None or not responding.wanted(concern):
        turn.again() or turn.wait_text()
    else:
        responding.reply(turn, concern)
    return True


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
        if responding.wanted(concern) and not responding.is_told_beside(turn, concern):
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
            elif step.skippable and turn.c.step == step.key:
                turn.c = changed(turn.c, tries=1)  # repeated under a lock, and never a third time there either
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
