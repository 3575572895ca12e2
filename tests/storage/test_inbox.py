from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storage import inbox, tables
from tests.storage.invented import AT, CHILD, MINUTE, OTHER, WORDS

if TYPE_CHECKING:
    from storage.database import Database, Transaction


def keep(tx: Transaction, external_id: str, address: str = CHILD, payload: str = WORDS) -> int:
    kept = inbox.keep(tx, "sms", external_id, address, payload, AT)
    assert kept is not None
    return kept


def test_a_message_is_kept_once_per_channel_and_id(database: Database) -> None:
    with database.transaction() as tx:
        first = keep(tx, "SM1")
    with database.transaction() as tx:
        assert inbox.keep(tx, "sms", "SM1", CHILD, WORDS, AT) is None
        assert inbox.keep(tx, "web", "SM1", CHILD, WORDS, AT) is not None
        inbox.done(tx, first, AT)
        assert inbox.keep(tx, "sms", "SM1", CHILD, WORDS, AT) is None


def test_handled_it_leaves_the_id_and_nothing_else(database: Database) -> None:
    with database.transaction() as tx:
        kept = keep(tx, "SM1")
        assert inbox.take(tx, kept) == inbox.Kept(kept, "sms", "SM1", WORDS, AT, 0)
        assert inbox.waiting(tx) == 1
        inbox.done(tx, kept, AT)
        row = tx.execute(select(tables.inbox)).one()
        assert (row.payload, row.person) == (None, None)
        assert inbox.take(tx, kept) is None
        assert inbox.waiting(tx) == 0


def test_no_message_overtakes_an_earlier_one_of_the_same_person(database: Database) -> None:
    with database.transaction() as tx:
        first, second, other = keep(tx, "SM1"), keep(tx, "SM2"), keep(tx, "SM3", OTHER)
        assert [one.id for one in inbox.pending(tx, AT, 10)] == [first, other]
        inbox.failed(tx, first, AT + MINUTE)
        assert [one.id for one in inbox.pending(tx, AT, 10)] == [other]
        assert [one.id for one in inbox.pending(tx, AT + MINUTE, 10)] == [first, other]
        inbox.done(tx, first, AT)
        assert [one.id for one in inbox.pending(tx, AT, 10)] == [second, other]


def test_the_third_failure_wakes_a_human_once(database: Database) -> None:
    with database.transaction() as tx:
        kept = keep(tx, "SM1")
        assert [inbox.failed(tx, kept, AT) for _ in range(5)] == [False, False, True, False, False]


def test_two_who_look_for_work_never_get_the_same_message(database: Database) -> None:
    with database.transaction() as tx:
        keep(tx, "SM1")
        keep(tx, "SM2", OTHER)
    if not database.postgresql:
        with database.transaction() as tx:
            assert len(inbox.pending(tx, AT, 10)) == 2
        return
    with database.transaction() as one, database.transaction() as two:
        first = inbox.pending(one, AT, 1)
        second = inbox.pending(two, AT, 10)
        assert len(first) == len(second) == 1
        assert first != second


@pytest.mark.parametrize("strange", ["", "a" * 5000, "\x00", "\ud800", "naïve", "a\nb"])
def test_any_provider_id_fits(database: Database, strange: str) -> None:
    with database.transaction() as tx:
        assert inbox.keep(tx, "web", strange, CHILD, "\x00\ud800", AT) is not None
        assert inbox.keep(tx, "web", strange, CHILD, WORDS, AT) is None
        assert [one.payload for one in inbox.pending(tx, AT)] == ["\x00\ud800"]


def test_old_ids_are_forgotten_and_unhandled_messages_never(database: Database) -> None:
    with database.transaction() as tx:
        handled, _ = keep(tx, "SM1"), keep(tx, "SM2", OTHER)
        inbox.done(tx, handled, AT)
        assert inbox.forget(tx, AT) == 0
        assert inbox.forget(tx, AT + MINUTE) == 1
        assert inbox.waiting(tx) == 1
