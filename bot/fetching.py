"""Updates of a provider that we must ask for them, for services without a public address. May not read or decide.

What is fetched is acknowledged by asking for what comes after it, and that is asked only when all before is stored. What a
crash left unacknowledged comes again and is known by its id, so the place need not be kept: it is what is stored.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from bot.channels.base import Malformed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.channels.base import Inbound

log = logging.getLogger(__name__)

WAIT_SECONDS = 5  # how long one question stays open; stopping waits for it


class Fetched(Protocol):
    """A channel whose updates wait at the provider until they are fetched."""

    def fetch(self, offset: int | None, wait: int) -> tuple[Any, ...]:
        """Raw updates from `offset` on; all before are acknowledged. Raises `SendFailed`."""

    def read(self, raw: object, at: datetime) -> Any:  # noqa: ANN401 - its own: `update`, `inbound`, `query`
        """One of them. Raises `Malformed`."""

    def answer(self, query: str | None) -> None:
        """Let a pressed button come to rest."""


class Fetching:
    """`round` fetches and stores once; what it could not store comes again in the next."""

    def __init__(self, door: Fetched, accept: Callable[[Inbound], Awaitable[None]]) -> None:
        self._door = door
        self._accept = accept
        self._offset: int | None = None

    async def round(self, wait: int = WAIT_SECONDS) -> int:
        """How many were stored. Raises `SendFailed`, and whatever storing raises: the place stays before that one."""
        came = await asyncio.to_thread(self._door.fetch, self._offset, wait)
        for raw in came:
            await self._one(raw)
        return len(came)

    async def _one(self, raw: object) -> None:
        try:
            taken = self._door.read(raw, datetime.now(UTC))
        except Malformed as odd:
            # Without a number it cannot be passed by; the one after it has one.
            log.warning("update not read: %s", odd.code)
            return
        if taken.inbound is not None:
            await self._accept(taken.inbound)
        self._offset = taken.update + 1
        if taken.query is not None:
            await asyncio.to_thread(self._door.answer, taken.query)
