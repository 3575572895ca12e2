"""STOP, START and "wrong number" are said to a number: they count in every chat of it, of either service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import beginning
from bot.channels.base import Inbound
from bot.play import script
from bot.play.stage import CHILD, Stage
from storage import alerts, cases, conversations, messages, people, tables, tasks
from storage.codes import Direction
from storage.keys import Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Conversation
    from storage.database import Transaction

CHECK_IN = """flow: text_safe
start: inbound
now: 2026-11-16 13:00
rota: ana=duty ben=backup mel=manager sue=service_manager
"""
ENDED = ("hi", "1", "1", "1", "0", "bye")
PAGED = ("hi", "1", "1", "my dad hits me with a belt")


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with Stage(script.parse(CHECK_IN), database_url) as made:
        yield made


def say(stage: Stage, *texts: str, minutes: int = 0) -> None:
    stage.now += timedelta(minutes=minutes)
    for text in texts:
        stage.child(text, "sms")
        stage.settle()


def offer(stage: Stage, minutes: int = 5) -> str:
    """The other service writes to the same telephone; the id of its chat."""
    stage.now += timedelta(minutes=minutes)

    def work(tx: Transaction) -> str:
        cases.add(tx, "LA-7", stage.now, {"age": 14})
        ana = people.by_name(tx, "ana")
        made, _ = beginning.offer(tx, stage.runner, "LA-7", "sms", CHILD["sms"], stage.now, confirmed_by=ana)
        return made.id

    made = stage.committer.submit(work)
    stage.settle()
    return made


def held(stage: Stage, conversation: str) -> tuple[Conversation, list[str]]:
    """A chat, and what we said in it."""
    with stage.database.snapshot() as tx:
        texts = [one for one in messages.of(tx, conversation) if one.direction is Direction.OUT]
        return conversations.peek(tx, conversation), [str(one.key) for one in texts]


def owed(stage: Stage, conversation: str) -> list[str]:
    with stage.database.snapshot() as tx:
        return [one.what for one in tasks.of(tx, conversation)]


@pytest.mark.parametrize(
    ("reply", "key", "task"),
    [
        ("stop", "ts_stop", ""),
        ("no thanks", "ts_later", "manager_consider"),
        ("wrong number", "ts_who", "confirm_whose_number"),
    ],
)
def test_a_chat_that_is_over_takes_no_answer_to_an_offer(stage: Stage, reply: str, key: str, task: str) -> None:
    say(stage, *ENDED)
    first = stage.conversation
    _, before = held(stage, first)
    second = offer(stage)
    say(stage, reply, minutes=5)
    _, texts = held(stage, second)
    assert texts[-1] == key
    assert held(stage, first)[1] == before
    assert not task or task in owed(stage, second), owed(stage, second)


@pytest.mark.parametrize("said", [ENDED, ("hi",), PAGED], ids=["over", "in the middle", "paged"])
def test_stop_is_said_to_the_number(stage: Stage, said: tuple[str, ...]) -> None:
    say(stage, *said)
    first = stage.conversation
    second = offer(stage)
    say(stage, "stop", minutes=5)
    chats = [held(stage, one) for one in (first, second)]
    assert [chat.opted_out for chat, _ in chats] == [True, True]
    assert sum(keys.count("ts_stop") for _, keys in chats) == (said is not PAGED)  # after a lock nothing is said
    assert chats[1][0].state == "STOPPED"
    stage.now += timedelta(days=2)
    stage.settle()
    with pytest.raises(beginning.Refused, match="cannot be texted"):
        offer(stage)
    stage.runner.accept(Inbound("sms", "start", CHILD["sms"], "START", None, stage.now, opt_in=True))
    assert [held(stage, one)[0].opted_out for one in (first, second)] == [False, False]


def test_start_counts_where_the_provider_blocked_us_in_another_chat(stage: Stage) -> None:
    say(stage, "hi", "1")
    first = stage.conversation
    stage.fails.append("21610")
    second = offer(stage)
    assert [held(stage, one)[0].opted_out for one in (first, second)] == [False, True]
    stage.now += timedelta(minutes=5)
    stage.runner.accept(Inbound("sms", "start", CHILD["sms"], "START", None, stage.now, opt_in=True))
    stage.settle()
    assert [held(stage, one)[0].opted_out for one in (first, second)] == [False, False]


@pytest.mark.parametrize("said", ["no thanks stop", "wrong number stop texting me"])
def test_a_stop_behind_a_refusal_is_said_to_the_number_too(stage: Stage, said: str) -> None:
    say(stage, *ENDED)
    second = offer(stage)
    say(stage, said, minutes=5)
    assert [held(stage, one)[0].opted_out for one in (stage.conversation, second)] == [True, True]


def test_stop_before_an_offer_of_the_other_service_keeps_it_from_leaving(stage: Stage) -> None:
    say(stage, "hi", "stop")
    with pytest.raises(beginning.Refused, match="cannot be texted"):
        offer(stage)


def test_a_chat_begun_after_a_stop_knows_that_nothing_in_it_is_from_before(stage: Stage) -> None:
    say(stage, "hi", "stop")

    def work(tx: Transaction) -> Conversation:
        contact = conversations.contact_of(tx, stage.conversation)
        later = stage.now + timedelta(days=1)
        return beginning.begin(tx, stage.runner.house, contact, "text_safe", "sms", later, how="code")

    first, begun = held(stage, stage.conversation)[0], stage.committer.submit(work)
    assert (first.stopped_at, begun.stopped_at) == (stage.now, begun.started_at)


def test_a_wrong_number_in_the_middle_of_a_talk_is_told_of_the_offer_that_came_last(stage: Stage) -> None:
    say(stage, *PAGED)
    second = offer(stage, minutes=1)
    say(stage, "wrong number", minutes=1)
    chat, keys = held(stage, second)
    assert chat.facts["number_confirmed"] == "no"
    assert "confirm_whose_number" in owed(stage, second)
    assert keys == ["rhi_offer"]
    with stage.database.snapshot() as tx:
        assert alerts.of(tx, second) == ()


@pytest.mark.parametrize("said", ["please stop hitting me", "he wont stop", "its not him"])
def test_what_is_told_of_somebody_stops_and_answers_nothing_elsewhere(stage: Stage, said: str) -> None:
    say(stage, "hi", "1")
    second = offer(stage)
    say(stage, "1", said, minutes=1)
    chat, keys = held(stage, second)
    assert (chat.opted_out, chat.state, keys) == (False, "OFFERED", ["rhi_offer"])


@pytest.mark.parametrize("said", ["stop", "wrong number"])
def test_a_chat_that_cannot_be_read_keeps_no_other_from_hearing_it(stage: Stage, said: str) -> None:
    say(stage, "hi", "1")
    first, second = stage.conversation, offer(stage)

    def spoil(tx: Transaction) -> None:
        row = tables.conversations.c
        tx.execute(update(tables.conversations).where(row.id == second).values(value=Sealed(b"x" * 80)))

    stage.committer.submit(spoil)
    _, before = held(stage, first)
    say(stage, said, minutes=5)
    chat, keys = held(stage, first)
    assert (chat.opted_out, len(keys) > len(before)) == (said == "stop", True)
    told = [one for one in stage.outcomes if one["kind"] == "notice" and "cannot be read" in str(one["text"])]
    assert len(told) == len({str(one["to"]) for one in told}) > 0
    with stage.database.snapshot() as tx:
        assert conversations.contact_of(tx, second).opted_out == (said == "stop")
