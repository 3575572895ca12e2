from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from flows.model import Service
from storage import apart, contacts, conversations, tables, words
from storage.commit import Committer, StoreUnavailable
from storage.database import Database
from tests.storage import invented
from tests.storage.invented import AT, CHILD, OTHER

if TYPE_CHECKING:
    from pathlib import Path

    from storage.database import Transaction
    from storage.keys import Keys


def test_submit_commits_and_hands_back(committer: Committer) -> None:
    made = committer.submit(lambda tx: contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT))
    assert committer.submit(lambda tx: contacts.load(tx, made.id)) == made


def test_asubmit_does_the_same(committer: Committer) -> None:
    async def main() -> list[contacts.Contact]:
        work = [committer.asubmit(lambda tx: contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)) for _ in range(8)]
        return await asyncio.gather(*work)

    assert len(set(asyncio.run(main()))) == 1


def test_what_work_raises_is_raised_and_nothing_is_kept(committer: Committer) -> None:
    def work(tx: Transaction) -> None:
        invented.chat(tx)
        raise KeyError

    with pytest.raises(KeyError):
        committer.submit(work)
    assert committer.submit(lambda tx: tx.execute(select(tables.contacts)).all()) == []


def test_submit_inside_work_is_refused_instead_of_waiting_for_itself(committer: Committer) -> None:
    with pytest.raises(RuntimeError, match="inside work"):
        committer.submit(lambda _tx: committer.submit(lambda _tx: None))


def test_a_lost_race_runs_the_work_again_from_nothing(committer: Committer) -> None:
    runs: list[int] = []

    def work(tx: Transaction) -> str:
        runs.append(len(tx.execute(select(tables.contacts)).all()))
        invented.chat(tx)
        if len(runs) < 3:
            raise OperationalError("x", None, psycopg.errors.SerializationFailure())
        return "done"

    assert committer.submit(work) == "done"
    assert runs == [0, 0, 0]


def test_a_deadlock_between_two_writers_is_survived(database: Database, committer: Committer) -> None:
    with database.transaction() as tx:
        first, _ = invented.chat(tx, "+447700900003")
        second, _ = invented.chat(tx, "+447700900004")
    meet = threading.Barrier(2, timeout=10)
    runs: list[str] = []

    def crossing(one: str, other: str) -> None:
        def work(tx: Transaction) -> None:
            runs.append(one)
            tx.lock_contact(one)
            if database.postgresql and len(runs) <= 2:
                meet.wait()
            tx.lock_contact(other)

        committer.submit(work)

    threads = [threading.Thread(target=crossing, args=pair) for pair in ((first.id, second.id), (second.id, first.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # PostgreSQL ends one of them, which then runs again (and again, if it comes back before the other goes on); the one
    # writer of SQLite never waits for itself.
    assert len(runs) >= 3 if database.postgresql else len(runs) == 2


def test_two_new_children_given_the_same_two_words_at_once_are_both_heard_at_once(
    database: Database, committer: Committer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = iter(("amber-acorn", "amber-acorn", "amber-apple"))
    monkeypatch.setattr(words, "reference", lambda _attempt: next(given))
    first_wrote = threading.Event()

    def first(tx: Transaction) -> None:
        invented.chat(tx, "+447700900003")
        first_wrote.set()
        time.sleep(0.3)

    writer = threading.Thread(target=committer.submit, args=(first,))
    writer.start()
    assert first_wrote.wait(10)
    contact, _ = committer.submit(lambda tx: invented.chat(tx, "+447700900004"))
    writer.join()
    assert contact.reference == "amber-apple"
    with database.transaction() as tx:
        assert sorted(tx.execute(select(tables.contacts.c.reference)).scalars()) == ["amber-acorn", "amber-apple"]


def test_what_is_never_free_fails_for_itself_where_it_is_done_apart(database: Database, committer: Committer) -> None:
    runs: list[int] = []

    def work(tx: Transaction) -> Exception | None:
        invented.chat(tx, "+447700900005")

        def fails() -> None:
            runs.append(1)
            tx.execute(text("INSERT INTO contacts SELECT * FROM contacts"))

        why = apart.tried(tx, fails)
        invented.chat(tx, "+447700900006")
        return why

    assert isinstance(committer.submit(work), IntegrityError)
    assert len(runs) == (2 if database.postgresql else 1)
    with database.transaction() as tx:
        assert len(tx.execute(select(tables.contacts.c.id)).all()) == 2


def test_a_fault_of_ours_is_not_tried_again(committer: Committer) -> None:
    runs: list[int] = []

    def work(tx: Transaction) -> None:
        runs.append(1)
        tx.execute(text("INSERT INTO contacts (id) VALUES ('x')"))

    with pytest.raises(IntegrityError):
        committer.submit(work)
    assert runs == [1]


def test_a_database_that_is_not_there_is_one_plain_error(tmp_path: Path, keys: Keys) -> None:
    urls = [f"sqlite:///{tmp_path}/nowhere/w.sqlite", "postgresql+psycopg://nobody@127.0.0.1:9/nothing"]
    for url in urls:
        committer = Committer(Database(url, keys))
        with pytest.raises(StoreUnavailable) as caught:
            committer.submit(lambda _tx: None)
        assert caught.value.__cause__ is None
        committer.close()
        committer.database.close()


def test_a_database_that_fails_is_unavailable_and_comes_back(database: Database, committer: Committer) -> None:
    def fail(tx: Transaction) -> None:
        if database.postgresql:
            tx.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()")
            )
        else:
            pages = tx.execute(text("PRAGMA page_count")).scalar()
            tx.execute(text(f"PRAGMA max_page_count = {pages}"))
            for number in range(400):
                invented.chat(tx, f"+4477009{number:05d}")

    with pytest.raises(StoreUnavailable):
        committer.submit(fail)
    if not database.postgresql:
        database.engine.dispose()
    _, talk = committer.submit(invented.chat)
    assert committer.submit(lambda tx: conversations.peek(tx, talk.id)) == talk


def test_one_long_writer_stops_others_only_where_there_is_one_writer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engines.BUSY_SECONDS", 0)
    monkeypatch.setattr("storage.engines._PRAGMAS", ("PRAGMA busy_timeout=0",))
    other = Database(database.url.render_as_string(hide_password=False), database.keys)
    waiting = Committer(other)
    with database.transaction() as tx:
        invented.chat(tx)
        if database.postgresql:
            waiting.submit(lambda tx: invented.chat(tx, OTHER))
        else:
            with pytest.raises(StoreUnavailable):
                waiting.submit(lambda tx: invented.chat(tx, OTHER))
    waiting.submit(lambda tx: invented.chat(tx, OTHER))
    waiting.close()
    other.close()
