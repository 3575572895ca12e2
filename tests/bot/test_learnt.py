"""What a case comes to know of its child while a chat is under way, and what it cannot give (decisions 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows.turn import NOBODY
from storage import bulk, cases, conversations
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.play.stage import Stage
    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
child: age=14 looked_after=no learning_disability=no worker=Rosa
episode: missing="2026-11-14 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
child > 1
child > 1
child > 1
"""


@pytest.fixture
def stage(database_url: str) -> Iterator[Callable[..., Stage]]:
    with opening(database_url, HEAD) as open_stage:
        yield open_stage


def case_of(made: Stage, tx: Transaction) -> str:
    case = conversations.case_of(tx, made.conversation)
    assert case is not None
    return case


@pytest.mark.parametrize("known", [{"birth_date": "2019-02-28"}, {"learning_disability": "yes"}])
def test_a_text_that_overtakes_an_import_does_not_leave_the_child_alone_with_the_bot(
    stage: Callable[..., Stage], known: dict[str, str]
) -> None:
    made = stage()

    def overtaken(tx: Transaction) -> None:
        case = case_of(made, tx)
        cases.set_details(tx, case, known)
        bulk.compute_soon(tx, {case: None}, made.now + timedelta(minutes=1))

    made.committer.submit(overtaken)
    play(made, "child > 1\n---- 2 minutes")
    with made.database.snapshot() as tx:
        assert conversations.peek(tx, made.conversation).holder == NOBODY
