"""The rota as it is kept: weeks written ahead, swaps made and undone, gaps, people whom no page would surely reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot import roster
from flows.model import OnDuty
from flows.shifts import Cover, Pattern
from storage import interpreters, methods, people, rota
from storage.database import Database
from storage.interpreters import Interpreter
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 19, 12, 0, tzinfo=UTC)  # the Monday before the clocks go back
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keys.load(Keys.new()))
    if not made.is_current():
        made.migrate()
    yield made
    made.close()


def nights(tx: Transaction, name: str, role: str = "duty", days: str = "0123456") -> Pattern:
    person = people.by_name(tx, name) or people.add(tx, name, role, NOW)
    given = Pattern("", person.id, role, frozenset(map(int, days)), time(22), time(6), date(2026, 10, 19), None)
    return rota.add_pattern(tx, given, NOW)


def standing(tx: Transaction, at: datetime) -> tuple[OnDuty, ...]:
    return people.on_duty(tx, at)


def test_weeks_are_written_ahead_once_and_right_across_the_clock_change(database: Database) -> None:
    with database.transaction() as tx:
        nights(tx, "ana")
        new = roster.write_ahead(tx, NOW, LONDON)
        assert new >= 35
        assert roster.write_ahead(tx, NOW, LONDON) == 0
        assert roster.write_ahead(tx, NOW + DAY, LONDON) == 1
        before, change, after = (datetime(2026, 10, day, 0, 30, tzinfo=UTC) for day in (24, 25, 26))
        assert all(standing(tx, at) == (OnDuty("ana", "duty"),) for at in (before, change, after))
        on_the_night = list(rota.standing(tx, change, change + HOUR))
        assert [(one.ends_at - one.starts_at) for one in on_the_night] == [9 * HOUR]
        assert standing(tx, datetime(2026, 10, 25, 5, 59, tzinfo=UTC)) == (OnDuty("ana", "duty"),), (
            "the last hour of it"
        )
        assert standing(tx, datetime(2026, 10, 25, 6, 0, tzinfo=UTC)) == ()
        ahead = max(one.ends_at for one in rota.planned(tx, NOW))
        assert ahead > NOW + 35 * DAY


def test_a_pattern_that_ends_takes_its_later_shifts_away(database: Database) -> None:
    with database.transaction() as tx:
        kept = nights(tx, "ana")
        roster.write_ahead(tx, NOW, LONDON)
        rota.end_pattern(tx, kept.id, date(2026, 10, 21))
        roster.write_ahead(tx, NOW, LONDON)
        assert [one.starts_at.day for one in rota.planned(tx, NOW)] == [19, 20, 21]
        assert [one.until for one in rota.patterns(tx)] == [date(2026, 10, 21)]


def test_a_shift_that_was_put_in_by_hand_is_never_taken_away(database: Database) -> None:
    with database.transaction() as tx:
        nights(tx, "ana")
        ben = people.add(tx, "ben", "backup", NOW)
        people.add_shift(tx, ben.id, "backup", NOW - 30 * DAY, NOW + 300 * DAY)
        roster.write_ahead(tx, NOW, LONDON)
        roster.write_ahead(tx, NOW + 20 * DAY, LONDON)
        assert OnDuty("ben", "backup") in standing(tx, NOW + 200 * DAY)


def test_a_swap_stands_at_once_survives_the_writing_ahead_and_is_undone(database: Database) -> None:
    with database.transaction() as tx:
        ana = nights(tx, "ana").staff
        ben = people.add(tx, "ben", "backup", NOW).id
        roster.write_ahead(tx, NOW, LONDON)
        night = datetime(2026, 10, 20, 23, 0, tzinfo=UTC)
        made = roster.swap(tx, Cover("", "duty", ana, ben, night, night + 2 * HOUR), NOW)
        assert made is not None
        for at in (NOW, NOW + HOUR):
            roster.write_ahead(tx, at, LONDON)
            assert [standing(tx, night + step * HOUR / 2) for step in (-1, 0, 3, 4)] == [
                (OnDuty("ana", "duty"),),
                (OnDuty("ben", "duty"),),
                (OnDuty("ben", "duty"),),
                (OnDuty("ana", "duty"),),
            ]
        assert [one.id for one in rota.covers(tx, NOW)] == [made.id]
        assert roster.undo(tx, made.id, NOW)
        assert not roster.undo(tx, made.id, NOW)
        assert standing(tx, night) == (OnDuty("ana", "duty"),)
        assert len(people.shifts(tx, night, night + HOUR)) == 1


def test_a_swap_that_was_swapped_back_is_made_again(database: Database) -> None:
    with database.transaction() as tx:
        ana = nights(tx, "ana").staff
        ben = people.add(tx, "ben", "backup", NOW).id
        roster.write_ahead(tx, NOW, LONDON)
        night = datetime(2026, 10, 20, 23, 0, tzinfo=UTC)
        goes = Cover("", "duty", ana, ben, night, night + 2 * HOUR)
        back = Cover("", "duty", ben, ana, night, night + 2 * HOUR)
        for step, (wanted, stands) in enumerate([(goes, "ben"), (back, "ana"), (goes, "ben")]):
            at = NOW + step * HOUR
            assert roster.swapped(tx, wanted, at) is None
            assert roster.swap(tx, wanted, at) is not None
            assert standing(tx, night) == (OnDuty(stands, "duty"),)
            assert roster.swapped(tx, wanted, at) is not None


def test_who_does_not_stand_there_cannot_be_stood_in_for(database: Database) -> None:
    with database.transaction() as tx:
        ana = nights(tx, "ana").staff
        ben = people.add(tx, "ben", "backup", NOW).id
        roster.write_ahead(tx, NOW, LONDON)
        noon = NOW + DAY
        assert roster.swap(tx, Cover("", "duty", ana, ben, noon, noon + HOUR), NOW) is None
        assert roster.swap(tx, Cover("", "backup", ana, ben, noon, noon + DAY), NOW) is None
        assert rota.covers(tx, NOW) == ()


def test_gaps_are_found_and_who_has_left_fills_none(database: Database) -> None:
    with database.transaction() as tx:
        ana = nights(tx, "ana").staff
        roster.write_ahead(tx, NOW, LONDON)
        found = [gap for gap in roster.gaps(tx, NOW, NOW + DAY) if gap.role == "duty"]
        assert [(gap.starts_at, gap.ends_at) for gap in found] == [
            (None, datetime(2026, 10, 19, 21, 0, tzinfo=UTC)),
            (datetime(2026, 10, 20, 5, 0, tzinfo=UTC), datetime(2026, 10, 20, 21, 0, tzinfo=UTC)),
        ]
        assert {gap.role for gap in roster.gaps(tx, NOW, NOW + DAY)} == {
            "duty",
            "backup",
            "manager",
            "service_manager",
        }
        people.set_active(tx, ana, on=False)
        (gap,) = [gap for gap in roster.gaps(tx, NOW, NOW + DAY) if gap.role == "duty"]
        assert (gap.starts_at, gap.ends_at) == (None, None)


def test_who_stands_on_a_rung_and_could_not_be_called_is_named(database: Database) -> None:
    with database.transaction() as tx:
        ana = nights(tx, "ana").staff
        roster.write_ahead(tx, NOW, LONDON)
        assert [(one.name, one.method) for one in roster.unreached(tx, NOW, NOW + DAY)] == [
            ("ana", "sms"),
            ("ana", "voice"),
        ]
        methods.add(tx, ana, "sms", "+447700900201", NOW, proof=methods.INVENTED)
        assert [one.method for one in roster.unreached(tx, NOW, NOW + DAY)] == ["voice"]
        methods.add(tx, ana, "voice", "+447700900201", NOW, proof=methods.INVENTED)
        assert roster.unreached(tx, NOW, NOW + DAY) == ()


def test_who_is_named_for_the_last_rung_fills_its_gap_and_must_be_reached(database: Database) -> None:
    with database.transaction() as tx:
        sue = people.add(tx, "sue", "service_manager", NOW)
        assert "service_manager" in {gap.role for gap in roster.gaps(tx, NOW, NOW + DAY)}
        people.set_fallback(tx, sue.id, on=True)
        assert "service_manager" not in {gap.role for gap in roster.gaps(tx, NOW, NOW + DAY)}
        assert [(one.name, one.method) for one in roster.unreached(tx, NOW, NOW + DAY)] == [
            ("sue", "sms"),
            ("sue", "voice"),
        ]
        people.set_active(tx, sue.id, on=False)
        assert people.fallbacks(tx) == ()


def test_an_interpreter_is_on_call_by_the_clock_on_the_wall(database: Database) -> None:
    with database.transaction() as tx:
        given = Interpreter("", "vi", "Tolk", "+447700900220", "4411", frozenset({5}), time(20), time(8))
        kept = interpreters.add(tx, given, NOW)
        saturday = datetime(2026, 10, 24, 19, 0, tzinfo=UTC)
        # Sunday's eight o'clock is an hour later in UTC: the clocks went back in the night.
        hours = [interpreters.on_call(tx, "vi", saturday + step * HOUR, LONDON) != () for step in (-1, 0, 12, 13)]
        assert hours == [False, True, True, False]
        assert interpreters.on_call(tx, "vi-VN", saturday, LONDON) == (kept,)
        assert interpreters.on_call(tx, "so", saturday, LONDON) == ()
        assert "4411" not in repr(kept)
        assert interpreters.end(tx, kept.id, NOW)
        assert not interpreters.end(tx, kept.id, NOW)
        assert interpreters.everyone(tx) == ()
