"""Whoever holds the database stops nobody for long, and each trouble with it is called by its own name."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage import audit, engines, migrating
from storage.commit import Committer, look
from storage.database import Database
from storage.errors import StoreUnavailable, Trouble
from storage.keys import Keys
from tests.storage.invented import AT

if TYPE_CHECKING:
    from storage.database import Transaction

POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
KEYS = Keys.load(Keys.new())


def note(tx: Transaction) -> None:
    audit.record(tx, AT, "cli", "tried")


def shown(tx: Transaction, name: str) -> str:
    return str(tx.execute(text(f"SHOW {name}")).scalar())


def refused(url: str) -> Trouble:
    """What is said of a database to which nothing can be written, whichever way it is asked."""
    database = Database(url, KEYS)
    committer = Committer(database)
    with pytest.raises(StoreUnavailable) as submitted:
        committer.submit(note)
    with pytest.raises(StoreUnavailable) as alone, database.transaction() as tx:
        note(tx)
    committer.close()
    database.close()
    assert submitted.value.trouble is alone.value.trouble
    return alone.value.trouble


@POSTGRESQL
@pytest.mark.parametrize("lines", [1, 2])
def test_who_stops_before_the_commit_is_ended_and_others_go_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    """However many lines it writes: psycopg writes several in another way."""
    monkeypatch.setitem(engines._LIMITS, "idle_in_transaction_session_timeout", "100ms")
    stopped, others = Database(database_url, KEYS), Database(database_url, KEYS)
    committer = Committer(others)
    with pytest.raises(StoreUnavailable), stopped.transaction() as tx:  # noqa: PT012 - it is ended inside
        for _ in range(lines):
            note(tx)
        tx.finish()  # the head of the audit chain is held from here on
        committer.submit(note)
        note(tx)
    assert look(others, audit.head)[0] == 1
    committer.close()
    for one in (stopped, others):
        one.close()


@POSTGRESQL
def test_what_is_held_is_not_waited_for_without_end(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "50ms")
    database = Database(database_url, KEYS)
    with database.transaction() as tx:
        tx.execute(text("LOCK TABLE audit, alembic_version"))
        assert refused(database_url) is Trouble.HELD
        with pytest.raises(StoreUnavailable):
            database.schema_version()
    database.close()


@POSTGRESQL
def test_every_limit_reaches_the_server(database_url: str) -> None:
    database = Database(database_url, KEYS)
    with database.snapshot() as tx:
        for name, wanted in engines._LIMITS.items():
            assert shown(tx, name) == wanted
        tx.be_patient()
        assert shown(tx, "idle_in_transaction_session_timeout") == "10min"
    database.close()


@POSTGRESQL
def test_a_second_who_migrates_waits_for_the_first(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "1ms")
    database = Database(database_url, KEYS)
    came: list[str | None] = []

    def second() -> None:
        database.migrate()
        came.append(database.schema_version())

    waiting = threading.Thread(target=second)
    with database.transaction() as tx:
        migrating.run(tx.connection, "head")
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert shown(tx, "lock_timeout") == "1ms"  # for the tables
    waiting.join(30)
    assert came == [migrating.head()]
    database.close()


@POSTGRESQL
def test_a_role_that_may_only_read_is_told_so(database_url: str) -> None:
    database = Database(database_url, KEYS)
    with database.transaction() as tx:
        tx.execute(text("DROP ROLE IF EXISTS reads_only"))
        tx.execute(text("CREATE ROLE reads_only LOGIN"))
        tx.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reads_only"))
    try:
        reader = database.url.set(username="reads_only").render_as_string(hide_password=False)
        assert refused(reader) is Trouble.DENIED
    finally:
        with database.transaction() as tx:
            tx.execute(text("DROP OWNED BY reads_only"))
            tx.execute(text("DROP ROLE reads_only"))
        database.close()


@pytest.mark.parametrize("how", ["held", "cut", "none of ours", "a folder", "nowhere"])
def test_each_trouble_of_a_file_is_called_by_its_name(
    sqlite_url: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    monkeypatch.setattr(engines, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
    holder = sqlite3.connect(file, isolation_level=None)
    if how == "held":
        holder.execute("BEGIN IMMEDIATE")
        assert refused(sqlite_url) is Trouble.HELD
        holder.close()
        return
    holder.close()
    if how == "cut":
        os.truncate(file, file.stat().st_size // 3)
    else:
        file.unlink()
    if how == "none of ours":
        file.write_text("no database " * 500, encoding="utf-8")
    elif how == "a folder":
        file.mkdir()
    elif how == "nowhere":
        sqlite_url = f"sqlite:///{file}/none/w.db"
    wanted = Trouble.DAMAGED if how in {"cut", "none of ours"} else Trouble.AWAY
    assert refused(sqlite_url) is wanted


def test_a_trouble_says_how_it_is_mended() -> None:
    told = {str(StoreUnavailable(trouble=one)) for one in Trouble}
    assert len(told) == len(Trouble)
    assert "WAYMARK_DATABASE_URL" in str(StoreUnavailable())
    assert "docs/restore.md" in str(StoreUnavailable(trouble=Trouble.DAMAGED))
