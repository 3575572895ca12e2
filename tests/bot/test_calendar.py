"""England's bank holidays, with their observed days, and what a service adds or takes away."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot import calendar

LONDON = ZoneInfo("Europe/London")
MONTHS = {"Jan": 1, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Aug": 8, "Sep": 9, "Dec": 12}
KNOWN = {
    2022: "1 Jan, 3 Jan, 15 Apr, 18 Apr, 2 May, 2 Jun, 3 Jun, 29 Aug, 19 Sep, 25 Dec, 26 Dec, 27 Dec",
    2026: "1 Jan, 3 Apr, 6 Apr, 4 May, 25 May, 31 Aug, 25 Dec, 26 Dec, 28 Dec",
    2027: "1 Jan, 26 Mar, 29 Mar, 3 May, 31 May, 30 Aug, 25 Dec, 26 Dec, 27 Dec, 28 Dec",
}


@pytest.mark.parametrize("year", KNOWN)
def test_the_bank_holidays_of_england_with_their_observed_days(year: int) -> None:
    off = {day for day in calendar.load(LONDON).days_off if day.year == year}
    named = (day.split() for day in KNOWN[year].split(", "))
    assert off == {date(year, MONTHS[month], int(day)) for day, month in named}


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        ("2026-04-02", 1, "2026-04-07"),
        ("2026-04-02", 5, "2026-04-13"),
        ("2026-04-02", 7, "2026-04-15"),
        ("2026-12-24", 2, "2026-12-30"),
        ("2027-12-24", 2, "2027-12-30"),
        ("2025-12-31", 2, "2026-01-05"),
        ("2030-12-24", 1, "2030-12-27"),
    ],
)
def test_working_days_over_easter_christmas_and_new_year(day: str, count: int, result: str) -> None:
    assert calendar.load(LONDON).wd(date.fromisoformat(day), count) == date.fromisoformat(result)


def test_scotlands_days_are_worked_in_england() -> None:
    england = calendar.load(LONDON)
    assert england.is_wd(date(2026, 1, 2))
    assert england.is_wd(date(2026, 11, 30))


def test_every_year_it_knows_has_eight_days_off_or_more() -> None:
    days_off = calendar.load(LONDON).days_off
    for year in range(calendar.FIRST_YEAR, calendar.LAST_YEAR + 1):
        assert sum(day.year == year and day.weekday() < 5 for day in days_off) >= 8


def test_the_local_list_adds_and_takes_away() -> None:
    local = calendar.load(
        LONDON,
        "# proclaimed late\n\n2026-06-05 +one-off\n 2026-05-04 - moved to Friday \n2026-12-28\t+ already one\n",
    )
    assert not local.is_wd(date(2026, 6, 5))
    assert local.is_wd(date(2026, 5, 4))
    assert not local.is_wd(date(2026, 12, 28))
    assert local.wd(date(2026, 6, 4), 1) == date(2026, 6, 8)
    assert local.version == f"{calendar.load(LONDON).version}, 3 local"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2026-06-05", r"^line 1: this is no day off; write a date, \+ or -, and why, like '2026-06-05 \+one-off'$"),
        ("\n# why\n5 June 2026 +one-off", "^line 3: this is no day off; write a date"),
        ("2026-06-05 +", "^line 1: this is no day off"),
        ("05/06/2026 +one-off", "^line 1: this is no day off"),
        ("2026-06-05 one-off", "^line 1: this is no day off"),
        ("2026-02-29 +one-off", "^line 1: 2026-02-29 is no day of the calendar"),
        ("2026-13-01 +one-off", "^line 1: 2026-13-01 is no day of the calendar"),
        ("1926-06-05 +one-off", "^line 1: 1926-06-05 is outside 2000 to 2100; mend the year"),
        ("2026-06-04 -moved", "^line 1: 2026-06-04 is no bank holiday in England; take the line away or mend the date"),
        ("2026-06-05 +a\n2026-06-05 +b", "^line 2: 2026-06-05 stands in line 1 already; keep one of the two"),
        ("2026-05-04 -a\n\n2026-05-04 +b", "^line 3: 2026-05-04 stands in line 1 already"),
    ],
)
def test_a_line_that_cannot_be_used_says_which_and_how_to_mend_it(text: str, message: str) -> None:
    with pytest.raises(calendar.WrongLine, match=message):
        calendar.load(LONDON, text)


def test_the_number_of_the_line_is_given_to_callers() -> None:
    with pytest.raises(calendar.WrongLine) as wrong:
        calendar.read("\n\nsoon")
    assert wrong.value.line == 3


def test_a_service_that_closes_early_and_one_in_another_zone() -> None:
    england = calendar.load(LONDON, close=time(17))
    assert england.eod(date(2026, 7, 1)).isoformat() == "2026-07-01T16:00:00+00:00"
    assert calendar.load(ZoneInfo("UTC")).eod(date(2026, 7, 1)).isoformat() == "2026-07-01T23:59:59+00:00"
    assert england.day(datetime(2026, 7, 1, 23, 30, tzinfo=ZoneInfo("UTC"))) == date(2026, 7, 2)
