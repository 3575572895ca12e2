"""What a member of staff does, as events through the one door: the desk's buttons and a transcript's `desk >` lines.

May not check a role by itself where the core does; whoever calls has made sure who is clicking.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms
from flows import events
from flows.model import Kind, Level
from storage import alerts, audit, conversations

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import Runner
    from flows.events import AlertEvent, Event
    from flows.model import Value
    from storage.database import Transaction
    from storage.people import Person

DECISIONS = ("refer", "police", "nrm", "other", "no_further_action")


class NotPossible(ValueError):
    """It cannot be done now; the message says why."""


def acknowledge(tx: Transaction, runner: Runner, who: Person, alert: str, at: datetime) -> None:
    """Take an alert, signed in at the desk."""
    _alert(tx, runner, who, alert, events.AlertTaken(at, who.name, by_desk=True), "alert.taken", "by_desk")


def pass_on(tx: Transaction, runner: Runner, who: Person, alert: str, at: datetime) -> None:
    """Not me: the next rung now."""
    _alert(tx, runner, who, alert, events.AlertPassedOn(at, who.name), "alert.passed_on")


def lower(tx: Transaction, runner: Runner, who: Person, alert: str, level: Level, because: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - who, what, why, when
    """Lower a level, with a reason; what the core refuses is refused with a notice."""
    if not because.strip():
        raise NotPossible("a level is lowered only with a reason: say why")
    _alert(tx, runner, who, alert, events.AlertLowered(at, who.name, level, because), "alert.lowered", level.name)


def decide(tx: Transaction, runner: Runner, who: Person, alert: str, decision: str, because: str, at: datetime) -> None:  # noqa: PLR0913, PLR0917 - who, what, why, when
    """Decide what happens: refer to children's social care, police, NRM, other, no further action; each with a reason."""
    if decision not in DECISIONS:
        raise NotPossible(f"'{decision}' is no decision: use one of {', '.join(DECISIONS)}")
    if not because.strip():
        raise NotPossible("a decision needs a reason: say why")
    _alert(tx, runner, who, alert, events.AlertDecided(at, who.name, decision, because), "alert.decided", decision)


def _alert(tx: Transaction, runner: Runner, who: Person, alert: str, event: AlertEvent, what: str, *more: str) -> None:
    held = alerts.load(tx, alert)
    audit.record(tx, event.at, who.id, what, alert, *more)
    alarms.step(tx, runner.house, held, event)


def take(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Take a chat."""
    _chat(tx, runner, who, conversation, events.WorkerTook(at, who.name), "chat.taken")
    alert = alerts.open_for(tx, conversation)
    if alert is not None and alert.state == "raised":
        # Whoever sits with the child, signed in, has the alert: nobody else is called for it.
        acknowledge(tx, runner, who, alert.id, at)


def say(tx: Transaction, runner: Runner, who: Person, conversation: str, text: str, at: datetime) -> None:
    """Write to the child; only whoever holds the chat may."""
    _held_by(tx, who, conversation)
    _chat(tx, runner, who, conversation, events.WorkerSaid(at, who.name, text), "chat.said")


def hand_back(tx: Transaction, runner: Runner, who: Person, conversation: str, at: datetime) -> None:
    """Give the chat back to the bot, at the same question."""
    _held_by(tx, who, conversation)
    _chat(tx, runner, who, conversation, events.WorkerLeft(at, who.name), "chat.handed_back")


def transfer(tx: Transaction, runner: Runner, who: Person, conversation: str, to: Person, at: datetime) -> None:
    """Give the chat to a named colleague."""
    _held_by(tx, who, conversation)
    left = events.WorkerLeft(at, who.name, successor=to.name)
    _chat(tx, runner, who, conversation, left, "chat.handed_over", to.id)


def lift_lock(tx: Transaction, runner: Runner, who: Person, conversation: str, because: str, at: datetime) -> None:
    """Let the interview go on after a disclosure; only a named person may, with a reason (003:903)."""
    if not because.strip():
        raise NotPossible("a lock is lifted only with a reason: say why")
    _chat(tx, runner, who, conversation, events.LockLifted(at, who.name, because), "lock.lifted")


def set_path(tx: Transaction, runner: Runner, who: Person, conversation: str, path: str, at: datetime) -> None:
    """Ask more or fewer questions."""
    if path not in ("M", "C", "full", "E"):
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
    """End a chat; never while an L2 or worse has not been decided (M24)."""
    alert = alerts.open_for(tx, conversation)
    if alert is not None and alert.level >= Level.L2 and alert.state in ("raised", "acknowledged"):
        raise NotPossible("an alert of this chat is not decided: decide it first")
    _chat(tx, runner, who, conversation, events.ConversationClosed(at, who.name), "chat.closed")


def _held_by(tx: Transaction, who: Person, conversation: str) -> None:
    if conversations.load(tx, conversation).holder != who.name:
        raise NotPossible("you do not hold this chat: take it first")


def _chat(tx: Transaction, runner: Runner, who: Person, conversation: str, event: Event, what: str, *more: str) -> None:
    audit.record(tx, event.at, who.id, what, conversation, *more)
    runner.handle(tx, conversations.load(tx, conversation), event)
