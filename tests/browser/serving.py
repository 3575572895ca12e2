"""The whole program behind the page, in a thread of the test: web app, runner, ticker and a database."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from bot import clicks
from bot.channels.webchat import Webchat
from bot.config import Settings
from bot.serving import Serving
from storage import alerts, conversations, messages, people, visits
from storage.codes import Direction
from storage.commit import look
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.web.page import Page
    from flows.model import Level
    from storage.database import Transaction

OFFERED: Final = ("en", "vi", "ar")


class Program(Serving):
    """As `serve` runs it, with the patience of its page set by the test."""

    def __init__(self, url: str, **page: Any) -> None:
        database = Database(url, Keys.load(Keys.new()))
        database.migrate()
        super().__init__(Settings(draft_locales="allow"), database, {"web": Webchat()})
        # Whatever of it is translated: where words are missing they are English, the direction is its own.
        self.house.shelf.offered = OFFERED
        self.changes = page
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listening.getsockname()[1]}/"
        self.desk_listening = socket.create_server(("127.0.0.1", 0))
        self.desk_address = f"http://localhost:{self.desk_listening.getsockname()[1]}/"
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._serve)

    def page(self) -> Page:
        """With what the test changed."""
        return replace(super().page(), **self.changes)

    def _serve(self) -> None:
        async def all_of_it() -> None:
            await asyncio.gather(self.web(self.listening), self.desk(self.desk_listening), self.tick())

        self.loop.run_until_complete(all_of_it())
        self.loop.close()

    def start(self) -> Program:
        """Begin to serve."""
        self.thread.start()
        return self

    def close(self) -> None:
        """Stop, with whatever streams are open."""
        self.loop.call_soon_threadsafe(self.stop)
        self.thread.join(30)
        assert not self.thread.is_alive(), "the server did not stop"
        self.committer.close()
        self.database.close()

    # --- what is stored -----------------------------------------------------------------------------------------------

    def read(self, work: Callable[[Transaction], Any]) -> Any:
        """Look into the database."""
        return look(self.database, work)

    def visits(self) -> int:
        """How many pages are open, as the store knows."""
        found: int = self.read(visits.count)
        return found

    def talks(self) -> list[str]:
        """The conversations there are, oldest first."""
        from sqlalchemy import text

        found: list[str] = self.read(
            lambda tx: list(tx.execute(text("SELECT id FROM conversations ORDER BY started_at")).scalars())
        )
        return found

    def said(self, talk: str) -> list[str]:
        """What the child wrote, in order."""
        thread = self.read(lambda tx: messages.of(tx, talk))
        return [one.text for one in thread if one.direction is Direction.IN]

    def level(self, talk: str) -> Level | None:
        """How grave the open alert of a conversation is."""
        found = self.read(lambda tx: alerts.open_for(tx, talk))
        return None if found is None else found.level

    def locale(self, talk: str) -> str:
        """The language of a conversation."""
        found: str = self.read(lambda tx: conversations.peek(tx, talk)).locale
        return found

    def worker_says(self, talk: str, words: str) -> None:
        """A person takes the chat at the desk and writes."""

        def work(tx: Transaction) -> None:
            at = self.visiting.clock()
            person = people.by_name(tx, "ana") or people.add(tx, "ana", "duty", at)
            clicks.take(tx, self.runner, person, talk, at)
            clicks.say(tx, self.runner, person, talk, words, at)

        self.committer.submit(work)
