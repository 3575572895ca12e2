"""Telling open pages that there is something new: server-sent events that carry an id and nothing else.

May not read or show a text: the page asks for itself again. A page is woken by what happens in this process at once, by
what any other process stored within a tenth of a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bot.channels.base import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.1
MARK_EVERY: Final = 10
# A proxy that hears nothing for a minute hangs up.
BREATH_SECONDS: Final = 20.0
# Numbers of transactions that run side by side come up out of order; nobody overtakes by more.
BEHIND: Final = 100
MOST_OF_ONE: Final = 6
MOST_IN_ALL: Final = 5000
FULL: Final = "streams_full"


class Full(Refused):
    """So many pages are open that one more gets no stream: it asks by itself."""


class Streams:
    """Every page that waits, by conversation. `newest(token)`: (conversation, id) or None when the visit is over."""

    def __init__(
        self,
        newest: Callable[[str], Awaitable[tuple[str, str] | None]],
        fresh: Callable[[int], Awaitable[tuple[tuple[int, str], ...]]],
        mark: Callable[[], Awaitable[None]],
        unavailable: tuple[type[Exception], ...] = (),
    ) -> None:
        self._newest, self._fresh, self._mark = newest, fresh, mark
        self._unavailable = unavailable
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._open = 0
        self._closing = False
        self._seen: dict[int, None] = {}

    def wake(self, conversation: str | None) -> None:
        """Something is new in a conversation (None: in any)."""
        several = [self._waiting.get(conversation, set())] if conversation else list(self._waiting.values())
        for waiting in several:
            for event in waiting:
                event.set()

    def close(self) -> None:
        """The server stops: every stream ends, and browsers come again by themselves."""
        self._closing = True
        self.wake(None)

    def open(self, token: str, conversation: str, after: str) -> AsyncIterator[bytes]:
        """The stream of a page that has shown everything up to `after`. Raises Full."""
        if self._closing or self._open >= MOST_IN_ALL or len(self._waiting.get(conversation, ())) >= MOST_OF_ONE:
            raise Full(FULL)
        return self._stream(token, conversation, after)

    async def _stream(self, token: str, conversation: str, after: str) -> AsyncIterator[bytes]:
        event = asyncio.Event()
        self._waiting[conversation].add(event)
        self._open += 1
        try:
            # A browser that lost us comes back after a second.
            yield b"retry: 1000\n\n"
            while not self._closing:
                event.clear()
                found = await self._newest(token)
                if found is None or found[0] != conversation:
                    yield b"event: gone\ndata: gone\n\n"
                    return
                if found[1] > after:
                    after = found[1]
                    yield f"id: {after}\ndata: new\n\n".encode()
                if not await _within(event, BREATH_SECONDS):
                    yield b": still here\n\n"
        except self._unavailable as down:
            log.warning("stream ended: %s", type(down).__name__)
        finally:
            self._open -= 1
            self._waiting[conversation].discard(event)
            if not self._waiting[conversation]:
                del self._waiting[conversation]

    async def watch(self) -> None:
        """Look for what other processes and timers put out, and note what has stood on a page, until cancelled."""
        after = -1
        turns = 0
        while not self._closing:
            await asyncio.sleep(LOOK_SECONDS)
            turns += 1
            try:
                after = await self._look(after)
                if turns % MARK_EVERY == 0:
                    await self._mark()
            except self._unavailable as down:
                log.warning("pages not woken: %s", type(down).__name__)
            except Exception as bug:  # noqa: BLE001 - one look that fails must not be the last: nobody would wake a page again
                log.error("pages not woken: %s", type(bug).__name__)  # noqa: TRY400 - it may quote a child

    async def _look(self, after: int) -> int:
        if not self._waiting:
            return -1
        rows = await self._fresh(max(after - BEHIND, 0) if after >= 0 else -1)
        for number, conversation in rows:
            if number not in self._seen and conversation:
                self._seen[number] = None
                self.wake(conversation)
        for number in [one for one in self._seen if one < after - BEHIND]:
            del self._seen[number]
        return max((after, *(number for number, _ in rows)))


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
            return True
    return False
