"""What a council hands in, from the command line: options on either side of the kind, one line for a mistake, exit 2."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from bot import __main__, reporting, rounds
from bot.keeping import NotFound
from flows.model import Task
from storage import audit, cases, registers, tables, tasks
from storage.database import Database
from storage.keys import Keys, Sealed
from tests.filing import invented

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEYS = Keys.new()
COUNTS = ("dataset", "foi", "interviews", "compliance")


@pytest.fixture
def run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", database_url)
    monkeypatch.setenv("WAYMARK_KEYS", KEYS)

    def work(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["waymark", "export", *arguments])
        with pytest.raises(SystemExit) as done:
            __main__.main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out + said.err

    return work


@pytest.fixture
def children(database_url: str) -> Database:
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
    database.close()
    return database


@pytest.mark.parametrize(
    "order",
    [
        ("ssda903", "--year", "2026", "--out"),
        ("--year", "2026", "ssda903", "--out"),
        ("ssda903", "--year=2026", "--out"),
    ],
)
def test_options_stand_on_either_side_of_the_kind(
    run: Callable[..., tuple[int, str]], children: Database, tmp_path: Path, order: tuple[str, ...]
) -> None:
    file = tmp_path / "missing.csv"
    assert run(*order, str(file)) == (0, f"{file}: 4 rows\n")
    assert run("--out", str(file), "ssda903", "--year", "2026") == (0, f"{file}: 4 rows\n")
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_kind_is_written_twice_the_same_and_noted(
    run: Callable[..., tuple[int, str]], children: Database, database_url: str, tmp_path: Path
) -> None:
    kinds = (
        ("ssda903", "--year", "2026"),
        ("annex-a", "--date", "31/03/2026"),
        ("ssd-missing",),
        *((one, "--year", "2026") for one in COUNTS),
    )
    for number, kind in enumerate(kinds):
        file = tmp_path / f"{number}.csv"
        assert run(*kind, "--out", str(file))[0] == 0
        before = file.read_bytes()
        assert run(*kind, "--out", str(file))[0] == 0
        assert file.read_bytes() == before
    database = Database(database_url, Keys.load(KEYS))
    with database.snapshot() as tx:
        assert audit.verify(tx) is None
        noted = [
            [line.about for line in audit.about(tx, kind)] for kind in ("ssda903", "annex_a", "ssd_missing", *COUNTS)
        ]
    database.close()
    assert [first[1] for first, _ in noted] == ["2026", "2026-03-31", "all", *["2026"] * len(COUNTS)]
    assert [first for first, _ in noted] == [second for _, second in noted]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ssda903", "--out", "{}/a.csv"), "--year is missing"),
        (("ssda903", "--year", "2026"), "--out is missing"),
        (("ssda903", "--year", "1999", "--out", "{}/a.csv"), "--year 1999: give a year from 2000 to "),
        (("ssda903", "--year", "99999", "--out", "{}/a.csv"), "--year 99999: give a year"),
        (("ssda903", "--year", "-1", "--out", "{}/a.csv"), "--year -1: give a year"),
        (("ssda903", "--year", "twenty", "--out", "{}/a.csv"), "--year"),
        (("ssda903", "--year", "2026", "--out", "{}/none/a.csv"), "no such folder"),
        (("ssda903", "--year", "2026", "--out", "{}"), "is a folder"),
        (("dataset", "--year", "1990", "--out", "{}/a.csv"), "--year 1990: give a year from 2000"),
        (("foi", "--out", "{}/a.csv"), "--year is missing"),
        (("annex-a", "--out", "{}/a.csv"), "--date is missing"),
        (("annex-a", "--date", "2026-02-30", "--out", "{}/a.csv"), "--date 2026-02-30: is no day"),
        (("annex-a", "--date", "2999-01-01", "--out", "{}/a.csv"), "give a day from 2000 to today"),
        (("annex-a", "--date", "31 March", "--out", "{}/a.csv"), "--date 31 March: is no day"),
        (("interview", "--out", "{}/a.csv"), "--id is missing"),
        (
            ("interview", "--id", "amber-heron", "--format", "docx", "--out", "{}/a.csv"),
            "--format docx: use one of html, json, csv, xlsx, pdf",
        ),
        (("--pdf", "ssda903", "--year", "2026", "--out", "{}/a.pdf"), "--pdf: there is none of this"),
        (("foi", "--year", "2026", "--pdf", "--xlsx", "--out", "{}/a.pdf"), "one file has one form"),
        (("everything", "--out", "{}/a.csv"), "No such command 'everything'"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    run: Callable[..., tuple[int, str]], children: Database, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    code, said = run(*(part.replace("{}", str(folder)) for part in arguments))
    assert code == 2
    assert said.startswith("waymark: ")
    assert said.count("\n") == 1
    assert told in said
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "order", [("--xlsx", "ssd-missing"), ("ssd-missing", "--xlsx"), ("annex-a", "--date", "2026-03-31", "--xlsx")]
)
def test_a_workbook_is_asked_for_on_either_side(
    run: Callable[..., tuple[int, str]], children: Database, tmp_path: Path, order: tuple[str, ...]
) -> None:
    file = tmp_path / "out.xlsx"
    assert run(*order, "--out", str(file))[0] == 0
    assert file.read_bytes().startswith(b"PK")


@pytest.mark.parametrize(("library", "flag"), [("xlsxwriter", "--xlsx"), ("weasyprint", "--pdf")])
def test_what_is_not_installed_is_one_line(
    run: Callable[..., tuple[int, str]], children: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    library: str, flag: str,
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, library, None)
    (folder := tmp_path / "out").mkdir()
    code, said = run("foi", "--year", "2026", flag, "--out", str(folder / "a"))
    assert (code, said.count("\n"), list(folder.iterdir())) == (2, 1, [])
    assert "which is not installed: in Waymark's own folder, pip install '.[" in said


def test_bad_rows_are_named_and_nothing_is_written(
    run: Callable[..., tuple[int, str]], children: Database, database_url: str, tmp_path: Path
) -> None:
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "=1+2"), "2025-05-01 20:00", "2025-05-03 20:00")
    database.close()
    file = tmp_path / "missing.csv"
    code, said = run("ssda903", "--year", "2026", "--out", str(file))
    assert code == 2
    assert said.count("\n") == 2
    assert "=1+2" not in said
    assert not file.exists()
    assert run("ssda903", "--year", "2026", "--skip-bad", "--out", str(file))[0] == 0


def test_a_written_list_ends_the_work_that_asked_for_it_unless_somebody_is_left_out(
    run: Callable[..., tuple[int, str]], children: Database, database_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    house, owed = (Task(rounds.WORK[one], rounds.MANAGER, "now") for one in ("R39", "R40"))
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "=1+2"), "2025-05-01 20:00", "2025-05-03 20:00")
        work = [tasks.add(tx, one, now, now).id for one in (house, owed)]

    def done() -> list[bool]:
        with database.snapshot() as tx:
            return [one.done_at is not None for one in sorted(tasks.of_house(tx), key=lambda one: work.index(one.id))]

    file = str(tmp_path / "list.csv")
    today = now.date().isoformat()
    stays = "the work that asks for it stays open; when all is filed: waymark lists filed"
    assert stays in run("annex-a", "--date", today, "--authority", "Lewisham", "--out", file)[1]
    assert stays in run("annex-a", "--date", "2020-03-31", "--out", file)[1]
    assert run("ssd-missing", "--out", file)[0] == 0
    assert done() == [False, False]
    assert "the work that asked for it is done" in run("annex-a", "--date", today, "--out", file)[1]
    assert done() == [True, False]
    assert stays in run("ssda903", "--year", "2026", "--skip-bad", "--out", file)[1]
    assert done() == [True, False]
    database.close()


def test_the_year_is_the_one_it_ends_in() -> None:
    for today, newest in (((2026, 3, 31), 2026), ((2026, 4, 1), 2027)):
        assert reporting.year(newest, date(*today)) == newest
        with pytest.raises(NotFound, match=f"to {newest}"):
            reporting.year(newest + 1, date(*today))
    assert CliRunner().invoke(__main__.app, ["export", "--help"]).exit_code == 0


def test_whom_no_key_opens_keeps_back_every_file_and_is_named_where_it_leaves_without_them(
    run: Callable[..., tuple[int, str]], children: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "out.csv"
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        lost, *_ = (cases.load(tx, one) for one in registers.children(tx))
        change = update(tables.cases).where(tables.cases.c.id == lost.id)
        tx.execute(change.values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))
    database.close()
    kinds = (
        ("ssda903", "--year", "2026"),
        ("annex-a", "--date", "31/03/2026"),
        ("ssd-missing",),
        *((one, "--year", "2026") for one in COUNTS),
    )
    for kind in kinds:
        code, told = run(*kind, "--out", str(file))
        assert code == 2
        assert f"case {lost.reference}: no key opens it" in told
        assert not file.exists()
        code, told = run(*kind, "--out", str(file), "--skip-bad")
        assert code == 0
        assert f"case {lost.reference}: no key opens it" in told
        assert "tell whoever takes the file" in told
        file.unlink()
    for listed in ("weekly", "annex-a", "year", "hosted"):
        shown = CliRunner().invoke(__main__.app, ["lists", "show", listed])
        assert shown.exit_code == 0
        assert f"{lost.reference} " in shown.stdout
        assert "no key opens it" in shown.stdout
