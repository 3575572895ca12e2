"""The desk on a real store, asked as browsers and strangers ask: no browser, a clock that can be pushed on."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from bot import app, clicks
from bot.channels.base import Inbound
from bot.config import Settings
from bot.desk import app as desk_app
from bot.desk.streams import Streams
from bot.runner import Runner
from storage import alerts, credentials, methods, people, sessions
from storage.codes import Role
from storage.commit import Committer, look
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.model import Alert
    from storage.database import Transaction
    from storage.people import Person

NOON: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
CHILD: Final = "+447700900123"
ADDRESS: Final = "http://localhost:8001"
OURS: Final = {"Sec-Fetch-Site": "same-origin", "Origin": ADDRESS}
_numbers = itertools.count(1)


@dataclass
class AtDesk:
    """One program and everybody in it, by role; `tick` lets time pass."""

    url: str
    now: datetime = NOON
    desk_url: str = ""
    draft_locales: str = "allow"
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.database = Database(self.url, Keys.load(Keys.new()))
        self.committer = Committer(self.database)
        settings = Settings(draft_locales=self.draft_locales, desk_url=self.desk_url)
        self.house = app.furnish(self.committer, settings)
        self.runner = Runner(self.house)
        self.streams = Streams(self.database)
        desk = desk_app.furnish(self.runner, self.database, self.streams, 8001)
        self.desk = replace(desk, clock=lambda: self.now)
        self.app = desk_app.create_app(self.desk)
        for role in Role:
            self.people[role.value] = self.hire(f"{role.value} one".replace("_", " "), role.value)

    def close(self) -> None:
        self.committer.close()
        self.database.close()

    # --- the store ---

    def do(self, work: Callable[[Transaction], Any]) -> Any:
        return self.committer.submit(work)

    def read(self, work: Callable[[Transaction], Any]) -> Any:
        return look(self.database, work)

    def hire(self, name: str, role: str, *, shift: bool = True) -> Person:
        def work(tx: Transaction) -> Person:
            phone = f"+4477009004{next(_numbers) % 100:02d}"
            person = people.add(tx, name, role, self.now - timedelta(days=1), phone=phone, proof=methods.INVENTED)
            if shift and role in ("duty", "backup", "manager", "service_manager", "worker"):
                people.add_shift(tx, person.id, role, self.now - timedelta(days=1), self.now + timedelta(days=30))
            return person

        made: Person = self.do(work)
        return made

    def tick(self, **how: float) -> None:
        """Time passes; who has rested too long signs in again."""
        self.now += timedelta(**how)
        if timedelta(**how) > timedelta(minutes=25):
            self.tokens.clear()

    # --- asking ---

    def sign_in(self, role: str) -> str:
        """A session of this role's person; what their cookie holds."""
        person = self.people[role]
        token: str = self.do(lambda tx: sessions.begin(tx, person.id, "code", self.now))
        self.tokens[role] = token
        return token

    def mark(self, token: str) -> str:
        return sessions.form_mark(self.database.keys, token)

    def link(self, role: str) -> str:
        made: str = self.do(lambda tx: credentials.link(tx, self.people[role].id, self.now))
        return made

    def ask(self, method: str, path: str, token: str = "", **more: Any) -> httpx.Response:
        """One request as a browser of ours makes it. `form`: fields; `headers` in place of its own."""
        headers = more.pop("headers", OURS if method == "POST" else {})
        host = more.pop("base", ADDRESS)
        if (form := more.pop("form", None)) is not None:
            more["data"] = form
        cookie = {"Cookie": f"{self.desk.site.cookie}={token}"} if token else {}

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=host) as client:
                return await client.request(method, path, headers=headers | cookie, **more)

        return asyncio.run(asked())

    def get(self, path: str, role: str = "") -> httpx.Response:
        return self.ask("GET", path, self._as(role))

    def post(self, path: str, role: str = "", /, **form: Any) -> httpx.Response:
        token = self._as(role)
        return self.ask("POST", path, token, form={"form": self.mark(token), **form} if token else form)

    def _as(self, role: str) -> str:
        return (self.tokens.get(role) or self.sign_in(role)) if role else ""

    # --- a child ---

    def child_says(
        self, text: str | None, address: str = CHILD, channel: str = "sms", media: str | None = None, **more: Any
    ) -> str:
        """A child texts; returns the conversation's id."""
        from storage import conversations

        number = next(_numbers)
        self.runner.accept(
            Inbound(
                channel=channel, external_id=f"x{number}", address=address, text=text, media=media, at=self.now, **more
            )
        )

        def talk(tx: Transaction) -> str:
            from sqlalchemy import text as sql

            ids = tx.execute(sql("SELECT id FROM conversations ORDER BY started_at DESC, id DESC LIMIT 1")).scalars()
            found = conversations.peek(tx, next(iter(ids)))
            return found.id

        found: str = self.read(talk)
        return found

    def interview(self, *texts: str, address: str = CHILD, **details: Any) -> str:
        """A child who came back is offered the interview, and writes; the conversation's id."""
        from bot import beginning
        from storage import cases

        def work(tx: Transaction) -> tuple[str, str]:
            known = {"birth_date": "2012-03-14", "learning_disability": "no", "looked_after": "no"} | details
            case = cases.add(tx, f"CHILD-{next(_numbers)}", self.now, known)
            cases.add_episode(tx, case.id, self.now - timedelta(days=2), self.now - timedelta(hours=2))
            talk, code = beginning.offer(tx, self.runner, case.reference, "sms", address, self.now)
            return talk.id, code

        talk, code = self.do(work)
        for text in (code, *texts):
            self.child_says(text, address)
        found: str = talk
        return found

    def alert(self, *texts: str, address: str = CHILD) -> Alert:
        """A child writes until there is an alert; the open one of their chat."""
        talk = ""
        for text in texts or ("hi", "1", "he hits me every night and i am scared"):
            talk = self.child_says(text, address)
        found: Alert | None = self.read(lambda tx: alerts.open_for(tx, talk))
        assert found is not None
        return found

    def now_of(self, alert: Alert) -> Alert:
        found: Alert = self.read(lambda tx: alerts.peek(tx, alert.id))
        return found

    def clicked(self, click: str, role: str, *given: Any) -> None:
        self.do(lambda tx: getattr(clicks, click)(tx, self.runner, self.people[role], *given, self.now))


def seen(response: httpx.Response) -> str:
    """What a person reads of a page: tags cut out, spaces closed up."""
    body = re.sub(r"<(script|style|head).*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())
