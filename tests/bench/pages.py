"""Rows of the child's page: so many chats with their streams open, texts at a steady pace, and how long until the answer
stands on the page that sent it and on another that looks on. The server is a process of its own:
`python -m tests.bench.pages URL PORT`.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from tests import postgres
from tests.bench import load, table
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bench.plan import Plan

PACE: Final = 50  # texts a second, all children together
TEXTS: Final = ("1", "1", "2", "1", "I like football", "1", "9")
FEW: Final = 500
_OF_THE_CHILD: Final = '<div class="line you"'
_OURS: Final = {"Sec-Fetch-Site": "same-origin", "X-Page": "1"}


class Wrong(AssertionError):
    """A page was not given, or lacks what was sent: what is measured did not happen."""


class Child:
    """One browser: its cookie, and the stream of its page."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self.session, self.address = session, address
        self.cookie = ""
        self.words = itertools.count()
        self.there = 0
        self.told = asyncio.Event()
        self.posted = 0.0
        self.looked: list[float] = []

    async def says(self, text: str, due: float) -> float:
        """Seconds from when a text was due until the page with it, and all that was said to it, was there."""
        self.told.clear()
        self.posted, before = due, self.there
        form = {"text": text, "once": f"bench-{next(self.words)}-{id(self)}"}
        headers = _OURS | ({"Cookie": self.cookie} if self.cookie else {})
        async with self.session.post(self.address, data=form, headers=headers) as answer:
            page = await answer.text()
            taken = time.perf_counter() - due
            # Counted, since a number under buttons stands there as what was on the button.
            self.there = max(self.there, shown := page.count(_OF_THE_CHILD))
            if answer.status != 200 or shown <= before:
                raise Wrong(f"status {answer.status}, {shown} texts of more than {before}")
            if "Set-Cookie" in answer.headers:
                self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return taken

    async def listens(self, opened: asyncio.Semaphore) -> None:
        """Keep a stream open and note how long after a text it spoke."""
        headers = {"Cookie": self.cookie}
        async with self.session.get(f"{self.address}live", headers=headers) as stream:
            opened.release()
            async for line in stream.content:
                if line.startswith(b"id: ") and not self.told.is_set():
                    self.told.set()
                    self.looked.append(time.perf_counter() - self.posted)


async def _measured(port: int, chats: int, texts: int) -> tuple[list[float], list[float]]:
    """Seconds until the answer on the page that sent, and until another page of the same child is told; sorted."""
    # Without a time-out: a stream is open as long as the page is.
    quiet = aiohttp.ClientTimeout(total=None)
    connector, jar = aiohttp.TCPConnector(limit=0), aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(timeout=quiet, connector=connector, cookie_jar=jar) as session:
        children = [Child(session, f"http://127.0.0.1:{port}/") for _ in range(chats)]
        for some in _batches(children, 8):
            await asyncio.gather(*(one.says("hello", time.perf_counter()) for one in some))
        opened = asyncio.Semaphore(0)
        streams = [asyncio.create_task(one.listens(opened)) for one in children]
        for _ in children:
            await opened.acquire()
        await asyncio.sleep(1)
        for one in children:
            one.looked.clear()
        began, sending = time.perf_counter(), []
        for number, (one, text) in enumerate(_turns(children, texts)):
            due = began + number / PACE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sending.append(asyncio.create_task(one.says(text, due)))
        taken = await asyncio.gather(*sending)
        await asyncio.sleep(1)
        for stream in streams:
            stream.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    return sorted(taken), sorted(itertools.chain.from_iterable(one.looked for one in children))


def _batches(children: list[Child], size: int) -> Iterator[list[Child]]:
    for at in range(0, len(children), size):
        yield children[at : at + size]


def _turns(children: list[Child], texts: int) -> Iterator[tuple[Child, str]]:
    """Everybody in turn, each the next text of a chat."""
    for number in range(texts):
        yield children[number % len(children)], TEXTS[number // len(children) % len(TEXTS)]


def rows(plan: Plan, database: str, url: str) -> list[Row]:
    """How long, and how much memory."""
    port = postgres._free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.pages", url, str(port)], cwd=load.ROOT)
    try:
        asyncio.run(load._until_open(port, process))
        before = _resident(process.pid)
        taken, looked = asyncio.run(_measured(port, plan.pages, plan.page_texts))
        after = _resident(process.pid)
    finally:
        process.terminate()
        stopped = process.wait(30)
    if stopped != 0:
        raise Wrong(f"the server ended with {stopped}")

    def at(waits: list[float], share: float) -> float:
        return waits[min(len(waits) - 1, int(len(waits) * share))] * 1000

    against = f"{plan.pages} streams, {PACE}/s"
    spoken = f"another page p95 {at(looked, 0.95):.0f} ms" if looked else ""
    return [
        Row(
            table.PAGE,
            database,
            f"p50 {at(taken, 0.5):.0f} ms, p95 {at(taken, 0.95):.0f} ms; {spoken}",
            against,
            at(taken, 0.95),
            f"{len(taken)} texts",
            small=len(taken) < FEW,
        ),
        Row(table.PAGE_MEMORY, database, f"{before:.0f} -> {after:.0f} MB", against, after, small=plan.pages < FEW),
    ]


def _resident(process: int) -> float:
    """Megabytes of memory of a process."""
    for line in Path(f"/proc/{process}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def serve(url: str, port: int) -> None:
    """The whole program on an empty store, with its ticker, as `waymark serve` runs it."""
    import socket

    from bot.config import Settings
    from bot.serving import Serving
    from storage.database import Database
    from storage.keys import Keys

    database = Database(url, Keys.load(Keys.new()))
    database.migrate()
    program = Serving(Settings(draft_locales="allow"), database)
    with contextlib.closing(database):
        asyncio.run(program.run(socket.create_server(("127.0.0.1", port), backlog=2048)))


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
