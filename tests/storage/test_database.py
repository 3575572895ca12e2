from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import conversations, messages, tables
from storage.codes import Direction
from storage.errors import StoreUnavailable
from tests.storage import invented
from tests.storage.invented import AT, CHILD, WORDS

if TYPE_CHECKING:
    from storage.database import Database
    from storage.keys import Keys


def test_sqlite_is_opened_the_way_that_loses_nothing(database: Database) -> None:
    if database.postgresql:
        with database.snapshot() as tx:
            assert tx.execute(text("SHOW timezone")).scalar() == "UTC"
        return
    with database.snapshot() as tx:
        asked = {name: tx.execute(text(f"PRAGMA {name}")).scalar() for name in _WANTED}
    assert asked == _WANTED


_WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10_000}


def test_a_transaction_is_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:  # noqa: PT012 - it happens inside
        _, talk = invented.chat(tx)
        messages.add(tx, talk.id, Direction.IN, "sms", WORDS, AT)
        raise ZeroDivisionError
    with database.snapshot() as tx:
        assert tx.execute(select(tables.contacts)).all() == []
        assert tx.execute(select(tables.messages)).all() == []


def test_what_is_written_in_a_snapshot_is_not_kept(database: Database) -> None:
    if database.postgresql:
        with pytest.raises(StoreUnavailable), database.snapshot() as tx:
            invented.chat(tx)
    else:
        with database.snapshot() as tx:
            invented.chat(tx)
    with database.snapshot() as tx:
        assert tx.execute(select(tables.contacts)).all() == []


def test_no_update_is_lost_between_two_writers(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)

    def count_up() -> None:
        for _ in range(10):
            with database.transaction() as tx:
                held = conversations.load(tx, talk.id)
                conversations.save(tx, invented.conversation(id=talk.id, turn=held.turn + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.snapshot() as tx:
        assert conversations.peek(tx, talk.id).turn == 40


def test_a_stranger_with_the_file_reads_no_word_and_no_number(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        messages.add(tx, talk.id, Direction.IN, "sms", WORDS, AT)
        held = [
            bytes(cell) if isinstance(cell, (bytes, memoryview)) else str(cell).encode()
            for table in tables.METADATA.sorted_tables
            for row in tx.execute(select(table)).all()
            for cell in row
        ]
    for secret in (CHILD, CHILD[3:], "hurt"):
        assert not [cell for cell in held if secret.encode() in cell]


@pytest.mark.parametrize("spoil", [{"id": None}, {"kind": "nothing"}, {"contact_id": WORDS[:26]}, {"seq": 1}])
def test_no_error_of_the_database_quotes_a_row(database: Database, spoil: dict[str, object]) -> None:
    row = {
        "seq": 7,
        "id": "1",
        "kind": "say",
        "priority": 1,
        "channel": CHILD,
        "error": WORDS,
        "repeat_in_doubt": False,
        "status": "waiting",
        "attempts": 0,
        "created_at": AT,
        "not_before": AT,
        "due_at": AT,
    }
    with database.transaction() as tx:
        tx.execute(insert(tables.outbox), row | {"seq": 1})
    broken = row | {"id": "2"} | spoil
    names = ", ".join(broken)
    marks = ", ".join(f":{name}" for name in broken)
    given = broken | {name: AT.isoformat() for name in ("created_at", "not_before", "due_at")}
    with pytest.raises(IntegrityError) as caught, database.transaction() as tx:
        tx.execute(text(f"INSERT INTO outbox ({names}) VALUES ({marks})"), given)  # noqa: S608 - names of columns
    chain: BaseException | None = caught.value
    while chain is not None:
        shown = f"{chain} {chain!r} {chain.args}"
        assert WORDS not in shown
        assert WORDS[:26] not in shown
        assert CHILD not in shown
        chain = chain.__cause__ or chain.__context__


def test_a_key_that_does_not_fit_opens_nothing(database: Database, keys: Keys) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        tx.execute(update(tables.contacts).values(data_key=keys.new_data_key("contacts", "another")[1]))
    with pytest.raises(ValueError, match="does not open"), database.snapshot() as tx:
        conversations.peek(tx, talk.id)
