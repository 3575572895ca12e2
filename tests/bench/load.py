"""Children who text over HTTP: as fast as they are answered, or at a given pace. May not know who answers."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests import postgres
from tests.bench import interview, web

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONNECTIONS: Final = 64
START_SECONDS: Final = 60
ROOT: Final = Path(__file__).resolve().parents[2]


class Refused(AssertionError):
    """A webhook was not answered 204: what is measured did not happen."""


def requests(number: int) -> list[bytes]:
    """The signed webhooks of one child, ready to be written to a socket."""
    validator = RequestValidator(web.TOKEN)
    made = []
    for turn, text in enumerate(interview.child(number).texts):
        form = {
            "MessageSid": f"SM{number:016d}{turn:016d}",
            "AccountSid": web.ACCOUNT,
            "From": web.phone(number),
            "To": "+15005550006",
            "Body": text,
            "NumMedia": "0",
        }
        body = urlencode(form).encode()
        head = (
            f"POST {web.PATH} HTTP/1.1\r\nHost: bench.example.org\r\nX-Twilio-Signature: "
            f"{validator.compute_signature(web.PUBLIC + web.PATH, form)}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


class Connection:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.writer.close()

    async def post(self, request: bytes) -> None:
        """Write one webhook and wait until it is answered. Raises Refused."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        if b" 204 " not in head[:16]:
            raise Refused(head.split(b"\r\n")[0].decode())


async def _closed(port: int, numbers: Sequence[int]) -> float:
    """Messages a second, every connection a child at a time."""
    waiting = iter([requests(number) for number in numbers])
    count = 0

    async def one() -> None:
        nonlocal count
        async with Connection(port) as connection:
            for texts in waiting:
                for text in texts:
                    await connection.post(text)
                    count += 1

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - began)


async def _paced(port: int, numbers: Sequence[int], pace: float) -> list[float]:
    """Seconds from when each text was due to be sent until its answer, `pace` texts a second, everybody in turn."""
    texts = [one for turn in itertools.zip_longest(*(requests(number) for number in numbers)) for one in turn if one]
    free: asyncio.Queue[Connection] = asyncio.Queue()
    taken: list[float] = []

    async def send(text: bytes, due: float) -> None:
        connection = await free.get()
        try:
            await connection.post(text)
        finally:
            free.put_nowait(connection)
        taken.append(time.perf_counter() - due)

    for _ in range(CONNECTIONS):
        free.put_nowait(await Connection(port).__aenter__())
    began, tasks = time.perf_counter(), []
    for number, text in enumerate(texts):
        due = began + number / pace
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(send(text, due)))
    await asyncio.gather(*tasks)
    while not free.empty():
        await free.get_nowait().__aexit__()
    return sorted(taken)


def fast(port: int, numbers: Sequence[int]) -> float:
    """Messages a second over 64 connections."""
    return asyncio.run(_closed(port, numbers))


def paced(port: int, numbers: Sequence[int], pace: float) -> list[float]:
    """Seconds until each answer, sorted, at `pace` texts a second."""
    return asyncio.run(_paced(port, numbers, pace))


@contextmanager
def serving(which: str, url: str, count: int) -> Iterator[int]:
    """A server process with `count` children; gives its port."""
    port = postgres._free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.web", which, url, str(count), str(port)], cwd=ROOT)
    try:
        asyncio.run(_until_open(port, process))
        yield port
    finally:
        process.terminate()
        process.wait(30)


async def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            async with Connection(port):
                return
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the server to be measured did not start")
