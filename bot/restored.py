"""After a backup was read back: what would have been said to a child by itself is a person's to look at (`storage.restored`).

May not write to a child. Alerts go on ringing: a page too many is better than none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot import carrying, clocks, giving, holding, left, waking
from flows import effects, engine, events
from flows.model import Task
from storage import audit, conversations, restored, tasks
from storage.database import Erased

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import Runner
    from flows.model import Conversation
    from storage.database import Transaction
    from storage.timers import Timer

MARK: Final = restored.MARK
# These compute deadlines anew and write to nobody but staff.
STAY: Final = frozenset({clocks.TIMER, *left.TIMERS})
WORK: Final = Task("look_after_restore", "duty", "now")


def look(tx: Transaction, runner: Runner, timer: Timer, now: datetime) -> None:
    """A timer that was set before the restore: what no longer counts is dropped, what does is the duty worker's."""
    name = timer.name.removeprefix(MARK)
    try:
        c = conversations.load(tx, timer.subject_id)
    except Erased:
        return
    if name in holding.TIMERS:
        wanted = _let_go(tx, runner, c, now)
    else:
        wanted = name == restored.TEXT or _would_speak(tx, runner, c, replace(timer, name=name), now)
    if wanted:
        _ask(tx, runner, c, name, now)


def _would_speak(tx: Transaction, runner: Runner, c: Conversation, timer: Timer, now: datetime) -> bool:
    """Whether it still meant something; what the core would do is not done."""
    if timer.name == clocks.LOOK_IN and not clocks.still_asked(tx, timer):
        return False
    desk = runner.desk(tx, c, now)
    event = events.TimerFired(now, timer.name, timer.turn, timer.about, desk)
    return bool(engine.step(runner.house.shelf.library(tx, c), c, event)[1])


def _let_go(tx: Transaction, runner: Runner, c: Conversation, now: datetime) -> bool:
    """Whoever had the chat is signed in no more, and may have ended it since: the child is in the queue again, their alert
    climbs, and nothing is said.
    """
    if not c.held:
        return False
    desk, library = runner.desk(tx, c, now), runner.house.shelf.library(tx, c)
    event = events.WorkerLeft(now, c.holder, dropped=True, service=desk)
    after, todo = engine.step(library, c, event)
    conversations.save(tx, after)
    silent = tuple(one for one in todo if not isinstance(one, effects.Say | effects.SetTimer))
    scene = carrying.Scene(conversations.contact_of(tx, c.id), c, after, event, desk, library)
    carrying.carry(tx, runner.house, scene, silent)
    return True


def _ask(tx: Transaction, runner: Runner, c: Conversation, name: str, now: datetime) -> None:
    """Work for the duty worker, once a chat; of the first of all somebody hears at once."""
    if tasks.open_of(tx, c.id, WORK.what):
        return
    if not any(one.what == WORK.what for one, _ in tasks.listed(tx)):
        waking.wake(tx, runner.house, now, "restored")
    giving.work(tx, runner.house, WORK, now, conversation=c.id)
    audit.record(tx, now, "timer", "restored.held", c.id, name)
