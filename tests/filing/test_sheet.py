"""A workbook says what the CSV says: text is text, a number a number, nothing is run, and the same rows give the same bytes."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from bot import calendar, keeping, reporting
from bot.filing import sheet
from bot.filing.extra import NotInstalled
from tests.filing import invented
from tests.filing.invented import LONDON, NOW

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings
    from bot.filing.cells import Cell
    from storage.database import Database

CALENDAR = calendar.load(LONDON)


def book(*rows: tuple[Cell, ...]) -> bytes:
    out = io.BytesIO()
    made = sheet.Book(out, "missing")
    made.head(("a", "=b"))
    for row in rows:
        made.row(row)
    made.finish()
    return out.getvalue()


def cells(made: bytes) -> list[tuple[str, str]]:
    """(type, what it says) of every cell, in order: "s" is a string, which stands in the list of strings."""
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        xml = opened.read("xl/worksheets/sheet1.xml").decode()
        listed = re.findall(r"<si>(.*?)</si>", opened.read("xl/sharedStrings.xml").decode(), re.DOTALL)
    assert "<f>" not in xml
    strings = [re.sub(r"<[^>]+>", "", one) for one in listed]
    found = re.findall(r'<c r="[A-Z]+\d+"[^>]*?(?: t="(\w+)")?><v>(.*?)</v></c>', xml, re.DOTALL)
    return [(kind, strings[int(value)] if kind else value) for kind, value in found]


def test_text_is_text_and_a_number_is_a_number() -> None:
    given = ("=1+2", "0012", "+447700900123", "14/03/2010", "1e5", "@x", "https://a.example/", "  lead")
    found = cells(book((7, None), *((one, 3) for one in given)))
    assert found[:2] == [("s", "a"), ("s", "=b")]
    assert found[2] == ("", "7")
    assert [one for one in found[3:] if one[0]] == [("s", one) for one in given]
    assert cells(book(("a\x00b \u202e =1", 1)))[2] == ("s", "a\ufffdb \ufffd =1")


def test_the_same_rows_are_the_same_bytes_whenever() -> None:
    made = book(("x", 1))
    assert book(("x", 1)) == made
    with zipfile.ZipFile(io.BytesIO(made)) as opened:
        assert {one.date_time[0] for one in opened.infolist()} == {1980}
        said = b"".join(opened.read(one) for one in opened.namelist() if one.startswith("docProps"))
    assert set(re.findall(rb"\d{4}-\d\d-\d\dT", said)) == {b"2000-01-01T"}


def test_every_kind_says_what_its_csv_says(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.xan_and_zed(tx)
    write = reporting.ssda903_missing(2026, LONDON, None, NOW.date())
    files = {form: tmp_path / f"missing.{form}" for form in (reporting.CSV, reporting.XLSX)}
    made = []
    for form in (*files, *files):
        assert reporting.run(settings, "ssda903", "2026", write, files[form], NOW, form=form).rows == 4
        made.append(files[form].read_bytes())
    assert made[:2] == made[2:]
    rows = [line.split(",") for line in files[reporting.CSV].read_text("utf-8").splitlines()]
    assert [said for _, said in cells(made[1])] == [one for row in rows for one in row if one]
    # A workbook is no correction of the figures that left as CSV.
    told = keeping.within(settings, lambda tx: reporting.versions(tx, 2026))
    assert len(told) == 4
    assert all("version 1 " in line for line in told)


def test_a_report_of_counts_has_its_numbers_as_numbers(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.many(tx, 12, 2, 2026)
    out = tmp_path / "dataset.xlsx"
    reporting.run(settings, "dataset", "2026", reporting.counted("dataset", 2026, CALENDAR), out, NOW, form="xlsx")
    kinds = {said: kind for kind, said in cells(out.read_bytes())}
    assert kinds["12"] == ""
    assert kinds["individuals"] == "s"


def test_without_the_library_it_is_said_how_to_install_it(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    write = reporting.ssd_missing(LONDON)
    with pytest.raises(NotInstalled, match=r"needs XlsxWriter.*pip install '\.\[xlsx\]'"):
        reporting.run(settings, "ssd_missing", "", write, tmp_path / "out.xlsx", NOW, form="xlsx")
    assert list(tmp_path.glob("*.xlsx")) == []
    assert list(tmp_path.glob(".waymark-*")) == []


def test_what_a_workbook_cannot_hold_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST", 3)
    with pytest.raises(sheet.TooLong, match="write it as CSV"):
        book(*((one, 1) for one in "abc"))
    with pytest.raises(sheet.TooLong, match="no more letters"):
        book(("x" * 32_768, 1))
