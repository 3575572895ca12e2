from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from storage import audit, tables
from storage.audit import NotACode
from storage.keys import Keys
from tests.storage.invented import AT, CHILD, MINUTE, WORDS

if TYPE_CHECKING:
    from storage.database import Database


def fill(database: Database, lines: int = 5) -> None:
    for number in range(lines):
        with database.transaction() as tx:
            audit.record(tx, AT + number * MINUTE, "bot", "TextReceived", f"c{number}", "a1")
            audit.record(tx, AT + number * MINUTE, "child:x", "said", f"c{number}")


def test_an_untouched_chain_holds(database: Database) -> None:
    with database.snapshot() as tx:
        assert audit.verify(tx) is None
        assert audit.head(tx) == (0, "")
    fill(database)
    with database.snapshot() as tx:
        assert audit.verify(tx) is None
        assert audit.head(tx)[0] == 10
        assert [line.number for line in audit.about(tx, "c2")] == [5, 6]
        assert next(audit.about(tx, "a1")) == audit.Line(1, "bot", "TextReceived", ("c0", "a1"), AT)


@pytest.mark.parametrize("column", ["who", "what", "about", "at", "link"])
def test_a_changed_line_is_found(database: Database, column: str) -> None:
    fill(database)
    changed = {"at": AT - MINUTE, "link": b"x" * 32}.get(column, "mel")
    with database.transaction() as tx:
        tx.execute(update(tables.audit).where(tables.audit.c.number == 4).values({column: changed}))
        assert audit.verify(tx) == 4


def test_a_removed_or_moved_line_is_found(database: Database) -> None:
    fill(database)
    with database.transaction() as tx:
        tx.execute(delete(tables.audit).where(tables.audit.c.number == 3))
        assert audit.verify(tx) == 3
        tx.execute(update(tables.audit).where(tables.audit.c.number == 10).values(number=3))
        assert audit.verify(tx) == 3


def test_nobody_without_the_pepper_can_mend_it(database: Database, keys: Keys) -> None:
    fill(database, 2)
    with database.transaction() as tx:
        assert audit.verify(tx) is None
        tx.keys = Keys.load(Keys.new())
        assert audit.verify(tx) == 1
        tx.keys = Keys.load(keys.rotated())
        assert audit.verify(tx) is None


def test_what_is_rolled_back_leaves_no_line(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:  # noqa: PT012 - it happens inside
        audit.record(tx, AT, "bot", "said", "c1")
        raise ZeroDivisionError
    fill(database, 1)
    with database.snapshot() as tx:
        assert audit.verify(tx) is None
        assert len(tx.execute(select(tables.audit)).all()) == 2


def test_many_writers_make_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=fill, args=(database, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.snapshot() as tx:
        assert audit.verify(tx) is None
        assert audit.head(tx)[0] == 80


@pytest.mark.parametrize(
    ("who", "what", "about"),
    [
        ("ana smith", "said", "c1"),
        ("bot", WORDS, "c1"),
        ("bot", "said", WORDS),
        ("bot", "said", CHILD),
        ("bot", "said", "c1\n"),
        ("", "said", "c1"),
        ("bot", "said", "é"),
        ("bot", "said", "x" * 81),
    ],
)
def test_only_codes_and_ids_are_taken_and_never_quoted(database: Database, who: str, what: str, about: str) -> None:
    with database.transaction() as tx:
        with pytest.raises(NotACode) as caught:
            audit.record(tx, AT, who, what, about)
        assert WORDS not in str(caught.value)
        assert CHILD not in str(caught.value)
