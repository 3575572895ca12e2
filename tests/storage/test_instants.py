"""Instants as text: what is written and read is what `datetime` itself writes and reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from storage import instants

LONDON = ZoneInfo("Europe/London")
ZONES = st.sampled_from((None, UTC, timezone(timedelta(0)), timezone(timedelta(hours=3)), LONDON))


@given(st.builds(lambda at, zone, fold: at.replace(tzinfo=zone, fold=fold), st.datetimes(), ZONES, st.integers(0, 1)))
def test_any_time_is_written_and_read_as_the_library_does(at: datetime) -> None:
    for _ in range(2):
        assert instants.whole(at) == at.isoformat(timespec="microseconds")
        assert instants.plain(at) == at.isoformat()
        assert instants.read(instants.plain(at)).isoformat() == at.isoformat()


def test_equal_times_of_two_zones_and_both_hours_of_a_clock_that_goes_back_keep_their_own_text() -> None:
    noon = datetime(2026, 11, 16, 12, tzinfo=UTC)
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)
    several = (noon, noon.astimezone(timezone(timedelta(hours=3))), twice, twice.replace(fold=1))
    assert several[0] == several[1]
    assert several[2] == several[3]
    assert [instants.plain(one) for one in several] == [one.isoformat() for one in several]
    assert len({instants.whole(one) for one in several}) == len(several)
