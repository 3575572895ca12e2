"""The peer aiogram 3: a finite-state dispatcher with its state in SQLite, written as its documentation shows.

One handler a state, `update_data` and then `set_state`, so two durable writes a message. aiogram ships no SQLite storage;
this is a small one through aiosqlite, in WAL with synchronous=FULL, which is what we ask of ourselves. There
are two honest ways to write and both are measured: autocommit, or `commit()` after each write, where writes that meet in
the driver's thread share a commit.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.filters import CommandStart, StateFilter
from aiogram.fsm.context import FSMContext  # noqa: TC002 - aiogram reads the annotations of handlers
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.methods import SendMessage
from aiogram.types import Chat, Message

from tests.bench import interview
from tests.bench.ours import NOON, Wrong

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
    from pathlib import Path

    from aiogram.fsm.storage.base import StateType
    from aiogram.methods import TelegramMethod

    from tests.bench.interview import Child

TOKEN: Final = "1" * 9 + ":" + "bench" * 7
_SET_STATE: Final = (
    "INSERT INTO fsm (chat, user, state) VALUES (?, ?, ?) ON CONFLICT (chat, user) DO UPDATE SET state = excluded.state"
)
_SET_DATA: Final = (
    "INSERT INTO fsm (chat, user, data) VALUES (?, ?, ?) ON CONFLICT (chat, user) DO UPDATE SET data = excluded.data"
)


class Kept(BaseStorage):
    """State and data of every chat in one SQLite table; a write is on the disk when it returns."""

    def __init__(self, connection: aiosqlite.Connection, *, grouped: bool) -> None:
        self.connection = connection
        self.grouped = grouped

    @classmethod
    async def open(cls, file: Path, *, grouped: bool) -> Kept:
        """Open the file, with the settings that lose nothing."""
        connection = await aiosqlite.connect(file, isolation_level="IMMEDIATE" if grouped else None)
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=FULL")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS fsm (chat INTEGER, user INTEGER, state TEXT, data TEXT, PRIMARY KEY (chat, user))"
        )
        await connection.commit()
        return cls(connection, grouped=grouped)

    async def _write(self, statement: str, *values: object) -> None:
        await self.connection.execute(statement, values)
        if self.grouped:
            await self.connection.commit()

    async def _read(self, column: str, key: StorageKey) -> str | None:
        statement = f"SELECT {column} FROM fsm WHERE chat = ? AND user = ?"  # noqa: S608 - one of two names of ours
        rows = list(await self.connection.execute_fetchall(statement, (key.chat_id, key.user_id)))
        return rows[0][0] if rows else None

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        await self._write(_SET_STATE, key.chat_id, key.user_id, state.state if isinstance(state, State) else state)

    async def get_state(self, key: StorageKey) -> str | None:
        return await self._read("state", key)

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        await self._write(_SET_DATA, key.chat_id, key.user_id, json.dumps(data, ensure_ascii=False))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        found = await self._read("data", key)
        held: dict[str, Any] = json.loads(found) if found else {}
        return held

    async def close(self) -> None:
        await self.connection.close()


class Phones(BaseSession):
    """Telegram, as far as this needs it: every text is taken."""

    sent = 0

    async def make_request(
        self,
        bot: Bot,  # noqa: ARG002 - aiogram names it
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ARG002, ASYNC109 - aiogram names it
    ) -> Any:
        assert isinstance(method, SendMessage)
        self.sent += 1
        return Message(message_id=self.sent, date=NOON, chat=Chat(id=int(method.chat_id), type="private"))

    async def close(self) -> None:
        """Nothing was opened."""

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        for chunk in (b"",):  # nothing is downloaded in an interview
            yield chunk


class Interview(StatesGroup):
    """One state a question, as the documentation's form has one a field."""

    gate = State()
    safe_now = State()
    ok_start = State()
    home_feel = State()
    worry = State()
    worry_more = State()
    before_story = State()
    planned = State()
    safe_time = State()


def dispatcher(storage: BaseStorage) -> Dispatcher:
    """The bot."""
    made = Dispatcher(storage=storage)

    @made.message(CommandStart())
    async def start(message: Message, state: FSMContext) -> None:
        locale = (message.from_user.language_code if message.from_user else None) or "en"
        await state.update_data(locale=locale, answers={})
        await state.set_state(getattr(Interview, interview.GATE))
        await message.answer(interview.prompt(interview.GATE, locale).text)

    for key in interview.ASKED:
        made.message(StateFilter(getattr(Interview, key)))(_handler(key))
    return made


def _handler(key: str) -> Any:
    async def asked(message: Message, state: FSMContext) -> None:
        data = await state.get_data()
        prompt = interview.prompt(key, data["locale"])
        value = interview.value(prompt, message.text or "")
        if value is None:
            await message.answer(prompt.text)
            return
        await state.update_data(answers={**data["answers"], key: value})
        after = interview.following(key, value)
        await state.set_state(getattr(Interview, after) if after else None)
        if key == interview.GATE:
            await message.answer(interview.statement("msg_hello", data["locale"]))
        text = interview.prompt(after, data["locale"]).text if after else interview.statement("msg_end", data["locale"])
        await message.answer(text)

    return asked


class Aiogram:
    """One process of it: `one_at_a_time` or `in_flight`, then `check`."""

    def __init__(self, file: Path, *, grouped: bool) -> None:
        self.name = "aiogram, commit()" if grouped else "aiogram, autocommit"
        self.loop = asyncio.new_event_loop()
        self.storage = self.loop.run_until_complete(Kept.open(file, grouped=grouped))
        self.bot = Bot(TOKEN, session=Phones())
        self.dispatcher = dispatcher(self.storage)

    def close(self) -> None:
        self.loop.run_until_complete(self.storage.close())
        self.loop.run_until_complete(self.bot.session.close())
        self.loop.close()

    def one_at_a_time(self, children: Iterable[Child]) -> int:
        return self.in_flight(children, 1)

    def in_flight(self, children: Iterable[Child], many: int) -> int:
        return self.loop.run_until_complete(self._in_flight(iter(children), many))

    async def _in_flight(self, children: Iterator[Child], many: int) -> int:
        async def text() -> int:
            count = 0
            for one in children:
                for update in updates(one):
                    await self.dispatcher.feed_raw_update(self.bot, update)
                    count += 1
            return count

        return sum(await asyncio.gather(*(text() for _ in range(many))))

    def check(self, children: Iterable[Child]) -> None:
        """What was said is kept. Raises Wrong."""
        for one in children:
            key = StorageKey(bot_id=self.bot.id, chat_id=one.number + 1, user_id=one.number + 1)
            held = self.loop.run_until_complete(self.storage.get_data(key))
            if held.get("answers") != json.loads(json.dumps(dict(one.record))):
                raise Wrong(f"child {one.number}: {held}")


def updates(one: Child) -> Iterator[dict[str, Any]]:
    """What Telegram brings of this child."""
    who = one.number + 1
    for turn, text in enumerate(one.texts):
        said = "/start" if turn == 0 else text
        message: dict[str, Any] = {
            "message_id": turn + 1,
            "date": int(NOON.timestamp()) + turn,
            "chat": {"id": who, "type": "private", "first_name": "Invented"},
            "from": {"id": who, "is_bot": False, "first_name": "Invented", "language_code": one.locale},
            "text": said,
        }
        if turn == 0:
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(said)}]
        yield {"update_id": one.number * 100 + turn + 1, "message": message}
