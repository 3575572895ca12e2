"""Texts go out of the child's chat when they ask, ours by hour 40, and neither a crash nor a refusal keeps them there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import func, select

from bot import app, removing, rounds
from bot.channels.base import Inbound
from bot.channels.telegram import Config, Telegram
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Service
from storage import contacts, conversations, messages, people, removals, retention, tables
from storage.commit import Committer
from storage.database import Database
from storage.errors import StoreUnavailable, Trouble
from storage.keys import Keys
from tests.channels.telegram_double import CHILD, TOKEN, Double, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

AT: Final = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)


class Chat:
    """One child on the double's Telegram."""

    def __init__(self, double: Double, database: Database) -> None:
        self.double, self.database = double, database
        self.committer = Committer(database)
        settings = Settings(draft_locales="allow", telegram_text_safe=True)
        self.runner = Runner(app.furnish(self.committer, settings))
        self.ticks = 0.0
        self.door = Telegram(Config(TOKEN, api_base=double.url, timeout=5.0), clock=self._clock)
        self.ticker = Ticker(self.runner, {"telegram": self.door})
        self.now, self.number = AT, 0

    def _clock(self) -> float:
        self.ticks += 60
        return self.ticks

    def does(self, text: str | None, media: str | None = None) -> None:
        self.number += 1
        theirs = 5000 + self.number
        self.double.shown.setdefault(CHILD, {})[theirs] = text or ""
        self.runner.accept(
            Inbound("telegram", str(self.number), str(CHILD), text, media, self.now, removable=str(theirs))
        )
        self.settles()

    def settles(self) -> None:
        for _ in range(50):
            if not self.ticker.round(self.now).any:
                return

    @property
    def shown(self) -> list[str]:
        return list(self.double.shown[CHILD].values())

    def rows(self) -> int:
        with self.database.transaction() as tx:
            found: int = tx.execute(select(func.count()).select_from(tables.removals)).scalar_one()
            return found

    def close(self) -> None:
        self.door.close()
        self.committer.close()


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    database = Database(database_url, Keys.load(Keys.new()))
    with database.transaction() as tx:
        person = people.add(tx, "Ana", "duty", AT, phone="+447700900002")
        people.add_shift(tx, person.id, "duty", AT - timedelta(days=1), AT + timedelta(days=9))
    with Double() as double:
        made = Chat(double, database)
        yield made
        made.close()
    database.close()


def test_delete_my_messages_takes_both_sides_and_says_so_after(chat: Chat) -> None:
    chat.does("hi")
    chat.does("1")
    assert len(chat.shown) == 6
    chat.does("delete my messages")
    assert chat.shown == ["Done. What we could delete is gone."]
    assert chat.double.refused == []
    with chat.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", str(CHILD))
        assert contact is not None
        (talk,) = conversations.of_contact(tx, contact.id)
        kept = [one.text for one in messages.of(tx, talk.id)]
    assert kept[0] == "hi"
    assert len(kept) == 8


def test_ours_go_by_hour_40_and_theirs_stay(chat: Chat) -> None:
    chat.does("hi")
    chat.now = AT + 39 * HOUR
    chat.settles()
    assert len(chat.shown) == 2
    chat.now = AT + 40 * HOUR
    chat.settles()
    assert chat.shown == ["hi"]
    # What is asked for after that is only what is left.
    chat.does("delete my messages")
    assert "hi" not in chat.shown


@pytest.mark.parametrize("times", [1, 3, 7])
def test_ours_go_by_hour_40_also_where_somebody_held_the_child_when_they_left(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    whole, met = rounds.sent, iter([StoreUnavailable(trouble=Trouble.HELD)] * times)

    def locked(*given: Any) -> None:
        for trouble in met:
            raise trouble
        whole(*given)

    monkeypatch.setattr(rounds, "sent", locked)
    chat.does("hi")
    assert len(chat.shown) == 2
    for _ in range(8):
        chat.now += timedelta(minutes=1)
        chat.settles()
    assert chat.rows() == len(chat.shown) == 2
    chat.now = AT + 40 * HOUR
    chat.settles()
    assert chat.shown == ["hi"]


def test_nothing_is_tried_that_is_too_old(chat: Chat) -> None:
    chat.does("hi")
    chat.now = AT + 49 * HOUR
    chat.does("delete everything")
    asked = [one for call in chat.double.of("deleteMessages") for one in call["message_ids"]]
    assert chat.rows() == 1
    assert 5002 in asked


@pytest.mark.parametrize("trouble", ["drop", Refusal(500, "restart"), Refusal(429, "Too Many Requests", retry_after=3)])
def test_what_could_not_be_asked_is_asked_again(chat: Chat, trouble: object) -> None:
    chat.does("hi")
    chat.now = AT + 40 * HOUR
    chat.double.will.append(trouble)
    chat.settles()
    assert len(chat.shown) == 2
    chat.now += removals.LEASE
    chat.settles()
    assert chat.shown == ["hi"]


def test_what_a_process_left_in_the_middle_is_taken_up_by_the_next(chat: Chat) -> None:
    chat.does("hi")
    later = AT + 40 * HOUR
    with chat.database.transaction() as tx:
        claimed = removals.claim(tx, later, ["telegram"])
        assert claimed is not None
        assert claimed.address == str(CHILD)
    with chat.database.transaction() as tx:
        assert removals.claim(tx, later, ["telegram"]) is None
    chat.now = later + removals.LEASE
    chat.settles()
    assert chat.shown == ["hi"]


@pytest.mark.parametrize("state", ["blocked", "deactivated"])
def test_a_chat_that_is_gone_is_not_asked_for_ever(chat: Chat, state: str) -> None:
    chat.does("hi")
    chat.double.chats[CHILD] = state
    chat.now = AT + 40 * HOUR
    chat.settles()
    before = len(chat.double.calls)
    chat.now += 2 * removals.LEASE
    chat.settles()
    assert len(chat.double.calls) == before


def test_an_erased_child_leaves_no_numbers_behind(chat: Chat) -> None:
    chat.does("hi")
    assert chat.rows() == 2
    with chat.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", str(CHILD))
        assert contact is not None
        retention.erase(tx, contact.id, AT)
    assert chat.rows() == 0


def test_a_channel_that_cannot_is_not_asked(chat: Chat) -> None:
    chat.does("hi")
    assert removing.due(chat.committer, {}, AT + 40 * HOUR) == 0
    assert chat.rows() == 2


def test_the_same_text_is_remembered_once(chat: Chat) -> None:
    with chat.database.transaction() as tx:
        contact = contacts.find(tx, Service.TEXT_SAFE, "telegram", "700900112", AT)
        for _ in range(2):
            removals.keep(tx, contact.id, "telegram", "5", AT)
    assert chat.rows() == 1
