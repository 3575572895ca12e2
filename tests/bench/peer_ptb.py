"""The peer python-telegram-bot: a persistent `ConversationHandler` with `PicklePersistence`, as its documentation shows.

It writes what changed once a minute by default, and by then has told Telegram that it has the messages; so that as much is
kept as with us, `update_persistence` runs after every message. It takes updates one after another, which is its default,
whatever the number in flight. Its pickle is not synced to the disk: what is measured asks less of it than of us.
"""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import TYPE_CHECKING, Any, Final

from telegram import Update
from telegram.ext import (
    Application,
    CommandHandler,
    ConversationHandler,
    MessageHandler,
    PersistenceInput,
    PicklePersistence,
    filters,
)
from telegram.request import BaseRequest

from tests.bench import interview
from tests.bench.ours import NOON, Wrong
from tests.bench.peer_aiogram import TOKEN, updates

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from telegram.ext import ContextTypes

    from tests.bench.interview import Child

STORED: Final = 1_000_000
_ME: Final = json.dumps(
    {"ok": True, "result": {"id": 111111111, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}}
)
_SENT: Final = json.dumps(
    {"ok": True, "result": {"message_id": 1, "date": int(NOON.timestamp()), "chat": {"id": 1, "type": "private"}}}
)


class Phones(BaseRequest):
    """Telegram, as far as this needs it: every text is taken."""

    @property
    def read_timeout(self) -> float | None:
        return None

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing was opened."""

    async def do_request(self, url: str, *_: Any, **__: Any) -> tuple[int, bytes]:
        return 200, (_ME if url.endswith("/getMe") else _SENT).encode()


def application(file: Path) -> Any:
    """The bot."""
    kept = PicklePersistence(file, PersistenceInput(bot_data=False, chat_data=False, callback_data=False))
    builder = Application.builder().token(TOKEN).request(Phones()).get_updates_request(Phones())
    made = builder.updater(None).job_queue(None).persistence(kept).build()
    text = filters.TEXT & ~filters.COMMAND
    made.add_handler(
        ConversationHandler(
            entry_points=[CommandHandler("start", _start)],
            states={key: [MessageHandler(text, _handler(key))] for key in interview.ASKED},
            fallbacks=[],
            name="interview",
            persistent=True,
        )
    )
    return made


async def _start(update: Update, context: ContextTypes.DEFAULT_TYPE) -> str:
    assert update.message is not None
    assert update.effective_user is not None
    assert context.user_data is not None
    locale = update.effective_user.language_code or "en"
    context.user_data.update(locale=locale, answers={})
    await update.message.reply_text(interview.prompt(interview.GATE, locale).text)
    return interview.GATE


def _handler(key: str) -> Any:
    async def asked(update: Update, context: ContextTypes.DEFAULT_TYPE) -> str | int:
        assert update.message is not None
        assert context.user_data is not None
        locale = context.user_data["locale"]
        prompt = interview.prompt(key, locale)
        value = interview.value(prompt, update.message.text or "")
        if value is None:
            await update.message.reply_text(prompt.text)
            return key
        context.user_data["answers"][key] = value
        after = interview.following(key, value)
        if key == interview.GATE:
            await update.message.reply_text(interview.statement("msg_hello", locale))
        if after is None:
            await update.message.reply_text(interview.statement("msg_end", locale))
            return ConversationHandler.END
        await update.message.reply_text(interview.prompt(after, locale).text)
        return after

    return asked


def _fill(file: Path, stored: int) -> None:
    """A store that has been in use: it is one pickle, written as a whole after every message."""
    held = {
        STORED + one.number: {"locale": one.locale, "answers": dict(one.record)}
        for one in (interview.child(number) for number in range(stored))
    }
    whole = {"conversations": {}, "user_data": held, "chat_data": {}, "bot_data": {}, "callback_data": None}
    file.write_bytes(pickle.dumps(whole, protocol=pickle.HIGHEST_PROTOCOL))


class Ptb:
    """One process of it: `one_at_a_time` or `in_flight`, then `check`."""

    name = "python-telegram-bot"
    part = 4  # it is slow: a quarter of the children

    def __init__(self, file: Path, *, stored: int = 0) -> None:
        _fill(file, stored)
        self.loop = asyncio.new_event_loop()
        self.application = application(file)
        self.loop.run_until_complete(self.application.initialize())

    def close(self) -> None:
        self.loop.run_until_complete(self.application.shutdown())
        self.loop.close()

    def one_at_a_time(self, children: Iterable[Child]) -> int:
        return self.loop.run_until_complete(self._one_at_a_time(children))

    def in_flight(self, children: Iterable[Child], many: int) -> int:
        """It takes one after another."""
        del many
        return self.one_at_a_time(children)

    async def _one_at_a_time(self, children: Iterable[Child]) -> int:
        count = 0
        for one in children:
            for raw in updates(one):
                await self.application.process_update(Update.de_json(raw, self.application.bot))
                await self.application.update_persistence()
                count += 1
        return count

    def check(self, children: Iterable[Child]) -> None:
        """What was said is kept. Raises Wrong."""
        for one in children:
            held = self.application.user_data[one.number + 1]
            if held.get("answers") != dict(one.record):
                raise Wrong(f"child {one.number}: {held}")
