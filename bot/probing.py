"""One look at whether this process can answer, for everybody who asks within a moment: whoever asks a thousand times a second,
from anywhere, has us look once. May not say what there is to look at.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEPT_SECONDS: Final = 1.0


class Probe:
    """`ready` waits for the look that is under way, or takes what the last one found while that is new."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._last: asyncio.Task[None] | None = None
        self._until = 0.0

    async def ready(self) -> bool:
        """True; whatever the look raised is raised for everybody who waited for it."""
        if self._last is None or (self._last.done() and asyncio.get_running_loop().time() >= self._until):
            self._last = asyncio.create_task(self._once())
        await asyncio.shield(self._last)
        return True

    async def _once(self) -> None:
        try:
            await self._look()
        finally:
            self._until = asyncio.get_running_loop().time() + KEPT_SECONDS
