"""The managers' daily counts: by time alone, without content, once a day and house; the check-ins a child asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import owing
from flows.deadlines import Status
from storage import audit, conversations, timers
from storage import clocks as store
from storage.codes import Subject
from storage.timers import Timer
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage

HEAD = """flow: return_interview
now: 2026-11-16 12:00
path: C
child: age=15 looked_after=no learning_disability=no social_worker=no worker=Rosa
episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"
rota: ana=duty mel=manager sue=service_manager rosa=worker
"""
GATE = "Hi, it's Robin. OK to text now? 1 Yes, only I can see this 2 Not now 3 I need help fast"


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def until(stage: Stage, question: str) -> None:
    """Skip every question before this one."""
    for _ in range(60):
        with stage.database.snapshot() as tx:
            asked = conversations.peek(tx, stage.conversation).step
        if asked == question:
            return
        play(stage, "child > 1" if asked == "break_offer" else "child > 0")
    pytest.fail(f"{question} was never asked")


def test_the_counts_go_to_the_managers_once_a_day_and_carry_no_content(stage: Callable[..., Stage]) -> None:
    made = stage()
    for _ in range(2):
        made.committer.submit(lambda tx: owing.keep_digest(tx, made.house, made.now))
    told = [
        one
        for one in play(made, "---- until 2026-11-19 08:30")
        if one["kind"] == "notice" and "recorded missing" in one["text"]
    ]
    assert [(one["to"], one["at"][:13]) for one in told] == [
        (who, f"2026-11-{day}T08") for day in (17, 18, 19) for who in ("mel", "sue")
    ]
    assert told[0]["text"].startswith("Waymark Tue 17 Nov: 0 late (0 cases), 1 due within a day, 0 blocked, ")
    # Two working days passed on Wednesday night; the police's own check on Tuesday.
    assert told[-1]["text"].startswith("Waymark Thu 19 Nov: 4 late (1 case), 1 due within a day, 0 blocked, ")
    assert all("1 recorded missing" in one["text"] and "PLAY" not in one["text"] for one in told)


SAFE = """flow: text_safe
now: 2026-11-16 12:00
rota: ana=duty mel=manager
"""


def test_what_is_owed_of_a_chat_without_a_case_bears_its_two_words(database_url: str) -> None:
    with opening(database_url, SAFE) as open_stage:
        made = open_stage()
        play(made, "child > my stepdad hits me every night")
        play(made, "---- 1 hour")
        with made.database.snapshot() as tx:
            named = conversations.contact_of(tx, made.conversation).reference
            lines = list(owing.owed(tx, made.now, made.house.settings.timezone))
        assert {line["what"] for line in lines if line["kind"] == "task"} >= {"overdue_R35"}
        assert {line["case"] for line in lines} == {named}


def test_a_check_in_begins_at_the_gate_on_the_day_the_child_chose(stage: Callable[..., Stage]) -> None:
    made = stage("child > 1", "child > 1", "child > 1")
    until(made, "safe_time")
    play(made, "child > 3")
    until(made, "check_in")
    chosen = play(made, "child > 2")
    assert [
        (one["rule"], one["part"], one["due"]) for one in chosen if one["kind"] == "deadline" and one["rule"] == "R37"
    ] == [("R37", "day_7", "2026-11-23T23:59:59+00:00")]
    until(made, "listened")
    play(made, "child > 1")
    week = play(made, "---- until 2026-11-23 18:00")
    said = [one for one in week if one["kind"] == "say"]
    # "After 4pm" is when it is safe to text this child.
    assert [(one["text"], one["at"]) for one in said] == [(GATE, "2026-11-23T17:00:00+00:00")]
    assert ("R37", "met") in {(one["rule"], one["status"]) for one in week if one["kind"] == "deadline"}


@pytest.mark.parametrize(("instead", "missed"), [("child > STOP", 3), ("desk > rosa sets check_in = no", 0)])
def test_whoever_wants_none_any_more_is_not_texted(stage: Callable[..., Stage], instead: str, missed: int) -> None:
    made = stage("child > 1", "child > 1", "child > 1")
    until(made, "check_in")
    play(made, "child > 1")
    until(made, "listened")
    play(made, "child > 1")
    play(made, f"---- 2 hours\n{instead}")
    week = play(made, "---- 8 days")
    assert [one for one in week if one["kind"] == "say"] == []
    with made.database.snapshot() as tx:
        owed = [one.status for one in store.unmet(tx) if one.rule == "R37"]
        case = conversations.case_of(tx, made.conversation)
        known = [one for one in store.of_case(tx, case or "") if one.rule == "R37"]
    # What was promised and not done is there to be seen; what the child took back is owed no more, and stays on the case.
    assert owed == [Status.LATE] * missed
    assert [one.withdrawn for one in known] == [missed == 0] * 3


def test_without_a_yes_there_is_no_check_in(stage: Callable[..., Stage]) -> None:
    made = stage("child > 1", "child > 1", "child > 1")
    until(made, "check_in")
    play(made, "child > 3")
    with made.database.snapshot() as tx:
        assert [one for one in timers.of(tx, made.conversation) if one.name == "look_in"] == []


def test_counts_that_were_missed_wait_for_the_morning(stage: Callable[..., Stage]) -> None:
    made = stage()
    missed = datetime(2026, 11, 17, 8, 0, tzinfo=UTC)
    timer = Timer(1, Subject.HOUSE, owing.DIGEST, owing.DIGEST, missed, 0)

    def sent(now: datetime) -> list[datetime]:
        made.committer.submit(lambda tx: owing.send_digest(tx, made.house, timer, now))
        with made.database.snapshot() as tx:
            return sorted(one.at for one in timers.of(tx, owing.DIGEST))

    with made.database.snapshot() as tx:
        told = audit.last(tx, "digest.sent")
    assert sent(datetime(2026, 11, 18, 2, 0, tzinfo=UTC))[-1] == datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    with made.database.snapshot() as tx:
        assert audit.last(tx, "digest.sent") == told
    sent(datetime(2026, 11, 18, 11, 0, tzinfo=UTC))
    with made.database.snapshot() as tx:
        assert audit.last(tx, "digest.sent") == datetime(2026, 11, 18, 11, 0, tzinfo=UTC)


def test_the_hour_of_the_digest_is_local(stage: Callable[..., Stage]) -> None:
    made = stage()
    summer = datetime(2027, 6, 1, 12, 0, tzinfo=UTC)
    made.committer.submit(lambda tx: owing.keep_digest(tx, made.house, summer))
    with made.database.snapshot() as tx:
        (timer,) = timers.of(tx, owing.DIGEST)
    assert timer.at == datetime(2027, 6, 2, 7, 0, tzinfo=UTC)
    assert timer.at - summer < timedelta(days=1)
