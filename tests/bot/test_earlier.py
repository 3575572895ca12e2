"""What a chat knows of earlier times missing from its first text (domain 3.1; 001:1001-1003)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import beginning
from bot.play.stage import CHILD
from bot.shelf import short_name
from storage import answers, cases, conversations, people, tables, waits
from storage.codes import Bar
from storage.keys import Sealed
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage
    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
path: C
child: age=14 looked_after=no learning_disability=no
episode: missing="2026-11-14 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
child > 1
child > 1
child > 1
"""
AGAIN = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def next_time(made: Stage, missing: datetime = AGAIN, hours: int = 3, flags: str = "") -> dict[str, str | int]:
    """Missing again, back, and offered an interview: what that chat knows."""
    made.now = missing + timedelta(hours=hours + 15)

    def work(tx: Transaction) -> str:
        case = conversations.case_of(tx, made.conversation)
        assert case is not None
        cases.add_episode(tx, case, missing, missing + timedelta(hours=hours), {"flags": flags})
        return beginning.offer(tx, made.runner, "PLAY-1", "sms", CHILD["sms"], made.now, path="full")[0].id

    begun = made.committer.submit(work)
    made.settle()
    made.conversation = begun
    with made.database.snapshot() as tx:
        return dict(conversations.peek(tx, made.conversation).facts)


def answering(made: Stage, *texts: str) -> list[str]:
    """The keys of what the child is sent in answer."""
    said = play(made, "\n".join(f"child > {text}" for text in texts))
    return [one["key"] for one in said if one["kind"] == "say"]


def test_who_spoke_with_the_child_last_time_is_offered_again(stage: Callable[..., Stage]) -> None:
    made = stage("desk > rosa spoke by phone")
    assert next_time(made)["previous_worker"] == "rosa"
    assert answering(made, "hi", "1", "1", "1", "1", "5", "1")[-1] == "same_worker"
    answering(made, "1")
    with made.database.snapshot() as tx:
        case = cases.by_child(tx, "PLAY-1")
    assert case is not None
    assert case.details["worker"] == "rosa"


def _leaves(tx: Transaction, rosa: str, _talk: str, _at: datetime) -> None:
    people.set_active(tx, rosa, on=False)


def _is_accused(tx: Transaction, rosa: str, talk: str, at: datetime) -> None:
    waits.bar(tx, talk, rosa, Bar.CONFLICT, at)


@pytest.mark.parametrize("change", [_leaves, _is_accused])
def test_nobody_is_offered_again_who_is_gone_or_kept_away(
    stage: Callable[..., Stage], change: Callable[[Transaction, str, str, datetime], None]
) -> None:
    made = stage("desk > rosa spoke by phone")

    def work(tx: Transaction) -> None:
        rosa = people.by_name(tx, "rosa")
        assert rosa is not None
        change(tx, rosa.id, made.conversation, made.now)

    made.committer.submit(work)
    assert "previous_worker" not in next_time(made)


@pytest.mark.parametrize(("hours", "crossed"), [(3, "no"), (9, "yes")])
def test_where_they_slept_is_not_asked_of_a_day(stage: Callable[..., Stage], hours: int, crossed: str) -> None:
    """20:00 to 23:00, and to 05:00."""
    assert next_time(stage(), AGAIN + timedelta(hours=2), hours)["crossed_midnight"] == crossed


@pytest.mark.parametrize(
    ("said", "flags", "known"),
    [("i cut myself last night", "", "yes"), ("school", "cse self_harm", "yes"), ("school", "cse", None)],
)
def test_self_harm_that_was_known_is_asked_about_though_they_feel_good(
    stage: Callable[..., Stage], said: str, flags: str, known: str | None
) -> None:
    made = stage(f"child > {said}")
    assert next_time(made, flags=flags).get("earlier_self_harm") == known


def test_a_chat_begins_without_what_cannot_be_read(
    stage: Callable[..., Stage], caplog: pytest.LogCaptureFixture
) -> None:
    made = stage("child > i cut myself last night")

    def spoil(tx: Transaction) -> None:
        assert answers.concerns(tx, made.conversation)
        tx.execute(update(tables.concerns).values(value=Sealed(b"no key opens this")))

    made.committer.submit(spoil)
    known = next_time(made)
    assert (known["age"], "earlier_self_harm" in known) == (14, False)
    assert "earlier times not read: the chat begins without them" in {one.message for one in caplog.records}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Rosa", "Rosa"),
        ("Alexandra", "Alexandra"),
        ("Rosa Khan-Smith", "Rosa"),
        ("Bartholomew", ""),
        ("R Khan-Smithson", ""),
        ("", ""),
    ],
)
def test_a_worker_is_named_to_a_child_by_what_fits_and_else_not_at_all(name: str, told: str) -> None:
    assert short_name(name) == told
