"""What a case comes to know of its child while a chat is under way, and what it cannot give (decisions 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, select, update

from bot import learnt
from flows.model import NOBODY, Level
from storage import alerts, apart, audit, bulk, cases, conversations, tables
from storage.keys import Sealed
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


def _moved_seal(made: Stage) -> None:
    """What is known of another child, sealed for that one, stands in the row of this one."""

    def work(tx: Transaction) -> None:
        other = cases.add(tx, "LA-0099", made.now, {"age": 14})
        held = tx.execute(select(tables.cases.c.details).where(tables.cases.c.id == other.id)).scalar_one()
        row = tables.cases.c.id == bindparam("row")
        tx.execute(update(tables.cases).where(row).values(details=Sealed(held)), {"row": case_of(made, tx)})

    made.committer.submit(work)


def _no_date(made: Stage) -> None:
    made.committer.submit(lambda tx: cases.set_details(tx, case_of(made, tx), {"birth_date": "2012-02-31"}))


@pytest.mark.parametrize("spoil", [_moved_seal, _no_date])
def test_a_case_that_cannot_be_read_stops_nothing_in_its_chat(
    stage: Callable[..., Stage], spoil: Callable[[Stage], None], caplog: pytest.LogCaptureFixture
) -> None:
    learnt.unread.cache_clear()
    made = stage()
    spoil(made)
    said = play(made, "child > 1\nchild > my stepdad hits me every night\ndesk > ana acknowledges 1\ndesk > ana takes")
    assert [one["to"] for one in said if one["kind"] == "page"] == ["ana"]
    with made.database.snapshot() as tx:
        held = conversations.peek(tx, made.conversation)
        (alert,) = alerts.open_of(tx, made.conversation)
        assert (held.holder, held.facts["age"], alert.level, alert.taken_by) == ("ana", 14, Level.L3, "ana")
        assert audit.verify(tx) is None
    assert [one.message for one in caplog.records].count("case not read: its chats go by what they knew") == 1


def test_what_fails_apart_undoes_itself_alone(stage: Callable[..., Stage]) -> None:
    made = stage()

    def work(tx: Transaction) -> None:
        def fails() -> None:
            cases.set_details(tx, case_of(made, tx), {"comm_help": "two"})
            audit.record(tx, made.now, "bot", "failed")
            raise KeyError

        audit.record(tx, made.now, "bot", "before")
        cases.set_details(tx, case_of(made, tx), {"comm_help": "one"})
        assert isinstance(apart.tried(tx, fails), KeyError)
        assert apart.tried(tx, lambda: audit.record(tx, made.now, "bot", "apart")) is None
        audit.record(tx, made.now, "bot", "after")

    made.committer.submit(work)
    with made.database.snapshot() as tx:
        assert cases.load(tx, case_of(made, tx)).details["comm_help"] == "one"
        assert audit.verify(tx) is None
        assert audit.last(tx, "failed") is None
        kept = tx.execute(select(tables.audit.c.what).order_by(tables.audit.c.number)).scalars().all()
        assert kept[-3:] == ["before", "apart", "after"]
