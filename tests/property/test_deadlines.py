"""Whatever is known of a child and in whatever order it comes, no deadline vanishes, slides or un-happens by itself."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from flows import deadline_rules, deadline_windows, deadlines
from flows.deadlines import Attempt, Colour, Deadline, Facts, Flag, Matter, Status, Talk
from flows.model import Level
from flows.working_time import Calendar, age, within

LONDON = ZoneInfo("Europe/London")
OFF = frozenset(date(year, month, day) for year in range(2024, 2031) for month, day in ((1, 1), (12, 25), (12, 28)))
ENGLAND = Calendar(LONDON, OFF)
FIRST, LAST = datetime(2025, 11, 1, tzinfo=UTC), datetime(2027, 1, 10, tzinfo=UTC)

days = st.dates(date(2025, 1, 1), date(2029, 12, 31))
# Both nights on which the clocks change, the end of two years and a leap day come up again and again.
awkward = st.sampled_from(["2026-03-29T00:59:59", "2026-10-25T00:30", "2026-10-25T01:30", "2025-12-31T23:30", "2026-12-31T23:59:59"])  # fmt: skip  # noqa: E501
instants = awkward.map(lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC)) | st.datetimes(
    FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None), timezones=st.sampled_from([UTC, LONDON])
)
maybe = st.none() | instants
few: dict[str, Any] = {"max_size": 3}
keys = st.sampled_from("ab")


def unique(each: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(each, unique_by=lambda value: value.key, **few).map(tuple)


def matters(*kinds: str) -> st.SearchStrategy[tuple[Any, ...]]:
    return unique(st.builds(Matter, keys, instants, maybe, st.sampled_from(kinds or ("",))))


modes = st.sampled_from(["face_to_face", "phone", "unattended_chat"])
several = st.lists(instants, **few).map(tuple)
ANY: dict[str, st.SearchStrategy[Any]] = {
    "attempts": st.lists(st.builds(Attempt, instants, st.sampled_from(["sms", "phone"]), st.booleans()), **few).map(
        tuple
    ),
    "talks": st.lists(st.builds(Talk, instants, st.sampled_from(["", "Rosa"]), st.booleans(), modes), **few).map(tuple),
    "actions": matters(),
    "check_in_days": st.sampled_from([(), (1, 3, 7), (7,)]),
    "parent_blocks": st.sampled_from([(), ("avoid_person",), ("D14", "D15")]),
    "reviews": several,
    "starts": st.lists(instants, max_size=6).map(tuple),
    "meetings": several,
    "repeat_days": st.sampled_from([None, 30]),
    "flags": unique(st.builds(Flag, keys, st.sampled_from(Level), instants, maybe, maybe)),
    "referrals": matters(),
    "disagreements": matters(),
    "strategies": matters("", "serious", "complex"),
    "csa_told": matters("", "a reason"),
    "allegations": matters(),
    "asked": matters("bot", "L2", "L4", ""),
    "logged": st.dictionaries(st.sampled_from(["R15.director", "R17", "R22", "R28", "R37.day_7"]), instants),
    **dict.fromkeys(("looked_after", "has_social_worker", "trafficked"), st.sampled_from([None, True, False])),
    **dict.fromkeys(("fgm_done", "recorder_regulated", "csa_reporting"), st.booleans()),
}
CHOICES = {item.name: ANY.get(item.name, maybe) for item in fields(Facts)}
facts_strategy = st.fixed_dictionaries({}, optional=CHOICES).map(lambda known: Facts(**known))
Key = tuple[str, str]


def by_key(rows: tuple[Deadline, ...]) -> dict[Key, Deadline]:
    found = {(row.rule, row.part): row for row in rows}
    assert len(found) == len(rows)
    return found


def moments(row: Deadline) -> list[datetime]:
    return [at for at in (row.due, row.started_at, row.met_at, row.amber_at) if at is not None]


@given(facts_strategy, instants, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_alone_moves_no_deadline_and_undoes_nothing(facts: Facts, now: datetime, later: timedelta) -> None:
    first = deadlines.compute(facts, ENGLAND, now)
    second = deadlines.compute(facts, ENGLAND, now.astimezone(UTC) + later, first)
    after = by_key(second)
    for key, row in by_key(first).items():
        then = after[key]
        assert then.due == row.due
        assert then.minutes_late >= row.minutes_late
        if row.met_at is not None:
            assert then == row
        if row.met_at is None:
            assert then.superseded == ()


@given(facts_strategy, instants)
def test_computing_twice_changes_nothing_and_prints_nothing(facts: Facts, now: datetime) -> None:
    first = deadlines.compute(facts, ENGLAND, now)
    again = deadlines.compute(facts, ENGLAND, now, first)
    assert again == first
    assert deadlines.changed(first, again) == ()
    assert deadlines.changed((), first) == first


@given(facts_strategy, st.lists(st.tuples(facts_strategy, st.timedeltas(timedelta(0), timedelta(days=60))), max_size=4))
def test_no_deadline_vanishes_whatever_is_corrected(facts: Facts, corrections: list[tuple[Facts, timedelta]]) -> None:
    now = FIRST
    rows = deadlines.compute(facts, ENGLAND, now)
    for corrected, passed in corrections:
        now += passed
        before, rows = by_key(rows), deadlines.compute(corrected, ENGLAND, now, rows)
        after = by_key(rows)
        for key, row in before.items():
            then = after[key]
            assert then.superseded[: len(row.superseded)] == row.superseded
            if (row.due, row.inputs) != (then.due, then.inputs) and row.reasons != ("withdrawn",):
                assert (then.superseded[-1].due, then.superseded[-1].inputs) == (row.due, row.inputs)
            if row.met_at is not None and then.met_at is None:
                assert then.superseded[-1].met_at == row.met_at
        for row in deadlines.changed(before.values(), rows):
            then_was = before.get((row.rule, row.part))
            assert then_was is None or (then_was.due, then_was.status) != (row.due, row.status)


@given(facts_strategy, instants)
def test_every_deadline_is_whole(facts: Facts, now: datetime) -> None:
    for row in deadlines.compute(facts, ENGLAND, now):
        assert row.rule in deadline_rules.BY_ID
        assert row.role
        assert row.inputs
        assert all(at.tzinfo is UTC for at in moments(row))
        assert row.minutes_late >= 0
        assert (row.status is Status.BLOCKED) == bool(row.reasons)
        assert (row.met_at is None) == (row.stopped_by == "")
        assert row.met_at is None or row.met_at <= now
        match row.status:
            case Status.MET:
                assert row.met_at is not None
                assert row.met_at.replace(microsecond=0) <= row.due
            case Status.LATE:
                assert now >= row.due
            case Status.RUNNING:
                assert row.met_at is None
                assert now < row.due
            case Status.BLOCKED:
                assert (row.rule, row.part) == ("R13", "parent")


@given(facts_strategy, instants)
def test_a_deadline_is_never_due_before_it_began(facts: Facts, now: datetime) -> None:
    for row in deadlines.compute(facts, ENGLAND, now):
        located_first = row.rule in ("R02", "R04") and facts.returned_at is not None
        assert row.due >= row.started_at or located_first


@given(facts_strategy, instants)
def test_nothing_but_a_person_or_a_refusal_of_one_stops_the_interview_clocks(facts: Facts, now: datetime) -> None:
    alone = replace(facts, talks=(), declined_person_at=None)
    for row in deadlines.compute(alone, ENGLAND, now):
        if row.rule in ("R02", "R03", "R04"):
            assert row.status in (Status.RUNNING, Status.LATE)
            assert row.met_at is None


@given(facts_strategy, instants)
def test_the_interview_is_due_at_the_earlier_clock(facts: Facts, now: datetime) -> None:
    due = {row.rule: row.due for row in deadlines.compute(facts, ENGLAND, now)}
    assert ("R04" in due) == (facts.found_at is not None)
    if "R04" in due:
        assert due["R04"] == min(due["R02"], due["R03"])


@given(facts_strategy, instants)
def test_whoever_computes_at_each_change_sees_every_amber_and_red(facts: Facts, now: datetime) -> None:
    """Between two changes nothing turns, so a timer at each is enough."""
    rows = deadlines.compute(facts, ENGLAND, now)
    following = deadlines.next_change(rows, now)
    until = now.astimezone(UTC) + timedelta(days=30) if following is None else following - timedelta(microseconds=1)
    assert following is None or following > now
    for row in rows:
        if row.met_at is None and row.status is Status.RUNNING:
            assert deadlines.colour(row, now) == deadlines.colour(row, max(now, until))
            assert deadlines.colour(row, row.due) is Colour.RED


@given(days, days, st.integers(1, 12), st.integers(1, 12))
def test_working_days_are_monotone(first: date, second: date, few_days: int, more: int) -> None:
    early, late = sorted([first, second])
    assert ENGLAND.wd(early, few_days) <= ENGLAND.wd(late, few_days)
    assert ENGLAND.wd(early, few_days) < ENGLAND.wd(early, few_days + more)
    assert ENGLAND.wd(ENGLAND.wd(early, few_days), more) == ENGLAND.wd(early, few_days + more)
    assert ENGLAND.is_wd(ENGLAND.wd(early, few_days))
    between = (early + timedelta(days=n) for n in range(1, (ENGLAND.wd(early, few_days) - early).days + 1))
    assert sum(map(ENGLAND.is_wd, between)) == few_days


@given(days, st.frozensets(days, max_size=20), st.integers(1, 10))
def test_a_day_off_more_never_makes_a_deadline_earlier(day: date, more: frozenset[date], count: int) -> None:
    assert replace(ENGLAND, days_off=OFF | more).wd(day, count) >= ENGLAND.wd(day, count)


@given(instants, st.integers(0, 400), instants)
def test_hours_pass_whatever_the_clocks_do(at: datetime, hours: int, other: datetime) -> None:
    assert ENGLAND.elapsed(at, hours).timestamp() - at.timestamp() == hours * 3600
    assert (ENGLAND.elapsed(at, hours) <= ENGLAND.elapsed(other, hours)) == (at.timestamp() <= other.timestamp())


@given(days, st.integers(-40, 40))
def test_months_keep_the_day_or_the_last_of_the_month(day: date, count: int) -> None:
    there = ENGLAND.months(day, count)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == count
    assert there.day == day.day or (there.day < day.day and (there + timedelta(days=1)).day == 1)


@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.integers(0, 7000))
def test_a_year_is_added_on_the_birthday_and_on_no_other_day(born: date, lived: int) -> None:
    on = born + timedelta(days=lived)
    older = age(born, on + timedelta(days=1)) - age(born, on)
    tomorrow = on + timedelta(days=1)
    leap = (born.month, born.day) == (2, 29)
    common = tomorrow.year % 4 != 0  # the century years of the range are leap years
    birthday = (3, 1) if leap and common else (born.month, born.day)
    assert older == ((tomorrow.month, tomorrow.day) == birthday)


limits = st.sampled_from(["now", "today", "15m", "30m", "4h", "0d", "7d", "1wd", "2wd"])


@given(instants, limits, st.sampled_from([time(17), time(23, 59, 59)]))
def test_no_task_is_due_before_it_is_given(at: datetime, limit: str, close: time) -> None:
    due = within(at, limit, replace(ENGLAND, close=close))
    assert due.tzinfo is UTC
    assert due >= at.replace(microsecond=0)


@settings(max_examples=50)
@given(st.lists(instants, max_size=8), st.lists(instants, max_size=3), st.sampled_from([None, 30]))
def test_a_repeat_counts_three_within_its_window_and_none_a_meeting_dealt_with(
    starts: list[datetime], meetings: list[datetime], window: int | None
) -> None:
    for repeat in deadline_windows.repeats(starts, meetings, ENGLAND, window):
        day = ENGLAND.day(repeat.at)
        opens = ENGLAND.months(day, -1) if window is None else day - timedelta(days=window)
        assert len(repeat.starts) >= 3
        assert all(opens <= start <= day for start in repeat.starts)
        met = [ENGLAND.day(held) for held in meetings if held < repeat.at]
        assert not met or max(met) <= min(repeat.starts)
    if not meetings:
        everyone = deadline_windows.repeats(starts, (), ENGLAND, window)
        assert len(everyone) <= max(0, len(set(starts)) - 2)


@given(st.lists(instants, max_size=2), instants)
def test_an_invite_waits_a_day_and_for_the_morning(sent: list[datetime], now: datetime) -> None:
    at = deadline_windows.next_invite(sent, now, ENGLAND)
    assert at is not None
    assert at >= now
    assert 8 <= at.astimezone(LONDON).hour < 22
    assert all(at.timestamp() - last.timestamp() >= 24 * 3600 for last in sent)
