"""What is written as CSV can be opened in a spreadsheet: nothing in it is run, and nothing is lost."""

from __future__ import annotations

import io

import pytest

from bot.filing import cells


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("=1+2", "'=1+2"),
        ("+447700900123", "'+447700900123"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("|calc", "'|calc"),
        ("a=1", "a=1"),
        ("no\x00thing\x1b", "no\ufffdthing\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("\u202e=1", "\ufffd=1"),
        (7, "7"),
        (None, ""),
    ],
)
def test_no_cell_is_a_formula(given: str | int | None, written: str) -> None:
    assert cells.text(given) == written


def test_a_cell_keeps_its_commas_quotes_and_lines() -> None:
    out = io.StringIO(newline="")
    assert cells.write(out, ("=a", "b"), [('he said "go", then', "two\nlines")]) == 1
    assert out.getvalue() == '\'=a,b\r\n"he said ""go"", then","two\nlines"\r\n'
