"""What comes while a commit runs shares the next one, and none of it can tell."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storage import apart, audit, commit, engines, tables
from storage.commit import Committer, StoreUnavailable, look
from storage.database import Database
from tests.storage import invented
from tests.storage.invented import AT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from storage.database import Transaction

    Work = Callable[[Transaction], object]


@pytest.fixture
def one_writer(database: Database) -> Iterator[Committer]:
    made = Committer(database, writers=1)
    yield made
    made.close()


@asynccontextmanager
async def _at_work(committer: Committer) -> AsyncIterator[None]:
    """The writer is busy within, so that what comes has to wait."""
    busy, free = threading.Event(), threading.Event()

    def hold(_: Transaction) -> None:
        busy.set()
        assert free.wait(10)

    holding = asyncio.create_task(committer.asubmit(hold))
    await asyncio.to_thread(busy.wait, 10)
    yield
    free.set()
    await holding


def _waited(committer: Committer, *work: Work) -> list[object]:
    """What each came to, a value or its error, where all of them came while the writer was at work."""

    async def main() -> list[object]:
        async with _at_work(committer):
            waiting = [asyncio.create_task(committer.atogether(one)) for one in work]
            await asyncio.sleep(0)
        return list(await asyncio.gather(*waiting, return_exceptions=True))

    return asyncio.run(main())


def _chats(tx: Transaction) -> int:
    return len(tx.execute(select(tables.contacts.c.id)).all())


def _chat(number: int) -> Work:
    def work(tx: Transaction) -> int:
        invented.chat(tx, f"+4477009001{number:02d}")
        audit.record(tx, AT, "bot", "chat", f"n{number}")
        return number

    return work


def test_what_waited_is_kept_by_one_commit_and_each_has_its_own_answer(
    database: Database, one_writer: Committer
) -> None:
    seen: list[tuple[int, int]] = []

    def last(tx: Transaction) -> str:
        seen.append((_chats(tx), look(database, _chats)))
        return "last"

    assert _waited(one_writer, _chat(0), _chat(1), _chat(2), last) == [0, 1, 2, "last"]
    assert seen == [(3, 0)], "the last saw what the others wrote before anybody else could"
    with database.transaction() as tx:
        assert audit.verify(tx) is None
        assert audit.head(tx)[0] == 3


def test_what_comes_alone_waits_for_nobody(database: Database, one_writer: Committer) -> None:
    assert asyncio.run(one_writer.atogether(_chat(0))) == 0
    assert look(database, _chats) == 1


def test_no_more_than_so_many_share(database: Database, one_writer: Committer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "TOGETHER", 2)
    seen: list[int] = []

    def work(number: int) -> Work:
        def chat(tx: Transaction) -> None:
            seen.append(look(database, _chats))
            _chat(number)(tx)

        return chat

    _waited(one_writer, *map(work, range(5)))
    assert seen == [0, 0, 2, 2, 4]


def test_who_fails_fails_alone_and_nothing_of_it_is_kept(database: Database, one_writer: Committer) -> None:
    def poisoned(tx: Transaction) -> None:
        invented.chat(tx, "+447700900150")
        audit.record(tx, AT, "bot", "poison")
        raise KeyError("poison")

    first, failed, third = _waited(one_writer, _chat(0), poisoned, _chat(2))
    assert (first, third) == (0, 2)
    assert isinstance(failed, KeyError)
    with database.transaction() as tx:
        assert _chats(tx) == 2
        assert audit.verify(tx) is None
        assert [next(iter(audit.about(tx, one))).what for one in ("n0", "n2")] == ["chat", "chat"]
        assert audit.head(tx)[0] == 2


def test_what_is_done_apart_and_fails_undoes_nothing_of_the_others(database: Database, one_writer: Committer) -> None:
    def half(tx: Transaction) -> str:
        def fails() -> None:
            invented.chat(tx, "+447700900150")
            audit.record(tx, AT, "bot", "undone")
            raise KeyError

        return type(apart.tried(tx, fails)).__name__

    assert _waited(one_writer, _chat(0), half, _chat(2)) == [0, "KeyError", 2]
    with database.transaction() as tx:
        assert _chats(tx) == 2
        assert audit.head(tx)[0] == 2
        assert audit.verify(tx) is None


def test_one_knows_nothing_of_what_another_remembered(one_writer: Committer) -> None:
    remembered: list[int] = []

    def work(tx: Transaction) -> None:
        remembered.append(len(tx.saved) + len(tx.stood))
        _, talk = invented.chat(tx, f"+4477009001{len(remembered):02d}")
        tx.saved[talk.id] = talk

    _waited(one_writer, work, work)
    assert remembered == [0, 0]


def test_the_audit_of_those_before_is_found_by_those_behind(one_writer: Committer) -> None:
    def found(tx: Transaction) -> list[str]:
        return [one.what for one in audit.about(tx, "n0")]

    assert _waited(one_writer, _chat(0), found) == [0, ["chat"]]


def test_a_store_that_is_away_is_told_to_each_at_once(one_writer: Committer) -> None:
    runs: list[int] = []

    def away(_: Transaction) -> None:
        runs.append(1)
        raise StoreUnavailable

    found = _waited(one_writer, away, away, away)
    assert [type(one) for one in found] == [StoreUnavailable] * 3
    assert len(runs) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a file has one writer
def test_a_lock_that_one_waits_for_holds_up_that_one_alone(
    database: Database, one_writer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "1s")
    other = Database(database.url.render_as_string(hide_password=False), database.keys)
    grouped = Committer(other, writers=1)
    with database.transaction() as tx:
        child, _ = invented.chat(tx, "+447700900150")
    with database.transaction() as held:
        held.lock_contact(child.id)
        found = _waited(grouped, _chat(0), lambda tx: tx.lock_contact(child.id), _chat(2))
    grouped.close()
    other.close()
    assert (found[0], found[2]) == (0, 2)
    assert isinstance(found[1], StoreUnavailable)
    assert look(database, _chats) == 3


def test_a_caller_who_has_gone_away_before_it_began_is_not_run(database: Database, one_writer: Committer) -> None:
    async def main() -> None:
        async with _at_work(one_writer):
            gone, stays = (asyncio.create_task(one_writer.atogether(_chat(number))) for number in (0, 1))
            await asyncio.sleep(0)
            gone.cancel()
            await asyncio.sleep(0)
        assert await stays == 1

    asyncio.run(main())
    assert look(database, _chats) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # a file has one writer
def test_those_behind_one_that_waits_for_a_lock_are_heard_meanwhile(database: Database) -> None:
    other = Database(database.url.render_as_string(hide_password=False), database.keys)
    grouped = Committer(other, writers=2)
    with database.transaction() as tx:
        child, _ = invented.chat(tx, "+447700900150")

    async def main() -> None:
        free = threading.Event()

        def hold(_: Transaction) -> None:
            assert free.wait(10)

        holding = [asyncio.create_task(grouped.asubmit(hold)) for _ in range(2)]
        await asyncio.sleep(0.1)
        works: tuple[Work, ...] = (lambda tx: tx.lock_contact(child.id), _chat(1), _chat(2))
        first, *behind = [asyncio.create_task(grouped.atogether(one)) for one in works]
        await asyncio.sleep(0)
        with database.transaction() as held:
            held.lock_contact(child.id)
            free.set()
            await asyncio.gather(*holding)
            assert await asyncio.wait_for(asyncio.gather(*behind), 5) == [1, 2]
            assert not first.done()
        await first

    asyncio.run(main())
    grouped.close()
    other.close()
