"""A text-safe check-in that a manager looks at before any text leaves (003:482; domain 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot import beginning
from bot.play.desk import REQUESTED
from storage import conversations, people, tasks
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage
    from storage.database import Transaction

HEAD = """flow: text_safe
now: 2026-11-16 {hour}
start: inbound
rota: ana=duty ben=backup mel=manager sue=service_manager
"""


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD.format(hour="12:00")) as open_stage:
        yield open_stage


def asked(made: Stage) -> list[dict[str, Any]]:
    """An officer asks; what comes of it."""
    before = len(made.outcomes)

    def work(tx: Transaction) -> bool:
        return beginning.request(
            tx, made.runner, "pc_smith", "PLAY-1", "sms", REQUESTED["A"], made.now, manager_first=True
        )

    assert made.committer.submit(work)
    made.settle()
    return made.outcomes[before:]


def says(made: Stage, *, yes: bool) -> None:
    """The manager presses."""

    def work(tx: Transaction) -> None:
        (given,) = [one for one in tasks.undone(tx) if one.what == beginning.MAY_TEXT.what]
        mel = people.by_name(tx, "mel")
        assert mel is not None
        beginning.may_be_texted(tx, made.house, given, mel, made.now, yes=yes)
        made.conversation = given.conversation or ""
        assert conversations.known(tx, made.conversation)

    made.committer.submit(work)


def sent(made: Stage, text: str) -> list[str]:
    """The texts of ours that leave while `text` is played."""
    return [one["key"] for one in play(made, text) if one["kind"] == "say"]


def test_every_manager_hears_of_it_and_the_child_of_nothing(stage: Callable[..., Stage]) -> None:
    found = asked(stage())
    assert [one["to"] for one in found if one["kind"] == "notice"] == ["mel", "sue"]
    assert not [one for one in found if one["kind"] == "say"]


def test_by_night_no_manager_is_woken_by_it(stage: Callable[..., Stage]) -> None:
    made = stage(head=HEAD.format(hour="02:00"))
    assert not [one for one in asked(made) if one["kind"] == "notice"]
    assert [one["at"][11:16] for one in play(made, "---- 7 hours") if one["kind"] == "notice"] == ["08:00", "08:00"]


@pytest.mark.parametrize(("yes", "left"), [(True, ["ts_invite_1"]), (False, [])])
def test_a_text_leaves_when_a_manager_says_so(stage: Callable[..., Stage], yes: bool, left: list[str]) -> None:
    made = stage()
    asked(made)
    assert sent(made, "---- 3 hours") == []
    says(made, yes=yes)
    assert sent(made, "---- 1 minute") == left


def test_a_child_who_wrote_meanwhile_is_texted_nothing_we_start(stage: Callable[..., Stage]) -> None:
    made = stage()
    asked(made)
    assert sent(made, "child > hi") == ["gate"]
    says(made, yes=True)
    assert sent(made, "---- 1 minute") == []
