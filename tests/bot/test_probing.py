"""Whoever asks whether we are ready, and however often, holds up nobody's text."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot import probing
from bot.channels.base import Inbound
from bot.probing import Probe
from storage import migrating
from storage.errors import StoreUnavailable
from tests.bot.test_serving import served

if TYPE_CHECKING:
    from bot.serving import Serving
    from storage.database import Transaction

__all__ = ["served"]
MANY = 2000


def test_all_who_ask_at_once_wait_for_one_look_and_hear_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0)
        if looks > 1:
            raise ConnectionAbortedError

    async def ask() -> None:
        probe = Probe(look)
        assert await asyncio.gather(*(probe.ready() for _ in range(MANY))) == [True] * MANY
        assert await probe.ready()
        assert looks == 1
        monkeypatch.setattr(probing, "KEPT_SECONDS", 0.0)
        probe._until = 0.0
        for expected in (2, 3):
            with pytest.raises(ConnectionAbortedError):
                await probe.ready()
            assert looks == expected

    asyncio.run(ask())


def test_whoever_gives_up_takes_the_look_from_nobody() -> None:
    async def ask() -> None:
        going = asyncio.Event()
        probe = Probe(going.wait)  # type: ignore[arg-type]
        first, second = asyncio.create_task(probe.ready()), asyncio.create_task(probe.ready())
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        going.set()
        assert await second

    asyncio.run(ask())


def test_a_text_is_taken_and_we_are_ready_while_the_row_of_the_schema_is_held(served: Serving) -> None:
    """`waymark migrate` holds that row from its first step to its commit; SQLite lets nobody write beside it anyway."""
    if not served.database.postgresql:
        served.committer.submit(migrating.touch)
        return

    async def ask() -> None:
        await asyncio.wait_for(asyncio.gather(*(served.doors().ready() for _ in range(20))), 20)
        told = Inbound("sms", "SM1", "+447700900111", "my dad hits me", None, datetime.now(UTC))
        await asyncio.wait_for(served.runner.aaccept(told), 20)

    with served.database.engine.connect() as other:
        other.execute(text("UPDATE alembic_version SET version_num = version_num"))
        asyncio.run(ask())
        other.rollback()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_takes_nothing_is_told(served: Serving) -> None:
    """As one says that has no room left."""

    def touch(tx: Transaction) -> None:
        tx.execute(text("SET TRANSACTION READ ONLY"))
        migrating.touch(tx)

    with pytest.raises(StoreUnavailable):
        served.committer.submit(touch)
