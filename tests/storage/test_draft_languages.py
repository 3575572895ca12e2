from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import draft_languages, people, tables
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database

WHY = "three children wait, and no interpreter answers"


def test_one_that_is_on_says_by_whom_since_when_and_why(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT).id
        assert draft_languages.on(tx) == frozenset()
        assert draft_languages.turn_on(tx, "vi", mel, WHY, AT)
        assert draft_languages.turn_on(tx, "ar", mel, "as agreed", AT + MINUTE)
    with database.snapshot() as tx:
        assert draft_languages.on(tx) == {"ar", "vi"}
        shown = [(one.locale, one.by, one.at, one.reason) for one in draft_languages.shown(tx)]
        assert shown == [("ar", mel, AT + MINUTE, "as agreed"), ("vi", mel, AT, WHY)]
        assert WHY not in repr(draft_languages.shown(tx))


def test_turned_on_twice_it_keeps_the_first_reason(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT).id
        assert draft_languages.turn_on(tx, "vi", mel, WHY, AT)
        assert not draft_languages.turn_on(tx, "vi", mel, "another", AT + MINUTE)
        assert [one.reason for one in draft_languages.shown(tx)] == [WHY]


def test_turned_off_it_stays_to_be_told_and_can_be_turned_on_again(database: Database) -> None:
    with database.transaction() as tx:
        mel, sue = (people.add(tx, name, "manager", AT).id for name in ("Mel", "Sue"))
        draft_languages.turn_on(tx, "vi", mel, WHY, AT)
        assert draft_languages.turn_off(tx, "vi", sue, AT + MINUTE)
        assert not draft_languages.turn_off(tx, "vi", sue, AT + MINUTE)
        assert draft_languages.on(tx) == frozenset()
        assert draft_languages.shown(tx) == ()
        assert draft_languages.turn_on(tx, "vi", sue, WHY, AT + 2 * MINUTE)
        kept = tables.draft_languages.c
        rows = tx.execute(select(kept.begun_by, kept.ended_by, kept.ended_at).order_by(kept.begun_at)).all()
        assert [tuple(one) for one in rows] == [(mel, sue, AT + MINUTE), (sue, None, None)]


def test_the_reason_stands_nowhere_in_clear(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT).id
        draft_languages.turn_on(tx, "vi", mel, WHY, AT)
        sealed = tx.execute(select(tables.draft_languages.c.reason)).scalar()
        assert sealed is not None
        assert WHY.encode() not in bytes(sealed)
