"""Rows of the desk: so many chats that people have, signed-in workers with their screens open, texts at a steady pace; how long
until a child's text stands on the worker's screen, and until the page of an alert is handed to the provider. The server is a
process of its own: `python -m tests.bench.desk URL PORT DESK_PORT CHATS WORKERS`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import aiohttp
from sqlalchemy import text as sql
from twilio.request_validator import RequestValidator

from bot.channels import sms
from bot.channels.base import Inbound, Outgoing, Sent
from bot.channels.webchat import Webchat
from bot.config import Settings
from bot.serving import Serving
from flows import events
from storage import conversations, methods, people, sessions, training
from storage.commit import look
from storage.database import Database
from storage.keys import Keys
from storage.training import Training
from tests import postgres
from tests.bench import load, ours, table, web
from tests.bench.table import Row

if TYPE_CHECKING:
    from tests.bench.plan import Plan

PACE: Final = 20  # texts a second, all children together
# Every so many texts a child tells of danger, each of them once: their alert pages whoever is on duty.
GRAVE_EVERY: Final = 25
GRAVE: Final = "he has a knife and i cant get out"
FEW: Final = 200
LATEST: Final = 30.0
_NAME: Final = "bench worker"


class Wrong(AssertionError):
    """A text never came to the screen, or an alert paged nobody: what is measured did not happen."""


@dataclass
class Screen:
    """The chat a worker looks at: its page, and when each text of the child was first seen on it."""

    session: aiohttp.ClientSession
    address: str
    cookie: str
    waiting: dict[str, float] = field(default_factory=dict)
    seen: list[float] = field(default_factory=list)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> None:
        """As the page's own script: a stream that says when, and the page anew."""
        headers = {"Cookie": self.cookie}
        async with self.session.get(f"{self.address}/live", headers=headers) as stream:
            async for line in stream.content:
                if line.startswith(b"data: new"):
                    await self._renew()
                    self.opened.set()

    async def _renew(self) -> None:
        async with self.session.get(self.address, headers={"Cookie": self.cookie, "X-Renews": "yes"}) as answer:
            page = await answer.text()
            if answer.status != 200:
                raise Wrong(str(answer.status))
        now = time.perf_counter()
        for words in [one for one in self.waiting if one in page]:
            self.seen.append(now - self.waiting.pop(words))


async def _measured(port: int, told: dict[str, Any], texts: int) -> list[float]:
    """Seconds until each text to a chat that is looked at stood on the screen; sorted."""
    quiet = aiohttp.ClientTimeout(total=None)
    connector, jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=quiet, connector=connector, cookie_jar=jar) as session:
        screens = {
            chat: Screen(session, f"{told['desk']}/chats/{chat}", f"desk={token}")
            for chat, token in zip(told["chats"], told["tokens"], strict=False)
        }
        looking = [asyncio.create_task(one.look()) for one in screens.values()]
        await asyncio.gather(*(asyncio.wait_for(one.opened.wait(), LATEST) for one in screens.values()))
        await _write(session, port, told["chats"], screens, texts)
        end = time.perf_counter() + LATEST
        while any(one.waiting for one in screens.values()):
            if time.perf_counter() > end or any(task.done() for task in looking):
                raise Wrong("a text never came to the screen")
            await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    return sorted(itertools.chain.from_iterable(one.seen for one in screens.values()))


async def _write(
    session: aiohttp.ClientSession, port: int, chats: list[str], screens: dict[str, Screen], texts: int
) -> None:
    """Every second text is to a chat that somebody looks at; every so many one is grave, from a child nobody looks at."""
    began, sending = time.perf_counter(), []
    watched, others = list(range(len(screens))), list(range(len(screens), len(chats)))
    grave = iter(others)
    for number in range(texts):
        row = watched if number % 2 == 0 or not others else others
        child = row[number // 2 % len(row)]
        words = f"my bus is late again {number:06d}"
        if number % GRAVE_EVERY == 0 and (found := next(grave, None)) is not None:
            child, words = found, GRAVE
        due = began + number / PACE
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if (screen := screens.get(chats[child])) is not None:
            screen.waiting[words] = due
        sending.append(asyncio.create_task(_text(session, port, child, words, number)))
    await asyncio.gather(*sending)


async def _text(session: aiohttp.ClientSession, port: int, child: int, words: str, number: int) -> None:
    form = {
        "MessageSid": f"SM{number:032d}",
        "AccountSid": web.ACCOUNT,
        "From": web.phone(child),
        "To": "+15005550006",
        "Body": words,
        "NumMedia": "0",
    }
    signature = RequestValidator(web.TOKEN).compute_signature(web.PUBLIC + web.PATH, form)
    headers = {
        "Host": "bench.example.org",
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    address = f"http://127.0.0.1:{port}{web.PATH}"
    async with session.post(address, data=urlencode(form), headers=headers) as answer:
        if answer.status != 204:
            raise Wrong(str(answer.status))


def rows(plan: Plan, database: str, url: str) -> list[Row]:
    """How long to the screen, how long to the provider."""
    port, desk_port = postgres._free_port(), postgres._free_port()
    given = [url, str(port), str(desk_port), str(plan.chats), str(plan.workers)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.desk", *given], cwd=load.ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout:
        try:
            told = json.loads(process.stdout.readline())
            asyncio.run(load._until_open(port, process))
            seen = asyncio.run(_measured(port, told, plan.chat_texts))
        finally:
            process.terminate()
            paged = sorted(json.loads(process.stdout.readlines()[-1]))
            stopped = process.wait(30)
    if stopped != 0 or not seen or not paged:
        raise Wrong(f"the server ended with {stopped}; {len(seen)} texts on screens, {len(paged)} alerts paged")
    against = f"{plan.chats} chats, {plan.workers} workers, {PACE}/s"
    return [
        _row(table.SCREEN, database, seen, against, "texts"),
        _row(table.TO_PAGE, database, paged, against, "alerts"),
    ]


def _row(target: table.Target, database: str, waits: list[float], against: str, what: str) -> Row:
    def at(share: float) -> float:
        return waits[min(len(waits) - 1, int(len(waits) * share))] * 1000

    told = f"p50 {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms"
    return Row(target, database, told, against, at(0.95), f"{len(waits)} {what}", small=len(waits) < FEW // 10)


# --- the server -------------------------------------------------------------------------------------------------------


class Phone(sms.Sms):
    """Takes what Twilio would bring, and takes what it would carry: handed over is all that is measured."""

    def send(self, outgoing: Outgoing) -> Sent:
        """Handed over."""
        return Sent(f"bench-{outgoing.outbox_id}")


class Call(Phone):
    """A call, handed over."""

    name = "voice"


def serve(url: str, port: int, desk_port: int, chats: int, workers: int) -> None:
    """The whole program with its ticker, every child with a worker; when it is told to stop it prints how long pages took."""
    config = sms.Config(account_sid=web.ACCOUNT, tokens=(web.TOKEN,), public_url=web.PUBLIC, sender="+15005550006")
    database = Database(url, Keys.load(Keys.new()))
    database.migrate()
    program = Serving(
        Settings(draft_locales="allow", public_url=web.PUBLIC),
        database,
        {"web": Webchat(), "sms": Phone(config), "voice": Call(config)},
    )
    staff = [_hired(program, f"{_NAME} {number}", "worker") for number in range(workers)]
    for role in ("duty", "backup", "manager", "service_manager"):
        _hired(program, role, role)
    talks = [_held(program, number, staff[number % workers]) for number in range(chats)]
    tokens = [program.committer.submit(partial(_signed_in, one)) for one in staff]
    told = {"chats": talks, "tokens": tokens, "desk": f"http://localhost:{desk_port}"}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    asyncio.run(_all_of_it(program, port, desk_port))
    sys.stdout.write(json.dumps(look(database, _until_paged)) + "\n")
    program.committer.close()
    database.close()


async def _all_of_it(program: Serving, port: int, desk_port: int) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, program.stop)
    first = socket.create_server(("127.0.0.1", port), backlog=2048)
    second = socket.create_server(("127.0.0.1", desk_port), backlog=2048)
    await asyncio.gather(program.web(first), program.desk(second), program.tick())


def _hired(program: Serving, name: str, role: str) -> people.Person:
    now = datetime.now(UTC)

    def work(tx: Any) -> people.Person:
        phone = f"+4477009009{sum(map(ord, name)) % 100:02d}" if role != "worker" else None
        who = people.add(tx, name, role, now, phone=phone, proof=methods.INVENTED if phone else None)
        people.add_shift(tx, who.id, role, now - timedelta(hours=1), now + timedelta(hours=12))
        training.record(tx, Training(who.id, date(2099, 1, 1), date(2099, 1, 1)), who.id, now)
        return who

    return program.committer.submit(work)


def _signed_in(who: people.Person, tx: Any) -> str:
    return sessions.begin(tx, who.id, "code", datetime.now(UTC))


def _held(program: Serving, number: int, worker: people.Person) -> str:
    """A child who asked for a person and has one: more of them than a worker would be given, for the screens' sake."""
    for turn, words in enumerate(("hi", "1")):
        now = datetime.now(UTC)
        program.runner.accept(Inbound(ours.CHANNEL, f"b{number}-{turn}", web.phone(number), words, None, now))

    def take(tx: Any) -> str:
        (talk,) = tx.execute(sql("SELECT id FROM conversations ORDER BY started_at DESC, id DESC LIMIT 1")).scalars()
        held = conversations.load(tx, talk)
        program.runner.handle(tx, held, events.WorkerTook(datetime.now(UTC), worker.name))
        return str(talk)

    return program.committer.submit(take)


def _until_paged(tx: Any) -> list[float]:
    """Seconds from each alert to the first page of it that a provider took."""
    rows = tx.execute(
        sql(
            "SELECT a.id, a.opened_at, MIN(o.sent_at) FROM alerts a JOIN pages p ON p.alert_id = a.id "
            "JOIN outbox o ON o.id = p.outbox_id WHERE o.sent_at IS NOT NULL GROUP BY a.id, a.opened_at"
        )
    ).all()
    return [(_instant(sent) - _instant(opened)).total_seconds() for _, opened, sent in rows]


def _instant(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


if __name__ == "__main__":
    where, *numbers = sys.argv[1:]
    serve(where, *map(int, numbers))
