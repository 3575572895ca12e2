"""Weeks to instants across both clock changes, swaps, gaps, and whom an urgent alert reaches."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import rota
from flows.model import Ladder, Level, OnDuty, Rung
from flows.shifts import Cover, Gap, Pattern, Shift

LONDON = ZoneInfo("Europe/London")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The clocks go back in the night to the 25th of October, and forward in the night to the 28th of March.
AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)
NIGHTS = rota.LADDER


def utc(day: int, hour: int, minute: int = 0, month: int = 10, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def pattern(starts: str, ends: str, days: str = "0123456", since: date = date(2026, 1, 1)) -> Pattern:
    return Pattern(
        "p", "ana", "duty", frozenset(map(int, days)), time.fromisoformat(starts), time.fromisoformat(ends), since
    )


def only(starts: str, ends: str, day: date) -> tuple[datetime, datetime]:
    ((_, begins, over),) = rota.expand(pattern(starts, ends), day, day, LONDON)
    return begins, over


@pytest.mark.parametrize(
    ("starts", "ends", "day", "begins", "over"),
    [
        # an ordinary night in summer and one in winter
        ("22:00", "06:00", date(2026, 7, 1), utc(1, 21, month=7), utc(2, 5, month=7)),
        ("22:00", "06:00", date(2026, 12, 1), utc(1, 22, month=12), utc(2, 6, month=12)),
        # the night of 25 hours: nine hours of shift, the last of them too
        ("22:00", "06:00", AUTUMN - DAY, utc(24, 21), utc(25, 6)),
        # the night of 23 hours: seven
        ("22:00", "06:00", SPRING - DAY, utc(27, 22, month=3, year=2027), utc(28, 5, month=3, year=2027)),
        # 01:30 comes twice: whoever begins then begins at the first, whoever ends then ends at the second
        ("01:30", "09:00", AUTUMN, utc(25, 0, 30), utc(25, 9)),
        ("18:00", "01:30", AUTUMN - DAY, utc(24, 17), utc(25, 1, 30)),
        # 01:30 never comes: whoever begins then begins early, whoever ends then ends late
        ("01:30", "09:00", SPRING, utc(28, 0, 30, 3, 2027), utc(28, 8, 0, 3, 2027)),
        ("18:00", "01:30", SPRING - DAY, utc(27, 18, 0, 3, 2027), utc(28, 1, 30, 3, 2027)),
        # round the clock
        ("08:00", "08:00", AUTUMN - DAY, utc(24, 7), utc(25, 8)),
    ],
)
def test_hours_of_the_wall_as_instants(starts: str, ends: str, day: date, begins: datetime, over: datetime) -> None:
    assert only(starts, ends, day) == (begins, over)


def test_a_pattern_has_its_days_its_first_and_its_last() -> None:
    mondays = Pattern("p", "ana", "duty", frozenset({0}), time(9), time(17), date(2026, 11, 3), date(2026, 11, 23))
    days = [day for day, _, _ in rota.expand(mondays, date(2026, 10, 1), date(2026, 12, 31), LONDON)]
    assert days == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]


@given(
    cuts=st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=5, unique=True),
    first=st.dates(date(2026, 1, 1), date(2027, 12, 1)),
)
def test_hours_that_follow_each_other_on_the_wall_leave_no_gap_on_any_night(cuts: list[int], first: date) -> None:
    """Any way of parting the day into shifts covers every instant of a fortnight, clock changes or not."""
    marks = [time(cut // 60, cut % 60) for cut in sorted(cuts)]
    hours = [(start, marks[(at + 1) % len(marks)]) for at, start in enumerate(marks)]
    shifts = [
        Shift("s", "ana", "duty", begins, over)
        for start, end in hours
        for _, begins, over in rota.expand(
            Pattern("p", "ana", "duty", frozenset(range(7)), start, end, first - DAY),
            first - DAY,
            first + 14 * DAY,
            LONDON,
        )
    ]
    now = datetime.combine(first + DAY, time(), LONDON).astimezone(UTC)
    assert rota.gaps(shifts, "duty", now, now + 13 * DAY) == ()
    assert all(one.starts_at < one.ends_at for one in shifts)


# --- swaps ------------------------------------------------------------------------------------------------------------

NIGHT = Shift("1", "ana", "duty", utc(1, 20), utc(2, 8))


def who(shifts: tuple[Shift, ...], at: datetime, role: str = "duty") -> set[str]:
    return {one.staff for one in shifts if one.role == role and one.starts_at <= at < one.ends_at}


def test_a_swap_cuts_out_its_hours_and_leaves_the_rest() -> None:
    standing = rota.stand([NIGHT], [Cover("c", "duty", "ana", "ben", utc(1, 23), utc(2, 2))])
    assert [(one.staff, one.starts_at, one.ends_at) for one in standing] == [
        ("ana", utc(1, 20), utc(1, 23)),
        ("ben", utc(1, 23), utc(2, 2)),
        ("ana", utc(2, 2), utc(2, 8)),
    ]
    assert {one.id for one in standing} == {""}


def test_a_swap_touches_nobody_else_and_no_other_role() -> None:
    others = [Shift("2", "cat", "duty", utc(1, 20), utc(2, 8)), Shift("3", "ana", "backup", utc(1, 20), utc(2, 8))]
    standing = rota.stand([NIGHT, *others], [Cover("c", "duty", "ana", "ben", utc(1, 0), utc(3, 0))])
    assert set(others) <= set(standing)
    assert who(standing, utc(1, 21)) == {"ben", "cat"}
    assert who(standing, utc(1, 21), "backup") == {"ana"}


def test_who_stands_in_may_be_stood_in_for_and_given_back() -> None:
    covers = [
        Cover("1", "duty", "ana", "ben", utc(1, 20), utc(2, 8)),
        Cover("2", "duty", "ben", "cat", utc(1, 22), utc(2, 0)),
        Cover("3", "duty", "cat", "ana", utc(1, 23), utc(2, 0)),
    ]
    standing = rota.stand([NIGHT], covers)
    assert [who(standing, utc(1, hour)) for hour in (20, 22, 23)] == [{"ben"}, {"cat"}, {"ana"}]
    assert rota.stand([NIGHT], []) == (NIGHT,), "without the swaps it is as it was planned"


_people = st.sampled_from(["ana", "ben", "cat"])
_hours = st.tuples(st.integers(0, 40), st.integers(1, 20))


@given(
    shifts=st.lists(st.tuples(_people, _hours), max_size=4),
    swaps=st.lists(st.tuples(_people, _people, _hours), max_size=5),
)
def test_however_often_it_is_swapped_as_many_stand_as_were_planned(
    shifts: list[tuple[str, tuple[int, int]]], swaps: list[tuple[str, str, tuple[int, int]]]
) -> None:
    base = utc(1, 0)
    planned = [
        Shift(str(n), name, "duty", base + a * HOUR, base + (a + b) * HOUR) for n, (name, (a, b)) in enumerate(shifts)
    ]
    covers = [
        Cover(str(n), "duty", out, into, base + a * HOUR, base + (a + b) * HOUR)
        for n, (out, into, (a, b)) in enumerate(swaps)
    ]
    standing = rota.stand(planned, covers)
    for hour in range(62):
        at = base + hour * HOUR
        held = [one for one in standing if one.starts_at <= at < one.ends_at]
        assert len(held) == sum(one.starts_at <= at < one.ends_at for one in planned)
    assert all(one.starts_at < one.ends_at for one in standing)


# --- gaps -------------------------------------------------------------------------------------------------------------


def test_a_gap_is_known_by_when_it_really_began() -> None:
    shifts = [NIGHT, Shift("2", "ben", "duty", utc(2, 20), utc(3, 8))]
    assert rota.gaps(shifts, "duty", utc(2, 12), utc(5, 0)) == (
        Gap("duty", utc(2, 8), utc(2, 20)),
        Gap("duty", utc(3, 8), None),
    )
    assert rota.gaps(shifts, "duty", utc(1, 22), utc(3, 8)) == (Gap("duty", utc(2, 8), utc(2, 20)),)
    assert rota.gaps(shifts, "backup", utc(1, 22), utc(2, 8)) == (Gap("backup", None, None),)
    assert rota.gaps(shifts, "duty", utc(1, 10), utc(1, 22)) == (Gap("duty", None, utc(1, 20)),)
    assert rota.gaps([NIGHT], "duty", utc(1, 21), utc(2, 8)) == ()
    assert rota.gaps([NIGHT, Shift("2", "b", "duty", utc(9, 0), utc(9, 9))], "duty", utc(2, 9), utc(3, 0)) == (
        Gap("duty", utc(2, 8), utc(9, 0)),
    )


@pytest.mark.parametrize(
    ("seen", "starts", "told"),
    [
        # seen by day, begins in four days at noon: now, the day before, two hours before
        (
            utc(1, 11, month=12),
            utc(5, 12, month=12),
            [utc(1, 11, month=12), utc(4, 12, month=12), utc(5, 10, month=12)],
        ),
        # seen by night: in the morning
        (utc(1, 2, month=12), utc(5, 12, month=12), [utc(1, 8, month=12), utc(4, 12, month=12), utc(5, 10, month=12)]),
        # begins at 03:00: the evening before, not in the night
        (utc(1, 11, month=12), utc(5, 3, month=12), [utc(1, 11, month=12), utc(3, 21, 30, 12), utc(4, 21, 30, 12)]),
        # there already, in the night: at once
        (utc(2, 2, month=12), utc(1, 20, month=12), [utc(2, 2, month=12)]),
        # begins before the morning: at once
        (utc(2, 2, month=12), utc(2, 6, month=12), [utc(2, 2, month=12)]),
    ],
)
def test_when_managers_are_told_of_a_gap(seen: datetime, starts: datetime, told: list[datetime]) -> None:
    assert list(rota.told_at(Gap("duty", starts, None), seen, LONDON)) == told


# --- whom an alert reaches --------------------------------------------------------------------------------------------

LADDER = Ladder(
    Level.L3,
    (
        Rung(0, ("duty", "manager"), "sms"),
        Rung(0, ("duty", "manager"), "voice"),
        Rung(5, ("backup",), "sms"),
        Rung(10, ("service_manager",), "sms"),
    ),
    15,
    30,
)
REST = (23, 7, 12)


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (utc(2, 6, 59, 12), None),
        (utc(2, 7, 0, 12), (utc(1, 23, month=12), utc(2, 7, month=12))),
        (utc(2, 11, 59, 12), (utc(1, 23, month=12), utc(2, 7, month=12))),
        (utc(2, 12, 0, 12), None),
        (utc(2, 23, 30, 12), None),
        # by the wall in summer, and over the night of 25 hours
        (utc(2, 6, 30, 7), (utc(1, 22, month=7), utc(2, 6, month=7))),
        (utc(25, 8), (utc(24, 22), utc(25, 7))),
    ],
)
def test_the_morning_after(now: datetime, night: tuple[datetime, datetime] | None) -> None:
    assert rota.resting_since(now, LONDON, REST) == night


def called(index: int, *on_duty: OnDuty) -> list[str]:
    return [one.name for one in rota.on_rung(LADDER, index, on_duty)]


ANA, BEN, SUE = OnDuty("ana", "duty"), OnDuty("ben", "backup"), OnDuty("sue", "service_manager")
MEL, TIRED = OnDuty("mel", "manager"), OnDuty("mel", "manager", resting=True)


def test_a_manager_who_rests_is_called_by_the_second_rung() -> None:
    assert [called(at, ANA, TIRED, BEN, SUE) for at in range(4)] == [["ana"], ["ana"], ["ben", "mel"], ["sue"]]
    assert [called(at, ANA, MEL, BEN, SUE) for at in range(4)] == [["ana", "mel"], ["ana", "mel"], ["ben"], ["sue"]]


def test_an_l4_calls_a_manager_who_rests_at_once() -> None:
    danger = replace(LADDER, level=Level.L4)
    first = [[one.name for one in rota.on_rung(danger, at, (ANA, TIRED, BEN, SUE))] for at in range(4)]
    assert first == [["ana", "mel"], ["ana", "mel"], ["ben"], ["sue"]]


def test_unless_nobody_else_can_be_first() -> None:
    assert [called(at, TIRED, BEN) for at in range(4)] == [["mel"], ["mel"], ["ben"], []]
    assert called(2, ANA, TIRED) == ["mel"], "nobody is backup: she is called all the same"


def test_only_managers_rest() -> None:
    assert rota.rested((ANA, MEL, SUE), {"ana", "mel"}) == (ANA, TIRED, SUE)


def test_who_is_asked_to_decide_is_a_manager_by_shift_or_by_their_own_role() -> None:
    vic = OnDuty("vic", "worker")
    assert rota.asked_to_decide((ANA, MEL), (ANA, MEL, SUE)) == (ANA, MEL, SUE)
    assert rota.asked_to_decide((ANA, MEL), (ANA, MEL, vic)) == (ANA, MEL), "whoever is lent a role is no manager"
    assert rota.asked_to_decide((ANA, SUE), (ANA, MEL, SUE)) == (ANA, SUE)
    assert rota.asked_to_decide((ANA,), (ANA, MEL, SUE)) == (ANA, SUE)
    assert rota.asked_to_decide((ANA,), (ANA, MEL, vic)) == (ANA, MEL)
    assert rota.asked_to_decide((ANA,), (ANA, BEN, vic)) == (ANA,)
    on_duty = replace(MEL, role="duty")
    assert rota.asked_to_decide((ANA, on_duty), (ANA, MEL, SUE)) == (MEL, ANA, on_duty, SUE)


def test_the_last_rung_is_always_someone() -> None:
    everybody = (ANA, BEN, MEL, SUE, OnDuty("vic", "worker"))
    assert rota.reachable((ANA, SUE), everybody, ()) == (ANA, SUE)
    assert rota.reachable((ANA,), everybody, ()) == (ANA, SUE)
    assert rota.reachable((ANA,), (ANA, BEN, MEL), ()) == (ANA, OnDuty("mel", "service_manager"))
    assert rota.reachable((ANA,), everybody, {"ben"}) == (ANA, OnDuty("ben", "service_manager"))
    assert rota.reachable((ANA,), everybody, {"ana"}) == (ANA, SUE), "who is called already is not the last"
    assert rota.reachable((), (OnDuty("vic", "worker"),), ()) == (OnDuty("vic", "duty"),)
    assert rota.reachable((), (), ()) == ()


_roles = st.sampled_from(["duty", "backup", "manager", "service_manager", "worker", "supervisor"])
_staff = st.lists(st.builds(OnDuty, st.sampled_from("abcdefg"), _roles), max_size=6, unique_by=lambda one: one.name)


@given(everybody=_staff, on=st.sets(st.sampled_from("abcdefg")), tired=st.sets(st.sampled_from("abcdefg")))
def test_whoever_is_on_duty_some_rung_calls_somebody_and_nobody_is_lost(
    everybody: list[OnDuty], on: set[str], tired: set[str]
) -> None:
    on_duty = tuple(one for one in everybody if one.name in on and one.role in rota.LADDER)
    reached = rota.rested(rota.reachable(on_duty, tuple(everybody), ()), tired)
    by_rung = [rota.on_rung(LADDER, at, reached) for at in range(len(LADDER.rungs))]
    assert {one.name for one in reached} == {one.name for rung in by_rung for one in rung}
    assert bool(reached) == bool(everybody)
    if len(everybody) > len(on_duty):
        assert any(one.role == "service_manager" for one in reached) or not on_duty


def test_what_can_wait_waits_for_no_empty_rung_where_only_the_service_manager_is_there() -> None:
    sue, ana = OnDuty("sue", "service_manager"), OnDuty("ana", "manager")
    assert rota.stood_in(()) == ()
    assert rota.stood_in((sue, ana)) == (sue, ana)
    assert [(one.name, one.role) for one in rota.stood_in((sue,))] == [
        ("sue", "duty"),
        ("sue", "backup"),
        ("sue", "service_manager"),
    ]
