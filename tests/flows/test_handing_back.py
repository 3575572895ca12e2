"""A chat goes back to the bot: what is asked first, and where nothing is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows import effects, engine, events, loader, walk
from flows.model import Guard, Heard, Privacy

if TYPE_CHECKING:
    from flows.model import Conversation

SOURCE = loader.load()
LIBRARY = walk.library(SOURCE, SOURCE.flows["text_safe"])
AT = walk.NOON + timedelta(minutes=5)
HELD = replace(
    walk.begun(LIBRARY.flow, "M", {}),
    state="HELD",
    holder="Ann",
    begun=True,
    privacy=Privacy.ALONE,
    last_inbound_at=walk.NOON,
    back_to="ts_menu",
)


def said(c: Conversation) -> tuple[list[str], str]:
    after, done = engine.step(LIBRARY, c, events.WorkerLeft(AT, "Ann"))
    return [one.key for one in done if isinstance(one, effects.Say)], after.holder


def test_the_child_is_asked_first() -> None:
    assert said(HELD) == (["ts_human_off"], "bot")
    assert said(replace(HELD, privacy=Privacy.UNKNOWN)) == (["ts_human_off"], "bot")


@pytest.mark.parametrize("silent", [
    replace(HELD, privacy=Privacy.OTHERS),
    replace(HELD, quiet=True),
    replace(HELD, opted_out=True),
    replace(HELD, opted_out=True, counts={"since_stop": 1}),
    replace(HELD, last_inbound_at=AT - timedelta(hours=1)),
    replace(HELD, opted_out=True, guard=Guard.LOCK),
    replace(HELD, privacy=Privacy.OTHERS, guard=Guard.LOCK),
])  # fmt: skip
def test_nothing_is_said_where_nothing_may_be(silent: Conversation) -> None:
    assert said(silent)[0] == []


def test_a_chat_that_was_handed_back_is_held_by_nobody() -> None:
    with_somebody, _ = engine.step(LIBRARY, replace(HELD, privacy=Privacy.OTHERS), events.WorkerLeft(AT, "Ann"))
    assert (with_somebody.holder, with_somebody.state) == ("bot", "PAUSED")
    alone = events.TextReceived(AT + timedelta(minutes=2), "im alone now", "m1", listen=Heard)
    assert engine.step(LIBRARY, with_somebody, alone)[0].state == "GATE"


@pytest.mark.parametrize("waiting", [
    replace(HELD, guard=Guard.LOCK),
    replace(HELD, guard=Guard.LOCK, privacy=Privacy.OTHERS),
    # The bot asks nothing in such a chat, so there is nothing that it could go on with.
    replace(HELD, facts={"person_only": "yes"}, privacy=Privacy.UNKNOWN),
])  # fmt: skip
def test_where_the_bot_may_not_go_on_the_child_waits_for_a_person(waiting: Conversation) -> None:
    texts, holder = said(waiting)
    assert holder == "nobody"
    assert set(texts) <= {"ts_wait", "ts_wait_night", "ts_still"}
