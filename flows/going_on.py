"""What comes after an answer: its outcomes, the next question, the end. May not read a child's words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows import agenda, conditions, effects, machine, sessions
from flows.facts import EASY_WORDS
from flows.model import BOT, NOBODY, Kind, Privacy, Task, changed
from flows.turn import PROMISED

if TYPE_CHECKING:
    from flows.model import Flow, Outcome, Step
    from flows.turn import Turn

# A trigger that ends a session, and what is filed then (None: nothing yet, the child may come back to the same question).
ENDINGS = {"finish": "done", "leave": "partly_done", "refuse": "refused", "pause": None, "stop": None}
ROLES = frozenset({"gate", "break", "offer", "human_off"})


# The fact of a chat in which the bot asks nothing: whoever writes there is heard, told that a person comes, and paged for.
PERSON_ONLY: Final = "person_only"
_LOOKING_IN: Final = "looking_in"
# Nobody is texted again because they did not answer when we looked in: a person sees to it (domain 3.2).
MISSED: Final = Task("missed_check_in", "worker", "1wd")


def matching_outcomes(turn: Turn, step: Step) -> tuple[Outcome, ...]:
    """The rows of the branch table that this answer makes true, and patterns over several answers, each once."""
    values = turn.values()
    rows = [row for row in step.outcomes if conditions.holds(row.when, values)]
    for row in turn.library.flow.outcomes:
        name = f"pattern:{row.line}"
        if name not in turn.c.counts and conditions.holds(row.when, values):
            turn.count(name)
            rows.append(row)
    return tuple(rows)


def apply(turn: Turn, rows: tuple[Outcome, ...]) -> None:
    """Carry out what answers mean, then go on. The first row that leads somewhere decides where."""
    for row in rows:
        if row.privacy is not None:
            turn.read_by(row.privacy)
        if row.path is not None:
            turn.c = changed(turn.c, path=row.path)
            if row.path == EASY_WORDS:
                turn.tell_holder("easy_words")  # a worker at hand (decisions 1), who cannot be without hearing of it
        turn.learn(dict(row.facts))
        turn.task(row.tasks)
        for key in row.say:
            turn.say(key)
    lead = next((row for row in rows if row.goto or row.ask or row.trigger or row.to_person), None)
    if lead is not None and _lead(turn, lead):
        return
    go_on(turn)


def _lead(turn: Turn, row: Outcome) -> bool:
    """Follow a row; whether the turn is over with it."""
    if row.trigger == "begin":
        begin(turn)
        return True
    if row.trigger in ENDINGS:
        end(turn, row.trigger)
        return True
    if row.trigger:
        turn.move(row.trigger)
    if row.goto:
        turn.c = changed(turn.c, block=row.goto)
    if row.to_person:
        turn.c = changed(turn.c, step=None)
        turn.to_person()
        return True
    return bool(row.ask) and turn.ask(turn.library.flow.steps[row.ask or ""])


def to_gate(turn: Turn) -> None:
    """Who is reading? Nothing else is asked before that is known (decisions 1)."""
    turn.move("arrive")
    if PERSON_ONLY in turn.c.facts:
        turn.to_person()
        return
    if turn.ask_tagged("gate"):
        idle(turn)


def may_look_in(turn: Turn) -> bool:
    """A check-in is ours to begin, so everything must allow it: the child's word, silence, a lock, a person, a talk."""
    c = turn.c
    talking = not sessions.is_over(c, turn.at, turn.library.limits)
    silent = c.opted_out or c.quiet or "no_texts" in c.facts
    return not (talking or silent or turn.locked) and c.holder == BOT


def look_in(turn: Turn) -> None:
    """Text to see how a child is: who is reading, whether they are safe, and then how they are (R37)."""
    if turn.c.begun:
        turn.c = changed(turn.c, counts={**turn.c.counts, _LOOKING_IN: 1})
    to_gate(turn)


def missed_look_in(turn: Turn) -> bool:
    """Whether the child did not come as far as saying how they are since we looked in, nor told of harm."""
    return _LOOKING_IN in turn.c.counts and not turn.locked


def _how_they_are(turn: Turn) -> bool:
    """What we text for comes before anything that is left to ask; once a check-in, and behind what was told meanwhile."""
    if _LOOKING_IN not in turn.c.counts or turn.locked or turn.c.block is not None:
        return False
    turn.uncount(_LOOKING_IN)
    asked = turn.ask_tagged("look_in")
    if asked:
        idle(turn)
    return asked


def begin(turn: Turn) -> None:
    """The gate was passed: start, or go back to where the child was (decisions 1)."""
    if turn.c.holder != BOT:
        # A person is awaited, and goes on being: but whoever is not safe by now must not wait for one (decisions 1).
        turn.move("wait")
        turn.ask_tagged("each_session") or turn.wait_text()
        return
    turn.move("lock" if turn.locked else "begin")
    if not turn.c.begun:
        turn.c = changed(turn.c, begun=True)
        go_on(turn)
        return
    _ask_consent_again(turn)
    if not turn.ask_tagged("each_session"):
        go_on(turn)


def _ask_consent_again(turn: Turn) -> None:
    # A child who said "another time" or "no" and writes again is asked whether now is fine; nothing else is re-asked.
    for step in agenda.tagged(turn.library.flow, "consent"):
        answer = turn.c.answers.get(step.key)
        if answer is not None and answer.value != step.options[0].value:
            answers = {key: value for key, value in turn.c.answers.items() if key != step.key}
            order = tuple(key for key in turn.c.order if key != step.key)
            turn.c = changed(turn.c, answers=answers, order=order, block=None)


def go_on(turn: Turn) -> None:
    """Ask the next question, with the statements before it; at the end of a branch go back, at the end of all end."""
    turn.c = changed(turn.c, step=None)
    if turn.c.quiet or turn.c.privacy is Privacy.OTHERS:
        # What may not be sent now has not been asked: it waits for the gate.
        return
    if _only_waits(turn):
        return
    for _ in range(turn.library.limits["steps_per_turn"]):
        if turn.c.held or _waiting_question(turn):
            return
        step = next(agenda.following(turn.library.flow, turn.c, turn.values()), None)
        if step is None:
            if _block_ended(turn):
                return
        elif step.kind is Kind.STATEMENT:
            _say_or_pass(turn, step)
        elif _break_is_due(turn):
            turn.c = changed(turn.c, since_break=0)
            turn.ask_tagged("break")
            return
        elif turn.ask(step):
            idle(turn)
            return
        else:
            turn.c = changed(turn.c, order=(*turn.c.order, step.key))


def _only_waits(turn: Turn) -> bool:
    """Nothing is gone on with while a person is awaited; after a lock only what gets help is left to ask."""
    if turn.c.holder != NOBODY or (turn.locked and turn.c.block is not None):
        return False
    if turn.c.privacy is not Privacy.UNKNOWN or not turn.ask_tagged("gate"):
        turn.wait_text()
    return True


def _say_or_pass(turn: Turn, step: Step) -> None:
    if not turn.ask(step):
        turn.c = changed(turn.c, order=(*turn.c.order, step.key))


def _waiting_question(turn: Turn) -> bool:
    """The question that was open before a gate, an offer or a person, or the gate itself when nobody passed it."""
    if turn.c.privacy is Privacy.UNKNOWN and not turn.locked:
        return turn.ask_tagged("gate")
    if _how_they_are(turn):
        return True
    key = turn.c.back_to
    if key is None or turn.locked:
        return False
    if turn.c.block is not None and key not in agenda.block(turn.library.flow, turn.c.block).steps:
        # A branch was begun since: it comes first, and the question when it is through.
        return False
    turn.c = changed(turn.c, back_to=None)
    if key in turn.c.answers:
        return False
    asked = turn.ask(turn.library.flow.steps[key])
    if asked:
        idle(turn)
    return asked


def _break_is_due(turn: Turn) -> bool:
    due = turn.c.since_break >= turn.library.limits["break_after"]
    return due and turn.c.block is None and bool(agenda.tagged(turn.library.flow, "break"))


def _block_ended(turn: Turn) -> bool:
    """Nothing is left here; whether the turn is over."""
    then = agenda.ending(turn.library.flow, turn.c)
    if turn.c.block is not None and then in ("", "resume"):
        turn.c = changed(turn.c, block=None)
        return False
    if then == "wait":
        turn.to_person()
        return True
    if then == "again" or (then == "finish" and turn.c.outcome == "done"):
        turn.c = changed(turn.c, block=None)
        turn.ask_tagged("again")
        return True
    end(turn, then)
    return True


def ends(flow: Flow) -> frozenset[str]:
    """The states of a chat that is over: nothing is asked in it until the child writes there again."""
    there = (trigger for trigger in ENDINGS if machine.can(flow, flow.initial, trigger))
    return frozenset(machine.move(flow, flow.initial, trigger) for trigger in there)


def end(turn: Turn, trigger: str) -> None:
    """Close the session; what there is is filed."""
    turn.c = changed(turn.c, step=None, block=None)
    turn.count("waits")  # nobody is told "still here" who has left
    turn.move(trigger)
    if turn.c.holder == NOBODY:
        turn.hold(BOT)  # as after any end: whoever asks for a person then is promised one anew
    outcome = ENDINGS.get(trigger)
    if outcome is not None:
        turn.count(PROMISED)
        turn.c = changed(turn.c, outcome=outcome)
        turn.done.append(effects.FileRecord(outcome))


def idle(turn: Turn) -> None:
    """After a day without an answer the chat is put aside and a worker is told (domain 3.1)."""
    turn.timer("idle", turn.at + timedelta(hours=turn.library.limits["idle_hours"]))


def only_wait(turn: Turn, step: Step) -> None:
    """Pass over the questions that are left of this branch, but for what is asked of whoever waits; who was asked that already
    waits. What is only said, as a goodbye, still is.
    """
    left = [] if "waits" in step.tags else list(agenda.following(turn.library.flow, turn.c, turn.values()))
    passed = tuple(one.key for one in left if "waits" not in one.tags and one.kind is not Kind.STATEMENT)
    turn.c = changed(turn.c, order=(*turn.c.order, *passed))
    go_on(turn)


def interrupt(turn: Turn) -> None:
    """Put the open question aside so that it can be asked again later."""
    step = turn.open_step()
    if step is not None and not step.tags & ROLES and step.key not in turn.c.answers:
        turn.c = changed(turn.c, step=None, back_to=step.key)
    elif turn.c.step is not None:
        turn.c = changed(turn.c, step=None)
