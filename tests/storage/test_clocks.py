from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from flows.deadlines import Deadline, Earlier, Status
from flows.model import Task
from storage import cases, clocks, notes, tables, tasks
from storage.clocks import Book
from tests.storage import invented
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database

DAY = timedelta(days=1)


def deadline(rule: str = "R04", part: str = "", **changes: object) -> Deadline:
    row = Deadline(rule, part, AT + DAY, Status.RUNNING, "worker", AT, (("returned_at", AT.isoformat()),), "1 GB-ENG")
    return replace(row, **changes)  # type: ignore[arg-type]


def test_what_is_kept_comes_back_whole_with_what_it_was_before(database: Database) -> None:
    earlier = Earlier(AT, Status.LATE, (("returned_at", "x"),), "1", None, AT)
    row = deadline("R13", "parent", status=Status.BLOCKED, reasons=("D14", "no_parent"), superseded=(earlier,))
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        book = Book(case.id, case=case.id)
        clocks.keep(tx, book, {}, (row, deadline()), AT)
    with database.transaction() as tx:
        held = clocks.of(tx, book)
        assert set(held.values()) == {row, deadline()}
        assert clocks.of_case(tx, case.id) == (deadline(), row) or set(clocks.of_case(tx, case.id)) == {row, deadline()}
        # A reason names what a child disclosed: it stands sealed, and nowhere in the clear.
        assert b"no_parent" not in tx.execute(select(tables.deadlines.c.value)).scalars().first()  # type: ignore[operator]


def test_only_what_changed_is_written_again(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        book = Book(case.id, case=case.id)
        first = clocks.keep(tx, book, {}, (deadline(), deadline("R02")), AT)
        assert len(first) == 2
        held = clocks.of(tx, book)
        assert clocks.keep(tx, book, held, (deadline(), deadline("R02", minutes_late=0)), AT) == {}
        late = deadline(status=Status.LATE, minutes_late=1)
        (row,) = clocks.keep(tx, book, held, (late, deadline("R02")), AT)
        assert clocks.of(tx, book)[row] == late
        # A minute later it is later by a minute, and that needs no row.
        assert clocks.keep(tx, book, clocks.of(tx, book), (replace(late, minutes_late=2), deadline("R02")), AT) == {}


def test_what_is_owed_is_listed_without_opening_anything(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        book = Book(case.id, case=case.id)
        met = deadline("R02", met_at=AT, status=Status.MET)
        clocks.keep(tx, book, {}, (met, deadline("R03", due=AT + 2 * DAY), deadline()), AT)
        child, talk = invented.chat(tx)
        clocks.keep(tx, Book(talk.id, conversation=talk.id), {}, (deadline("R10", "alert", due=AT),), AT)
    with database.snapshot() as tx:
        owed = list(clocks.unmet(tx))
    assert [(one.rule, one.reference) for one in owed] == [
        ("R10", child.reference),
        ("R04", case.reference),
        ("R03", case.reference),
    ]


def test_the_next_change_is_the_first_amber_or_due_of_the_child(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        book = Book(case.id, case=case.id)
        assert clocks.next_change(tx, case.id, AT) is None
        clocks.keep(
            tx, book, {}, (deadline(amber_at=AT + MINUTE), deadline("R03", due=AT - DAY, status=Status.LATE)), AT
        )
        assert clocks.next_change(tx, case.id, AT) == AT + MINUTE
        assert clocks.next_change(tx, case.id, AT + MINUTE) == AT + DAY
        assert clocks.next_change(tx, case.id, AT + DAY) is None


def test_a_note_stays_and_counts_no_more_when_it_is_taken_back(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        note = notes.add(tx, "not_done", AT, "staff", AT, case=case.id, details={"reason": "on holiday"})
        again = notes.add(tx, "not_done", AT, "staff", AT, case=case.id, details={"reason": "on holiday"})
        assert again.id == note.id
        assert notes.of_case(tx, case.id) == (note,)
        assert notes.take_back(tx, note.id, "staff", AT + MINUTE)
        assert not notes.take_back(tx, note.id, "staff", AT + MINUTE)
        assert notes.of_case(tx, case.id) == ()
        kept = tx.execute(select(tables.case_notes.c.details, tables.case_notes.c.taken_back_by)).one()
        assert kept.taken_back_by == "staff"
        assert b"holiday" not in kept.details


def test_a_note_of_a_conversation_without_a_case_is_sealed_with_its_contact(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        note = notes.add(tx, "abuse_reported", AT, "staff", AT, conversation=talk.id)
        assert notes.of_conversation(tx, talk.id) == (note,)


def test_work_of_a_clock_is_adopted_once_and_ends_with_it(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-1", AT)
        made = tasks.add(tx, Task("parent_view", "worker", "1wd"), AT, AT, case=case.id)
        assert tasks.adopt(tx, "parent_view", "d" * 26, case=case.id, conversation=None)
        assert not tasks.adopt(tx, "parent_view", "e" * 26, case=case.id, conversation=None)
        assert tasks.ended(tx, "d" * 26, AT) == 1
        assert tasks.ended(tx, "d" * 26, AT) == 0
        (held,) = tasks.of_case(tx, case.id)
        assert (held.id, held.done_at) == (made.id, AT)
        assert list(tasks.listed(tx)) == []
