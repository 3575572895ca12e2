"""What staff are told of the rota: whom it concerns, once, and at a decent hour."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import app, reminding, roster, waking
from bot.config import Settings
from bot.runner import Runner
from flows.shifts import Cover, Pattern
from storage import claiming, methods, outbox, people, rota, timers
from storage.codes import Sending
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def runner(database_url: str) -> Iterator[Runner]:
    database = Database(database_url, Keys.load(Keys.new()))
    if not database.is_current():
        database.migrate()
    committer = Committer(database)
    yield Runner(app.unheard(committer, Settings()))
    committer.close()
    database.close()


def add(tx: Transaction, name: str, role: str) -> str:
    return people.add(tx, name, role, NOON, phone="+447700900201", proof=methods.INVENTED).id


def cover_all(tx: Transaction, *but: str) -> None:
    """Somebody round the clock in every role but those named."""
    for role in ("duty", "backup", "manager", "service_manager"):
        staff = add(tx, f"all {role}", role)
        if role not in but:
            people.add_shift(tx, staff, role, NOON - DAY, NOON + 60 * DAY)


def look(runner: Runner, now: datetime) -> list[tuple[str, str]]:
    """The timers that are due fire; who was told what."""
    while True:
        with runner.house.committer.database.transaction() as tx:
            due = timers.due(tx, now, 1)
            for timer in due:
                runner.timer(tx, timer, now)
        if not due:
            break
    with runner.house.committer.database.transaction() as tx:
        found = claiming.claim(tx, now, 50, ["sms"])
        assert {one.kind for one in found} <= {Sending.NOTICE}
        for one in found:
            outbox.sent(tx, one.id, None, now)
        return [(people.load(tx, one.staff or "").name, one.text) for one in found]


def begin(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        reminding.keep(tx, NOON)
        reminding.keep(tx, NOON)
        assert len(timers.of(tx, reminding.TIMER)) == 1


def pending(runner: Runner) -> list[datetime]:
    with runner.house.committer.database.transaction() as tx:
        return [one.at for one in timers.of(tx, reminding.TIMER)]


def test_whoever_begins_is_told_and_nobody_else_and_once(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        ana = add(tx, "Ana", "duty")
        people.add_shift(tx, ana, "duty", NOON + HOUR, NOON + 3 * HOUR)
        people.add_shift(tx, ana, "duty", NOON + 3 * HOUR, NOON + 5 * HOUR)
    begin(runner)
    assert look(runner, NOON) == []
    assert pending(runner) == [NOON + HOUR], "looked at again when the next one begins"
    ((name, text),) = look(runner, NOON + HOUR)
    assert (name, text[:42]) == ("Ana", "Waymark: you are on as duty until Mon 16 N")
    assert len(text) <= 160
    assert look(runner, NOON + 3 * HOUR) == [], "she stood there until now anyway"
    assert look(runner, NOON + 4 * HOUR) == []
    assert len(pending(runner)) == 1


def test_who_has_stood_there_for_hours_is_not_told_late(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        people.add_shift(tx, add(tx, "Ana", "duty"), "duty", NOON - 3 * HOUR, NOON + HOUR)
    begin(runner)
    assert look(runner, NOON) == []


def test_both_hear_of_a_swap_and_of_its_end(runner: Runner) -> None:
    night = NOON + 3 * DAY
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        ana, ben = add(tx, "Ana", "duty"), add(tx, "Ben", "backup")
        people.add_shift(tx, ana, "duty", night, night + 8 * HOUR)
        made = roster.swap(tx, Cover("", "duty", ana, ben, night, night + 2 * HOUR), NOON)
        assert made is not None
        assert roster.swapped(tx, Cover("", "duty", ana, ben, night, night + 2 * HOUR), NOON) == made
        assert roster.swapped(tx, Cover("", "duty", ana, ben, night, night + 3 * HOUR), NOON) is None
    begin(runner)
    told = look(runner, NOON)
    assert {name for name, _ in told} == {"Ana", "Ben"}
    assert {text for _, text in told} == {
        "Waymark rota: Ben stands for Ana as duty, Thu 19 Nov 12:00 to Thu 19 Nov 14:00."
    }
    with runner.house.committer.database.transaction() as tx:
        roster.undo(tx, made.id, NOON + HOUR)
        reminding.wake(tx, NOON + HOUR)
    assert [text[:25] for _, text in look(runner, NOON + HOUR)] == ["Waymark rota: taken back:"] * 2
    assert look(runner, NOON + 2 * HOUR) == []


def test_a_swap_made_in_the_night_is_told_in_the_morning_when_that_is_early_enough(runner: Runner) -> None:
    night = NOON + 14 * HOUR  # 02:00
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        ana, ben, cat = (add(tx, name, "duty") for name in ("Ana", "Ben", "Cat"))
        people.add_shift(tx, ana, "duty", night + HOUR, night + 2 * HOUR)
        people.add_shift(tx, ana, "duty", night + 30 * HOUR, night + 31 * HOUR)
        roster.swap(tx, Cover("", "duty", ana, ben, night + HOUR, night + 2 * HOUR), night)
        roster.swap(tx, Cover("", "duty", ana, cat, night + 30 * HOUR, night + 31 * HOUR), night)
        reminding.wake(tx, night)
    assert {name for name, _ in look(runner, night)} == {"Ana", "Ben"}
    assert "Cat" in {name for name, _ in look(runner, night + 6 * HOUR)}


def test_managers_hear_of_a_gap_by_day_once_and_twice_before_it(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx, "duty")
        ana = add(tx, "Ana", "duty")
        people.add_shift(tx, ana, "duty", NOON - DAY, NOON + 3 * DAY)
        people.add_shift(tx, ana, "duty", NOON + 3 * DAY + HOUR, NOON + 60 * DAY)
    begin(runner)
    heard = [now for step in range(80) for now in [NOON + step * HOUR] if _gap_told(look(runner, now))]
    assert heard == [NOON, NOON + 2 * DAY, NOON + 3 * DAY - 2 * HOUR]


def _gap_told(told: list[tuple[str, str]]) -> bool:
    gaps = [one for one in told if "nobody from" in one[1]]
    assert {name for name, _ in gaps} in (set(), {"all manager", "all service_manager"})
    assert all(text == "Waymark rota: duty: nobody from Thu 19 Nov 12:00 to Thu 19 Nov 13:00." for _, text in gaps)
    return bool(gaps)


def test_a_gap_that_was_filled_is_not_told_again(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx, "duty")
        people.add_shift(tx, add(tx, "Ana", "duty"), "duty", NOON - DAY, NOON + 3 * DAY)
    begin(runner)
    assert _any_gap(look(runner, NOON))
    with runner.house.committer.database.transaction() as tx:
        people.add_shift(tx, add(tx, "Ben", "duty"), "duty", NOON + 3 * DAY, NOON + 60 * DAY)
        reminding.wake(tx, NOON + HOUR)
    assert not any(_any_gap(look(runner, NOON + step * HOUR)) for step in range(1, 80))


def _any_gap(told: list[tuple[str, str]]) -> bool:
    return any("nobody from" in text for _, text in told)


def test_without_a_manager_everybody_hears_of_it(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        add(tx, "Ana", "duty")
        people.add(tx, "pc smith", "requester", NOON, phone="+447700900209")
    begin(runner)
    assert {name for name, _ in look(runner, NOON)} == {"Ana"}


def test_with_nobody_on_duty_everybody_hears_of_a_child_but_no_official(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        add(tx, "Ana", "duty")
        people.add(tx, "pc smith", "requester", NOON, phone="+447700900209", proof=methods.INVENTED)
        waking.wake(tx, runner.house, NOON)
    with runner.house.committer.database.transaction() as tx:
        assert {people.load(tx, one.staff or "").name for one in claiming.claim(tx, NOON, 50, ["sms"])} == {"Ana"}


def test_who_could_not_be_called_is_named_to_managers_once_a_week_by_day(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        ben = people.add(tx, "Ben", "backup", NOON, phone="+447700900202")
        people.add_shift(tx, ben.id, "backup", NOON + DAY, NOON + 20 * DAY)
    begin(runner)
    heard = {
        NOON + step * 6 * HOUR: len([one for one in look(runner, NOON + step * 6 * HOUR) if "no verified" in one[1]])
        for step in range(31)
    }
    # sms and voice, to two managers: this Monday, and on the next by day
    assert {at: count for at, count in heard.items() if count} == {NOON: 4, NOON + 7 * DAY: 4}


def test_weeks_are_written_ahead_by_the_same_timer(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        ana = add(tx, "Ana", "worker")
        week = Pattern("", ana, "worker", frozenset({0}), time(9), time(17), date(2026, 11, 16))
        rota.add_pattern(tx, week, NOON)
    begin(runner)
    for day in range(0, 30, 3):
        look(runner, NOON + day * DAY)
        with runner.house.committer.database.transaction() as tx:
            ahead = max(one.starts_at for one in rota.planned(tx, NOON) if one.pattern)
        assert ahead >= NOON + day * DAY + 35 * DAY


def test_two_that_look_at_once_leave_one_timer(runner: Runner) -> None:
    with runner.house.committer.database.transaction() as tx:
        cover_all(tx)
        for _ in range(3):
            reminding.wake(tx, NOON)
    look(runner, NOON)
    assert len(pending(runner)) == 1
