"""A PDF has every letter of every script, is the same twice, and is made without asking anybody for anything."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import calendar, reporting
from bot.filing import answers, dataset, page, paper
from bot.filing.extra import NotInstalled
from tests import absent
from tests.filing import invented
from tests.filing.invented import LONDON, NOW

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.database import Database

CALENDAR = calendar.load(LONDON)
LOCALES = Path(__file__).parents[2] / "locales"


@pytest.fixture(scope="session", autouse=True)
def pango() -> None:
    try:
        paper._library()
    except NotInstalled as why:
        absent.leave_out("pango", str(why))


def shown(words: str) -> str:
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title><p dir="auto">{words}</p></html>'


def read(made: bytes) -> str:
    """What somebody can select and copy of it."""
    if shutil.which("pdftotext") is None:
        absent.leave_out("pango", "pdftotext is not installed: apt-get install poppler-utils")
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def every_language() -> str:
    """Every letter that any catalogue has."""
    letters = {one for file in LOCALES.glob("*/LC_MESSAGES/messages.po") for one in file.read_text("utf-8")}
    return "".join(sorted(one for one in letters if one.isprintable() and one not in "<>&"))


def test_there_is_a_letter_of_every_script_for_every_language() -> None:
    words = every_language()
    assert {"\u0639", "\u12a0", "\u0985", "\u6211", "\u0a05", "\u0a85", "\u0430", "\u03b1"} <= set(words)
    assert paper._drawn(shown(words))[1] == set()


def test_a_letter_that_no_font_has_is_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "_drawn", lambda _: (b"%PDF", {"\u6211", "\U0001f602"}))
    with pytest.raises(
        paper.NotDrawn, match="the letters of Cjk: apt-get install fonts-noto-core fonts-noto-cjk"
    ) as why:
        paper.pdf(shown("\u6211"))
    assert "\u6211" not in str(why.value)


def test_a_picture_that_no_font_has_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = paper._drawn
    # As on a machine without a font of them, whatever this one has.
    monkeypatch.setattr(paper, "_drawn", lambda html: (drawn(html)[0], {"\U0001f602"} & set(html)))
    assert "ok [face with tears of joy] bye" in read(paper.pdf(shown("ok \U0001f602 bye")))


def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(url: str) -> None:
        asked.append(url)
        raise ValueError(url)

    monkeypatch.setattr(paper, "_refuse", refuse)
    (secret := tmp_path / "secret.css").write_text("p { color: red }", "utf-8")
    wanted = ("http://127.0.0.1:9/a.png", secret.as_uri(), "http://127.0.0.1:9/b.css")
    links = f'<img src="{wanted[0]}"><link rel="stylesheet" href="{wanted[1]}"><style>@import url({wanted[2]});</style>'
    assert paper.pdf(shown(f"x{links}")).startswith(b"%PDF")
    assert set(asked) == set(wanted)
    monkeypatch.undo()
    with pytest.raises(ValueError, match="nothing is fetched"):
        paper._refuse(wanted[0])


def test_what_is_written_from_the_right_is() -> None:
    found = paper._directed('<td class="said" dir="auto">\u0645\u0631\u062d\u0628\u0627</td><q dir="auto">1 hi</q>')
    assert found == '<td class="said" dir="rtl">\u0645\u0631\u062d\u0628\u0627</td><q dir="ltr">1 hi</q>'


def test_the_same_page_gives_the_same_bytes() -> None:
    html = page.figures("Figures", "2026", ["group", "children"], {"age": [["10 to 12", "c"]]}, ["c: hidden"])
    made = paper.pdf(html)
    assert paper.pdf(html) == made
    text = read(made)
    for word in ("Figures", "Age", "10 to 12", "c: hidden", "1/1"):
        assert word in text


def test_figures_of_a_table_each_without_what_every_row_says() -> None:
    made = answers.Paper(out := io.BytesIO(), "dataset", "the year")
    made.head(dataset.HEADER)
    for row in (("age", "10 to 12", "c", 7), ("age", "total", 12, 20), ("care", "at =home", 12, 20)):
        made.row(("2025-04-01", "2026-03-31", *row))
    made.finish()
    text = read(out.getvalue())
    assert "2025-04-01" not in text
    assert text.index("Age") < text.index("10 to 12") < text.index("Care") < text.index("at =home")


def test_the_figures_of_a_year(settings: Settings, database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        invented.many(tx, 14, 2, 2026)
    out, write, kind = tmp_path / "out.pdf", reporting.counted("foi", 2026, CALENDAR), "foi"
    done = reporting.run(settings, kind, "2026", write, out, NOW, form=reporting.PDF)
    before = out.read_bytes()
    text = read(before)
    assert answers.TITLES[kind] in text
    assert "From 1 April 2025 to 31 March 2026" in text
    assert "14" in text
    assert done.rows > 3
    reporting.run(settings, kind, "2026", write, out, NOW, form=reporting.PDF)
    assert out.read_bytes() == before


@pytest.mark.parametrize(
    ("gone", "told"), [(None, r"pip install '\.\[pdf\]'"), ("pango", "apt-get install libpango-1.0-0")]
)
def test_what_is_missing_is_said_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, gone: str | None, told: str
) -> None:
    if gone is None:
        monkeypatch.setitem(sys.modules, "weasyprint", None)
    else:
        monkeypatch.delitem(sys.modules, "weasyprint")
        (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')", "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotInstalled, match=told):
        answers.Paper(io.BytesIO(), "foi", "").finish()
