"""Who holds a chat: a person takes it, leaves it, fills in what they heard. May not say anything by itself but who is there.

While a person holds a chat the bot is silent; handed back, it returns to the same question and asks nothing anew (B13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import agenda, concerns, conditions, effects, facts, going_on, responding, sessions
from flows.matching import YES
from flows.model import BOT, NOBODY, Answer, Guard, Level, Privacy, changed
from flows.turn import PROMISED, UNTOLD, WAIT_TOLD

if TYPE_CHECKING:
    from flows import events
    from flows.model import Outcome
    from flows.turn import Turn

# When a child was last told that something must be passed on, and the seconds they have to say what they want said.
TOLD_FIRST: Final = "told_first"
_TO_ANSWER: Final = 600


def took(turn: Turn, event: events.WorkerTook) -> None:
    """A worker takes the chat; the child hears that a real person is there, where that may be said."""
    held = turn.c.holder
    if held == event.worker:
        return
    if held not in (BOT, NOBODY):
        # Two people answering one child is worse than none: whoever had the chat hears that they have it no more.
        turn.tell_holder("taken_over")
    going_on.interrupt(turn)
    turn.c = changed(turn.c, shown=None)  # from here on a "no" answers the person
    turn.hold(event.worker)
    # Whoever is with somebody waits no more, even while the alert climbs: handed back, they are not told that we try still. And
    # what was said of that wait does not count for the next one.
    turn.count("waits")
    turn.count(PROMISED)
    turn.uncount(WAIT_TOLD)
    turn.move("take")
    for one in agenda.tagged(turn.library.flow, "human_on")[:1]:
        turn.say_for_person(one.key, first_name=event.worker)


def left(turn: Turn, event: events.WorkerLeft) -> None:
    """A worker hands over, drops out, must not go on, or gives the chat back to the bot."""
    if turn.c.holder != event.worker:
        return  # somebody else has it by now: who is gone takes nothing from them
    if event.successor is not None:
        turn.hold(event.successor)
        for one in agenda.tagged(turn.library.flow, "human_off")[:1]:
            turn.say_for_person(one.key, first_name=event.worker, next_name=event.successor)
        return
    if event.dropped or event.removed:
        _gone(turn, event)
        return
    turn.hold(BOT)
    if turn.c.guard is Guard.PAUSE:
        turn.c = changed(turn.c, guard=Guard.NONE)
    turn.learn({"handed_back_by": event.worker})
    resume(turn, ask="human_off")


def _gone(turn: Turn, event: events.WorkerLeft) -> None:
    """The child is alone again: the alert climbs past who is gone, the child hears the truth, once, where it may be said."""
    if event.dropped:
        turn.tell_holder("dropped_out")
    turn.hold(NOBODY)
    turn.move("quiet" if turn.c.quiet else "wait")
    turn.done.append(effects.PassOver(event.worker, different=False))
    turn.promise()
    if not turn.c.opted_out:
        turn.wait_text()
    turn.keep_company()


def called(turn: Turn) -> None:
    """A person is to answer: whoever has the chat goes on, else the child waits for one and hears the truth about it."""
    if turn.c.held:
        return
    going_on.interrupt(turn)
    turn.to_person(tell=not turn.c.opted_out)


def left_alone(turn: Turn) -> tuple[Outcome, ...]:
    """What a session's opening answers mean by the record as it is now, and would not if a worker were there: the bot may not go
    on alone (decisions 6). Nothing where it asks nothing, or will come to these questions next, or a lock has called a person.
    """
    asking = turn.open_step()
    if turn.c.holder != BOT or turn.locked or asking is None or asking.tags & agenda.OPENING:
        return ()
    return _unattended(turn)


def _unattended(turn: Turn) -> tuple[Outcome, ...]:
    # Whatever they answered then: who was not safe, or not sure, and was seen to since is no less alone with the bot.
    safe = {step.key: YES for step in agenda.tagged(turn.library.flow, "each_session")}
    alone = facts.names(turn.c, turn.service, None, safe)
    attended = facts.names(turn.c, turn.service, None, {**safe, "worker_present": YES})
    return tuple(
        row
        for key in safe
        for row in turn.library.flow.steps[key].outcomes
        if conditions.holds(row.when, alone) and not conditions.holds(row.when, attended)
    )


def wait_for_company(turn: Turn, rows: tuple[Outcome, ...]) -> None:
    """A person is got as at the opening. The child, who is in the middle of an answer, hears of it when they have sent that."""
    _want_company(turn, rows)
    going_on.interrupt(turn)
    turn.promise()
    turn.hold(NOBODY)
    turn.move("wait")
    turn.count(UNTOLD)


def _want_company(turn: Turn, rows: tuple[Outcome, ...]) -> None:
    meant = concerns.from_answer(rows, "each_session", turn.c)
    if meant is not None:
        responding.keep(turn, meant, None)
    for row in rows:
        turn.task(row.tasks)


def suspected(turn: Turn) -> None:
    """Somebody else may be typing: from here the bot is silent, and every text is a person's to read (decisions 4)."""
    if not turn.c.quiet:
        why = concerns.plain(Level.L2, "a worker thinks that somebody else may be typing", night_page=True)
        responding.keep(turn, why, None)
    responding.fall_silent(turn)


def tell_first(turn: Turn) -> None:
    """In reviewed words, and in the child's language: the first text that a person has us say. Pressed twice it is said once."""
    if turn.is_marked(TOLD_FIRST, _TO_ANSWER):
        return
    turn.mark(TOLD_FIRST)
    for one in agenda.tagged(turn.library.flow, "by_person")[:1]:
        turn.say_for_person(one.key)


def closed(turn: Turn) -> None:
    """The ending words of the flow, in the name of who ends it; not to who may not be the child, nor after a STOP."""
    turn.hold(BOT)
    if not turn.c.opted_out:
        for one in agenda.tagged(turn.library.flow, "ending")[:1]:
            turn.say_for_person(one.key)
    going_on.end(turn, "leave")


def lifted(turn: Turn) -> None:
    """A named person lets the chat go on: after a lock at the next question, after QUIET at the gate, when the child writes."""
    was_quiet = turn.c.quiet
    turn.c = changed(turn.c, guard=Guard.NONE, block=None, quiet=False)
    if {turn.c.step, turn.c.back_to} & turn.library.after_lock:
        # "To get you help now" was asked for the lock: whoever lifts it has seen to that.
        turn.c = changed(turn.c, step=None, back_to=None)
    if was_quiet:
        turn.c = changed(
            turn.c, privacy=Privacy.UNKNOWN, last_inbound_at=None, counts={**turn.c.counts, "was_quiet": 1}
        )
        if turn.c.holder == NOBODY:
            turn.move("take")
            turn.move("resume")
            turn.hold(BOT)
    elif turn.c.holder == BOT:
        resume(turn)


def resume(turn: Turn, ask: str = "") -> None:
    """Back to the bot, at the same question; the answers a person filled in are not asked again (B13). `ask`: the tag of what the
    child must say yes to before (domain 3.2.7).
    """
    if turn.c.quiet:
        turn.hold(NOBODY)
        turn.move("quiet")
        return
    # Whoever holds the telephone after a long silence is asked nothing: their next text comes to the gate (decisions 1).
    silent = turn.c.opted_out or sessions.is_over(turn.c, turn.at, turn.library.limits)
    if not turn.locked and (silent or turn.c.privacy is Privacy.OTHERS):
        turn.move("resume")  # the worker has it no more
        turn.move("pause")
        return
    turn.move("lock" if turn.locked else "resume")
    if turn.locked:
        if silent or not turn.again():
            turn.to_person(tell=not silent)
        if silent:
            turn.count("waits")  # nor are they told later that we are still trying
        return
    if going_on.PERSON_ONLY in turn.c.facts:
        turn.to_person()
    elif turn.c.privacy is Privacy.ALONE and (rows := _unattended(turn)):
        # Whoever hands back or lifts a lock does not say that they sit with the child: the rule holds as it does at the opening,
        # which, where the gate comes next, asks by itself (decisions 6).
        _want_company(turn, rows)
        turn.to_person()
    elif ask and not _gated_in_another(turn) and turn.ask_tagged(ask):
        going_on.idle(turn)
    else:
        going_on.go_on(turn)


def _gated_in_another(turn: Turn) -> bool:
    """Whether the gate comes next, in a language of which only the emergency texts are sent: they could not read a question
    before it.
    """
    return turn.c.privacy is not Privacy.ALONE and turn.c.reads not in {None, turn.c.locale}


def set_answer(turn: Turn, event: events.AnswerSet) -> None:
    """What a person heard is kept under their name, and is not asked again."""
    said = "" if event.value is None else str(event.value)
    turn.record(Answer(event.question, event.value, said, event.at, turn.c.locale, by=event.by))
    step = turn.library.flow.steps[event.question]
    rows = going_on.matching_outcomes(turn, step)
    for row in rows:
        turn.learn(dict(row.facts))
        turn.task(row.tasks)
    # An answer is a concern whoever writes it down.
    meant = concerns.from_answer(rows, step.key, turn.c)
    if meant is not None:
        responding.keep(turn, meant, None)
        turn.c = changed(turn.c, guard=concerns.stronger(turn.c.guard, meant.guard))
    if turn.c.step == event.question:
        turn.c = changed(turn.c, step=None)
        if turn.c.holder == BOT:
            going_on.go_on(turn)
