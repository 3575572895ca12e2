"""What a member of staff does, as events through the one door: the desk's buttons and a transcript's `desk >` lines.

May not check a role by itself where the core does; whoever calls has made sure who is clicking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms, calling, conflict, holding, noticing, pages, refiling
from flows import events, queue, sessions, standing
from flows.flowfile import PATHS
from flows.model import BOT, NOBODY, Kind, Level, Privacy
from storage import alerts, audit, conversations, notes, people, waits
from storage.codes import Bar, Role

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import Runner
    from flows.events import AlertEvent, Event
    from flows.model import Alert, Conversation, Value
    from storage.database import Transaction
    from storage.people import Person

DECISIONS = ("refer", "police", "nrm", "other", "no_further_action")


class NotPossible(ValueError):
    """It cannot be done now; the message says why."""


class Refused(NotPossible):
    """The rules of the house forbid it now; whoever clicked is told why, in one line."""


WHY = {
    "training": "your training and DBS are not on record, or not in date: talk to your supervisor before you take a chat",
    "rest": "you have just been with a child at L3 or L4: take your ten minutes first",
    "urgent_held": "you have a chat that is, or was, at L3 or L4: stay with that one child",
    "full": "you have as many chats as one person can: hand one back or over first",
    "urgent": "this child is at L3 or L4 and needs somebody for themselves: hand over what you have first",
    "barred": "this chat is not for you: somebody else takes it",
}


def acknowledge(tx: Transaction, runner: Runner, who: Person, alert: str, at: datetime) -> None:
    """Take an alert, signed in at the desk."""
    held = alerts.load(tx, alert)
    holding.seen(tx, runner.house, who.id, at)
    alarms.take(tx, runner.house, held, events.AlertTaken(at, who.name, by_desk=True), who, "by_desk")


def pass_on(tx: Transaction, runner: Runner, who: Person, alert: str, at: datetime) -> None:
    """Not me: the next rung now."""
    _alert(tx, runner, who, alert, events.AlertPassedOn(at, who.name), "alert.passed_on")


def lower(tx: Transaction, runner: Runner, who: Person, alert: str, level: Level, because: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - who, what, why, when
    """Lower a level, with a reason; what the core refuses is refused with a notice."""
    if not because.strip():
        raise NotPossible("a level is lowered only with a reason: say why")
    _alert(tx, runner, who, alert, events.AlertLowered(at, who.name, level, because), "alert.lowered", level.name)
    lowered = alerts.peek(tx, alert)
    if lowered.level is level:
        _because(tx, who, lowered, "lowered", level.name, because, at)
        refiling.decided(tx, runner.house, who.id, lowered.conversation, at)


def decide(tx: Transaction, runner: Runner, who: Person, alert: str, decision: str, because: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - who, what, why, when
    """Decide what happens: refer to children's social care, police, NRM, other, no further action; each with a reason."""
    if decision not in DECISIONS:
        raise NotPossible(f"'{decision}' is no decision: use one of {', '.join(DECISIONS)}")
    if not because.strip():
        raise NotPossible("a decision needs a reason: say why")
    as_manager = people.is_manager(tx, who, at)
    decided = events.AlertDecided(at, who.name, decision, because, as_manager)
    _alert(tx, runner, who, alert, decided, "alert.decided", decision)
    held = alerts.peek(tx, alert)
    _because(tx, who, held, "decision", decision, because, at)
    holding.still_promised(tx, runner.house, held, at)
    refiling.decided(tx, runner.house, who.id, held.conversation, at)


def _alert(tx: Transaction, runner: Runner, who: Person, alert: str, event: AlertEvent, what: str, *more: str) -> None:
    held = alerts.load(tx, alert)
    audit.record(tx, event.at, who.id, what, alert, *more)
    holding.seen(tx, runner.house, who.id, event.at)
    alarms.step(tx, runner.house, held, event)


def _because(tx: Transaction, who: Person, alert: Alert, kind: str, what: str, because: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - as above
    """Keep the reason, sealed with what the child said: the core decides by it and forgets it."""
    details = {"alert": alert.id, "what": what, "because": because.strip(), "by": who.name}
    notes.add(tx, kind, at, who.id, at, conversation=alert.conversation, details=details)


def take(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Take a chat that no person has. Raises Refused when another has it, or the rules keep this worker from it."""
    c = conversations.load(tx, conversation)
    who = holding.named(tx, c, who)
    if c.holder == who.name:
        holding.seen(tx, runner.house, who.id, at)
        return
    if c.held:
        raise Refused(f"{c.holder} has this chat: ask them to hand it over, or a supervisor to step in")
    _may_have(tx, runner, who, c, at)
    _take(tx, runner, who, conversation, at)


def step_in(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Take a chat whoever has it; only who answers for others may. Whoever had it hears so."""
    if holding.worker(tx, runner.house, who, at, _role(tx, who, at)).role not in queue.MAY_STEP_IN:
        raise Refused("only a supervisor may step in")
    _may_have(tx, runner, who, conversations.load(tx, conversation), at)
    _take(tx, runner, who, conversation, at)


def take_next(tx: Transaction, runner: Runner, who: Person, at: datetime) -> str | None:
    """Take whoever is first for this worker; the id of the chat, None when nobody they may have waits.

    Raises Refused when this worker may be given nobody now.
    """
    why = queue.off(holding.worker(tx, runner.house, who, at), at, runner.house.shelf.limits)
    if why is not None:
        raise Refused(WHY[why])
    for child in holding.order_for(tx, runner.house, who, at):
        # Read again under the child's own lock: a supervisor may have taken them in this moment.
        if not conversations.load(tx, child.conversation).held:
            take(tx, runner, who, child.conversation, at)
            return child.conversation
    return None


def _take(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    _chat(tx, runner, who, conversation, events.WorkerTook(at, who.name), "chat.taken")
    for alert in _climbing(tx, conversation):
        if calling.may_decide(tx, who, alert, at):
            # Whoever sits with the child, signed in, has the alert: nobody else is called for it.
            acknowledge(tx, runner, who, alert.id, at)
        else:
            # Company is not a decision: a child at L4 with a volunteer still needs those who can send for help (decisions 7).
            alarms.keeps_company(tx, runner.house, alert, who, at)


def _climbing(tx: Transaction, conversation: str) -> tuple[Alert, ...]:
    return tuple(one for one in alerts.open_of(tx, conversation) if standing.climbs(one))


def _may_have(tx: Transaction, runner: Runner, who: Person, c: Conversation, at: datetime) -> None:
    asking = holding.worker(tx, runner.house, who, at, _role(tx, who, at))
    why = queue.refused(holding.child(tx, c), asking, at, runner.house.shelf.limits)
    if why is not None:
        raise Refused(WHY[why])


def _role(tx: Transaction, who: Person, at: datetime) -> str | None:
    """The role somebody stands in now, where it is more than their own."""
    return next(iter(sorted(people.shifts_of(tx, who, at) & queue.MAY_STEP_IN)), None)


def may_say(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> Person:
    """Only whoever holds the chat may write, as they are called in it. Who dropped out and is back has it again, if nobody took
    it. Raises Refused.
    """
    wait = waits.of(tx, conversation)
    if wait is not None and wait.dropped and wait.wanted_staff == who.id:
        take(tx, runner, who, conversation, at)
    return _held_by(tx, who, conversation)


def say(tx: Transaction, runner: Runner, who: Person, conversation: str, text: str, at: datetime) -> None:
    """Words that `saying` has let through go to the child. Being handed a chat proves nothing; writing in it does."""
    who = may_say(tx, runner, who, conversation, at)
    _chat(tx, runner, who, conversation, events.WorkerSaid(at, who.name, text), "chat.said")
    for alert in _climbing(tx, conversation):
        if calling.may_decide(tx, who, alert, at):
            acknowledge(tx, runner, who, alert.id, at)


def released(tx: Transaction, runner: Runner, writer: Person, conversation: str, text: str, at: datetime) -> None:
    """Words of the holder that a supervisor sends: no sign of the writer, who may have gone since. Raises Refused."""
    writer = _held_by(tx, writer, conversation)
    audit.record(tx, at, writer.id, "chat.said", conversation)
    runner.handle(tx, conversations.load(tx, conversation), events.WorkerSaid(at, writer.name, text))


def hand_back(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Give the chat back to the bot, at the same question."""
    who = _held_by(tx, who, conversation)
    _chat(tx, runner, who, conversation, events.WorkerLeft(at, who.name), "chat.handed_back")


def transfer(tx: Transaction, runner: Runner, who: Person, conversation: str, to: Person, at: datetime) -> None:
    """Give the chat to a named colleague, who must be able to have it. The child is told by name, once."""
    who = _held_by(tx, who, conversation)
    if to.id == who.id:
        raise Refused("you have this chat already")
    if not to.active or to.role is Role.REQUESTER:
        raise Refused(f"{to.name} answers no child here")
    try:
        _may_have(tx, runner, to, conversations.load(tx, conversation), at)
    except Refused as why:
        raise Refused(f"{to.name} cannot have this chat now ({why})") from None
    left = events.WorkerLeft(at, who.name, successor=to.name)
    _chat(tx, runner, who, conversation, left, "chat.handed_over", to.id)
    reference = conversations.contact_of(tx, conversation).reference
    noticing.notice(tx, runner.house, to.name, pages.about("handed_over", reference, who=who.name), at)


def hand_over(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> str:
    """The end of a shift: give the chat to who is next on; returns their name. Raises Refused when nobody may have it."""
    who = _held_by(tx, who, conversation)
    child = holding.child(tx, conversations.load(tx, conversation))
    found = queue.next_on(child, who.id, holding.on_shift(tx, runner.house, at), at, runner.house.shelf.limits)
    if found is None:
        raise Refused("nobody is on who may have this chat: put the child in the queue, or ask a supervisor to step in")
    to = people.load(tx, found.id)
    transfer(tx, runner, who, conversation, to, at)
    return to.name


def call_person(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Put a child in the queue: from the bot, or from who has them and cannot go on."""
    c = conversations.load(tx, conversation)
    who = holding.named(tx, c, who)
    if c.holder == who.name:
        _chat(tx, runner, who, conversation, events.WorkerLeft(at, who.name, removed=True), "chat.to_queue")
    elif not c.held:
        _chat(tx, runner, who, conversation, events.PersonCalled(at, who.name), "chat.person_called")
    else:
        raise Refused(f"{c.holder} has this chat: ask them, or step in")


def remove(tx: Transaction, runner: Runner, by: str, conversation: str, worker: Person, at: datetime) -> None:
    """Take a chat from a worker at once, and for good, because a concern is about them (D22): they hold, see and hear
    nothing of it any more, and its alert goes past them. `by`: a staff id or `bot`.
    """
    c = conversations.load(tx, conversation)
    waits.bar(tx, conversation, worker.id, Bar.CONFLICT, at)
    alarms.keep_away(tx, runner.house, conversation, at)
    audit.record(tx, at, by, "chat.removed", conversation, worker.id)
    worker = holding.named(tx, c, worker)
    if c.holder == worker.name:
        runner.handle(tx, c, events.WorkerLeft(at, worker.name, removed=True))


def suspect(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Somebody else may be typing: from here nothing is said by itself."""
    who = _held_by(tx, who, conversation)
    _chat(tx, runner, who, conversation, events.StrangerSuspected(at, who.name), "chat.stranger")


def tell_first(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """What a child told in confidence is passed on only by a manager, and the child hears of it first (domain 3.2)."""
    if not people.is_manager(tx, who, at):
        raise Refused("only a manager passes on what a child told us in confidence")
    who = _held_by(tx, who, conversation)
    c = conversations.load(tx, conversation)
    if sessions.privacy(c, at, runner.house.shelf.limits) is not Privacy.ALONE or c.quiet or c.opted_out:
        raise Refused("nobody knows that the child alone reads now, or they sent STOP: this text does not leave")
    _chat(tx, runner, who, conversation, events.ToldFirst(at, who.name), "chat.told_first")


def worry(  # noqa: PLR0913, PLR0917 - who, what, why, about whom, when
    tx: Transaction,
    runner: Runner,
    who: Person,
    conversation: str,
    level: Level,
    because: str,
    about: str,
    at: datetime,
) -> None:
    """Raise a concern oneself, with a reason. `about`: the colleague it is about, by name, who hears nothing of it; or nobody."""
    if not because.strip():
        raise Refused("say in a few words what worries you")
    colleague = people.by_name(tx, about) if about else None
    if about and (colleague is None or colleague.role is Role.REQUESTER or colleague.id == who.id):
        raise Refused("choose a colleague from the list")
    raised = events.ConcernRaised(at, who.name, level, because.strip(), colleague.name if colleague else "")
    _chat(tx, runner, who, conversation, raised, "concern.raised", level.name)
    conflict.part(tx, runner, conversation, at)


def lift_lock(tx: Transaction, runner: Runner, who: Person, conversation: str, because: str, at: datetime) -> None:
    """Let the interview go on after a disclosure; only a named person may, with a reason (003:903)."""
    if not because.strip():
        raise NotPossible("a lock is lifted only with a reason: say why")
    _chat(tx, runner, who, conversation, events.LockLifted(at, who.name, because), "lock.lifted")


def set_path(tx: Transaction, runner: Runner, who: Person, conversation: str, path: str, at: datetime) -> None:
    """Ask more or fewer questions."""
    if path not in PATHS:
        raise NotPossible(f"path '{path}': use M, C, full or E")
    _chat(tx, runner, who, conversation, events.PathSet(at, who.name, path), "path.set", path)


def set_answer(  # noqa: PLR0913, PLR0917 - who, what, when
    tx: Transaction, runner: Runner, who: Person, conversation: str, question: str, value: Value, at: datetime
) -> None:
    """Fill in what the child has said to a person, so that it is never asked again."""
    c = conversations.load(tx, conversation)
    step = runner.house.shelf.library(tx, c).flow.steps.get(question)
    if step is None or step.kind is Kind.STATEMENT:
        raise NotPossible(f"'{question}' is no question of this flow")
    known = {option.value for option in step.options}
    given = value if isinstance(value, tuple) else (value,)
    if known and not all(one is None or str(one) in known for one in given):
        raise NotPossible(f"'{question}' has the answers {', '.join(sorted(known))}, or skipped")
    _chat(tx, runner, who, conversation, events.AnswerSet(at, who.name, question, value), "answer.set", question)


def close(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """End a chat; never while an L2 or worse has not been decided, of an L3 or L4 by a manager (M24)."""
    _nothing_open(tx, conversation)
    c = conversations.load(tx, conversation)
    who = holding.named(tx, c, who)
    if c.holder not in (BOT, NOBODY, who.name):
        raise Refused(f"{c.holder} has this chat: they end it, or a supervisor steps in")
    _chat(tx, runner, who, conversation, events.ConversationClosed(at, who.name), "chat.closed")


def end_misuse(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """End a chat that is no child's, whoever holds it; what is written later is heard as ever (decisions 5)."""
    _nothing_open(tx, conversation)
    _chat(tx, runner, who, conversation, events.ConversationClosed(at, who.name), "chat.closed", "misuse")


def _nothing_open(tx: Transaction, conversation: str) -> None:
    known = alerts.of(tx, conversation)
    if any(one.level >= Level.L2 and standing.is_undecided(one) for one in known):
        raise Refused("an alert of this chat is not decided yet: whoever is on duty decides it first")
    if any(one.for_manager for one in known):
        raise Refused("a manager must decide an alert of this chat too: ask one to, then end it")


def _held_by(tx: Transaction, who: Person, conversation: str) -> Person:
    c = conversations.load(tx, conversation)
    who = holding.named(tx, c, who)
    if c.holder != who.name:
        raise Refused("you do not hold this chat: take it first")
    return who


def _chat(tx: Transaction, runner: Runner, who: Person, conversation: str, event: Event, what: str, *more: str) -> None:
    audit.record(tx, event.at, who.id, what, conversation, *more)
    holding.seen(tx, runner.house, who.id, event.at)
    runner.handle(tx, conversations.load(tx, conversation), event)
