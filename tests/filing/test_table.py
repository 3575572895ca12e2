"""An interview as rows: every answer and every concern, what was not answered said to be that, no word run as a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from bot.filing import table
from flows.model import Concern, Guard, Level
from flows.record import AREAS, Entry, HeardConcern, Record

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


def entry(question: str, value: str | int | tuple[str, ...] | None, said: str = "") -> Entry:
    return Entry(question, f"{question}?", value, said, AT, "en", "child", unclear=False, messages=())


def test_every_answer_is_a_row_and_none_is_a_formula() -> None:
    areas = dict.fromkeys(AREAS, ()) | {"q2": (entry("where", "=HYPERLINK(1)", "=HYPERLINK(1)"), entry("pull", None))}
    heard = HeardConcern(
        AT, Concern(Level.L3, Level.L3, ("D05", "D21"), (), Guard.LOCK, "why"), "@he, hit\nme", "where", None
    )
    record = Record(
        "amber-heron",
        "return_interview",
        "r",
        "sms",
        AT,
        "done",
        areas,
        (entry("with", ("a", "b")),),
        (heard,),
        (),
        (),
        (),
    )
    rows = list(csv.reader(io.StringIO(table.write(record), newline="")))
    assert tuple(rows[0]) == table.HEADER
    assert [row[1:6] for row in rows[1:]] == [
        ["q2", "where", "where?", "'=HYPERLINK(1)", "'=HYPERLINK(1)"],
        ["q2", "pull", "pull?", table.CHOSE_NOT_TO_SAY, ""],
        ["other", "with", "with?", "a; b", ""],
        ["concern", "D05; D21", "where", "L3", "'@he, hit\nme"],
    ]
    assert {row[6] for row in rows[1:]} == {"2026-11-16T12:00:00+00:00"}
    assert table.write(record) == table.write(record)
