"""The page on a real store, asked as browsers and strangers ask: no browser, a clock that can be pushed on."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from bot import app
from bot.config import Settings
from bot.runner import Runner
from bot.site import Site
from bot.visiting import Visiting
from bot.web.app import create_app
from bot.web.page import Page
from bot.web.streams import Streams
from bot.web.webhooks import Doors
from storage import conversations, messages, visits
from storage.codes import Direction
from storage.commit import Committer, StoreUnavailable, look
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from bot.channels.base import Inbound
    from flows.model import Conversation
    from storage.database import Transaction

NOON: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
OURS: Final = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Chatting:
    """One program; `tick` lets time pass."""

    url: str
    public_url: str = ""
    now: datetime = NOON
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = Database(self.url, Keys.load(Keys.new()))
        self.committer = Committer(self.database)
        settings = Settings(draft_locales="allow", public_url=self.public_url)
        self.house = app.furnish(self.committer, settings)
        self.runner = Runner(self.house)
        self.visiting = Visiting(self.runner, self.database, lambda: self.now)
        self.streams = Streams(self.visiting.newest, self.visiting.fresh, self.visiting.mark, (StoreUnavailable,))
        page = Page(self.visiting, self.streams, Site.of(self.public_url), **self.changes)
        self.page = page
        self.app: Starlette = create_app(self.doors(), page)

    def doors(self, **changes: Any) -> Doors:
        async def accept(inbound: Inbound) -> None:
            await self.runner.aaccept(inbound)

        async def nothing(_: object = None) -> bool:
            await asyncio.sleep(0)
            return True

        return Doors(accept, nothing, nothing, unavailable=(StoreUnavailable,), **changes)  # type: ignore[arg-type]

    def close(self) -> None:
        self.committer.close()
        self.database.close()

    def tick(self, **span: int) -> None:
        self.now += timedelta(**span)

    def child(self, **headers: str) -> Child:
        return Child(self, {**OURS, **headers})

    # --- what is stored -----------------------------------------------------------------------------------------------

    def read(self, work: Callable[[Transaction], Any]) -> Any:
        return look(self.database, work)

    def talks(self) -> list[Conversation]:
        from sqlalchemy import text

        def every(tx: Transaction) -> list[Conversation]:
            found = tx.execute(text("SELECT id FROM conversations ORDER BY started_at, id")).scalars().all()
            return [conversations.peek(tx, one) for one in found]

        found: list[Conversation] = self.read(every)
        return found

    def said(self, talk: Conversation) -> list[str]:
        thread = self.read(lambda tx: messages.of(tx, talk.id))
        return [one.text for one in thread if one.direction is Direction.IN]

    def visits(self) -> int:
        found: int = self.read(visits.count)
        return found


class Child:
    """A browser without a screen: keeps its cookie, sends what a form of the page would."""

    def __init__(self, chatting: Chatting, headers: dict[str, str]) -> None:
        self.chatting, self.headers = chatting, headers
        self.cookies = httpx.Cookies()
        base = chatting.public_url or "http://127.0.0.1:8000"
        self.base = base
        self.numbers = 0

    def ask(self, method: str, target: str = "/", **more: Any) -> httpx.Response:
        async def work() -> httpx.Response:
            transport = httpx.ASGITransport(self.chatting.app)
            async with httpx.AsyncClient(transport=transport, base_url=self.base, cookies=self.cookies) as client:
                headers = {**self.headers, **more.pop("headers", {})}
                answer = await client.request(method, target, headers=headers, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(work())

    def get(self) -> str:
        answer = self.ask("GET")
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def post(self, **form: Any) -> httpx.Response:
        return self.ask("POST", data=form, headers={"X-Page": "1"})

    def says(self, text: str, **more: Any) -> str:
        self.numbers += 1
        answer = self.post(text=text, **{"once": f"form-{id(self)}-{self.numbers}", **more})
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def presses(self, label: str) -> str:
        """A button of the page as it is now."""
        html = self.get()
        number = re.search(rf'name="pick" value="(\d+)">\s*{re.escape(label)}', html)
        question = re.search(r'name="question" value="(\w+)"', html)
        assert number
        assert question
        return self.post(question=question[1], pick=number[1]).text

    def code(self) -> str:
        found = re.search(r'<bdi dir="ltr">([\d ]+)</bdi>', self.post(do="code_get").text)
        assert found
        return found[1]


def lines(html: str) -> list[str]:
    """The texts of a chat, ours and the child's, in order."""
    return re.findall(r'<p lang="[\w-]+" dir="\w+">(.*?)</p>', html, re.DOTALL)
