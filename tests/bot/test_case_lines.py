"""What a duty manager reads in a terminal: late first, one line an interview, and nothing old in the way of what is due today."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import case_lines, owing

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def clock(rule: str, due: str, colour: str = "plain", late: int = 0, **more: Any) -> dict[str, Any]:
    known = {
        "kind": "deadline",
        "case": "amber-heron",
        "part": "",
        "what": rule,
        "for": "worker",
        "since": "2026-11-19",
    }
    return {**known, "rule": rule, "due": due, "status": "running", "colour": colour, "minutes_late": late, **more}


def test_late_comes_first_and_the_rest_by_when_it_is_due() -> None:
    lines = [
        clock("R05", "2026-11-21T23:00:00+00:00"),
        clock("R07", "2026-11-23T23:59:59+00:00"),
        clock("R01", "2026-11-20T10:00:00+00:00", "red", 1560),
        clock("R13", "2026-11-21T10:00:00+00:00", status="blocked"),
        clock("R04", "2026-11-22T08:00:00+00:00", "amber"),
    ]
    head, *shown = case_lines.board(lines, NOW, LONDON)
    assert head == "1 late, 4 more"
    assert [line.split()[0] for line in shown] == ["LATE", "blocked", "today", "soon", "2026-11-23"]
    assert "[26 h late]" in shown[0]


def test_both_clocks_of_an_interview_are_one_line_here() -> None:
    lines = [clock(rule, "2026-11-22T08:00:00+00:00") for rule in ("R02", "R03", "R04")]
    lines.append(clock("R03", "2026-11-22T08:00:00+00:00", since="2026-11-01"))
    assert len(list(case_lines.board(lines, NOW, LONDON))) == 1 + 2
    assert len(list(case_lines.board(lines, NOW, LONDON, everything=True))) == 1 + 4


def test_what_is_months_late_or_weeks_away_is_counted_not_listed() -> None:
    lines = [
        clock("R14", "2026-01-23T23:59:59+00:00", "red", 434_154),
        clock("R23", "2027-02-20T23:59:59+00:00"),
        clock("R23", "2027-05-20T23:59:59+00:00"),
        {**clock("", "", colour="red"), "kind": "task", "what": "overdue_R15", "due": "2026-11-21T11:00:00+00:00"},
        {**clock("", "", colour="plain"), "kind": "task", "what": "complaint_route", "due": None, "case": None},
    ]
    shown = list(case_lines.board(lines, NOW, LONDON))
    assert shown[0] == "1 late, 1 more"
    assert shown[1].endswith("R15 is late: 48 hours missing")
    assert shown[2].split() == ["no", "date", "worker", "-", "complaint", "route"]
    assert shown[3:] == [
        "and 1 late for more than 90 days: waymark due --all",
        "and 2 due in more than 14 days: waymark due --all",
    ]
    assert len(list(case_lines.board(lines, NOW, LONDON, everything=True))) == 1 + 5
    assert owing.roles(lines) == ("worker",)
