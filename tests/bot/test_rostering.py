"""Local times from the command line, across both clock changes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot import rostering
from bot.keeping import NotFound

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-10-25 01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2027-03-28 01:30", datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("2026-07-01 20:00", datetime(2026, 7, 1, 19, 0, tzinfo=UTC), datetime(2026, 7, 1, 19, 0, tzinfo=UTC)),
    ],
)
def test_hours_are_never_shorter_than_they_were_meant(text: str, first: datetime, last: datetime) -> None:
    assert rostering.local(text, LONDON) == first
    assert rostering.local(text, LONDON, last=True) == last


@pytest.mark.parametrize("text", ["tomorrow", "2026-11-31 20:00", "21.11.2026 20:00"])
def test_what_is_no_time_says_how_to_write_one(text: str) -> None:
    with pytest.raises(NotFound, match="write it like 2026-11-21 20:00"):
        rostering.local(text, LONDON)


@pytest.mark.parametrize(("role", "told"), [("boss", "use one of duty"), ("requester", "stands on no shift")])
def test_a_role_in_which_nobody_stands(role: str, told: str) -> None:
    with pytest.raises(NotFound, match=told):
        rostering.known_role(role)
