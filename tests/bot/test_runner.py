"""The one door: a text is kept once and handled whole or not at all; what nobody can handle goes to a person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy import text as sql

from bot import app, packing
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Service
from storage import audit, contacts, conversations, engines, inbox, messages, methods, outbox, people, tables
from storage.codes import Direction
from storage.commit import Committer, StoreUnavailable
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.listening import Context
    from flows.model import Heard

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CHILD, ANA = "+447700900001", "+447700900002"


@pytest.fixture
def runner(database_url: str) -> Iterator[Runner]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    with database.transaction() as tx:
        people.add(tx, "Ana", "duty", AT, phone=ANA, proof=methods.INVENTED)
    yield Runner(app.furnish(committer, Settings(draft_locales="allow")))
    committer.close()
    database.close()


def text(words: str | None, sid: str = "SM1", media: str | None = None, address: str = CHILD) -> Inbound:
    return Inbound("sms", sid, address, words, media, AT)


def thread(runner: Runner) -> list[tuple[Direction, str]]:
    with runner.house.committer.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
        if contact is None:
            return []
        (talk,) = conversations.of_contact(tx, contact.id)
        return [(one.direction, one.text) for one in messages.of(tx, talk.id)]


def count(runner: Runner, table: Any) -> int:
    with runner.house.committer.database.transaction() as tx:
        found: int = tx.execute(select(func.count()).select_from(table)).scalar_one()
        return found


def test_a_text_is_handled_once_however_often_it_comes(runner: Runner) -> None:
    for _ in range(3):
        runner.accept(text("hello"))
    assert [direction for direction, _ in thread(runner)] == [Direction.IN, Direction.OUT]
    assert count(runner, tables.outbox) == 1


def test_a_number_of_the_staff_that_nobody_has_proved_may_be_a_childs(runner: Runner) -> None:
    """A slip of one figure must not swallow what a child says; a guessed code is still answered as one."""
    with runner.house.committer.database.transaction() as tx:
        people.add(tx, "Ben", "backup", AT, phone=CHILD)
    runner.accept(text("4F7K3Q"))
    assert count(runner, tables.conversations) == 0
    runner.accept(text("can anyone help me", "SM2"))
    assert count(runner, tables.conversations) == 1
    runner.accept(text("4F7K3Q", "SM3"))
    assert ("in", "4F7K3Q") in thread(runner), "a child is known there now"


@pytest.mark.parametrize(
    ("words", "media", "shown"),
    [("", None, ""), (None, "photo", "[photo]"), ("look", "photo", "look [photo]"), ("  ", "voice", "[voice]")],
)
def test_what_stands_in_the_thread(runner: Runner, words: str | None, media: str | None, shown: str) -> None:
    runner.accept(text(words, media=media))
    assert [held for direction, held in thread(runner) if direction is Direction.IN] == [shown]


def test_words_are_listened_to_once_and_an_option_of_the_open_question_not_at_all(runner: Runner) -> None:
    heard: list[str] = []
    listen = runner.house.listen

    def noted(words: str, context: Context) -> Heard:
        heard.append(words)
        return listen(words, context)

    runner.house = replace(runner.house, listen=noted)
    for number, words in enumerate(("hello", "yes, only I can see this", "1", "1 but he hits me", "he raped me")):
        runner.accept(text(words, f"SM{number}"))
    assert heard == ["hello", "1 but he hits me", "he raped me"]
    assert count(runner, tables.alerts) == 1


def test_a_failure_at_the_very_end_leaves_nothing_but_the_text_in_the_inbox(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def done(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(audit._Pending, "__call__", done)
    runner.accept(text("he raped me"))
    monkeypatch.undo()
    kept = (tables.messages, tables.conversations, tables.alerts, tables.outbox, tables.timers, tables.audit)
    assert [count(runner, table) for table in kept] == [0] * len(kept)
    with runner.house.committer.database.transaction() as tx:
        assert inbox.waiting(tx) == 1
        (waits,) = inbox.pending(tx, AT)
        runner.retry(tx, waits)
    assert [held for direction, held in thread(runner) if direction is Direction.IN] == ["he raped me"]
    assert count(runner, tables.alerts) == 1


def test_a_store_that_is_down_is_said_to_the_caller(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def submit(_: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(runner.house.committer, "submit", submit)
    with pytest.raises(StoreUnavailable):
        runner.accept(text("hello"))


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "50ms")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("short_waits")
def test_a_text_is_kept_while_somebody_holds_what_handling_it_takes(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        tx.execute(sql("LOCK TABLE audit"))
        runner.accept(text("he raped me"))
        asyncio.run(runner.aaccept(text("every night", "SM2")))
        assert inbox.waiting(tx) == 2
    assert count(runner, tables.alerts) == 0
    assert Ticker(runner, {}).retry_inbox(AT) == 2
    assert [words for way, words in thread(runner) if way is Direction.IN] == ["he raped me", "every night"]
    assert count(runner, tables.alerts) == 1


def test_a_text_of_the_staff_begins_no_conversation(runner: Runner) -> None:
    runner.accept(text("what was that code again", address=ANA))
    assert count(runner, tables.conversations) == 0
    assert count(runner, tables.outbox) == 1


def test_every_change_is_in_the_audit_and_no_word_is(runner: Runner) -> None:
    runner.accept(text("he raped me"))
    with runner.house.committer.database.transaction() as tx:
        assert audit.verify(tx) is None
        lines = " ".join(" ".join(row) for row in tx.execute(select(tables.audit.c.what, tables.audit.c.about)))
    assert {"alert.opened", "paged"} & set(lines.split()) >= {"alert.opened"}
    assert "raped" not in lines


def test_given_to_a_person_it_stands_in_the_thread_with_an_open_alert(runner: Runner) -> None:
    runner.accept(text("hello"))
    with runner.house.committer.database.transaction() as tx:
        kept = inbox.keep(tx, "sms", "SM2", CHILD, packing.packed(text("what nobody can handle", "SM2")), AT)
        assert kept is not None
        waits = inbox.take(tx, kept)
        assert waits is not None
        runner.to_person(tx, waits, AT)
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
        assert contact is not None
        talk = conversations.latest(tx, contact.id)
        assert talk is not None
        assert talk.holder == "nobody"
        assert inbox.waiting(tx) == 0
        assert outbox.next_at(tx) is not None
    assert thread(runner)[-1] == (Direction.IN, "what nobody can handle")
    assert count(runner, tables.alerts) == 1
