"""Local times from the command line, across both clock changes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot import rostering
from bot.channels.addresses import NotAPhone
from bot.config import Settings
from bot.keeping import NotFound

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
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


@pytest.mark.parametrize(
    ("language", "provider", "phone", "told"),
    [
        ("klingon", "Tolk", "07700900220", "'klingon' is no language"),
        ("vi", "  ", "07700900220", "--provider: say who they are"),
        ("vi", "Tolk" * 20, "07700900220", "--provider: say who they are"),
        ("vi", "Tolk", "abc", "write it like 07700 900123"),
    ],
)
def test_an_interpreter_whom_nobody_could_ring_is_not_taken(
    tmp_path: Path, language: str, provider: str, phone: str, told: str
) -> None:
    given = Settings(keys_file=tmp_path / "keys", database_url=f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises((NotFound, NotAPhone), match=told):
        rostering.add_interpreter(given, language, provider, phone, "", "daily", ("00:00", "00:00"), AT)


@pytest.mark.parametrize("end", ["2026-12-22 20:01", "2126-11-21 20:00"])
def test_a_shift_is_at_most_a_month_long(tmp_path: Path, end: str) -> None:
    given = Settings(keys_file=tmp_path / "keys", database_url=f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(
        NotFound, match="is longer than 31 days, the most that one shift can be; `waymark rota pattern add`"
    ):
        rostering.add_shift(given, "Ana", "duty", "2026-11-21 20:00", end, AT)
