"""A child whose chat no key opens is heard all the same, and somebody is told of whom that is so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

import pytest
from sqlalchemy import func, select, update

from bot.channels.base import Inbound
from bot.play import script
from bot.play.stage import CHILD, Stage
from flows.model import Level
from storage import alerts, contacts, conversations, people, tables, waits
from storage.codes import Bar
from storage.keys import Sealed
from tests.bot.test_telephone import CHECK_IN, offer, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Outgoing
    from storage.contacts import Contact
    from storage.database import Transaction

BELT = "my dad hits me with a belt"


class Listening(Stage):
    """Keeps what left."""

    def __enter__(self) -> Self:
        self.left: list[tuple[str, str]] = []
        super().__enter__()
        return self

    def sent(self, channel: str, outgoing: Outgoing) -> None:
        self.left.append((outgoing.to, outgoing.text))
        super().sent(channel, outgoing)

    def staff_read(self, words: str) -> int:
        return sum(words in text for to, text in self.left if to != CHILD["sms"])


@pytest.fixture
def stage(database_url: str) -> Iterator[Listening]:
    with Listening(script.parse(CHECK_IN), database_url) as made:
        yield made


def lose(stage: Stage, chat: str) -> Contact:
    """The key of a child is gone."""

    def work(tx: Transaction) -> Contact:
        contact = conversations.contact_of(tx, chat)
        change = update(tables.contacts).where(tables.contacts.c.id == contact.id)
        tx.execute(change.values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))
        return contact

    return stage.committer.submit(work)


def unhandled(stage: Stage) -> int:
    with stage.database.snapshot() as tx:
        asked = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.handled_at.is_(None))
        return int(tx.execute(asked).scalar_one())


def test_whose_key_is_lost_is_heard_in_a_new_chat(stage: Listening) -> None:
    say(stage, "hi", "1")
    first = stage.conversation
    ana = stage.committer.submit(lambda tx: people.by_name(tx, "ana"))
    assert ana is not None
    stage.committer.submit(lambda tx: waits.bar(tx, first, ana.id, Bar.CONFLICT, stage.now))
    lost = lose(stage, first)
    say(stage, BELT, "he does it every night", minutes=5)
    assert unhandled(stage) == 0
    with stage.database.transaction() as tx:
        (now,) = contacts.known_anywhere(tx, "sms", CHILD["sms"])
        talk = conversations.latest(tx, now.id)
        assert talk is not None
        assert max(one.level for one in alerts.of(tx, talk.id)) >= Level.L3
        assert ana.id in waits.barred_for(tx, talk.id, Bar.CONFLICT)
    assert now.id != lost.id
    told = stage.staff_read(f"{lost.reference}: the child writes")
    assert told == len({to for to, text in stage.left if "the child writes" in text}) >= 1


def test_a_stop_said_before_holds_in_the_new_chat(stage: Listening) -> None:
    say(stage, "hi", "stop")
    lose(stage, stage.conversation)
    say(stage, "ok", minutes=5)
    with stage.database.transaction() as tx:
        assert contacts.is_stopped(tx, "sms", CHILD["sms"])


def test_stop_counts_in_the_chat_that_can_be_read(stage: Listening) -> None:
    say(stage, "hi", "1", "1", "0", "bye")
    first = stage.conversation
    second = offer(stage)
    lost = lose(stage, second)
    say(stage, "stop", minutes=5)
    assert unhandled(stage) == 0
    with stage.database.snapshot() as tx:
        assert conversations.peek(tx, first).opted_out
        assert contacts.load(tx, lost.id).opted_out


def test_a_grave_text_goes_to_the_chat_that_can_be_read(stage: Listening) -> None:
    say(stage, "hi", "1", "1", "0", "bye")
    first = stage.conversation
    lose(stage, offer(stage))
    say(stage, BELT, minutes=5)
    with stage.database.snapshot() as tx:
        assert alerts.open_of(tx, first)


def test_an_alert_for_which_nobody_can_be_called_is_told_again_and_again(stage: Listening) -> None:
    say(stage, "hi", "1", "1", BELT)
    lost = lose(stage, stage.conversation)
    for _ in range(60):
        stage.now += timedelta(minutes=1)
        stage.settle()
    assert stage.staff_read(f"L3 {lost.reference}: nobody could be called") >= 2 * 2


@pytest.mark.parametrize("address", [CHILD["sms"], "+447700900155"])
def test_a_code_that_leads_where_no_key_opens_is_worth_as_much_when_the_key_is_found(
    stage: Listening, address: str
) -> None:
    talk = offer(stage)
    with stage.database.snapshot() as tx:
        code, contact = str(conversations.peek(tx, talk).facts["code"]), conversations.contact_of(tx, talk)
        key = select(tables.contacts.c.data_key).where(tables.contacts.c.id == contact.id)
        whole = tx.execute(key).scalar_one()
    lose(stage, talk)

    def write(number: int) -> str:
        stage.now += timedelta(minutes=5)
        stage.runner.accept(Inbound("sms", f"code-{number}", address, code, None, stage.now))
        stage.settle()
        with stage.database.transaction() as tx:
            known = contacts.known_anywhere(tx, "sms", address)
            spoken = [one for each in known for one in conversations.spoken(tx, each.id) if one.heard_at == stage.now]
            (now,) = {one.id for one in spoken}
            return str(conversations.case_of(tx, now))

    assert write(1) == "None"
    assert unhandled(stage) == 0
    change = update(tables.contacts).where(tables.contacts.c.id == contact.id)
    stage.committer.submit(lambda tx: tx.execute(change.values(data_key=Sealed(whole))))
    assert write(2) != "None"
