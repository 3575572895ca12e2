"""Telegram through the whole program: brought or fetched, stored before it is acknowledged, answered, and nothing twice."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from bot import app, serving
from bot.channels.base import SendFailed
from bot.channels.telegram import Config, Telegram
from bot.config import Settings
from bot.fetching import Fetching
from bot.serving import Serving
from storage import messages, tables
from storage.commit import StoreUnavailable
from storage.database import Database
from storage.keys import Keys
from tests.channels.telegram_double import CHILD, SECRET, TOKEN, Double

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.channels.base import Inbound

PAYLOADS: Final = Path(__file__).parent.parent / "channels" / "payloads" / "telegram"
IGNORED: Final = (
    *("group", "group_joined", "channel_post", "inline_query", "another_bot", "blocked_us", "business_message"),
    *("new_kind_of_update", "button_forged", "button_longest", "button_of_a_group", "button_of_another_chat"),
    *("button_without_a_chat", "button_of_a_game", "timer_was_set", "pinned"),
)


def payload(case: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PAYLOADS / f"{case}.json").read_bytes())
    return read


def said(text: str, number: int, **more: Any) -> dict[str, Any]:
    """A child's text, as an update of this number."""
    update = payload("text")
    update["update_id"] = number
    update["message"].update(text=text, message_id=number, **more)
    return update


@pytest.fixture
def double() -> Iterator[Double]:
    with Double() as running:
        yield running


def settings(double: Double, **more: Any) -> Settings:
    given = {
        "telegram_token": TOKEN,
        "telegram_api_base": double.url,
        "draft_locales": "allow",
        "telegram_text_safe": True,
    }
    return Settings(**{**given, **more})


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keys.load(Keys.new()))
    yield made
    made.close()


def thread(database: Database) -> list[str]:
    """Every text there is, oldest first."""
    with database.transaction() as tx:
        found = tx.execute(tables.conversations.select()).all()
        return [one.text for row in found for one in messages.of(tx, row.id)]


def inbox(database: Database) -> list[str]:
    with database.transaction() as tx:
        return list(tx.execute(tables.inbox.select().with_only_columns(tables.inbox.c.external_id)).scalars())


async def until(true: Callable[[], object]) -> None:
    await asyncio.to_thread(_until, true)


def _until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_a_chat_by_webhook_from_hello_to_the_first_question(database: Database, double: Double) -> None:
    listening = serving._listening(Settings(port=0))
    here = f"http://127.0.0.1:{listening.getsockname()[1]}"
    served = Serving(settings(double, public_url=here, telegram_webhook_secret=SECRET), database)

    async def story() -> None:
        running = asyncio.create_task(served.run(listening))
        try:
            await until(lambda: double.webhook)
            assert await asyncio.to_thread(double.bring, said("hi", 1)) == 204
            assert await asyncio.to_thread(double.bring, said("hi", 1)) == 204
            await until(lambda: double.shown)
            assert await asyncio.to_thread(double.bring, said("1", 2)) == 204
            await until(lambda: len(double.shown[CHILD]) == 4)
            for case in IGNORED:
                double.queries.add(payload(case).get("callback_query", {}).get("id", ""))
                assert await asyncio.to_thread(double.bring, payload(case)) == 204
        finally:
            served.stop()
            await running

    asyncio.run(story())
    shown = list(double.shown[CHILD].values())
    assert shown[0].startswith("Hi, it's Robin.")
    assert shown[2].startswith("We don't know who or where you are.")
    assert shown[3].startswith("First, are you safe right now?")
    assert thread(database) == ["hi", shown[0], "1", *shown[1:]]
    assert inbox(database) == ["1", "2"]
    assert double.refused == []
    listening.close()


def test_a_chat_by_fetching(database: Database, double: Double) -> None:
    listening = serving._listening(Settings(port=0))
    served = Serving(settings(double), database)
    double.webhook = {"url": "https://before.example.org", "secret_token": SECRET}
    double.waiting = [said("hi", 7), payload("group"), said("1", 834599999)]

    async def story() -> None:
        running = asyncio.create_task(served.run(listening))
        try:
            await until(lambda: len(double.shown.get(CHILD, ())) == 4 and not double.waiting)
        finally:
            served.stop()
            await running

    asyncio.run(story())
    assert inbox(database) == ["7", "834599999"]
    assert next(name for name, _ in double.calls) == "deleteWebhook"
    listening.close()


class Store:
    """Keeps what is accepted, while it can."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.down = False

    async def accept(self, inbound: Inbound) -> None:
        if self.down or (inbound.text == "second" and "first" in self.kept and len(self.kept) < 2):
            self.kept.append("tried")
            raise StoreUnavailable
        self.kept.append(inbound.text or "")


@pytest.fixture
def door(double: Double) -> Iterator[Telegram]:
    made = Telegram(Config(TOKEN, api_base=double.url, timeout=5.0))
    yield made
    made.close()


def test_nothing_is_acknowledged_before_it_is_stored(double: Double, door: Telegram) -> None:
    store = Store()
    fetching = Fetching(door, store.accept)
    double.waiting = [said("first", 5), said("second", 6), said("third", 7)]
    with pytest.raises(StoreUnavailable):
        asyncio.run(fetching.round(0))
    assert [one["update_id"] for one in double.waiting] == [5, 6, 7]
    assert asyncio.run(fetching.round(0)) == 2
    assert [one["update_id"] for one in double.waiting] == [6, 7]
    assert asyncio.run(fetching.round(0)) == 0
    assert double.waiting == []
    assert store.kept == ["first", "tried", "second", "third"]


def test_what_a_crash_left_comes_again(double: Double, door: Telegram) -> None:
    store = Store()
    double.waiting = [said("first", 5)]
    asyncio.run(Fetching(door, store.accept).round(0))
    asyncio.run(Fetching(door, store.accept).round(0))
    assert store.kept == ["first", "first"]


def test_a_pressed_button_that_was_fetched_comes_to_rest(double: Double, door: Telegram) -> None:
    pressed = payload("button")
    double.waiting = [pressed]
    double.queries = {pressed["callback_query"]["id"]}
    store = Store()
    asyncio.run(Fetching(door, store.accept).round(0))
    assert store.kept == ["2"]
    assert double.queries == set()


def test_fetching_says_when_it_cannot(double: Double, door: Telegram) -> None:
    double.will.append("drop")
    with pytest.raises(SendFailed):
        asyncio.run(Fetching(door, Store().accept).round(0))


def test_without_a_token_there_is_no_telegram_and_nothing_is_loaded() -> None:
    assert "telegram" not in app.channels(Settings())
