"""What a child has told about the same time missing in another chat, taken up by the one that now begins, by a second offer or on
another telephone. What was answered there is not asked again (003:1744), and a lock stands until a named person lifts it.

May not take up who was reading there, whether they were safe, nor that they agreed to begin: that is asked of whoever writes now.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import clockwork
from flows import agenda, machine
from flows.events import MediaReceived, TextReceived
from flows.facts import EASY_WORDS
from flows.model import changed
from storage import cases, conversations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.runner import House
    from flows.events import Event
    from flows.model import Answer, Conversation
    from storage.database import Transaction

# Of these the child may want something else by now: a new offer asks them how they wish to talk.
_ANEW: Final = agenda.OPENING | {"consent", "wish"}
# Of a child of whom no time missing is known yet: what is as old as an offer may be is of the same.
_LATELY: Final = timedelta(days=14)
# That harm was told, and each pattern that somebody has looked at: it counts once.
_LOCKS, _PATTERN = "locks", "pattern:"


def first(tx: Transaction, house: House, c: Conversation, event: Event) -> Conversation:
    """The conversation as its first text finds it."""
    if c.begun or c.last_inbound_at is not None or not isinstance(event, TextReceived | MediaReceived):
        return c
    others = tuple(_others(tx, c))
    if not others:
        return c
    flow = house.shelf.library(tx, c).flow
    asked = {key for block in flow.blocks if block.main for key in block.steps if not flow.steps[key].tags & _ANEW}
    asked -= clockwork.meaning().questions  # what a clock counts from is answered where it is answered
    answers = {one.question: one for other in others for one in _told(other) if one.question in asked}
    made = changed(
        c,
        answers={**answers, **c.answers},
        order=(*c.order, *(key for key in answers if key not in c.order)),
        path=EASY_WORDS if any(other.path == EASY_WORDS for other in others) else c.path,
    )
    kept = {name: 1 for other in others for name in other.counts if name == _LOCKS or name.startswith(_PATTERN)}
    made = changed(made, counts={**kept, **made.counts})
    locked = [other for other in others if other.guard.locks]
    if locked and not c.guard.locks:
        made = changed(
            made,
            guard=locked[-1].guard,
            guard_categories=locked[-1].guard_categories,
            state=machine.move(flow, made.state, "lock"),
        )
    return made


def _others(tx: Transaction, c: Conversation) -> Iterator[Conversation]:
    """The other chats about the same time missing, oldest first."""
    case = conversations.case_of(tx, c.id)
    if case is None:
        return
    root = cases.root(tx, case)
    starts = [one.missing_at for one in cases.episodes(tx, root)]
    talks = (talk for member in cases.members(tx, root) for talk in conversations.of_case(tx, member) if talk != c.id)
    known = (one for talk in talks if (one := conversations.readable(tx, talk)) is not None)
    about = _about(starts, c.started_at)
    same = (one for one in known if _about(starts, one.started_at) == about)
    lately = (one for one in same if about or abs(c.started_at - one.started_at) <= _LATELY)
    yield from sorted(lately, key=lambda one: one.started_at)


def _about(starts: list[datetime], at: datetime) -> int:
    return sum(start <= at for start in starts)


def _told(other: Conversation) -> Iterator[Answer]:
    """The texts it stands in are those of the other chat."""
    return (replace(one, messages=()) for one in other.answers.values())
