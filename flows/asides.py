"""What a child says that is no answer to the open question: a button of an earlier one, words changed afterwards, or what answers
an earlier question late or anew. Pure.

Changed words are heard like any others. An old button is taken at its word where it means danger ("I need help fast") or that
now is no time to write ("not now"). But it never answers what was asked since: the open question is asked again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from flows import agenda, amounts, doubting, going_on, languages, matching, responding, settling, telling
from flows.concerns import from_answer, plain
from flows.matching import Reading
from flows.model import BOT, Kind, Level, Privacy, changed

if TYPE_CHECKING:
    from flows.commands import Found
    from flows.events import TextReceived
    from flows.model import Answer, Concern, Outcome, Step
    from flows.turn import Turn

# These speak of the open question, which such a text does not.
_OF_THE_QUESTION = frozenset({"skip", "back"})
# What a slip of the thumb is called beside what was meant.
_SLIPS = languages.TAKES_BACK | {"typo", "mistake", "accident", "wrong"}
_OF_A_SLIP = _SLIPS | languages.BESIDE_IT | {"it", "a", "by", "pressed", "said", "one", "button", "number"}
# A breath before something else is no slip by itself, and what happened may have been one.
_ONLY_WAITS = languages.BESIDE_IT | {"wait", "hang", "hold", "actually", "mean", "it", "a"}
_HAPPENED = frozenset({"mistake", "accident"})
_SHORT = 8  # words of what is no answer told freely, but one put right: "actually yes to the one before"


def is_one(event: TextReceived, open_step: Step | None) -> bool:
    """Whether the text speaks of something else than the question that is open now."""
    of = event.pressed if event.pressed is not None else event.answers
    return event.edited or (of is not None and (open_step is None or of != open_step.key))


def command(found: Found | None) -> Found | None:
    """A command in it means what it means at any time, but for those that move the open question."""
    return None if found is not None and found.command.does in _OF_THE_QUESTION else found


def concern(turn: Turn, event: TextReceived) -> Concern | None:
    """What the old button would mean as an answer to its own question; nothing is recorded as answered."""
    return from_answer(_meant(turn, event), event.pressed or "", turn.c)


def _meant(turn: Turn, event: TextReceived) -> tuple[Outcome, ...]:
    step = turn.library.flow.steps.get(event.pressed or "")
    if step is None:
        return ()
    found = matching.match(step, event.text.partition(" ")[0])
    return settling.following(turn, step, found.value, event) if found.whole else ()


def late(turn: Turn, event: TextReceived) -> Concern | None:
    """What a typed "2" or "no" means to the question the child was last asked, where it is open no more: a person was called for,
    or all is silent. Nobody who says that they are not safe has to know that; "no thanks" answers what was said since.
    """
    step = turn.last_asked()
    if step is None or turn.c.step is not None or event.pressed is not None or turn.c.held:
        return None
    if doubting.refuses(doubting.words(event.text)):
        return None
    found = settling.settled(turn, step, matching.match(step, event.text), event)
    grave = agenda.is_gate(step) or settling.is_safety(turn, step, event)
    stands = found.kind is Reading.ANSWER or (grave and found.kind is Reading.BESIDE)
    return settling.meaning(turn, step, found.value, event) if stands else None


def taken_back(turn: Turn, event: TextReceived, open_step: Step | None) -> Concern | None:
    """A yes, or a "not sure", to whether they are safe that is taken back in what they write next: "wait no", "actually im not
    sure", "but hes coming back". What they say now is the answer, unless it answers the question that is open since.
    """
    step = _lately_safe(turn, event)
    if step is None or not _says_nothing(open_step, event.text) or _declines(open_step, event.text):
        return None
    value, before = _instead(step, event.text, open_step), turn.c.answers[step.key]
    if value in (None, before.value) or (_is_bare(event.text) and turn.last_answered() != step.key):
        return None
    then = f"{before.said}\n{event.text}"
    turn.record(replace(before, value=value, said=then, messages=(*before.messages, event.message)))
    return settling.meaning(turn, step, value, event)


def after_all(turn: Turn, event: TextReceived, open_step: Step | None) -> Concern | None:
    """What a child says of the question they answered last, where it worries more than their answer: "actually yes" behind a "no"
    to whether something scared them. What worries less, or is no more than another answer, changes nothing.
    """
    said = doubting.words(event.text)
    step = _last_asked_and_answered(turn)
    aside = event.pressed is not None or event.edited or turn.c.held
    if step is None or aside or not doubting.takes_back(said) or settling.is_safety(turn, step, event):
        return None
    rest = doubting.without_taking_back(said)
    if rest[:1] and rest[0] in languages.NO_ALONE and doubting.takes_back(rest[1:]):
        rest = doubting.without_taking_back(rest[1:])  # "no i meant yes"
    found, before = matching.match(step, " ".join(rest)), turn.c.answers[step.key]
    tells = open_step is not None and open_step.kind is Kind.FREE
    if not _says_nothing(open_step, event.text) and not (tells and len(said) <= _SHORT):
        return None
    value = found.value if rest else matching.UNSURE if not languages.LIED.isdisjoint(said) else None
    if value in (None, before.value):
        return None
    now, then = (settling.meaning(turn, step, one, event) for one in (value, before.value))
    if now is None or (then is not None and then.level >= now.level):
        return None
    told = f"{before.said}\n{event.text}"
    turn.record(replace(before, value=value, said=told, unclear=False, messages=(*before.messages, event.message)))
    turn.of_earlier = True
    return now


def withdrawn(turn: Turn, event: TextReceived) -> Concern | None:
    """Whoever takes back a disclosure closes nothing by it: it is a sign of its own, which a person reads."""
    told = turn.locked and not turn.c.held and doubting.withdraws(doubting.words(event.text))
    return plain(Level.L2, "took back what they had told: itself a sign, and closes nothing") if told else None


def afraid(event: TextReceived, step: Step | None) -> Concern | None:
    """Whoever cannot write now, and says beside it that they are afraid or not well, is read by a person: "no im scared"."""
    said = doubting.words(event.text)
    told = agenda.is_gate(step) and bool(said) and said[0] in languages.NO_ALONE and doubting.fears(said)
    return plain(Level.L2, "cannot write now, and is afraid or not well", night_page=True) if told else None


def _last_asked_and_answered(turn: Turn) -> Step | None:
    """The question answered last in this session, but for what is asked beside the talk."""
    since = turn.at - timedelta(minutes=turn.library.limits["session_minutes"])
    steps = turn.library.flow.steps
    asked = (key for key in reversed(turn.c.order) if key in steps and not steps[key].tags & going_on.ROLES)
    answered = (turn.c.answers[key] for key in asked if key in turn.c.answers)
    last = max((one for one in answered if one.at >= since), key=lambda one: one.at, default=None)
    step = steps[last.question] if last is not None and last.by == "child" else None
    return step if step is not None and step.options else None


def _instead(step: Step, text: str, open_step: Step | None) -> str | None:
    """What they say now: no, not sure, or nothing else than before (None)."""
    said = doubting.words(text)
    less = doubting.behind_but(said)
    rest = doubting.without_taking_back(less or said)
    found = matching.match(step, " ".join(rest))
    taken = said[: len(said) - len(rest)]
    if doubting.limit_first(said):
        return matching.UNSURE
    if found.value == matching.NO and not settling.answers_nothing(found, " ".join(rest)):
        # A bare "no" may be said of the open question, and "but no" takes only something from the yes.
        return matching.NO if taken and not less and _says_nothing(open_step, " ".join(rest)) else matching.UNSURE
    # A bare "idk" is; and "i lied" may be about their age.
    unsure = found.value == matching.UNSURE and (bool(less) or not languages.TAKES_BACK.isdisjoint(taken))
    lied = not languages.LIED.isdisjoint(taken) and (not rest or any(_is_yes(step, word) for word in rest))
    return matching.UNSURE if unsure or lied else None


def _is_bare(text: str) -> bool:
    """Whether nothing says that a "no" is about what was said before: behind another answer it is said of the question since."""
    said = doubting.words(text)
    return (
        not doubting.behind_but(said) and not doubting.limit_first(said) and doubting.without_taking_back(said) == said
    )


def _is_yes(step: Step, word: str) -> bool:
    return matching.match(step, word).value == matching.YES


def _says_nothing(open_step: Step | None, text: str) -> bool:
    return open_step is None or matching.match(open_step, text).kind is Reading.UNCLEAR


def _declines(open_step: Step | None, text: str) -> bool:
    """Whether a "no" is said to help, or to a question that may be left out: "How old are you?"."""
    said = doubting.words(text)
    said = doubting.behind_but(said) or said
    return doubting.refuses(said) or (open_step is not None and open_step.skippable and doubting.keeps_back(said))


def _lately_safe(turn: Turn, event: TextReceived) -> Step | None:
    """The question whether they are safe that was last answered, within `join_seconds`, where that was no "no"."""
    last = _whether_safe(turn, event)
    return None if last is None or turn.c.answers[last.key].value == matching.NO else last


def puts_right(turn: Turn, step: Step, event: TextReceived, heard: Concern | None) -> bool:
    """Whether a text in place of where they are is nothing but a yes to whether they are safe, which they had just denied. It is
    no place, and is kept with that answer, which stays what it was: a person is called. Whoever took it back is asked whether
    they are safe, and a bare "yes" where they are once more; a number may be a bus.
    """
    denied = _denied(turn, step, event)
    if denied is None or (heard is not None and heard.level >= Level.L3):
        return False
    before, said = turn.c.answers[denied.key], doubting.words(event.text)
    # "Pressed 2 by mistake" names the slip itself; a number of their own may be a bus.
    slipped = {word for word in doubting.words(before.said) if word.isdecimal() and not _SLIPS.isdisjoint(said)}
    rest = [word for word in said if word not in _OF_A_SLIP | slipped]
    rest = rest[1:] if rest[:1] and rest[0] in languages.NO_ALONE else rest
    found = matching.match(denied, " ".join(rest))
    back = len(rest) > 1 or len(rest) < len(said) or not languages.TAKES_BACK.isdisjoint(doubting.words(before.said))
    bus = "".join(rest).isdecimal() and not back
    slip = not rest and not _SLIPS.isdisjoint(said)  # "sorry wrong one": what was meant comes in the next text
    right = (found.value == matching.YES and found.kind is Reading.ANSWER and not bus) or slip
    if before.value != matching.NO or not right:
        return False
    telling.append(turn, denied.key, event)
    if heard is not None:
        responding.keep(turn, heard, event.message)
    asked = agenda.block(turn.library.flow, step.block).steps if back else ()
    # Where they are is left to ask behind that: whoever is not safe after all could else not say it any more.
    once_more = (one for key in asked if settling.is_safety(turn, (one := turn.library.flow.steps[key]), event))
    if any(turn.ask(one) for one in once_more):
        turn.c = changed(turn.c, order=tuple(key for key in turn.c.order if key != step.key))
    else:
        turn.c = changed(turn.c, tries=1)
        turn.again()
    return True


def pressed_wrong(turn: Turn, step: Step, event: TextReceived) -> bool:
    """Whether a text says no more than that what they answered just before was a slip ("sorry wrong one", "i meant 4"): it is
    asked again at once, and what they meant answers nothing that was asked since. To a question in their own words it may be an
    answer.
    """
    said = doubting.words(event.text)
    more = [word for word in said if word not in _OF_A_SLIP]
    clear = turn.locked if step.kind is Kind.FREE else _says_nothing(step, event.text)
    asked = _just_answered(turn)
    if _SLIPS.isdisjoint(said) or not "".join(more or "0").isdecimal() or asked in (None, step) or not clear:
        return False
    gate = agenda.is_gate(asked) and turn.c.privacy is Privacy.ALONE
    safe = not more and _lately_safe(turn, event) is asked
    told = "it" in said and not _HAPPENED.isdisjoint(said)  # "it was a mistake"
    other = bool(asked.options) and not (asked.tags & going_on.ROLES or told or _ONLY_WAITS.issuperset(said))
    if event.pressed is not None or event.edited or not (gate or safe or other) or not turn.may_say(asked.key):
        return False
    # Which path a talk takes was decided by it, and which it was before is not known any more.
    if any(row.path for row in settling.following(turn, asked, turn.c.answers[asked.key].value, event)):
        return False
    telling.append(turn, asked.key, event)
    going_on.interrupt(turn)
    branch = turn.c.block if not turn.locked else None
    if branch is not None and asked.key not in agenda.block(turn.library.flow, branch).steps:
        turn.c = changed(turn.c, block=None, back_to=None)  # the branch that the slip led to
    if gate:
        turn.c = changed(turn.c, privacy=Privacy.UNKNOWN)
        going_on.to_gate(turn)
    elif turn.ask(asked):
        going_on.idle(turn)
    turn.c = changed(turn.c, tries=int(gate or safe))
    return True


def _just_answered(turn: Turn) -> Step | None:
    """The question answered last, where that was a moment ago and by the child."""
    last = turn.latest()
    since = turn.at - timedelta(seconds=turn.library.limits["join_seconds"])
    lately = last is not None and last.at >= since and last.by == "child"
    return turn.library.flow.steps.get(last.question) if lately and last is not None else None


def younger_age(step: Step, before: Answer, text: str) -> int | None:
    """The age that a text puts in place of the one told before, and says nothing else; None where it is no younger one."""
    told = amounts.said(step, before.said)
    said = doubting.words(text)
    rest = said[1:] if said[:1] and said[0] in languages.NO_ALONE else said
    line = " ".join(word for word in rest if word not in _OF_A_SLIP).removesuffix(f" not {told}")
    now = amounts.soon(step, before.said, text)
    if now is None and len(text.strip()) > 1 and matching.match(step, line).kind is Reading.ANSWER:
        now = amounts.said(step, line)  # one figure alone may be meant for what is open
    spans = {one.value: one.span for one in step.options if one.span is not None}
    least = told if told is not None else spans[before.value][0] if before.value in spans else None
    return now if now is not None and least is not None and now < least else None


def slipped(turn: Turn, step: Step | None, event: TextReceived) -> bool:
    """Whether "wrong number" is said of the one they pressed, and not of whose telephone it is: in place of where they are,
    behind a "2" to whether they are safe.
    """
    denied = _denied(turn, step, event)
    known = _OF_A_SLIP.issuperset(doubting.words(event.text))
    return known and denied is not None and turn.c.answers[denied.key].said.strip().isdecimal()


def _denied(turn: Turn, step: Step | None, event: TextReceived) -> Step | None:
    """The question whether they are safe, where it was answered just before it was asked where they are."""
    asked = step is not None and "whereabouts" in step.tags and not turn.c.tries
    return _whether_safe(turn, event, 60 * turn.library.limits["session_minutes"]) if asked else None


def _whether_safe(turn: Turn, event: TextReceived, seconds: int | None = None) -> Step | None:
    """The question whether they are safe that was last answered, within these seconds, else within `join_seconds`."""
    if event.pressed is not None or event.edited or turn.c.held:
        return None
    horizon = turn.at - timedelta(seconds=seconds or turn.library.limits["join_seconds"])
    steps = turn.library.flow.steps
    lately = ((one.at, key) for key, one in turn.c.answers.items() if key in steps and one.at >= horizon)
    asked = (key for _, key in sorted(lately, reverse=True) if settling.is_safety(turn, steps[key], event))
    last = next(asked, None)
    return None if last is None else steps[last]


def later(turn: Turn, event: TextReceived) -> bool:
    """An old "not now": from here somebody may be looking, whoever has the chat. Whether it was that."""
    rows = tuple(row for row in _meant(turn, event) if row.privacy is Privacy.OTHERS)
    if not rows:
        return False
    going_on.interrupt(turn)
    turn.count("waits")
    if turn.locked or turn.c.holder != BOT:
        # What waits for a person, or is with one, waits on.
        turn.tell_holder("later")
        rows = tuple(replace(row, trigger=None) for row in rows)
    going_on.apply(turn, rows)
    return True


def remember(turn: Turn, event: TextReceived) -> None:
    """Keep what the child wrote for what they write next; what stands on a button is no part of that."""
    if event.pressed is None:
        telling.remember(turn, event.text, None)


def take(turn: Turn, event: TextReceived, heard: Concern | None) -> None:
    """Hear it, and ask again what is open."""
    remember(turn, event)
    if later(turn, event):
        return
    if heard is not None:
        responding.keep(turn, heard, event.message)
        if responding.wanted(heard):
            responding.reply(turn, heard)
            return
    turn.again() or turn.wait_text()
