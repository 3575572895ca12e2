"""List 8 and the sector's table: who is counted, in which window, and when an interview was offered or accepted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot import children
from bot.filing import annex_a, ssd
from flows.model import Service
from storage import cases, contacts, notes, retention
from tests.filing import invented
from tests.filing.invented import LONDON, NOW

if TYPE_CHECKING:
    from storage.database import Database, Transaction

ON = date(2026, 3, 31)


def listed(database: Database, on: date = ON) -> list[tuple[str | int, ...]]:
    with database.snapshot() as tx:
        return annex_a.collect(children.everyone(tx, []), on, LONDON)


def sector(database: Database) -> list[tuple[str | None, ...]]:
    with database.snapshot() as tx:
        return list(ssd.rows(children.everyone(tx, []), LONDON))


def said(tx: Transaction, case: str, at: str, kind: str, **details: str) -> None:
    notes.add(tx, kind, invented.local(at), "cli", NOW, case=case, details=details)


def test_xan_is_counted_in_the_twelve_months_and_zed_is_not_listed(database: Database) -> None:
    with database.transaction() as tx:
        xan, _ = invented.xan_and_zed(tx)
        said(tx, xan, "2026-04-02 12:00", "attempt", channel="phone", result="declined")
    assert listed(database) == [("1001", 2, 1, "a) Yes", "b) No")]
    assert [row[2:] for row in sector(database)] == [
        ("2025-03-28", "M", "2025-04-02", None, None),
        ("2025-05-10", "A", "2025-05-10", None, None),
        ("2025-05-10", "M", "2025-05-11", None, None),
        ("2026-03-30", "M", "2026-04-02", "Y", "N"),
        ("2025-06-01", "M", "2025-06-02", None, None),
        ("2025-09-01", "M", "2025-09-02", None, None),
    ]


def test_blank_without_a_missing_episode_and_nobody_of_age_or_not_yet_born(database: Database) -> None:
    with database.transaction() as tx:
        invented.child(tx, "1001")
        away = invented.child(tx, "1002")
        invented.episode(tx, away, "2025-05-10 08:00", "2025-05-10 12:00", "away")
        invented.child(tx, "1003", "2008-03-31")
        invented.child(tx, "1004", "2026-04-01")
    assert listed(database) == [("1001", 0, 0, "", ""), ("1002", 0, 1, "", "")]


def test_listed_is_who_was_looked_after_that_day(database: Database) -> None:
    with database.transaction() as tx:
        left = "2024-01-01=yes 2026-04-15=no"
        came = "2024-01-01=no 2026-04-01=yes"
        invented.child(tx, "1001", looked_after="no", looked_after_history=left)
        invented.child(tx, "1002", looked_after="yes", looked_after_history=came)
    assert [row[0] for row in listed(database)] == ["1001"]
    assert [row[0] for row in listed(database, date(2026, 4, 30))] == ["1002"]


@pytest.mark.parametrize(
    ("start", "counted"), [("2025-03-31 23:59", 0), ("2025-04-01 00:01", 1), ("2026-03-31 23:59", 1)]
)
def test_the_window_is_the_twelve_months_up_to_the_day(database: Database, start: str, counted: int) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001"), start, None)
    assert [row[1] for row in listed(database)] == [counted]


@pytest.mark.parametrize(
    ("kind", "details", "expected"),
    [
        ("talk", {"who": "Rosa", "mode": "phone", "trained": "yes"}, ("a) Yes", "a) Yes")),
        ("attempt", {"channel": "phone", "result": "no_answer", "by_person": "yes"}, ("a) Yes", "b) No")),
        ("declined_person", {}, ("a) Yes", "b) No")),
        ("refused", {}, ("a) Yes", "b) No")),
        ("account", {}, ("a) Yes", "b) No")),  # their side by text is no talk with a person (decisions 8)
        ("police_check", {}, ("b) No", "b) No")),
    ],
)
def test_what_was_noted_after_the_last_episode(
    database: Database, kind: str, details: dict[str, str], expected: tuple[str, str]
) -> None:
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        invented.episode(tx, case, "2026-03-01 20:00", "2026-03-02 20:00", notified_at="2026-03-02T21:00:00+00:00")
        said(tx, case, "2026-03-03 10:00", kind, **details)
    assert [row[3:] for row in listed(database)] == [expected]


def test_only_the_last_missing_episode_decides(database: Database) -> None:
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        invented.episode(tx, case, "2026-02-01 20:00", "2026-02-02 20:00", notified_at="2026-02-02T21:00:00+00:00")
        said(tx, case, "2026-02-03 10:00", "talk", who="Rosa", mode="phone", trained="yes")
        invented.episode(tx, case, "2026-03-01 20:00", "2026-03-02 20:00", notified_at="2026-03-02T21:00:00+00:00")
    assert [row[3:] for row in listed(database)] == [("b) No", "b) No")]


@pytest.mark.parametrize(
    ("noted", "expected"),
    [
        ({"interviewed": "yes"}, ("Y", "Y")),
        ({"interviewed": "no"}, ("N", "NA")),
        ({"interviewed": "no", "not_done_reason": "Declined by the child"}, ("Y", "N")),
        ({}, (None, None)),
        ({"notified_at": "2026-03-02T21:00:00+00:00"}, ("N", "NA")),
    ],
    ids=["as imported", "not done", "declined", "history without a word", "nothing done"],
)
def test_what_an_import_says_of_the_interview(
    database: Database, noted: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001"), "2026-03-01 20:00", "2026-03-02 20:00", **noted)
    assert [row[5:] for row in sector(database)] == [expected]


def test_while_the_child_is_missing_no_interview_is_owed(database: Database) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001"), "2026-03-01 20:00", None)
    assert [row[4:] for row in sector(database)] == [(None, "NA", "NA")]
    assert [row[3:] for row in listed(database)] == [("b) No", "b) No")]


def test_an_erased_child_is_in_no_list(database: Database) -> None:
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
        invented.episode(tx, invented.child(tx, "1003"), "2026-03-01 20:00", None)
        forgotten = cases.by_child(tx, "1003")
        assert forgotten is not None
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", "+447700900001", NOW)
        cases.link(tx, forgotten.id, contact.id)
        retention.erase(tx, contact.id, NOW)
    assert [row[0] for row in listed(database)] == ["1001"]
    assert len(sector(database)) == 6
