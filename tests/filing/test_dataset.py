"""What is published of a year adds up in every table, says the same each time, and tells nothing of one child."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import calendar, children, counting, reporting
from bot.filing import dataset
from bot.keeping import NotFound
from flows.model import Service
from storage import cases, contacts, notes, retention
from tests.filing import invented
from tests.filing.invented import LONDON, NOW

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings
    from flows.suppression import Table
    from storage.database import Database, Transaction

CALENDAR = calendar.load(LONDON)
KINDS = ("dataset", "foi", "interviews", "compliance")


def export(settings: Settings, folder: Path, kind: str, year: int = 2026) -> Path:
    out = folder / f"{kind}.csv"
    reporting.run(settings, kind, str(year), reporting.counted(kind, year, CALENDAR), out, NOW)
    return out


def counted(database: Database, year: int = 2026) -> dict[str, Table]:
    with database.snapshot() as tx:
        within = counting.within(tx, children.everyone(tx, []), year, CALENDAR)
        return {one.name: one for one in counting.tables(within, {"push": ("row",)})}


def numbers(table: Table) -> dict[str, tuple[int, int]]:
    return {one.group: (one.individuals, one.incidents) for one in table.lines if one.incidents or one.individuals}


def a_year(tx: Transaction) -> None:
    """A hundred and twenty children of all sorts, some of them talked with."""
    ethnic = ("WBRI", "BAFR", "AIND", "MWBC", "REFU", None)
    for number in range(120):
        code = ethnic[number % 6]
        more: dict[str, str | None] = {
            "gender": "trans" if number in {4, 50, 101} else ("female", "male")[number % 2],
            "ethnicity_history": f"2024-01-01={code}" if code else None,
        }
        known = {name: held for name, held in more.items() if held}
        born = f"{2008 + number % 9}-0{1 + number % 9}-11"
        case = invented.child(tx, f"C{number}", born, looked_after="yes" if number % 3 else "no", **known)
        for turn in range(1 + number % 6):
            start = invented.local("2025-04-03 20:00") + timedelta(days=50 * turn + number % 30)
            end = start + timedelta(hours=3 + (number * 37) % 300)
            episode = cases.add_episode(tx, case, start, end, {"notified_at": end.isoformat()})
            if number % 2:
                at = end + timedelta(hours=2 + number)
                details = {"who": "Rosa", "mode": ("phone", "face_to_face")[turn % 2], "trained": "yes"}
                notes.add(tx, "talk", at, "cli", NOW, case=case, episode=episode.id, details=details)


def test_every_table_adds_up_to_the_same_children_and_incidents(database: Database) -> None:
    with database.transaction() as tx:
        a_year(tx)
    found = counted(database)
    assert {(one.total.individuals, one.total.incidents) for one in found.values()} == {(120, 420)}
    assert numbers(found["care"]) == {"looked after": (80, 320), "not looked after": (40, 100)}
    assert numbers(found["times in the year"]) == {
        "1": (20, 20),
        "2": (20, 40),
        "3 or 4": (40, 140),
        "5 to 9": (40, 220),
    }
    assert numbers(found["return interview"])["held with a person"] == (60, 240)
    assert numbers(found["ethnicity"])["not recorded"][0] == 40


def test_what_is_written_adds_up_twice_the_same_with_no_small_number(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        a_year(tx)
    for kind in KINDS:
        first = export(settings, tmp_path, kind).read_bytes()
        assert export(settings, tmp_path, kind).read_bytes() == first
    with export(settings, tmp_path, "dataset").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [*rows[0].values()] == ["2025-04-01", "2026-03-31", "all", "total", "120", "420"]
    tables: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows[1:]:
        tables[row["table"]].append(row)
    assert set(tables) >= {one.name for one in counting.PROPERTIES}
    hidden = 0
    for lines in tables.values():
        *groups, total = lines
        assert (total["group"], total["individuals"], total["incidents"]) == ("total", "120", "420")
        for column in ("individuals", "incidents"):
            shown = [int(one[column]) for one in groups if one[column] != "c"]
            assert not any(0 < number < 5 for number in shown)
            hidden += len(groups) - len(shown)
            rest = int(total[column]) - sum(shown)
            # What is hidden has room for what is missing from the sum; and nothing is missing where nothing is hidden.
            assert rest >= len(groups) - len(shown) if len(groups) > len(shown) else rest == 0
    assert hidden > 0


def test_the_answer_to_a_request_groups_as_the_dataset_does(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """Two groupings of one property could be played against each other."""
    with database.transaction() as tx:
        a_year(tx)
    published = set()
    for kind in KINDS[:3]:
        with export(settings, tmp_path, kind).open(encoding="utf-8", newline="") as opened:
            read = csv.reader(opened)
            next(read)
            published.add(frozenset(tuple(row[-3:]) for row in read if row[0] != "note"))
    answers = {tuple(row) for row in next(iter(published))}
    wide = max(published, key=len)
    assert all(one <= wide for one in published)
    assert answers


def test_a_small_service_publishes_nothing_of_a_child(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
    text = export(settings, tmp_path, "dataset").read_text("utf-8")
    assert text.splitlines()[1] == "2025-04-01,2026-03-31,all,total,c,c"
    assert not {line.split(",")[-1] for line in text.splitlines()[1:]} - {"c"}
    assert "withheld" in text


def test_of_an_erased_child_the_number_stays_in_every_table(database: Database) -> None:
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        for start in ("2025-05-01", "2025-06-01", "2026-05-01"):
            invented.episode(tx, case, f"{start} 20:00", f"{start} 22:00")
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", "+447700900001", NOW)
        cases.link(tx, case, contact.id)
        retention.erase(tx, contact.id, NOW)
    found = counted(database)
    assert {(one.total.individuals, one.total.incidents) for one in found.values()} == {(1, 2)}
    assert numbers(found["age"]) == {"not recorded": (1, 2)}
    assert numbers(found["times in the year"]) == {"2": (1, 2)}
    assert numbers(found["reason: row (push)"]) == {"no account": (1, 2)}


@pytest.mark.parametrize(
    ("end", "group"),
    [
        ("2025-06-03 20:00", "resolved within 48 hours"),
        ("2025-06-03 20:01", "resolved in 48 hours to 7 days"),
        ("2025-06-09 20:00", "resolved after 7 days"),
        ("2026-04-01 00:01", "open at the end of the year, over 7 days"),
        (None, "open at the end of the year, over 7 days"),
    ],
)
def test_how_long_it_was(database: Database, end: str | None, group: str) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001"), "2025-06-01 20:00", end)
    assert numbers(counted(database)["duration"]) == {group: (1, 1)}


def test_a_child_is_once_in_each_table_by_their_last_episode(database: Database) -> None:
    with database.transaction() as tx:
        history = "2024-01-01=WBRI 2025-09-01=MWBC 2026-06-01=BAFR"
        case = invented.child(tx, "1001", "2012-07-01", ethnicity_history=history)
        invented.episode(tx, case, "2025-06-01 20:00", "2025-06-01 22:00", "away", looked_after="no")
        invented.episode(tx, case, "2025-08-01 20:00", "2025-08-20 22:00")
    found = counted(database)
    assert numbers(found["age"]) == {"13": (1, 2)}
    assert numbers(found["ethnicity"]) == {"Other": (1, 2)}
    assert numbers(found["care"]) == {"looked after": (1, 2)}
    assert numbers(found["kind"]) == {"missing": (1, 1), "away without authorisation": (0, 1)}


def test_half_a_year_is_not_published() -> None:
    assert reporting.ended(2026, NOW.date()) == 2026
    with pytest.raises(NotFound, match="not over"):
        reporting.ended(2027, NOW.date())


@pytest.mark.parametrize("kind", ["dataset", "foi", "interviews"])
def test_the_child_of_another_council_is_published_in_its_own(
    settings: Settings, database: Database, tmp_path: Path, kind: str
) -> None:
    with database.transaction() as tx:
        for number in range(14):
            whose = "Kent" if number < 6 else "Lewisham"
            case = invented.child(tx, f"C{number}", responsible_authority=whose, host_authority="Lewisham")
            invented.episode(tx, case, "2025-05-01 20:00", "2025-05-03 20:00")
    out = tmp_path / "out.csv"
    with pytest.raises(NotFound, match="--authority"):
        reporting.run(settings, kind, "2026", reporting.counted(kind, 2026, CALENDAR), out, NOW)
    assert list(tmp_path.glob("*.csv")) == []
    reporting.run(settings, kind, "2026", reporting.counted(kind, 2026, CALENDAR, "lewisham"), out, NOW)
    with out.open(encoding="utf-8") as file:
        totals = [row[-2:] for row in csv.reader(file) if "total" in row]
    assert totals
    assert set(map(tuple, totals)) == {("8", "8")}


def test_a_version_that_says_something_else_is_told_as_a_correction(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        a_year(tx)
    for turn in range(3):
        if turn == 2:  # found out later: one more who was missing
            with database.transaction() as tx:
                invented.episode(tx, invented.child(tx, "late"), "2025-05-01 20:00", "2025-05-03 20:00")
        export(settings, tmp_path, "dataset")
    with database.snapshot() as tx:
        lines = reporting.versions(tx, 2026)
        assert reporting.versions(tx, 2025) == []
    assert [("version 1" in one, "once more" in one, "correct what was published" in one) for one in lines] == [
        (True, False, False), (True, True, False), (False, False, True),
    ]  # fmt: skip


def test_talks_with_a_person_and_accounts_are_counted_apart(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        for start, kind in (
            ("2025-06-01", "talk"),
            ("2025-07-01", "account"),
            ("2025-08-01", "talk"),
            ("2025-09-01", ""),
        ):
            at = invented.local(f"{start} 22:00")
            episode = cases.add_episode(tx, case, at, at + timedelta(hours=1), {"notified_at": at.isoformat()})
            details = {"who": "Rosa", "mode": "phone", "trained": "yes"} if kind == "talk" else {}
            if kind:
                done = at + timedelta(hours=25 if start == "2025-06-01" else 97)
                notes.add(tx, kind, done, "cli", NOW, case=case, episode=episode.id, details=details)
    with export(settings, tmp_path, "compliance").open(encoding="utf-8", newline="") as opened:
        found = {row[0]: tuple(row[1:]) for row in list(csv.reader(opened))[1:]}
    assert found["returns"] == ("4", "4", "100.0")
    assert found["offered a return interview"] == ("3", "4", "75.0")
    assert found["accepted, of those offered"] == ("2", "3", "66.7")
    assert found["held with a person"] == ("2", "4", "50.0")
    assert found["within 72 hours, of those held with a person at a known time"] == ("1", "2", "50.0")
    assert found["account by text or web only, a person still owed"] == ("1", "4", "25.0")
    assert found["declined"] == ("0", "4", "0.0")
    assert found["reason given, of those declined"] == ("0", "0", "")
    assert found["same worker as before, of repeats held with a person"] == ("1", "1", "100.0")
    assert found["median hours from the return to a talk with a person"] == ("60.0", "2", "")
    assert found["median hours from the return to an account by text or web"] == ("96.0", "1", "")
    assert dataset.HEADER[-2:] == ("individuals", "incidents")


def test_what_was_imported_is_counted_alike_wherever_it_is_counted(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """Two returns of one service that disagree are both wrong (domain H8)."""
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        for start, noted in (
            ("2025-06-01", {"interviewed": "yes"}),
            ("2025-07-01", {"interviewed": "no", "not_done_reason": "refused"}),
            ("2025-08-01", {"interviewed": "no", "not_done_reason": "not reached"}),
        ):
            invented.episode(tx, case, f"{start} 20:00", f"{start} 22:00", **noted)
    assert numbers(counted(database)["return interview"]) == {
        "held with a person": (0, 1),
        "declined": (0, 1),
        "not offered": (1, 1),
    }
    with export(settings, tmp_path, "compliance").open(encoding="utf-8", newline="") as opened:
        found = {row[0]: tuple(row[1:3]) for row in list(csv.reader(opened))[1:]}
    assert found["offered a return interview"] == ("2", "3")
    assert found["held with a person"] == ("1", "3")
    assert found["declined"] == ("1", "3")
    assert found["reason given, of those declined"] == ("1", "1")
