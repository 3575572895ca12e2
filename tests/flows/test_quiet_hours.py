"""Night and morning by the clock on the wall, on ordinary days and on the two days when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import quiet_hours

LONDON = ZoneInfo("Europe/London")
# Clocks that change at 01:00, at midnight, by half an hour, and by two hours.
ZONES = tuple(map(ZoneInfo, ("Europe/London", "America/Havana", "Australia/Lord_Howe", "Antarctica/Troll", "UTC")))

INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda hours: hours[0] < hours[1])


def local(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


@pytest.mark.parametrize(
    ("at", "night"),
    [
        ("2026-11-16 07:59:59", True),
        ("2026-11-16 08:00", False),
        ("2026-11-16 21:59:59", False),
        ("2026-11-16 22:00", True),
        ("2026-11-16 02:10", True),
        ("2026-07-16 08:00", False),
        ("2026-07-16 22:00", True),
    ],
)
def test_night_is_read_from_the_wall_in_winter_and_summer(at: str, night: bool) -> None:
    assert quiet_hours.is_night(local(at), LONDON) is night
    assert quiet_hours.is_night(local(at).astimezone(UTC), LONDON) is night


def test_an_open_instant_is_its_own_next_open() -> None:
    assert quiet_hours.next_open(local("2026-11-16 09:00"), LONDON, 9, 22) == local("2026-11-16 09:00")
    assert quiet_hours.next_open(local("2026-11-16 21:59"), LONDON, 9, 22) == local("2026-11-16 21:59")


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-16 23:30", "2026-11-17 09:00"),
        ("2026-11-17 00:30", "2026-11-17 09:00"),
        ("2026-11-17 08:59", "2026-11-17 09:00"),
        ("2026-12-31 22:00", "2027-01-01 09:00"),
        # The night is an hour short, then an hour long: nine is nine on the wall.
        ("2026-03-28 23:00", "2026-03-29 09:00"),
        ("2026-10-24 23:00", "2026-10-25 09:00"),
    ],
)
def test_what_comes_at_night_opens_at_nine_on_the_wall(at: str, opens: str) -> None:
    assert quiet_hours.next_open(local(at), LONDON, 9, 22) == local(opens)


def test_the_two_nights_of_the_change_have_nine_and_eleven_hours_real_time() -> None:
    for evening, hours in (("2026-03-28 23:00", 9), ("2026-10-24 23:00", 11), ("2026-11-16 23:00", 10)):
        at = local(evening).astimezone(UTC)
        assert quiet_hours.next_open(at, LONDON, 9, 22) - at == timedelta(hours=hours)


def test_an_hour_that_spring_leaves_out_opens_when_the_clock_jumps() -> None:
    opens = quiet_hours.next_open(local("2026-03-29 00:30"), LONDON, 1, 5)
    assert opens == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert opens.astimezone(LONDON).hour == 2


def test_an_opening_that_spring_leaves_out_altogether_waits_a_day() -> None:
    assert quiet_hours.next_open(local("2026-03-29 00:30"), LONDON, 1, 2) == local("2026-03-30 01:00")


def test_an_hour_that_autumn_shows_twice_is_open_both_times_and_strikes_once() -> None:
    first, second = local("2026-10-25 01:30"), local("2026-10-25 01:30", fold=1)
    assert quiet_hours.next_open(first, LONDON, 1, 2) is first
    assert quiet_hours.next_open(second, LONDON, 1, 2) is second
    assert quiet_hours.next_at(local("2026-10-25 00:30"), LONDON, 1) == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert quiet_hours.next_at(second, LONDON, 1) == local("2026-10-26 01:00")


def test_the_next_strike_is_strictly_later() -> None:
    assert quiet_hours.next_at(local("2026-11-16 16:59"), LONDON, 17) == local("2026-11-16 17:00")
    assert quiet_hours.next_at(local("2026-11-16 17:00"), LONDON, 17) == local("2026-11-17 17:00")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        quiet_hours.is_night(datetime(2026, 11, 16, 9), LONDON)  # noqa: DTZ001


@pytest.mark.parametrize(("from_hour", "to_hour"), [(9, 9), (22, 8), (-1, 5), (9, 25), (24, 24)])
def test_hours_of_no_day_are_refused(from_hour: int, to_hour: int) -> None:
    with pytest.raises(ValueError, match="whole hours"):
        quiet_hours.next_open(local("2026-11-16 09:00"), LONDON, from_hour, to_hour)


@given(INSTANTS, st.sampled_from(ZONES), HOURS)
def test_next_open_is_open_not_earlier_and_soon(at: datetime, tz: ZoneInfo, hours: tuple[int, int]) -> None:
    opens = quiet_hours.next_open(at, tz, *hours)
    assert quiet_hours.is_open(opens, tz, *hours)
    assert at <= opens <= at + timedelta(hours=49)
    assert quiet_hours.next_open(opens, tz, *hours) == opens


@given(INSTANTS, HOURS)
def test_nothing_open_is_stepped_over_in_london(at: datetime, hours: tuple[int, int]) -> None:
    opens = quiet_hours.next_open(at, LONDON, *hours)
    quarter = timedelta(minutes=15)
    while (at := at + quarter) < opens:
        assert not quiet_hours.is_open(at, LONDON, *hours)
