"""Words that reach us beside the chat - a child puts its record right, a parent fills in a form - are listened to as every text
is (decisions 2), and what is heard is an alert. May not answer: nothing is said to anybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot import alarms, carrying, conflict
from flows import concerns, effects, events, facts
from flows.listening import Context
from flows.model import Level
from storage import conversations, messages
from storage.codes import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import Runner
    from flows.model import Concern
    from storage.database import Transaction

CHANNEL = "web"


def child(tx: Transaction, runner: Runner, conversation: str, text: str, at: datetime) -> Concern | None:
    """What a child wrote on the page of its own words: into the thread, and heard."""
    message = messages.add(tx, conversation, Direction.IN, CHANNEL, text, at)
    return _hear(tx, runner, conversation, text, at, message)


def adult(  # noqa: PLR0913, PLR0917 - whose words, where, how grave at least
    tx: Transaction, runner: Runner, conversation: str, text: str, at: datetime, least: Level, because: str
) -> Concern | None:
    """What a parent or carer wrote. `least`: what an answer of theirs is by itself; `because`: what that answer was. Their
    words never stand in the child's thread.
    """
    return _hear(tx, runner, conversation, text, at, None, least, because)


def unread(
    tx: Transaction, runner: Runner, conversation: str, at: datetime, because: str, least: Level = Level.L2
) -> None:
    """Words that something of ours failed on: no machine has read them, so that a person must (decisions 7)."""
    house, before = runner.house, conversations.load(tx, conversation)
    concern = replace(concerns.plain(least, because, night_page=True), unscreened=True)
    library, desk = house.shelf.library(tx, before), runner.desk(tx, before, at)
    event = events.TimerFired(at, "beside", before.turn)
    scene = carrying.Scene(conversations.contact_of(tx, conversation), before, before, event, desk, library, "")
    carrying.carry(tx, house, scene, (effects.RaiseConcern(concern, None),))


def noted(tx: Transaction, runner: Runner, conversation: str, text: str, at: datetime) -> Concern | None:
    """What a child told a worker, as the worker wrote it down under a question: an answer is heard whoever writes it. What was
    copied out of the child's own text was heard when it came.
    """
    if any(text in one.text for one in messages.of(tx, conversation) if one.direction is Direction.IN):
        return None
    return _hear(tx, runner, conversation, text, at, None, theirs=True)


def _hear(  # noqa: PLR0913, PLR0917 - whose words, where, how grave at least
    tx: Transaction,
    runner: Runner,
    conversation: str,
    text: str,
    at: datetime,
    message: str | None,
    least: Level = Level.L0,
    because: str = "",
    *,
    theirs: bool = False,
) -> Concern | None:
    house, before = runner.house, conversations.load(tx, conversation)
    library, desk = house.shelf.library(tx, before), runner.desk(tx, before, at)
    locale = before.locale if theirs or message is not None else house.shelf.default_locale
    heard = house.listen(text, Context(locale=locale, age=facts.age(before)))
    concern = concerns.from_words(library, before, heard, at, facts.names(before, desk, None))
    if least:
        concern = concerns.merged(concern, concerns.plain(least, because))
    if concern is not None:
        # Where a chat still goes on, it goes on as after any other disclosure: no question follows one.
        guard = concerns.stronger(before.guard, concern.guard)
        after = replace(before, guard=guard, level=max(before.level, concern.level))
        conversations.save(tx, after)
        event = events.TimerFired(at, "beside", before.turn)
        scene = carrying.Scene(conversations.contact_of(tx, conversation), before, after, event, desk, library, text)
        carrying.carry(tx, house, scene, (effects.RaiseConcern(concern, message),))
    _apart(tx, runner, conversation, text, at)
    return concern


def _apart(tx: Transaction, runner: Runner, conversation: str, text: str, at: datetime) -> None:
    """Whoever the words may be about is kept from them as if they had come in the chat."""
    now = conversations.load(tx, conversation)
    if now.level >= Level.L3:
        alarms.name_later(tx, runner.house, now, text, at)
    if now.held:
        conflict.part(tx, runner, conversation, at)
