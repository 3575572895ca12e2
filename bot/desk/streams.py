"""Telling open pages of the desk that there is something new: server-sent events without content.

A page that hears one asks for itself again, by the door, with its session and role checked anew. However many pages wait
for one thing, the store is asked once. May not read or send a word, a name or an id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bot.channels.base import Refused
from storage.commit import StoreUnavailable, look
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.desk.asking import Live
    from storage.database import Database, Transaction

    Still = Callable[[Transaction], bool]

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.2
STILL_EVERY: Final = 25
# A proxy that hears nothing for a minute hangs up.
BREATH_SECONDS: Final = 15.0
MOST: Final = 500
FULL: Final = "streams_full"


class Full(Refused):
    """So many pages are open that one more gets no stream: it works without."""


@dataclass(eq=False, slots=True)
class _Listener:
    """An open page. `still`: whether whoever opened it may still; `met`: what it waits for was looked at since it opened."""

    live: Live
    still: Still
    event: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False
    met: bool = False


class Streams:
    """Every page that waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: set[_Listener] = set()
        self._versions: dict[str, str | None] = {}
        self._closing = False

    @property
    def count(self) -> int:
        """How many pages wait."""
        return len(self._open)

    def close(self) -> None:
        """The server stops: every stream ends, and browsers come again by themselves."""
        self._closing = True
        for one in self._open:
            one.event.set()

    def open(self, live: Live, still: Still) -> AsyncIterator[bytes]:
        """The stream of a page. Raises Full."""
        if self._closing or len(self._open) >= MOST:
            raise Full(FULL)
        return self._stream(_Listener(live, still))

    async def _stream(self, listener: _Listener) -> AsyncIterator[bytes]:
        self._open.add(listener)
        try:
            yield b"retry: 2000\n\n"
            while not self._closing:
                if not await _within(listener.event, BREATH_SECONDS):
                    yield b": still here\n\n"
                    continue
                listener.event.clear()
                if listener.gone:
                    yield b"event: gone\ndata: gone\n\n"
                    return
                if not self._closing:
                    yield b"data: new\n\n"
        finally:
            self._open.discard(listener)

    async def watch(self) -> None:
        """Look for what is new, and whether everybody may still hear of it, until closed."""
        turns = 0
        while not self._closing:
            await asyncio.sleep(LOOK_SECONDS)
            turns += 1
            listeners = list(self._open)
            if not listeners:
                self._versions = {}
                continue
            try:
                await self._look(listeners, asking=turns % STILL_EVERY == 0)
            except StoreUnavailable as down:
                log.warning("pages of the desk not woken: %s", type(down).__name__)
            except Exception as bug:  # noqa: BLE001 - one page's version must not end every other page's stream
                log.error("pages of the desk not woken: %s", type(bug).__name__)  # noqa: TRY400 - it may quote

    async def _look(self, listeners: list[_Listener], *, asking: bool) -> None:
        topics = {one.live.topic: one.live.version for one in listeners}

        def work(tx: Transaction) -> tuple[dict[str, str | None], list[bool]]:
            versions = {topic: _seen(tx, version) for topic, version in topics.items()}
            return versions, [one.still(tx) if asking else True for one in listeners]

        versions, still = await asyncio.to_thread(look, self._database, work)
        for listener, stays in zip(listeners, still, strict=True):
            topic = listener.live.topic
            listener.gone = listener.gone or not stays or versions[topic] is None
            # A page asks for itself once after the first look: what happened between the two stands in no version it has.
            if listener.gone or not listener.met or self._versions.get(topic, versions[topic]) != versions[topic]:
                listener.event.set()
            listener.met = True
        self._versions = versions


def _seen(tx: Transaction, version: Callable[[Transaction], str]) -> str | None:
    """What a topic stands at; None when its child was erased, or no key opens it, which ends that page alone."""
    try:
        return version(tx)
    except (Erased, SealBroken):
        return None


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
            return True
    return False
