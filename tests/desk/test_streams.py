"""What wakes open pages: an erased child's page ends, and everybody else's goes on."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.desk.asking import Live
from storage import board, conversations, retention, tables
from storage.keys import Sealed
from tests.desk.at_desk import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk


def erase(tx: Transaction, contact: str) -> None:
    retention.erase(tx, contact, NOON)


def lose(tx: Transaction, contact: str) -> None:
    lost = Sealed(b"\x01\x02\x03\x04" + b"x" * 80)
    tx.execute(update(tables.contacts).where(tables.contacts.c.id == contact).values(data_key=lost))


@pytest.mark.parametrize("end", [erase, lose])
def test_a_page_of_who_cannot_be_read_any_more_ends_and_every_other_page_still_hears(
    here: AtDesk, end: Callable[[Transaction, str], None]
) -> None:
    gone = here.alert()
    chat = Live("chat", lambda tx: conversations.peek(tx, gone.conversation).state)

    async def watched() -> tuple[bytes, bytes]:
        watching = asyncio.create_task(here.streams.watch())
        pages = [here.streams.open(live, lambda _: True) for live in (chat, Live("board", board.version))]
        for one in pages:
            assert b"retry" in await anext(one)
            assert b"new" in await anext(one)
        waiting = [asyncio.ensure_future(anext(one)) for one in pages]
        await asyncio.sleep(1)
        assert not any(one.done() for one in waiting), "nothing has happened yet"
        contact = here.read(lambda tx: conversations.contact_of(tx, gone.conversation)).id
        here.do(lambda tx: end(tx, contact))
        erased = await asyncio.wait_for(waiting[0], 10)
        # What happens after it, while the other page is open, is told.
        await asyncio.to_thread(here.alert, address="+447700900199")
        heard = await asyncio.wait_for(waiting[1], 10)
        here.streams.close()
        with contextlib.suppress(StopAsyncIteration):
            await anext(pages[1])
        await watching
        return erased, heard

    erased, heard = asyncio.run(watched())
    assert b"gone" in erased
    assert b"data: new" in heard


def test_what_happens_before_the_first_look_is_told(here: AtDesk) -> None:
    """A page was made, its stream is open, and the child writes before anybody looks: it is no version to begin from."""
    said = iter(["as the page has it", *["what was said since"] * 99])

    async def told() -> list[bytes]:
        page = here.streams.open(Live("chat", lambda _: next(said)), lambda _: True)
        heard = [await anext(page)]
        made_with = next(said)
        watching = asyncio.create_task(here.streams.watch())
        heard.append(await asyncio.wait_for(anext(page), 10))
        here.streams.close()
        await watching
        assert made_with == "as the page has it"
        return heard

    assert asyncio.run(told()) == [b"retry: 2000\n\n", b"data: new\n\n"]
