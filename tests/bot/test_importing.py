"""A file of episodes is taken wholly or not at all, twice as once, and whatever is wrong with it has a line and a column."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from bot import __main__, calendar, case_lines, case_view, episode_file, importing
from bot.config import Settings
from bot.episode_file import Row
from bot.episode_source import LARGEST, Source, WrongFile
from flows import over_time
from flows.model import Service
from storage import audit, bulk, cases, contacts, notes, people, registers, retention
from storage import clocks as store
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from bot.episode_cells import Problem

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEYS = Keys.new()
HEAD = "child,birth_date,looked_after,status,missing,located,returned,police_ref"
ONE = "LA-1,2012-02-29,yes,missing,2026-11-14 18:00,,2026-11-16 10:00,P1"
TWO = "LA-1,2012-02-29,yes,missing,2026-11-18 18:00,,2026-11-19 07:30,P2"
THREE = "LA-2,2011-05-03,no,away,2026-11-19 18:00,2026-11-20 09:00,,P3"


@pytest.fixture
def take(database_url: str, tmp_path: Path) -> Callable[..., importing.Report]:
    settings = Settings(database_url=database_url, keys=KEYS)

    def work(*lines: str, head: str = HEAD, **options: Any) -> importing.Report:
        return importing.episodes(settings, written(tmp_path, head, *lines), NOW, **options)

    return work


def written(folder: Path, *lines: str) -> Path:
    file = folder / "episodes.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def stored(url: str) -> dict[str, list[cases.Episode]]:
    database = Database(url, Keys.load(KEYS))
    with database.snapshot() as tx:
        found = {cases.load(tx, one).child or "": list(cases.episodes(tx, one)) for one in registers.children(tx)}
    database.close()
    return found


def read(folder: Path, *lines: str, now: datetime = NOW) -> list[Row | list[Problem]]:
    return list(episode_file.rows(Source(written(folder, *lines)), LONDON, now))


def problems(folder: Path, *lines: str, head: str = HEAD) -> list[tuple[int, str]]:
    return [(one.line, one.column) for found in read(folder, head, *lines) if isinstance(found, list) for one in found]


# --- the whole --------------------------------------------------------------------------------------------------------


def test_rows_become_cases_with_their_deadlines(take: Callable[..., importing.Report], database_url: str) -> None:
    done = take(ONE, TWO, THREE)
    assert (done.applied, done.children_new, done.episodes_new, done.bad) == (True, 2, 3, 0)
    found = stored(database_url)
    assert [one.returned_at for one in found["LA-1"]] == [
        datetime(2026, 11, 16, 10, 0, tzinfo=UTC),
        datetime(2026, 11, 19, 7, 30, tzinfo=UTC),
    ]
    assert found["LA-2"][0].details["located_at"] == "2026-11-20T09:00:00+00:00"
    database = Database(database_url, Keys.load(KEYS))
    with database.snapshot() as tx:
        due = {(one.rule, one.due) for one in store.unmet(tx)}
        # Returned Thursday 07:30: two working days end on Monday, 72 hours on Sunday at 07:30.
        assert ("R04", datetime(2026, 11, 22, 7, 30, tzinfo=UTC)) in due
        assert ("R27", datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)) in due
        assert audit.verify(tx) is None
    database.close()


def test_the_same_file_again_changes_nothing(take: Callable[..., importing.Report], database_url: str) -> None:
    take(ONE, TWO, THREE)
    before = stored(database_url)
    done = take(ONE, TWO, THREE)
    assert (done.children_new, done.episodes_new, done.episodes_changed, done.episodes_same) == (0, 0, 0, 3)
    assert stored(database_url) == before


def test_an_open_episode_is_closed_by_a_later_file_and_an_empty_cell_takes_nothing_back(
    take: Callable[..., importing.Report], database_url: str
) -> None:
    take("LA-1,2012-02-29,yes,missing,2026-11-19 18:00,,,P1")
    done = take("LA-1,,,missing,2026-11-19 18:00,,2026-11-20 08:00,")
    assert (done.episodes_new, done.episodes_changed) == (0, 1)
    ((episode,),) = stored(database_url).values()
    assert episode.returned_at == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert episode.details["police_ref"] == "P1"


@pytest.mark.parametrize(
    ("bad", "column"),
    [
        ("LA-2,2011-05-03,no,away,2026-11-19 18:00,,2026-11-18 09:00,P3", "returned"),
        ("LA-1,2012-02-29,yes,missing,2026-11-15 18:00,,,P4", "missing"),  # within the first
        ("LA-1,2012-02-29,yes,missing,2026-11-14 18:00,,2026-11-16 10:00,P5", "missing"),  # twice
        ("LA-1,2012-03-01,yes,missing,2026-11-17 18:00,,2026-11-18 10:00,P6", "birth_date"),
        ("LA-3,2012-03-01,yes,missing,2026-11-17 18:00,,2026-11-18 10:00,P1", "police_ref"),
    ],
    ids=["back before away", "overlap", "twice", "another birth", "one reference twice"],
)
def test_one_bad_row_stops_all_or_is_left_out(
    take: Callable[..., importing.Report], database_url: str, bad: str, column: str
) -> None:
    done = take(ONE, bad, TWO)
    assert (done.applied, done.bad) == (False, 1)
    assert [(one.line, one.column) for one in done.problems] == [(3, column)]
    assert stored(database_url) == {}
    done = take(ONE, bad, TWO, skip_bad=True)
    assert (done.applied, done.bad, done.episodes_new) == (True, 1, 2)


def test_an_episode_that_is_still_open_cannot_be_followed_by_another(take: Callable[..., importing.Report]) -> None:
    done = take("LA-1,,,missing,2026-11-14 18:00,,,", "LA-1,,,missing,2026-11-17 18:00,,,")
    assert [str(one) for one in done.problems] == [
        "line 3, missing: the episode of line 2 began earlier and is still open"
    ]


@pytest.mark.parametrize(
    "later",
    [
        "LA-1,,,missing,2026-11-15 18:00,,2026-11-15 20:00,",
        "LA-1,,,missing,2026-11-13 18:00,,2026-11-15 20:00,",
        "LA-1,,,missing,2026-11-13 18:00,,,",
    ],
)
def test_what_is_stored_is_not_overlapped_by_another_file(
    take: Callable[..., importing.Report], database_url: str, later: str
) -> None:
    take(ONE)
    before = stored(database_url)
    done = take("LA-9,,,missing,2026-11-01 18:00,,2026-11-02 18:00,", later)
    assert (done.applied, [one.line for one in done.problems]) == (False, [3])
    assert stored(database_url) == before


def test_a_dry_run_says_what_would_be_and_does_nothing(
    take: Callable[..., importing.Report], database_url: str
) -> None:
    done = take(ONE, TWO, dry_run=True)
    assert (done.applied, done.episodes_new) == (False, 2)
    assert stored(database_url) == {}


def test_a_report_that_was_refused_is_an_event_of_its_own(
    take: Callable[..., importing.Report], database_url: str
) -> None:
    for _ in range(2):
        take("LA-1,2026-11-19 18:00,2026-11-19 21:00", head="child,missing,report_refused")
    database = Database(database_url, Keys.load(KEYS))
    with database.snapshot() as tx:
        (case,) = registers.children(tx)
        assert [(one.kind, one.at.hour) for one in notes.of_case(tx, case)] == [("report_refused", 21)]
    database.close()


def test_every_episode_of_a_child_in_one_view(take: Callable[..., importing.Report], database_url: str) -> None:
    take(ONE, TWO)
    database = Database(database_url, Keys.load(KEYS))
    with database.snapshot() as tx:
        lines = list(case_view.of_case(tx, "LA-1", NOW, calendar.load(LONDON)))
    database.close()
    assert (lines[0]["episodes"], lines[0]["recorded_missing"]) == (2, True)
    assert [one["hours"] for one in lines if one["kind"] == "episode"] == [40, 13]
    assert all(case_lines.of_case(one) for one in lines)


# --- one row ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("2012-02-29,LA-1,yes,missing,2026-11-14 18:00,,,P1", [(2, "birth_date")]),
        ("LA-1,2012-02-29,missing,yes,2026-11-14 18:00,,,P1", [(2, "looked_after"), (2, "status")]),
        ("LA-1,2012-02-29,yes,missing,,,,P1", [(2, "missing")]),
        ("LA-1,2011-02-29,yes,missing,2026-11-14 18:00,,,P1", [(2, "birth_date")]),
        ("LA-1,2001-02-28,yes,missing,2026-11-14 18:00,,,P1", [(2, "birth_date")]),
        ("LA-1,2012-02-29,yes,missing,2026-11-14,,,P1", [(2, "missing")]),
        ("LA-1,2012-02-29,yes,missing,2026-11-24 18:00,,,P1", [(2, "missing")]),
        ("LA-1,2012-02-29,yes,missing,2026-03-29 01:30,,,P1", [(2, "missing")]),
        ("LA-1,2012-02-29,yes,missing,yesterday,,,P1", [(2, "missing")]),
        ("LA-1,2012-02-29,yes,missing,2026-11-14 18:00,,P1", [(2, "")]),
        (",2012-02-29,yes,missing,2026-11-14 18:00,,,P1", [(2, "child")]),
        ("=cmd(),2012-02-29,yes,missing,2026-11-14 18:00,,,P1", [(2, "child")]),
        ("LA-1,2012-02-29,yes,missing,14/11/2026 18:00,,,P1", [(2, "missing")]),  # two forms in one row
    ],
)  # fmt: skip
def test_what_is_wrong_has_a_line_and_a_column(tmp_path: Path, line: str, wrong: list[tuple[int, str]]) -> None:
    assert problems(tmp_path, line) == wrong


def test_a_reference_without_a_digit_is_that_of_a_child_who_is_known_or_none(
    take: Callable[..., importing.Report], database_url: str
) -> None:
    row = "amber-heron,2012-02-29,yes,missing,2026-11-14 18:00,,2026-11-16 10:00,P9"  # as staff name some other child
    refused = take(ONE, row)
    assert (refused.applied, [(one.line, one.column) for one in refused.problems]) == (False, [(3, "child")])
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        cases.add(tx, "amber-heron", NOW)
    database.close()
    assert (take(ONE, row).applied, len(stored(database_url)["amber-heron"])) == (True, 1)


def test_no_problem_repeats_what_stands_in_the_cell(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD, "LA-7777,11.11.2011,perhaps,gone,1/2/3,never,soon,P1")
    assert isinstance(found[0], list)
    said = " ".join(str(one) for one in found[0])
    assert not [word for word in ("7777", "11.11", "perhaps", "gone", "soon") if word in said]


def test_dates_keep_to_one_form_in_a_file(tmp_path: Path) -> None:
    british = "LA-1,29/02/2012,yes,missing,14/11/2026 18:00,,16/11/2026 10:00,P1"
    (row,) = read(tmp_path, HEAD, british)
    assert isinstance(row, Row)
    assert (row.missing, row.birth) == (datetime(2026, 11, 14, 18, 0, tzinfo=UTC), date(2012, 2, 29))
    assert problems(tmp_path, british, TWO) == [(3, "birth_date"), (3, "missing"), (3, "returned")]
    assert problems(tmp_path, "LA-1,14 Feb 2012,yes,missing,11-14-2026 18:00,,,P1") == [
        (2, "birth_date"),
        (2, "missing"),
    ]


def test_of_the_hour_that_autumn_shows_twice_the_first_counts(tmp_path: Path) -> None:
    (row,) = read(tmp_path, HEAD, "LA-1,,,missing,2026-10-25 01:30,,,")
    assert isinstance(row, Row)
    assert row.missing == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_end_has_all_its_fields_or_is_none(tmp_path: Path) -> None:
    head = "child,missing,returned,ended,location_found,outcome,risk_assessed,interviewed,not_done_reason,again_on"
    start = "LA-1,2026-11-14 18:00,2026-11-16 10:00"
    whole = f"{start},2026-11-17 09:00,at a friend's,talked,yes,yes,,"
    assert problems(tmp_path, whole, head=head) == []
    assert problems(tmp_path, f"{start},2026-11-17 09:00,,talked,yes,,,", head=head) == [
        (2, "location_found"),
        (2, "interviewed"),
    ]
    assert problems(tmp_path, f"{start},2026-11-17 09:00,at home,talked,yes,no,,", head=head) == [
        (2, "not_done_reason"),
        (2, "again_on"),
    ]
    assert problems(tmp_path, f"{start},,at home,,,,,", head=head) == [(2, "ended")]
    assert problems(tmp_path, "LA-1,2026-11-14 18:00,,2026-11-17 09:00,x,y,yes,yes,,", head=head) == [(2, "returned")]


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "line 1: is empty"),
        (f"{HEAD}\n{ONE}".encode("utf-16"), "line 1: this is UTF-16"),
        (f"{HEAD}\nZo\u00eb".encode("cp1252"), "line 2: is not UTF-8"),
        (f"{HEAD}\n{ONE}".encode("utf-32"), "line 1: this is UTF-16"),
        (f"{HEAD}\n{ONE}".encode("utf-16-le"), "line 1: is no text"),
        (f"{HEAD}\n".encode("cp037"), "line 1: is not UTF-8"),
        (HEAD.encode() + b"\nLA\0-1", "line 2: is no text"),
        (HEAD.replace(",", ";").encode(), "line 1: the columns are not parted by commas"),
        (HEAD.replace("missing", "gone").encode(), "line 1, column 5: no column has this name"),
        (f"{HEAD},".encode(), "line 1, column 9: has no name"),
        (HEAD.replace("missing", "status").encode(), "line 1: the column status stands there twice"),
        (b"child,birth_date\n", "line 1: the column missing is missing"),
        (f'{HEAD}\n"LA-1,2012'.encode(), "line 2: a quotation mark is out of place"),
        (HEAD.encode() + b"\n" + b"x" * (episode_file.LONGEST_LINE + 1), "line 2: is longer than any row can be"),
    ],
)
def test_a_file_that_is_none_says_so_with_its_line(tmp_path: Path, data: bytes, complaint: str) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(data)
    with pytest.raises(WrongFile, match="^" + complaint):
        list(episode_file.rows(Source(file), LONDON, NOW))


def test_a_file_from_a_spreadsheet_with_a_mark_at_its_start_is_read(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_bytes(b"\xef\xbb\xbf" + f"{HEAD}\r\n{ONE}\r\n\r\n".encode())
    assert [type(found) for found in episode_file.rows(Source(file), LONDON, NOW)] == [Row]


def test_two_gigabytes_are_refused_in_little_memory(tmp_path: Path) -> None:
    file = tmp_path / "huge.csv"
    with file.open("wb") as opened:
        opened.truncate(2 * 1024**3)  # a hole: it takes no room on the disk
    tracemalloc.start()
    with pytest.raises(WrongFile, match=r"^is 2048 MB: give at most 64 MB"):
        list(episode_file.rows(Source(file), LONDON, NOW))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@contextlib.contextmanager
def piped(folder: Path, portions: Iterable[bytes]) -> Iterator[tuple[Path, list[int]]]:
    """A pipe into which somebody writes, until nobody reads any more; and how much they could write."""
    pipe, written_bytes = folder / "pipe.csv", [0]
    os.mkfifo(pipe)

    def write() -> None:
        with contextlib.suppress(BrokenPipeError), pipe.open("wb", buffering=0) as opened:
            for portion in portions:
                written_bytes[0] += opened.write(portion)

    writer = threading.Thread(target=write)
    writer.start()
    yield pipe, written_bytes
    writer.join()


def test_two_gigabytes_through_a_pipe_are_refused_after_as_much_as_a_file_may_have(tmp_path: Path) -> None:
    line = ONE.encode() + b"\n"
    portion = line * 10_000
    two_gigabytes = itertools.repeat(portion, 2 * 1024**3 // len(portion))
    with (
        piped(tmp_path, itertools.chain([HEAD.encode() + b"\n"], two_gigabytes)) as (pipe, sent),
        pytest.raises(WrongFile, match=r"^is larger than any file may be: give at most 64 MB"),
    ):
        Source(pipe)
    assert LARGEST < sent[0] < 2 * LARGEST


@pytest.mark.parametrize("bad", [False, True])
def test_a_file_may_come_through_a_pipe(database_url: str, tmp_path: Path, bad: bool) -> None:
    lines = "\n".join((HEAD, ONE, TWO, THREE.replace("away", "gone") if bad else THREE)).encode()
    with piped(tmp_path, [lines[:100], lines[100:]]) as (pipe, _):
        done = importing.episodes(Settings(database_url=database_url, keys=KEYS), pipe, NOW)
    assert (done.applied, done.rows, done.bad) == (not bad, 3, int(bad))
    assert sum(map(len, stored(database_url).values())) == (0 if bad else 3)


def test_a_file_that_is_written_to_meanwhile_is_not_taken(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the taking, and in the midst of the taking: what was found good would not be what is taken."""
    file = written(tmp_path, HEAD, ONE)
    monkeypatch.setattr(importing, "_CHUNK", 1)
    settings = Settings(database_url=database_url, keys=KEYS)
    look, apply = importing._look, importing._Taking.take

    def append(line: str) -> None:
        with file.open("a") as opened:
            opened.write(line + "\n")

    def looked(*given: Any) -> frozenset[int]:
        found = look(*given)
        append("LA-9,not a day,yes,missing,2026-11-14 18:00,,,")
        return found

    def taken(*given: Any) -> None:
        apply(*given)
        if "LA-8" not in file.read_text():  # else what is appended would be taken, and appended to, for ever
            append("LA-8,,,missing,2026-11-14 18:00,,,")

    for name, meanwhile in (("_look", looked), ("_Taking.take", taken)):
        with monkeypatch.context() as patched:
            patched.setattr(f"bot.importing.{name}", meanwhile)
            with pytest.raises(WrongFile, match=r"^was changed while it was read"):
                importing.episodes(settings, file, NOW, skip_bad=True)
        assert stored(database_url) == {}


def test_more_rows_than_memory_has_room_for_are_given_in_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(episode_file, "MOST_ROWS", 2)
    assert len(read(tmp_path, HEAD, ONE, TWO)) == 2
    with pytest.raises(WrongFile, match=r"^line 4: more than 2 rows"):
        read(tmp_path, HEAD, ONE, TWO, THREE)


@pytest.mark.parametrize("name", ["nobody.csv", "."])
def test_what_is_no_file_is_said_to_be_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongFile, match=r"^cannot be read"):
        Source(tmp_path / name)


def test_a_store_is_counted_again_each_time_it_has_grown_to_twice_its_size(
    take: Callable[..., importing.Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else PostgreSQL goes on looking through whole tables for one child, by plans it made while they were empty."""
    counted: list[int] = []
    monkeypatch.setattr(bulk, "measure", lambda tx: counted.append(len([*registers.children(tx)])))
    monkeypatch.setattr(importing, "_CHUNK", 1)
    monkeypatch.setattr(importing, "_AT_ONCE", 1)
    children = (f"LA-{n},,no,missing,2026-11-14 18:00,,2026-11-16 10:00,P{n}" for n in range(5))
    assert take(*children).episodes_new == 5
    # After 1, 2 and 4 portions, when all are in, and after 1, 2 and 4 children whose clocks were computed.
    assert counted == [1, 2, 4, 5, 5, 5, 5]


def test_rows_are_read_one_at_a_time(tmp_path: Path) -> None:
    """Ten times the rows take no more memory to read; what is loaded once is not counted."""
    peaks = []
    for count in (3, 300, 3_000):
        lines = (f"LA-{n},2012-02-29,yes,missing,2026-11-14 18:00,,2026-11-16 10:00,P{n}" for n in range(count))
        file = written(tmp_path, HEAD, *lines)
        tracemalloc.start()
        assert sum(1 for _ in episode_file.rows(Source(file), LONDON, NOW)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 2 * peaks[1] + 100_000


# --- the command ------------------------------------------------------------------------------------------------------


def run(url: str, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str, str]:
    monkeypatch.setenv("WAYMARK_DATABASE_URL", url)
    monkeypatch.setenv("WAYMARK_KEYS", KEYS)
    done = CliRunner().invoke(__main__.app, list(words))
    return done.exit_code, done.stdout, done.stderr


def test_the_command_names_each_bad_row_and_ends_with_two(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(written(tmp_path, HEAD, "LA-1,2012-02-29,perhaps,missing,2025-11-14 18:00,,,", "LA-2,,,,x,,,"))
    code, _, complaint = run(database_url, monkeypatch, "import", "episodes", file)
    assert code == 2
    assert f"{file}: line 2, looked_after: write yes or no" in complaint
    assert f"{file}: line 3, missing: is no date" in complaint
    assert "nothing was changed" in complaint
    code, told, _ = run(database_url, monkeypatch, "import", "episodes", file, "--skip-bad", "--json")
    assert code == 0
    assert [json.loads(line)["kind"] for line in told.splitlines()] == ["bad", "bad", "summary"]
    code, _, complaint = run(database_url, monkeypatch, "import", "episodes", str(tmp_path / "none.csv"))
    assert (code, "cannot be read" in complaint) == (2, True)


def test_due_lists_what_is_owed_by_whom_since_when(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = str(written(tmp_path, HEAD, "LA-1,2012-02-29,no,missing,2025-11-14 18:00,,2025-11-16 10:00,"))
    assert run(database_url, monkeypatch, "import", "episodes", file)[0] == 0
    code, told, _ = run(database_url, monkeypatch, "due", "--json")
    owed = {one["rule"]: one for one in map(json.loads, told.splitlines()) if one["kind"] == "deadline"}
    assert code == 0
    # A Sunday: two working days end on Tuesday night, 72 hours on Wednesday at ten.
    assert owed["R04"]["due"] == "2025-11-18T23:59:59+00:00"
    assert (owed["R04"]["for"], owed["R04"]["since"], owed["R04"]["colour"]) == (
        "worker",
        "2025-11-16T10:00:00+00:00",
        "red",
    )
    assert "LA-1" not in told
    assert "R04 return interview due" in run(database_url, monkeypatch, "due", "--all")[1]
    assert "1 time missing" in run(database_url, monkeypatch, "due", "--case", "LA-1")[1]


# --- ethnicity over time ----------------------------------------------------------------------------------------------


def test_one_value_counts_for_any_day() -> None:
    first, second = date(2024, 3, 1), date(2026, 11, 14)
    line = over_time.noted(over_time.noted("", second, "MWBC"), first, "WBRI")
    assert over_time.on("", first) is None
    assert [over_time.on(line, day) for day in (first - timedelta(1), first, second - timedelta(1), second)] == [
        "WBRI",
        "WBRI",
        "WBRI",
        "MWBC",
    ]
    assert over_time.noted(line, second + timedelta(1), "MWBC") == line
    assert over_time.on(over_time.noted(line, second, "BCRB"), second) == "BCRB"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_whatever_the_order_of_the_records_each_day_keeps_its_own(order: tuple[int, ...]) -> None:
    said = ((date(2024, 2, 29), "WBRI"), (date(2026, 1, 1), "WBRI"), (date(2026, 11, 14), "MWBC"))
    line = ""
    for at in order:
        line = over_time.noted(line, *said[at])
    # The middle one corrected: what was before it is as it was.
    corrected = over_time.noted(line, date(2026, 1, 1), "BCRB")
    days = (date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1), date(2026, 11, 13), date(2026, 11, 14))
    assert [over_time.on(corrected, day) for day in days] == ["WBRI", "WBRI", "BCRB", "BCRB", "MWBC"]


def test_a_value_with_a_blank_in_it_is_kept_as_it_was_said() -> None:
    before = {"responsible_authority": "City of London"}
    changing = ("responsible_authority",)
    found = over_time.recorded(before, {"responsible_authority": "100% = Kent"}, date(2026, 4, 1), changing)
    days = (date(2026, 3, 31), date(2026, 4, 1))
    assert [over_time.held(found, changing[0], day) for day in days] == ["City of London", "100% = Kent"]
    assert found["responsible_authority"] == "100% = Kent"


def test_what_was_known_before_there_were_histories_has_always_been_so() -> None:
    found = over_time.recorded({"looked_after": "no"}, {"looked_after": "yes"}, date(2026, 11, 14), ("looked_after",))
    assert found["looked_after"] == "yes"
    assert [over_time.held(found, "looked_after", date(2026, 11, day)) for day in (13, 14)] == ["no", "yes"]
    assert over_time.held({"looked_after": "no"}, "looked_after", date(1999, 1, 1)) == "no"


# --- what the file says, in the view of one child ---------------------------------------------------------------------


def test_it_all_comes_out_in_the_view_of_the_child(take: Callable[..., importing.Report], database_url: str) -> None:
    head = (
        "child,birth_date,looked_after,ethnicity,trafficked,missing,returned,flags,report_refused,whereabouts_unknown,"
        "responsible_authority,host_authority,police_ref"
    )
    take(
        "LA-1,2012-02-29,no,WBRI,,2024-02-29 23:30,2024-03-01 08:00,,,,Kent,Lewisham,P1",
        "LA-1,2012-02-29,yes,MWBC,yes,2025-12-31 23:45,2026-01-01 00:15,missing_and_wanted cse,2025-12-31 23:50,"
        "2025-12-31 23:55,Kent,Lewisham,P2",
        head=head,
    )
    database = Database(database_url, Keys.load(KEYS))
    with database.snapshot() as tx:
        lines = list(case_view.of_case(tx, "LA-1", NOW, calendar.load(LONDON)))
    database.close()
    child, pattern, *_ = lines
    assert child["looked_after_over_time"] == {"2024-02-29": "no", "2025-12-31": "yes"}
    assert child["ethnicity_over_time"] == {"2024-02-29": "WBRI", "2025-12-31": "MWBC"}
    assert (child["age"], child["trafficked"], child["responsible_authority"]) == (14, "yes", "Kent")
    first, second = [line for line in lines if line["kind"] == "episode"]
    assert (first["wanted"], second["wanted"]) == (False, True)
    assert second["report_refused"] == ["2025-12-31T23:50:00+00:00"]
    assert (pattern["in_year"], pattern["second_in_a_year"]) == (1, False)
    # As a child in care they had the clocks of one, and only in the second: in half an hour none of them was owed.
    assert {line["rule"] for line in lines if line["kind"] == "deadline"} >= {"R26"}
    told = "\n".join(map(case_lines.of_case, lines))
    for part in (
        "looked after over time: no from 2024-02-29, yes from 2025-12-31",
        "missing and wanted",
        "report refused",
    ):
        assert part in told


def test_three_forms_of_dates_are_two_too_many(tmp_path: Path) -> None:
    rows = (
        "LA-1,29/02/2012,yes,missing,14/11/2026 18:00,,,",
        "LA-2,2012-02-29,yes,missing,2026-11-14 18:00,,,",
        "LA-3,Feb 29 2012,yes,missing,11/14/2026 6pm,,,",
    )
    assert problems(tmp_path, *rows) == [(3, "birth_date"), (3, "missing"), (4, "birth_date"), (4, "missing")]


def test_a_row_of_an_erased_child_is_named_and_changes_nothing(
    take: Callable[..., importing.Report], database_url: str
) -> None:
    take(ONE)
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        case = cases.by_child(tx, "LA-1")
        assert case is not None
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", "+447700900111", NOW)
        cases.link(tx, case.id, contact.id)
        retention.erase(tx, contact.id, NOW)
    database.close()
    done = take(ONE, THREE)
    assert (done.applied, [str(one) for one in done.problems]) == (
        False,
        ["line 2, child: this child was erased: leave the row out"],
    )
    done = take(ONE, THREE, skip_bad=True)
    assert (done.applied, done.episodes_new) == (True, 1)


# --- what may be a slip -----------------------------------------------------------------------------------------------


def test_a_child_written_two_ways_is_told_of(take: Callable[..., importing.Report]) -> None:
    take(ONE)
    again = take(
        ONE.replace("LA-1", "LA1").replace("P1", "P9"),
        TWO.replace("LA-1", "la-1"),
        THREE,
        THREE.replace("LA-2", "LA/2").replace("P3", "P8"),
    )
    assert again.applied
    assert [str(one) for one in again.remarks] == [
        "line 2, child: 'LA1' is taken as another child than 'LA-1': write one child one way",
        "line 5, child: 'LA/2' is taken as another child than 'LA-2': write one child one way",
    ]
    assert take(ONE, THREE).remarks == []


def test_a_worker_nobody_knows_is_told_of_once(take: Callable[..., importing.Report], database_url: str) -> None:
    database = Database(database_url, Keys.load(KEYS))
    with database.transaction() as tx:
        people.add(tx, "Ana", "worker", NOW)
    database.close()
    done = take(
        *(f"{line},{who}" for line, who in ((ONE, "Anna"), (TWO, "Anna"), (THREE, "ana"))), head=HEAD + ",worker"
    )
    assert done.applied
    assert [str(one) for one in done.remarks] == ["line 2, worker: nobody on the staff is called 'Anna'"]


def test_all_that_is_wrong_is_named_at_once(take: Callable[..., importing.Report], database_url: str) -> None:
    """Also what only shows when a row is held against what is known: nobody mends a file twice."""
    found = take(
        "LA-1,2012-05-01,no,missing,no time,,2026-11-16 10:00,P1",
        "Jade,2012-05-01,no,missing,2026-11-14 18:00,,2026-11-16 10:00,P2",
        "LA-2,2012-05-01,no,missing,2026-11-14 18:00,,2026-11-16 10:00,P3",
    )
    assert not found.applied
    assert [one.line for one in found.problems] == [2, 3]
    assert found.bad == 2
    assert stored(database_url) == {}
