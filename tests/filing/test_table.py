"""An interview as rows: every answer and every concern, what was not answered said to be that, no word run as a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from bot.filing import table
from flows.model import Concern, Guard, Level
from flows.record import AREAS, AlertLine, Decided, Entry, HeardConcern, Record

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


def test_an_alert_stands_with_who_took_it_and_what_was_decided_and_without_words() -> None:
    decided = (
        Decided(AT, "lowered", "L2", "mel", "she meant a film"),
        Decided(AT, "decision", "refer", "=mel", "she is not safe"),
    )
    alert = AlertLine(1, 2, "decided", AT, "ana", AT, "refer", decided, ("D05", "D21"))
    open_still = AlertLine(2, 3, "raised", AT, None, None, None)
    record = Record(
        "amber-heron", "return_interview", "r", "sms", AT, "done", dict.fromkeys(AREAS, ()), (), (), (alert, open_still), (), (),
        child="LA801",
    )  # fmt: skip
    when = "2026-11-16T12:00:00+00:00"
    rows = list(csv.reader(io.StringIO(table.write(record), newline="")))[1:]
    assert {row.pop() for row in rows} == {"LA801"}
    assert rows == [
        ["amber-heron", "alert", "1 level", "", "L2", "", when, "", ""],
        ["amber-heron", "alert", "1 categories", "", "D05; D21", "", when, "", ""],
        ["amber-heron", "alert", "1 state", "", "decided", "", "", "", ""],
        ["amber-heron", "alert", "1 taken", "", "ana", "", when, "", "ana"],
        ["amber-heron", "alert", "1 lowered", "", "L2", "", when, "", "mel"],
        ["amber-heron", "alert", "1 decision", "", "refer", "", when, "", "'=mel"],
        ["amber-heron", "alert", "2 level", "", "L3", "", when, "", ""],
        ["amber-heron", "alert", "2 state", "", "raised", "", "", "", ""],
    ]
