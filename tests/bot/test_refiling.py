"""What is filed anew goes with what happened, and undoes none of it: a disclosure after the signature, a manager's decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, update

from bot import clicks, records, refiling
from flows.report import Report
from storage import alerts, cases, conversations, people, reports, tables, tasks, timers
from storage.keys import Sealed
from tests.bot.staging import play
from tests.bot.test_delivering import confirm, drop, send_all, sign, stage, world

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.play.stage import Stage
    from storage.database import Transaction
    from tests.bot.test_delivering import World

__all__ = ["drop", "stage", "world"]
TELLS = "child > my stepdad hits me with a stick"


def _case(made: Stage, _: pytest.MonkeyPatch) -> None:
    def work(tx: Transaction) -> None:
        case = cases.root(tx, conversations.case_of(tx, made.conversation) or "")
        row = tables.cases.c.id == bindparam("row")
        tx.execute(update(tables.cases).where(row).values(details=Sealed(b"x" * 60)), {"row": case})

    made.committer.submit(work)


def _report(made: Stage, _: pytest.MonkeyPatch) -> None:
    made.committer.submit(lambda tx: tx.execute(update(tables.reports).values(value=Sealed(b"x" * 80))))


def _fault(_: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(records, "build", build)


@pytest.fixture(params=[_case, _report, _fault], ids=["case", "report", "fault"])
def spoil(request: pytest.FixtureRequest) -> Callable[[Stage, pytest.MonkeyPatch], None]:
    made: Callable[[Stage, pytest.MonkeyPatch], None] = request.param
    return made


def waiting(made: Stage) -> list[str]:
    with made.database.snapshot() as tx:
        return [one.about for one in timers.of(tx, made.conversation) if one.name == refiling.TIMER]


def test_what_is_told_after_the_signature_is_heard_where_the_record_cannot_be_read(
    stage: Stage, world: World, spoil: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(stage)
    confirm(stage)
    send_all(stage)
    spoil(stage, monkeypatch)
    said = play(stage, f"---- 1 minutes\n{TELLS}\nchild > he did it again last night\n")
    assert [one["kind"] for one in said].count("alert") >= 1
    assert any(one["kind"] == "say" for one in said)
    assert waiting(stage) == ["bot"]
    with stage.database.snapshot() as tx:
        assert [one for one in alerts.of(tx, stage.conversation) if one.is_open]
    later = play(stage, "---- 3 minutes\n---- 3 minutes\n---- 20 hours\n")
    told = [str(one["text"]) for one in later if one["kind"] == "notice"]
    assert any("could not be filed" in one for one in told), told


def test_what_could_not_be_filed_is_filed_once_it_can(
    stage: Stage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(stage)
    confirm(stage)
    send_all(stage)
    with monkeypatch.context() as broken:
        _fault(stage, broken)
        play(stage, f"---- 1 minutes\n{TELLS}\n")
        assert send_all(stage, 20) == 0
    play(stage, "---- 1 minutes\n")
    assert send_all(stage, 20) == 2
    assert waiting(stage) == []
    with stage.database.snapshot() as tx:
        assert [one.role for one in tasks.of(tx, stage.conversation) if one.what == refiling.LOOK.what] == ["worker"]


def test_a_manager_decides_where_the_record_cannot_be_read(
    stage: Stage, world: World, spoil: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sign(stage)
    play(stage, f"---- 1 minutes\n{TELLS}\n")
    spoil(stage, monkeypatch)

    def work(tx: Transaction) -> str:
        mel = people.by_name(tx, "mel")
        assert mel is not None
        (held,) = alerts.open_of(tx, stage.conversation)
        clicks.acknowledge(tx, stage.runner, mel, held.id, stage.now)
        clicks.decide(tx, stage.runner, mel, held.id, "refer", "she is not safe at home", stage.now)
        assert alerts.peek(tx, held.id).decision == "refer"
        return mel.id

    decided = stage.committer.submit(work)
    assert waiting(stage) == [decided]


def test_managers_hear_of_it_when_whoever_signed_has_left(stage: Stage, world: World) -> None:
    sign(stage)

    def leave(tx: Transaction) -> None:
        held, _ = reports.last(tx, stage.conversation, Report)
        assert held is not None
        for one in held.signatures:
            person = people.by_name(tx, one.by)
            assert person is not None
            people.set_active(tx, person.id, on=False)

    stage.committer.submit(leave)
    said = play(stage, f"---- 1 minutes\n{TELLS}\n")
    told = {str(one["to"]) for one in said if one["kind"] == "notice" and "who is not here" in str(one["text"])}
    assert told == {"mel", "sue"}
    with stage.database.snapshot() as tx:
        assert [one.role for one in tasks.of(tx, stage.conversation) if one.what == refiling.LOOK.what] == ["manager"]
