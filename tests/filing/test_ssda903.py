"""The Missing table is what the DfE's own rules accept, and every fault they know is found in a file that has it."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from bot import children, reporting
from bot.filing import ssda903
from bot.keeping import NotFound
from storage import cases, joining
from tests.filing import invented
from tests.filing.invented import LONDON, NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from bot.config import Settings
    from storage.database import Database

TODAY = NOW.date()
MISSING_RULES = [
    "1004", "1005", "1006", "1012", "564", "565", "566", "567", "570", "571", "574", "575", "576", "577", "578", "580",
    "581", "586", "INT04", "INT13",
]  # fmt: skip
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"


def export(settings: Settings, folder: Path, year: int, **options: Any) -> Path:
    out = folder / f"missing-{year}.csv"
    write = reporting.ssda903_missing(year, LONDON, options.pop("authority", None), TODAY)
    reporting.run(settings, "ssda903", str(year), write, out, NOW, skip_bad=options.pop("skip_bad", False))
    return out


def rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened))[1:]


def beside(
    folder: Path, children: Iterable[tuple[str, date]], left: dict[str, tuple[str, str]] | None = None
) -> list[Path]:
    """The two other tables the rules look at: every child in care since long ago; `left`: child -> (day, why)."""
    header, episodes = [HEADER], [EPISODES]
    for number, born in children:
        dec, rec = (left or {}).get(number, ("", ""))
        header.append(f"{number},1,{born:%d/%m/%Y},WBRI,A123456789123,,")
        episodes.append(f"{number},{born:%d/%m/%Y},S,C2,N1,U4,PR1,{dec},{rec},,AB1 0JD,AB1 0JD,SC000001")
    for name, lines in (("header", header), ("episodes", episodes)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return [folder / "header.csv", folder / "episodes.csv"]


def test_the_four_rows_of_xan_and_none_of_zed(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
    file = export(settings, tmp_path, 2026)
    assert file.read_bytes() == (
        b"CHILD,DOB,MISSING,MIS_START,MIS_END\r\n"
        b"1001,14/03/2010,M,28/03/2025,02/04/2025\r\n"
        b"1001,14/03/2010,A,10/05/2025,10/05/2025\r\n"
        b"1001,14/03/2010,M,10/05/2025,11/05/2025\r\n"
        b"1001,14/03/2010,M,30/03/2026,\r\n"
    )
    assert rows(export(settings, tmp_path, 2027)) == [["1001", "14/03/2010", "M", "30/03/2026", "02/04/2026"]]
    assert rows(export(settings, tmp_path, 2025)) == [["1001", "14/03/2010", "M", "28/03/2025", ""]]


def test_again_gives_the_same_bytes(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.many(tx, 30, 3, 2026)
    first = export(settings, tmp_path, 2026).read_bytes()
    assert first.count(b"\r\n") > 80
    assert export(settings, tmp_path, 2026).read_bytes() == first


def test_the_rules_accept_three_thousand_episodes(
    settings: Settings, database: Database, tmp_path: Path, dfe: Callable[..., dict[str, Any]]
) -> None:
    with database.transaction() as tx:
        # T29 among them: what is carried in, what is away and missing on one day, what is open at the year's end.
        invented.xan_and_zed(tx)
        known = [*invented.many(tx, 1040, 3, 2026), ("1001", date(2010, 3, 14))]
    before, file = export(settings, tmp_path, 2025), export(settings, tmp_path, 2026)
    assert len(rows(file)) >= 3004
    assert [row[0] for row in rows(file)].count("1001") == 4
    assert "1002" not in [row[0] for row in rows(file)]
    others = beside(tmp_path, known)
    said = dfe(2026, [*others, file], prev=[before], rules=MISSING_RULES)
    assert said == {"rows": len(rows(file)), "wrong": {}, "fails": [], "skips": []}
    # All the rules of the year, not those alone that look at this table: none has a word against a row of it.
    assert dfe(2026, [*others, file], prev=[before])["wrong"] == {}


# What is done to a good row of another child each time -> the rules that must find it. The row is
# CHILD, DOB, MISSING, MIS_START, MIS_END.
FAULTS: dict[str, tuple[Callable[[list[str]], list[list[str]]], set[str]]] = {
    "ends before it starts": (lambda r: [[*r[:3], "10/08/2025", "08/08/2025"]], {"567"}),
    "a kind there is not": (lambda r: [[*r[:2], "X", *r[3:]]], {"1006"}),
    "a start that is no date": (lambda r: [[*r[:3], "2025-08-01", r[4]]], {"1004"}),
    "an end that is no date": (lambda r: [[*r[:4], "soon"]], {"1005"}),
    "no kind": (lambda r: [[*r[:2], "", *r[3:]]], {"565", "566"}),
    "no start": (lambda r: [[*r[:3], "", r[4]]], {"564"}),
    "a second before the first has ended": (lambda r: [r, [*r[:3], "02/08/2025", "05/08/2025"]], {"574"}),
    "starts after the year": (lambda r: [[*r[:3], "02/04/2026", ""]], {"570"}),
    "ends after the year": (lambda r: [[*r[:3], "30/03/2026", "03/04/2026"]], {"571"}),
    "another date of birth": (lambda r: [[r[0], "01/01/2009", *r[2:]]], {"INT13"}),
    "before birth": (lambda r: [[*r[:3], "01/01/2000", r[4]]], {"586"}),
    "a child nobody knows": (lambda r: [["NOBODY", *r[1:]]], {"1012", "INT04"}),
    "open though care has ended": (lambda r: [[*r[:4], ""]], {"575", "577"}),
    "starts after care has ended": (lambda r: [[*r[:3], "01/12/2025", "02/12/2025"]], {"578"}),
}
LEFT_CARE = ("open though care has ended", "starts after care has ended")


def test_the_rules_find_each_of_fourteen_faults(
    settings: Settings, database: Database, tmp_path: Path, dfe: Callable[..., dict[str, Any]]
) -> None:
    assert len(FAULTS) == 14
    known, faulty = [], []
    with database.transaction() as tx:
        for number in range(len(FAULTS)):
            known.append((f"C{number:02}", date(2010, 3, 14)))
            case = invented.child(tx, f"C{number:02}")
            invented.episode(tx, case, "2025-08-01 20:00", "2025-08-03 20:00")
    good = rows(export(settings, tmp_path, 2026))
    expected: dict[int, set[str]] = {}
    for row, (damage, rules) in zip(good, FAULTS.values(), strict=True):
        faulty += damage(row)
        expected[len(faulty) - 1] = rules
    file = tmp_path / "faulty.csv"
    file.write_text("\n".join([",".join(ssda903.HEADER), *map(",".join, faulty)]) + "\n", "utf-8")
    left = {f"C{list(FAULTS).index(name):02}": ("01/11/2025", "E4A") for name in LEFT_CARE}
    said = dfe(2026, [*beside(tmp_path, known, left), file], rules=MISSING_RULES)
    found = {int(number): set(codes) for number, codes in said["wrong"].items()}
    for (number, rules), name in zip(expected.items(), FAULTS, strict=True):
        assert rules <= found.get(number, set()), name


# --- what becomes of a child's times ----------------------------------------------------------------------------------


def collected(
    database: Database, ends: int = 2026, today: date = TODAY
) -> tuple[list[tuple[str, ...]], list[str], int]:
    problems: list[ssda903.Problem] = []
    with database.snapshot() as tx:
        found, unknown = ssda903.collect(children.everyone(tx, []), ends, LONDON, problems, today)
    return found, [one.what for one in problems], unknown


@pytest.mark.parametrize(
    ("start", "end", "year", "expected"),
    [
        (
            "2025-03-31 23:30",
            "2025-04-01 00:10",
            2026,
            ("31/03/2025", "01/04/2025"),
        ),  # summer time: UTC is a day behind
        ("2025-03-31 23:30", "2025-04-01 00:10", 2025, ("31/03/2025", "")),
        ("2025-03-30 12:00", "2025-03-31 23:59", 2026, None),
        ("2026-04-01 00:10", "2026-04-01 05:00", 2026, None),
        ("2026-03-31 23:50", "2026-04-01 05:00", 2026, ("31/03/2026", "")),
        ("2020-01-01 10:00", None, 2026, ("01/01/2020", "")),
    ],
)
def test_days_are_those_on_the_wall(
    database: Database, start: str, end: str | None, year: int, expected: tuple[str, str] | None
) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001"), start, end)
    found, problems, _ = collected(database, year)
    assert [row[3:] for row in found] == ([expected] if expected else [])
    assert problems == []


def test_missing_ends_when_the_child_is_found_away_when_they_are_back(database: Database) -> None:
    with database.transaction() as tx:
        case = invented.child(tx, "1001")
        located = invented.local("2025-05-02 09:00").isoformat()
        invented.episode(tx, case, "2025-05-01 20:00", "2025-05-04 20:00", located_at=located)
        located = invented.local("2025-06-02 09:00").isoformat()
        invented.episode(tx, case, "2025-06-01 20:00", "2025-06-04 20:00", "away", located_at=located)
    found, _, _ = collected(database)
    assert [row[2:] for row in found] == [("M", "01/05/2025", "02/05/2025"), ("A", "01/06/2025", "04/06/2025")]


def test_at_eighteen_the_absence_ends(database: Database) -> None:
    with database.transaction() as tx:
        of_age = invented.child(tx, "1001", "2007-06-15")
        invented.episode(tx, of_age, "2025-06-01 20:00", None)
        invented.episode(tx, invented.child(tx, "1002", "2007-06-15"), "2025-06-20 20:00", "2025-06-21 20:00")
        invented.episode(tx, invented.child(tx, "1003", "2008-02-29"), "2026-02-20 20:00", None)
    found, _, _ = collected(database)
    assert [(row[0], *row[3:]) for row in found] == [
        ("1001", "01/06/2025", "15/06/2025"),
        ("1003", "20/02/2026", "01/03/2026"),
    ]


def test_who_is_missing_still_has_no_end_on_a_birthday_to_come(database: Database) -> None:
    with database.transaction() as tx:
        invented.episode(tx, invented.child(tx, "1001", "2007-06-15"), "2025-06-01 20:00", None)
    assert [row[3:] for row in collected(database, today=date(2025, 6, 14))[0]] == [("01/06/2025", "")]
    assert [row[3:] for row in collected(database, today=date(2025, 6, 15))[0]] == [("01/06/2025", "15/06/2025")]


def test_two_cases_of_one_child_with_one_absence_are_one_row(database: Database) -> None:
    with database.transaction() as tx:
        kept, other = invented.child(tx, "1001"), invented.child(tx, "1002")
        invented.episode(tx, kept, "2025-05-01 20:00", "2025-05-03 20:00")
        invented.episode(tx, other, "2025-05-02 08:00", "2025-05-04 09:00")
        joining.join_cases(tx, kept, other, "cli", NOW)
    found, problems, _ = collected(database)
    assert [row[3:] for row in found] == [("01/05/2025", "04/05/2025")]
    assert problems == []


def test_what_the_rules_would_refuse_is_named_by_the_two_words(database: Database) -> None:
    with database.transaction() as tx:
        names = []
        for number, born in (("LA-0001", "2010-03-14"), ("1002", None), ("77", "2010-03-14"), ("0077", "2010-03-14")):
            case = invented.child(tx, number, born)
            names.append(cases.load(tx, case).reference)
            invented.episode(tx, case, "2025-05-01 20:00", "2025-05-03 20:00")
        case = invented.child(tx, "1003")
        invented.episode(tx, case, "2025-05-01 20:00", None)
        invented.episode(tx, case, "2025-06-01 20:00", "2025-06-03 20:00", "away")
    found, problems, _ = collected(database)
    assert [row[0] for row in found] == ["77"]
    assert [one.split(",")[0].split(" (")[0] for one in problems] == [
        "the reference is not what the collection takes",
        "the date of birth is not known",
        f"the reference is that of case {names[2]} when leading zeros are taken away",
        "missing since 01/05/2025 without an end",
    ]
    assert not any("LA-0001" in one for one in problems)


def test_as_they_were_looked_after_that_time(database: Database) -> None:
    with database.transaction() as tx:
        left = invented.child(tx, "1001", looked_after="no")
        invented.episode(tx, left, "2025-05-01 20:00", "2025-05-03 20:00", looked_after="yes")
        invented.episode(tx, left, "2025-07-01 20:00", "2025-07-03 20:00")
        unknown = cases.add(tx, "1002", NOW, {"birth_date": "2010-03-14"}).id
        invented.episode(tx, unknown, "2025-05-01 20:00", "2025-05-03 20:00")
    found, _, unsaid = collected(database)
    assert [row[3] for row in found] == ["01/05/2025"]
    assert unsaid == 1


def test_the_day_of_an_absence_is_the_one_on_the_wall(database: Database) -> None:
    """Half past midnight in summer is still the day before in Greenwich."""
    with database.transaction() as tx:
        came = invented.child(tx, "1001", looked_after="yes", looked_after_history="2024-01-01=no 2025-07-01=yes")
        invented.episode(tx, came, "2025-07-01 00:30", "2025-07-02 20:00")
    assert [row[3] for row in collected(database)[0]] == ["01/07/2025"]


def test_the_child_of_another_council_is_in_its_return_alone(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    """T27: placed here by another authority."""
    with database.transaction() as tx:
        for number, whose in (("1001", "Lewisham"), ("1002", "Kent")):
            case = invented.child(tx, number, responsible_authority=whose, host_authority="Lewisham")
            invented.episode(tx, case, "2025-05-01 20:00", "2025-05-03 20:00")
    with pytest.raises(NotFound, match="--authority"):
        export(settings, tmp_path, 2026)
    assert list(tmp_path.glob("*.csv")) == []
    assert [row[0] for row in rows(export(settings, tmp_path, 2026, authority="lewisham"))] == ["1001"]


def test_who_moved_to_another_council_is_in_each_return_with_what_was_theirs(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    was = "2020-01-01=City%0020of%0020London 2025-09-01=Kent"
    moved = {"responsible_authority": "Kent", "responsible_authority_history": was}
    with database.transaction() as tx:
        case = invented.child(tx, "1001", **moved)
        for start, end in (("2025-08-31 23:30", "2025-08-31 23:50"), ("2025-09-01 00:30", "2025-09-01 02:00")):
            invented.episode(tx, case, start, end)
    with pytest.raises(NotFound, match="--authority"):
        export(settings, tmp_path, 2026)
    assert [row[3] for row in rows(export(settings, tmp_path, 2026, authority="City of London"))] == ["31/08/2025"]
    assert [row[3] for row in rows(export(settings, tmp_path, 2026, authority="kent"))] == ["01/09/2025"]
    with database.snapshot() as tx:
        for day, theirs in ((date(2025, 8, 31), "City of London"), (date(2025, 9, 1), "Kent")):
            listed = [
                one for one in ("Kent", "City of London") if list(reporting.ours(children.everyone(tx, []), one, day))
            ]
            assert listed == [theirs]


def test_nothing_is_written_when_a_row_is_bad_unless_it_is_left_out(
    settings: Settings, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
        invented.episode(tx, invented.child(tx, "LA-7"), "2025-05-01 20:00", "2025-05-03 20:00")
    with pytest.raises(reporting.BadRows, match="1 to be mended"):
        export(settings, tmp_path, 2026)
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".csv" or one.name.startswith(".")] == []
    assert len(rows(export(settings, tmp_path, 2026, skip_bad=True))) == 4
