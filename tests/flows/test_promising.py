"""What a worker promised, and when it is due."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flows import promising

LONDON = ZoneInfo("Europe/London")

NOW = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("I'll text at 4", "2026-11-16 16:00"),
        ("I\u2019ll text you at 4pm ok", "2026-11-16 16:00"),
        ("I will check and get back to you by 5:30", "2026-11-16 17:30"),
        ("We'll call you tomorrow at 9", "2026-11-17 09:00"),
        ("i'll be back in 10 minutes", "2026-11-16 12:10"),
        ("Im gonna find out, in half an hour", "2026-11-16 12:30"),
        ("I'll write tomorrow", "2026-11-17 10:00"),
        ("I'll message you tonight", "2026-11-16 20:00"),
        ("I'll text at 11", "2026-11-16 23:00"),
        ("I'll text at 8 am", "2026-11-17 08:00"),
        ("I'll text at 16:15", "2026-11-16 16:15"),
        ("I'll let you know", None),
        ("let me ask my manager", None),
        ("I'll text you in two hours", "2026-11-16 14:00"),
        ("I will call you in ten minutes", "2026-11-16 12:10"),
        ("I'll text in 2hrs", "2026-11-16 14:00"),
        ("I'll text in 1h", "2026-11-16 13:00"),
        ("I'll ring you in an hour and a half", "2026-11-16 13:30"),
        ("I'll write within the next hour", "2026-11-16 13:00"),
        ("I'll text in the next 20 mins", "2026-11-16 12:20"),
        ("I'll ring in forty five minutes", "2026-11-16 12:45"),
        ("I'll be back in 5.", "2026-11-16 12:05"),
        ("I'll be back in a hurry", None),
        ("I'll call you 4pm", "2026-11-16 16:00"),
        ("I'll call at half past 4", "2026-11-16 16:30"),
        ("I'll call at half four", "2026-11-16 16:30"),
        ("I'll call at quarter to five", "2026-11-16 16:45"),
        ("I'll ring at ten past one", "2026-11-16 13:10"),
        ("I'll text you at four", "2026-11-16 16:00"),
        ("I'll text at 4ish", "2026-11-16 16:00"),
        ("I'll check at one o'clock", "2026-11-16 13:00"),
        ("I'll check at noon", "2026-11-16 12:00"),
        ("I'm here till 6 and I'll text you at 9", "2026-11-16 21:00"),
        ("I'll text till 6", "2026-11-16 18:00"),
        ("I'll text tomorrow night", "2026-11-17 20:00"),
        ("I'll text tomorrow. Good night", "2026-11-17 10:00"),
        ("I'll text you tomorrow at 8 in the evening", "2026-11-17 20:00"),
        ("I'll text you the day after tomorrow", "2026-11-18 10:00"),
        ("I'll call you on Wednesday at 10am", "2026-11-18 10:00"),
        ("I'll ring you on Friday at 4", "2026-11-20 16:00"),
        ("I'll ring you by thurs", "2026-11-19 10:00"),
        ("I'll text you next Monday", "2026-11-23 10:00"),
        ("I'll text you Monday at 9", "2026-11-16 21:00"),
        ("I'll text you on Monday morning", "2026-11-23 10:00"),
        ("I'll text you next week", "2026-11-23 10:00"),
        ("I'll text you in a week", "2026-11-23 12:00"),
        ("I'll phone them in 3 days", "2026-11-19 12:00"),
        ("ill txt u at 5", "2026-11-16 17:00"),
        ("gonna txt u in 10 mins", "2026-11-16 12:10"),
        ("I'll call when the sun is out", None),
        ("I'll text you tonight at 12", "2026-11-17 00:00"),
        ("I'll text you at 12 tomorrow night", "2026-11-18 00:00"),
        ("I'll text at midnight", "2026-11-17 00:00"),
        ("I'll text tomorrow at midnight", "2026-11-17 00:00"),
        ("I'll text tomorrow night at midnight", "2026-11-18 00:00"),
        ("I'll text tonight at midnight", "2026-11-17 00:00"),
        ("I'll text tonight at 1", "2026-11-17 01:00"),
        ("I'll text at 1am tonight", "2026-11-17 01:00"),
        ("I'll text tomorrow at 12", "2026-11-17 12:00"),
        ("I'll call you in the afternoon at 12", "2026-11-16 12:00"),
        ("I'll text you Sat morning", "2026-11-21 10:00"),
        ("I'll text you sat at 4", "2026-11-21 16:00"),
        ("I'll ring you fri", "2026-11-20 10:00"),
        ("I'll text you wed or thurs", "2026-11-18 10:00"),
        ("I sat with her and I'll text you", None),
        ("Sorry about last night, I'll text you", None),
        ("I read what you wrote yesterday evening. I'll text you", None),
        ("Night night, I'll text at 9 tomorrow", "2026-11-17 09:00"),
        ("Have a good weekend, I'll ring on Friday", "2026-11-20 10:00"),
        ("I'll text you later today", None),
    ],
)
def test_a_promise_and_when_it_is_due(text: str, due: str | None) -> None:
    found = promising.promise(text, NOW, LONDON)
    assert found is not None
    assert found.due == (None if due is None else datetime.fromisoformat(due).replace(tzinfo=LONDON))


@pytest.mark.parametrize("text", [
    "I'll text at 99",
    "I'll text at 4:75",
    "I'll ring you tomorrow at 25",
    "I'll text you in 2 or 3 hours",
    "I'll text you in 5 to 10 minutes",
    "I'll text you on the 25th",
    "I'll text you on the 25th at 4",
    "I'll text you on 25/11 at 4",
    "I'll text you at the weekend",
    "I'll text you tomorrow morning at 12",
    # Of a part of today that is over.
    "I'll text you this morning",
    "I'll text you today at 11 am",
])  # fmt: skip
def test_an_hour_that_is_named_and_cannot_be_told_is_no_guess(text: str) -> None:
    found = promising.promise(text, NOW, LONDON)
    assert found is not None
    assert (found.due, found.unclear) == (None, True)


@pytest.mark.parametrize(
    "text", ["I'm here.", "You can text us any time.", "I will always think you were brave", "Call 999", "going to bed"]
)
def test_what_is_no_promise(text: str) -> None:
    assert promising.promise(text, NOW, LONDON) is None


def test_hours_after_midnight_are_those_of_the_night_that_has_begun() -> None:
    at_one = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
    found = promising.promise("I'll text tonight at 3", at_one, LONDON)
    assert found is not None
    assert found.due == datetime(2026, 11, 17, 3, 0, tzinfo=UTC)


def test_a_promise_of_the_night_the_clocks_change() -> None:
    saturday = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)  # 21:00 summer time
    found = promising.promise("I'll text tomorrow at 9", saturday, LONDON)
    assert found is not None
    assert found.due == datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
