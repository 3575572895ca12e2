from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import timers
from storage.codes import Subject
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database


def test_timers_are_due_in_their_order_and_fire_once(database: Database) -> None:
    with database.transaction() as tx:
        timers.add(tx, Subject.CONVERSATION, "c1", "idle", AT + MINUTE, 3, about="x")
        timers.add(tx, Subject.ALERT, "a1", "climb", AT, 7, rung=2)
        assert timers.next_at(tx) == AT
    with database.transaction() as tx:
        assert timers.due(tx, AT - MINUTE) == ()
        (first,) = timers.due(tx, AT)
        assert (first.subject, first.subject_id, first.name, first.at, first.turn, first.rung) == (
            Subject.ALERT,
            "a1",
            "climb",
            AT,
            7,
            2,
        )
        timers.done(tx, first.id)
        (second,) = timers.due(tx, AT + MINUTE, 10)
        assert (second.name, second.turn, second.about) == ("idle", 3, "x")
        assert timers.of(tx, "c1") == (second,)


def test_a_timer_whose_event_is_rolled_back_fires_again(database: Database) -> None:
    with database.transaction() as tx:
        timers.add(tx, Subject.CONVERSATION, "c1", "idle", AT, 3)
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:  # noqa: PT012 - it happens inside
        timers.done(tx, timers.due(tx, AT)[0].id)
        raise ZeroDivisionError
    with database.transaction() as tx:
        assert len(timers.due(tx, AT)) == 1


def test_one_that_fails_waits_behind_the_others_and_wakes_a_human(database: Database) -> None:
    with database.transaction() as tx:
        timers.add(tx, Subject.CONVERSATION, "c1", "poison", AT, 3)
        timers.add(tx, Subject.CONVERSATION, "c2", "idle", AT + MINUTE, 3)
        poison = timers.due(tx, AT)[0]
        assert not timers.failed(tx, poison.id, AT + 2 * MINUTE)
        assert [one.name for one in timers.due(tx, AT + 2 * MINUTE, 10)] == ["idle", "poison"]
        assert timers.due(tx, AT + 2 * MINUTE, 10)[1].at == AT
        assert [timers.failed(tx, poison.id, AT) for _ in range(3)] == [False, True, False]


def test_one_that_failed_here_and_was_done_by_another_wakes_nobody(database: Database) -> None:
    with database.transaction() as tx:
        timers.add(tx, Subject.CONVERSATION, "c1", "idle", AT, 3)
        (one,) = timers.due(tx, AT)
        timers.done(tx, one.id)
        assert not timers.failed(tx, one.id, AT + MINUTE)


def test_two_processes_share_what_is_due(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(4):
            timers.add(tx, Subject.CONVERSATION, f"c{number}", "idle", AT, 0)
    second: tuple[timers.Timer, ...] = ()
    with database.transaction() as one:
        first = timers.due(one, AT, 2)
        if database.postgresql:
            with database.transaction() as two:
                second = timers.due(two, AT, 10)
        for timer in first:
            timers.done(one, timer.id)
    if not database.postgresql:
        with database.transaction() as two:
            second = timers.due(two, AT, 10)
    assert {one.subject_id for one in first + second} == {"c0", "c1", "c2", "c3"}
    assert len(first) == len(second) == 2
