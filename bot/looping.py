"""Work that is done again and again until told to stop. May not know what the work is."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from storage.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

IDLE_SECONDS = 0.25
DOWN_SECONDS = 1.0


class Loops:
    """`stopping`: begin nothing more. `stir`, on the event loop: there is something to do, so that who waits for it looks now."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self._stirred = asyncio.Event()

    def stop(self) -> None:
        """End every loop behind what it is doing."""
        self.stopping.set()
        self._stirred.set()

    def stir(self) -> None:
        """Wake what waits to be stirred."""
        self._stirred.set()

    async def again_and_again(
        self, work: Callable[[], int], idle: float = IDLE_SECONDS, *, stirred: bool = False
    ) -> None:
        """At once while there was something to do, else after a breath, or when stirred; a store that is down is waited for."""
        wake = self._stirred if stirred else self.stopping
        while not self.stopping.is_set():
            if stirred:
                wake.clear()  # before it looks: what comes while it does is looked for again
            busy = 0
            try:
                busy = await asyncio.to_thread(work)
            except StoreUnavailable:
                log.warning("store unavailable")
                await self.pause(DOWN_SECONDS)
            except Exception:
                log.exception("round failed")
                await self.pause(DOWN_SECONDS)
            if not busy:
                await _until(wake, idle)

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until told to stop."""
        await _until(self.stopping, seconds)


async def _until(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
