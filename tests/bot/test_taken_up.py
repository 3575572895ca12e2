"""A second chat about the same time missing goes on where the first one was (003:1744; decisions 3, 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import beginning
from bot.play.stage import CHILD
from flows.model import Guard
from storage import cases, conversations
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage
    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
start: chat
child: age=14 looked_after=no learning_disability=no worker=Rosa
episode: missing="2026-11-14 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
"""
BEGUN = ("child > 1", "child > 1", "child > 1", "child > 1", "child > 5")
TOLD = (
    *BEGUN, "child > 3", "child > my stepdad hits me", "child > 1", "child > 2", "child > 2", "child > 2", "child > 1",
    "child > 1", "desk > mel acknowledges 1", "desk > mel decides 1 refer because told of today",
)  # fmt: skip
ELSEWHERE = "+447700900177"


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def offered(made: Stage, to: str = CHILD["sms"], *, missing_again: bool = False) -> str:
    """Offered again the next day, or after another time missing; the code of it."""
    made.now += timedelta(days=1)

    def work(tx: Transaction) -> tuple[str, str]:
        if missing_again:
            case = conversations.case_of(tx, made.conversation)
            assert case is not None
            cases.add_episode(tx, case, made.now - timedelta(hours=9), made.now - timedelta(hours=5))
        begun, code = beginning.offer(tx, made.runner, "PLAY-1", "sms", to, made.now)
        return begun.id, code

    begun, code = made.committer.submit(work)
    made.settle()
    made.conversation = begun
    return code


def asked(made: Stage, *texts: str) -> list[str]:
    said = play(made, "\n".join(f"child > {text}" for text in texts))
    return [str(one["key"]) for one in said if one["kind"] == "say"]


def test_what_was_answered_is_not_asked_again_and_stands_in_the_record(stage: Callable[..., Stage]) -> None:
    made = stage(*BEGUN, "child > 3", "child > 0", "child > exams", "child > LATER")
    code = offered(made)
    keys = asked(made, code, "1", "1", "1", "1")
    assert [one for one in keys if not one.startswith("msg")] == ["gate", "safe_now", "ok_start", "who_talk", "planned"]
    with made.database.snapshot() as tx:
        answers = conversations.peek(tx, made.conversation).answers
    assert (answers["before_story"].said, answers["worry"].value, answers["home_feel"].value) == ("exams", None, 3)


def test_nobody_is_asked_by_a_second_offer_what_a_lock_has_ended(stage: Callable[..., Stage]) -> None:
    made = stage(*TOLD)
    keys = asked(made, offered(made))
    assert keys == ["ts_wait"]
    with made.database.snapshot() as tx:
        held = conversations.peek(tx, made.conversation)
    assert (held.guard, held.begun) == (Guard.LOCK, False)
    assert asked(made, "1", "1", "ok", "whats up") == []


def test_nor_on_another_telephone(stage: Callable[..., Stage]) -> None:
    made = stage(*TOLD)
    assert asked(made, offered(made, ELSEWHERE)) == ["ts_wait"]


def test_once_the_lock_was_lifted_the_hard_ones_are_still_not_asked(stage: Callable[..., Stage]) -> None:
    made = stage(*TOLD, "desk > ana takes", "desk > ana lifts lock because she wants to go on", "desk > ana closes")
    keys = asked(made, offered(made), "1", "1", "1", "1", *"00000000000000000")
    assert "before_story" in keys
    assert not {"not_ok", "pressured", "msg_before_hard"} & set(keys)


def test_another_time_missing_is_asked_about_anew(stage: Callable[..., Stage]) -> None:
    made = stage(*TOLD)
    keys = asked(made, offered(made, missing_again=True), "1", "1", "1", "1", "5")
    assert keys[-1] == "home_feel"


@pytest.mark.parametrize(("days", "again"), [(13, "ts_wait"), (20, "home_feel")])
def test_of_a_child_without_a_time_missing_what_is_old_is_of_another(
    stage: Callable[..., Stage], days: int, again: str
) -> None:
    made = stage(*TOLD, head="\n".join(line for line in HEAD.splitlines() if not line.startswith("episode")) + "\n")
    made.now += timedelta(days=days - 1)
    assert asked(made, offered(made), *(["1", "1", "1", "1", "5"] if again == "home_feel" else []))[-1] == again
