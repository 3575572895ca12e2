"""What wakes open pages of children goes on, whatever one look meets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from bot.web.streams import Streams

if TYPE_CHECKING:
    Rows: TypeAlias = tuple[tuple[int, str], ...]


def test_a_look_that_fails_is_not_the_last() -> None:
    several: list[Exception | Rows] = [ZeroDivisionError("my dad hits me"), ((1, ""),), ((2, "talk"),)]
    looks = iter(several)

    async def newest(_: str) -> tuple[str, str]:
        return "talk", next(texts)

    async def fresh(_: int) -> Rows:
        found = next(looks, ())
        if isinstance(found, Exception):
            raise found
        return found

    async def mark() -> None:
        return None

    async def heard() -> bytes:
        streams = Streams(newest, fresh, mark)
        page = streams.open("token", "talk", "m1")
        assert b"retry" in await anext(page)
        watching = asyncio.create_task(streams.watch())
        told = await asyncio.wait_for(anext(page), 5)
        streams.close()
        await watching
        return told

    texts = iter(["m1", "m2"])
    assert b"id: m2" in asyncio.run(heard())
