"""An offer counts as made when its text has left, and what the case says of it is what became of it (R05, R06; decisions 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot import case_view, casework
from bot.channels.base import Reason
from flows.deadlines import Status as Clock
from storage import cases, tables
from storage import clocks as store
from storage.codes import Status
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage

HEAD = """flow: return_interview
now: 2026-11-16 22:00
start: offer
child: age=14 looked_after=no learning_disability=no social_worker=no worker=Rosa
episode: missing="2026-11-14 18:00" returned="2026-11-16 16:00"
rota: ana=duty mel=manager sue=service_manager rosa=worker
"""
MORNING = "---- until 2026-11-17 09:00"


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def told(made: Stage) -> tuple[str, Clock, int]:
    """What the case says of its one offer, how R05 stands, and how many tries there are (R06)."""
    with made.database.snapshot() as tx:
        case = cases.by_child(tx, "PLAY-1")
        assert case is not None
        (line,) = (
            one for one in case_view.of(tx, case, made.now, made.house.shelf.calendar) if one["kind"] == "attempt"
        )
        (clock,) = (one for one in store.of_case(tx, case.id) if one.rule == "R05")
        return line["result"], clock.status, len(casework.attempts(tx, case.id))


def report(made: Stage, status: Status, reason: Reason | None = None) -> None:
    with made.database.snapshot() as tx:
        sent = tx.execute(select(tables.outbox.c.id).where(tables.outbox.c.contact_id.is_not(None))).scalars().all()
    made.ticker.report(sent[-1], status, reason, made.now)
    made.settle()


def test_it_is_made_when_it_leaves(stage: Callable[..., Stage]) -> None:
    made = stage()
    assert told(made) == ("waits for 08:00", Clock.RUNNING, 0)
    play(made, MORNING)
    assert told(made) == ("sent", Clock.MET, 1)


def test_what_arrived_was_an_offer(stage: Callable[..., Stage]) -> None:
    made = stage(MORNING)
    report(made, Status.DELIVERED)
    report(made, Status.UNDELIVERED, Reason.UNREACHABLE)
    assert told(made) == ("sent", Clock.MET, 1)  # reports overtake each other


def test_what_came_back_was_offered_to_nobody(stage: Callable[..., Stage]) -> None:
    made = stage(MORNING)
    report(made, Status.UNDELIVERED, Reason.UNREACHABLE)
    assert told(made) == ("did not arrive", Clock.RUNNING, 0)


def test_a_number_that_is_dead_was_offered_nothing(stage: Callable[..., Stage]) -> None:
    made = stage("provider > fails 21211", MORNING)
    assert told(made) == ("did not arrive", Clock.RUNNING, 0)


def test_a_stop_before_it_leaves(stage: Callable[..., Stage]) -> None:
    made = stage("child > STOP", MORNING)
    assert told(made) == ("not sent: STOP", Clock.RUNNING, 0)


def test_whoever_writes_before_it_leaves_is_offered_the_chat(stage: Callable[..., Stage]) -> None:
    made = stage("child > hi")
    assert told(made) == ("sent", Clock.MET, 1)


def test_a_child_of_whom_more_is_known_by_morning_is_a_persons(stage: Callable[..., Stage]) -> None:
    made = stage("desk > rosa knows learning_disability=yes", MORNING)
    assert told(made) == ("not sent: a person is needed first", Clock.RUNNING, 0)
