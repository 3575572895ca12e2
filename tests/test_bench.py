"""Every row of the benchmark runs, at the smallest size, and what it measured was done right. How fast is not asked here."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.bench import __main__ as running
from tests.bench import cases, desk, exports, ingest, interview, load, ours, pages, parts, plan, table
from tests.bench.table import Row, Target

if TYPE_CHECKING:
    from pathlib import Path

    from tests import postgres
    from tests.forked import Seed

TARGET = Target("invented", 2, 4)
SIZE = plan.TINY


@pytest.fixture
def at_once(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of `cases` and `exports` are forked instead of started: what a start costs is nothing they measure here."""

    def run(command: list[str], *, input: str = "", **_: Any) -> subprocess.CompletedProcess[str]:  # noqa: A002 - its name
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(input.encode())
            given.seek(0)
            running = seed.start(
                *command[1:], environ=os.environ, stdin=given.fileno(), out=out.fileno(), err=err.fileno()
            )
            code = running.wait(120)
            out.seek(0)
            err.seek(0)
            assert code == 0, err.read().decode()
            return subprocess.CompletedProcess(command, code, out.read().decode(), "")

    for bench in (cases, exports):
        monkeypatch.setattr(bench, "subprocess", SimpleNamespace(run=run))


def measured(rows: list[Row]) -> set[str]:
    assert all(row.ratio is not None and row.ratio > 0 for row in rows)
    return {row.target.name for row in rows}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::telegram.warnings.PTBUserWarning")
def test_waymark_and_its_peers_take_the_same_interview(tmp_path: Path) -> None:
    assert measured(ingest.peers(SIZE, tmp_path)) == {table.ONE.name, table.PEERS.name}


def test_the_rows_of_one_process(tmp_path: Path) -> None:
    rows = [ingest.sqlite(SIZE, tmp_path), parts.step(SIZE, tmp_path), parts.heard(SIZE)]
    assert len(measured(rows)) == len(rows)


def test_the_rows_of_the_page(tmp_path: Path) -> None:
    rows = pages.rows(SIZE, "SQLite", f"sqlite:///{tmp_path / 'page.db'}")
    assert measured(rows) == {table.PAGE.name, table.PAGE_MEMORY.name}
    assert {row.verdict for row in rows} == {"unsure"}


def test_the_rows_of_the_desk(tmp_path: Path) -> None:
    rows = desk.rows(SIZE, "SQLite", f"sqlite:///{tmp_path / 'desk.db'}")
    assert measured(rows) == {table.SCREEN.name, table.TO_PAGE.name}
    assert {row.verdict for row in rows} == {"unsure"}


@pytest.mark.usefixtures("at_once")
def test_the_rows_of_a_file_of_episodes(tmp_path: Path) -> None:
    assert measured(cases.rows(SIZE, tmp_path)) == {table.CASES.name, table.CASES_MEMORY.name}


@pytest.mark.usefixtures("at_once")
def test_the_rows_of_a_file_of_episodes_on_postgresql(tmp_path: Path, postgres_server: postgres.Server) -> None:
    rows = cases.rows(SIZE, tmp_path, "PostgreSQL", lambda name: postgres_server.create(f"bench_{name}"))
    assert measured(rows) == {table.CASES.name, table.CASES_MEMORY.name}
    assert {row.database for row in rows} == {"PostgreSQL"}


@pytest.mark.usefixtures("at_once")
def test_the_rows_of_what_is_handed_in(tmp_path: Path) -> None:
    assert measured(exports.rows(SIZE, tmp_path)) == {
        table.EXPORTS.name,
        table.EXPORTS_MEMORY.name,
        table.PLOTS.name,
    }


def test_a_row_that_was_left_out_says_why() -> None:
    row = parts.crash(replace(SIZE, kills=0))
    assert row.ratio is None
    assert row.note


def test_what_was_answered_wrongly_is_no_result(tmp_path: Path) -> None:
    with ours.opened(f"sqlite:///{tmp_path / 'wrong.db'}") as waymark:
        one = interview.child(0)
        waymark.invite([one])
        with pytest.raises(ours.Wrong):
            waymark.check([one])
        waymark.one_at_a_time([one])
        waymark.check([one])


def test_the_children_are_of_both_languages_and_both_branches() -> None:
    some = [interview.child(number) for number in range(40)]
    assert {one.locale for one in some} == set(interview.LANGUAGES)
    assert {interview.BRANCH in one.record for one in some} == {True, False}
    assert any(interview.WRONG in one.texts for one in some)


@pytest.mark.parametrize(
    ("ratio", "spread", "verdict"),
    [
        (5.0, None, "reached"),
        (3.0, None, "holds"),
        (1.0, None, "short"),
        (3.0, (1.0, 5.0), "unsure"),
        (1.0, (0.5, 1.5), "short"),
        (None, None, "-"),
    ],
)
def test_a_verdict_is_no_surer_than_the_rounds(
    ratio: float | None, spread: tuple[float, float] | None, verdict: str
) -> None:
    assert Row(TARGET, "SQLite", ratio=ratio, spread=spread).verdict == verdict


def test_too_little_gives_no_verdict() -> None:
    assert Row(TARGET, "SQLite", ratio=9.0, small=True).verdict == "unsure"


def test_less_is_better_where_the_target_says_so() -> None:
    assert Row(replace(TARGET, must=4, reach=2, less=True), "-", ratio=3).verdict == "holds"
    assert Row(replace(TARGET, holds=True), "-", ratio=1).verdict == "SHORT, MUST HOLD"


def test_the_first_round_only_warms_up() -> None:
    assert table.alternate(2, [float, lambda number: -float(number)]) == [[1.0, 2.0], [-1.0, -2.0]]


def test_what_could_not_be_measured_takes_nothing_from_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> list[Row]:
        raise load.Refused("HTTP/1.1 503 Service Unavailable")

    parts_of_it = [
        ("before", lambda: [Row(TARGET, "-", ratio=3)]),
        ("web", refused),
        ("after", lambda: [Row(TARGET, "-", ratio=3)]),
    ]
    monkeypatch.setattr(running, "_server", lambda _: None)
    monkeypatch.setattr(running, "measured", lambda *_: parts_of_it)
    rows = running.run(SIZE, 1)
    assert [row.ratio for row in rows] == [3, None, 3]
    assert (rows[1].target.name, rows[1].note) == ("web", "HTTP/1.1 503 Service Unavailable")
