"""Plays of one alert with phones and a clock: everything that reaches anybody is in the log, in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows import escalation, quiet_hours, standing
from flows.effects import Notice, Page, SetRung
from flows.events import (
    AlertDecided,
    AlertEvent,
    AlertLowered,
    AlertOpened,
    AlertPassedOn,
    AlertRaised,
    AlertTaken,
    RungDue,
    ShiftBegan,
    WrongCode,
)
from flows.model import Alert, Ladder, Level, OnDuty, Rung

LONDON = ZoneInfo("Europe/London")

L2 = Ladder(
    Level.L2,
    (Rung(0, ("duty",), "notice"), Rung(60, ("backup",), "sms"), Rung(120, ("manager",), "sms")),
    again_after_minutes=60,
    decision_minutes=None,
)
L3 = Ladder(
    Level.L3,
    (
        Rung(0, ("duty",), "sms"),
        Rung(3, ("duty",), "voice"),
        Rung(15, ("backup",), "sms"),
        Rung(30, ("manager",), "sms"),
        Rung(45, ("service_manager",), "sms"),
    ),
    again_after_minutes=15,
    decision_minutes=30,
)
L4 = Ladder(
    Level.L4,
    (
        Rung(0, ("duty", "manager"), "sms"),
        Rung(0, ("duty", "manager"), "voice"),
        Rung(5, ("backup",), "sms"),
        Rung(5, ("backup",), "voice"),
        Rung(10, ("service_manager",), "sms"),
        Rung(10, ("service_manager",), "voice"),
    ),
    again_after_minutes=5,
    decision_minutes=30,
)
LADDERS = {Level.L2: L2, Level.L3: L3, Level.L4: L4}
ROTA = "ana=duty ben=backup mel=manager sue=service_manager"


def rota(text: str) -> tuple[OnDuty, ...]:
    return tuple(OnDuty(name, role) for name, _, role in (pair.partition("=") for pair in text.split()))


class Play:
    """One alert, a rota, a clock. Timers fire when their minute comes, dead ones too: the alert must know them."""

    def __init__(self, level: Level, now: str, on_duty: str = ROTA, *, night_page: bool = False) -> None:
        self.now = datetime.fromisoformat(now).replace(tzinfo=LONDON).astimezone(UTC)
        self.on_duty = rota(on_duty)
        night = quiet_hours.is_night(self.now, LONDON)
        ladder = escalation.ladder_for(level, night_page, night, LADDERS)
        self.alert = Alert("1", "c1", level, "raised", self.now, ladder, "amber otter", ("D01",), night_page=night_page)
        self.timers: list[SetRung] = []
        self.pages: list[Page] = []
        self.log: list[str] = []
        self.happens(AlertOpened(self.now))

    def happens(self, event: AlertEvent) -> list[str]:
        """Let `event` happen and give what it did, `HH:MM page ana duty 0 sms` a line."""
        self.alert, effects = escalation.step(self.alert, event, self.on_duty, LONDON)
        clock = self.now.astimezone(LONDON).strftime("%H:%M")
        lines = []
        for effect in effects:
            match effect:
                case SetRung():
                    self.timers.append(effect)
                case Page(to=to, role=role, rung=rung, method=method):
                    self.pages.append(effect)
                    lines.append(f"{clock} page {to} {role} {rung} {method}")
                case Notice(to=to, role=role, about=about, who=who):
                    lines.append(f"{clock} notice {to or '-'} {role} {about} {who}".rstrip())
            if not isinstance(effect, SetRung):
                assert effect.alert == self.alert
        self.log += lines
        return lines

    def wait(self, minutes: int) -> list[str]:
        """Let time pass, firing every timer in its turn, and give what they did."""
        end, before = self.now + timedelta(minutes=minutes), len(self.log)
        while due := sorted((timer for timer in self.timers if timer.at <= end), key=lambda timer: timer.at):
            self.timers.remove(due[0])
            self.now = max(self.now, due[0].at)
            self.happens(RungDue(self.now, due[0].name, due[0].rung, due[0].serial))
        self.now = end
        return self.log[before:]

    def takes(self, who: str, *, by_desk: bool = False) -> list[str]:
        return self.happens(AlertTaken(self.now, who, by_desk))

    def passes(self, who: str) -> list[str]:
        return self.happens(AlertPassedOn(self.now, who))

    def live(self) -> list[str]:
        return [timer.name for timer in self.timers if timer.serial == self.alert.serial]


def called(lines: list[str]) -> list[str]:
    """Whom pages went to, with their minute, without role, rung and method."""
    return [" ".join(line.split()[::2][:2]) for line in lines if " page " in line]


# --- climbing ---------------------------------------------------------------------------------------------------------


def test_danger_at_night_reaches_everybody_within_ten_minutes() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.wait(14)
    assert play.log == [
        "02:10 page ana duty 0 sms",
        "02:10 page mel manager 0 sms",
        "02:10 page ana duty 0 voice",
        "02:10 page mel manager 0 voice",
        "02:15 page ben backup 1 sms",
        "02:15 page ben backup 1 voice",
        "02:20 page sue service_manager 2 sms",
        "02:20 page sue service_manager 2 voice",
    ]


def test_l3_calls_duty_after_three_minutes_and_climbs() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(59)
    assert play.log == [
        "14:00 page ana duty 0 sms",
        "14:03 page ana duty 0 voice",
        "14:15 page ben backup 1 sms",
        "14:30 page mel manager 2 sms",
        "14:45 page sue service_manager 3 sms",
    ]


def test_nobody_answers_at_all_and_it_begins_again_and_again() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "ana=duty")
    play.wait(6 * 60)
    rounds = [line for line in play.log if line.endswith("page ana duty 0 voice")]
    assert len(rounds) == play.alert.round + 1
    assert len(rounds) > 30  # backup and the rest are missing, so a round takes the two waits of five minutes
    assert play.live() == ["climb"]
    assert play.alert.state == "raised"


def test_a_rung_without_anybody_falls_through_at_once_and_says_so() -> None:
    play = Play(Level.L3, "2026-11-16 14:00", "mel=manager sue=service_manager")
    assert play.log == [
        "14:00 page mel manager 2 sms",
        "14:00 notice - duty nobody",
        "14:00 notice - backup nobody",
    ]
    assert called(play.wait(15)) == ["14:15 sue"]


def test_one_of_two_roles_is_enough_for_a_rung() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "mel=manager ben=backup")
    assert play.log == ["02:10 page mel manager 0 sms", "02:10 page mel manager 0 voice"]


def test_with_nobody_on_duty_the_rota_is_read_again_every_minute() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "")
    play.wait(7)
    assert {line.split(" ", 1)[1] for line in play.log} == {
        "notice - duty nobody",
        "notice - manager nobody",
        "notice - backup nobody",
        "notice - service_manager nobody",
    }
    assert play.live() == ["climb"]
    play.on_duty = rota("ben=backup")
    assert called(play.wait(1)) == ["02:18 ben", "02:18 ben"]


def test_whoever_holds_two_roles_is_paged_once_a_rung() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "mel=duty mel=manager")
    assert play.log == ["02:10 page mel duty 0 sms", "02:10 page mel duty 0 voice"]


def test_the_rota_is_read_anew_at_every_rung() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(10)
    play.on_duty = rota("cat=duty dan=backup mel=manager")
    assert called(play.wait(5)) == ["14:15 dan"]


def test_rungs_that_are_overdue_leave_together_and_the_round_after_keeps_its_pause() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    late = play.timers.pop()
    play.now += timedelta(minutes=32)
    lines = play.happens(RungDue(play.now, late.name, late.rung, late.serial))
    assert called(lines) == ["14:32 ana", "14:32 ben", "14:32 mel"]
    assert called(play.wait(13)) == ["14:45 sue"]
    assert called(play.wait(15)) == ["15:00 ana"]


def test_a_timer_delivered_twice_or_late_does_nothing() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    first = play.timers[0]
    play.wait(5)
    before = play.alert
    for at in (play.now, play.now + timedelta(hours=1)):
        assert play.happens(RungDue(at, first.name, first.rung, first.serial)) == []
    assert play.happens(AlertOpened(play.now)) == []
    assert play.alert == before


def test_the_same_roles_by_another_method_are_the_same_rung() -> None:
    assert [L3.rung_number(index) for index in range(6)] == [0, 0, 1, 2, 3, 3]
    assert [L4.rung_number(index) for index in range(6)] == [0, 0, 1, 1, 2, 2]


# --- day and night ----------------------------------------------------------------------------------------------------


def test_l2_by_day_is_a_notice_and_then_climbs() -> None:
    play = Play(Level.L2, "2026-11-16 14:00")
    play.wait(179)
    assert play.log == [
        "14:00 notice ana duty new_l2",
        "15:00 page ben backup 1 sms",
        "16:00 page mel manager 2 sms",
    ]
    assert play.wait(1) == ["17:00 notice ana duty new_l2"]


@pytest.mark.parametrize(
    ("at", "hours"),
    [("2026-11-16 23:00", 10), ("2026-11-17 07:30", 1.5), ("2026-03-28 23:00", 9), ("2026-10-24 23:00", 11)],
)
def test_l2_by_night_waits_for_nine_on_the_wall(at: str, hours: float) -> None:
    play = Play(Level.L2, at)
    assert play.log == []
    assert play.wait(int(hours * 60) - 1) == []
    assert play.wait(1) == ["09:00 notice ana duty new_l2"]
    assert called(play.wait(60)) == ["10:00 ben"]


def test_l2_of_the_evening_does_not_page_into_the_night() -> None:
    play = Play(Level.L2, "2026-11-16 21:30")
    assert play.wait(11 * 60) == []
    assert called(play.wait(120)) == ["09:00 ben", "10:00 mel"]


def test_l2_that_must_not_wait_climbs_like_l3_at_night() -> None:
    play = Play(Level.L2, "2026-11-16 23:00", night_page=True)
    play.wait(15)
    assert called(play.log) == ["23:00 ana", "23:03 ana", "23:15 ben"]
    assert play.alert.level == Level.L2


def test_l2_that_must_not_wait_goes_on_into_the_night() -> None:
    play = Play(Level.L2, "2026-11-16 21:30", night_page=True)
    assert called(play.wait(120)) == ["22:30 ben", "23:30 mel"]


@pytest.mark.parametrize("level", [Level.L2, Level.L3, Level.L4])
def test_only_a_night_page_l2_changes_its_ladder(level: Level) -> None:
    for night_page, night in ((False, False), (False, True), (True, False)):
        assert escalation.ladder_for(level, night_page, night, LADDERS) is LADDERS[level]
    expected = L3 if level == Level.L2 else LADDERS[level]
    assert escalation.ladder_for(level, True, True, LADDERS) is expected


@pytest.mark.parametrize(("at", "zone"), [("2026-03-29 00:55", "BST"), ("2026-10-25 01:55", "GMT")])
def test_minutes_are_real_minutes_while_the_clocks_change(at: str, zone: str) -> None:
    opened = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    on_duty = rota(ROTA)
    alert = Alert("1", "c1", Level.L4, "raised", opened, L4, "amber otter")
    alert, effects = escalation.step(alert, AlertOpened(opened), on_duty, LONDON)
    for minutes in (5, 10):
        timer = effects[-1]
        assert isinstance(timer, SetRung)
        assert timer.at.astimezone(UTC) - opened.astimezone(UTC) == timedelta(minutes=minutes)
        at_the_wall = timer.at.astimezone(LONDON)
        assert at_the_wall.tzname() == zone
        event = RungDue(at_the_wall, timer.name, timer.rung, timer.serial)
        alert, effects = escalation.step(alert, event, on_duty, LONDON)


def test_a_decision_clock_counts_real_minutes_while_the_clocks_change() -> None:
    play = Play(Level.L3, "2026-03-29 00:50")
    play.takes("ana")
    assert called(play.wait(30)) == ["02:20 ana"] * 2, "a text and a call"


# --- taking -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_desk", [False, True])
@pytest.mark.parametrize("level", [Level.L2, Level.L3])
def test_l2_and_l3_stop_however_they_are_taken(level: Level, by_desk: bool) -> None:
    play = Play(level, "2026-11-16 10:00")
    play.takes("ana", by_desk=by_desk)
    assert play.alert.state == "acknowledged"
    assert play.live() == ["decay"]
    assert play.wait(29) == []


def test_others_who_were_paged_hear_who_has_it_and_are_not_paged() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(20)
    assert play.takes("ben") == ["14:20 notice ana duty taken ben"]


def test_a_text_does_not_stop_an_l4() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.wait(1)
    assert play.takes("ana") == ["02:11 notice mel manager taken ana"]
    assert play.alert.state == "acknowledged"
    assert sorted(play.live()) == ["climb", "decay"]
    assert called(play.wait(9)) == ["02:15 ben", "02:15 ben", "02:20 sue", "02:20 sue"]
    # The next round spares whoever took it.
    assert set(called(play.wait(5))) == {"02:25 mel"}
    # Whoever was called meanwhile hears that it is held now.
    told = play.takes("ana", by_desk=True)
    assert told == [f"02:25 notice {who} taken ana" for who in ("mel manager", "ben backup", "sue service_manager")]
    assert (play.alert.confirmed, play.alert.taken_by) == (True, "ana")
    assert play.live() == ["decay"]
    assert play.wait(15) == []
    assert called(play.wait(1)) == ["02:41 ana"] * 2


def test_a_sign_in_or_a_key_takes_an_l4_over_from_a_text() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.takes("ana")
    play.wait(2)
    assert play.takes("mel", by_desk=True) == ["02:12 notice ana duty taken mel"]
    assert (play.alert.taken_by, play.alert.confirmed) == ("mel", True)
    assert play.wait(29) == []


def test_two_managers_at_once_and_the_first_has_it() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "mel=manager max=manager ana=duty")
    play.takes("mel", by_desk=True)
    before = play.alert
    for by_desk in (True, False, True):
        assert play.takes("max", by_desk=by_desk) == ["02:10 notice max manager taken mel"]
    assert play.alert == before


def test_two_texts_at_once_and_the_first_has_it_while_it_climbs() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.takes("ana")
    before = play.alert
    assert play.takes("mel") == ["02:10 notice mel manager taken ana"]
    assert play.alert == before
    assert called(play.wait(5)) == ["02:15 ben", "02:15 ben"]


@pytest.mark.parametrize("by_desk", [False, True])
def test_taking_twice_is_taking_once(by_desk: bool) -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana", by_desk=by_desk)
    before = play.alert
    play.wait(5)
    assert play.takes("ana", by_desk=by_desk) == []
    assert play.alert == before


def test_an_acknowledgement_while_the_next_page_is_leaving() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(15)
    leaving = play.pages[-1]
    assert leaving.to == "ben"
    assert standing.still_wanted(play.alert, leaving.to)
    play.takes("ana")
    assert not standing.still_wanted(play.alert, leaving.to)


def test_of_an_l4_taken_by_text_only_the_takers_own_page_is_unwanted() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.takes("ana")
    assert [page.to for page in play.pages if standing.still_wanted(play.alert, page.to)] == ["mel", "mel"]
    play.takes("ana", by_desk=True)
    assert not [page for page in play.pages if standing.still_wanted(play.alert, page.to)]


def test_a_page_of_an_alert_that_was_raised_or_climbed_since_is_still_wanted() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    first = play.pages[0]
    play.wait(15)
    play.happens(AlertRaised(play.now, Level.L4, ("D02",), ladder=L4))
    assert standing.still_wanted(play.alert, first.to)


# --- decay ------------------------------------------------------------------------------------------------------------


def test_no_decision_pages_the_taker_first_and_then_climbs() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(16)
    play.takes("ben")
    assert play.wait(45) == [
        "14:46 page ben backup 1 sms",
        "14:46 page ben backup 1 voice",
        "14:46 notice ana duty decay ben",
        "15:01 page mel manager 2 sms",
    ]
    assert play.alert.state == "raised"


def test_an_l4_held_by_a_text_decays_too_and_never_stops_climbing() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "ana=duty")
    play.takes("ana")
    assert called(play.wait(29)) == []
    assert called(play.wait(1)) == ["02:40 ana"] * 2
    assert play.live() == ["climb"]
    assert called(play.wait(10)) != []


@pytest.mark.parametrize(
    ("at", "decays"),
    [
        ("2026-11-16 10:00", "2026-11-16 17:00"),
        ("2026-11-16 17:00", "2026-11-17 17:00"),
        ("2026-11-20 18:00", "2026-11-21 17:00"),  # a Friday: Saturday counts
        ("2026-10-24 18:00", "2026-10-25 17:00"),
        ("2026-03-28 18:00", "2026-03-29 17:00"),
    ],
)
def test_l2_decays_at_five_on_the_wall(at: str, decays: str) -> None:
    play = Play(Level.L2, at)
    play.takes("ana", by_desk=True)
    due = datetime.fromisoformat(decays).replace(tzinfo=LONDON)
    minutes = (due.astimezone(UTC) - play.now) // timedelta(minutes=1)
    assert play.wait(minutes - 1) == []
    assert play.wait(1) == ["17:00 page ana duty 0 sms"]
    assert called(play.wait(60)) == ["18:00 ben"]


def test_a_taker_whose_shift_is_over_is_not_waited_for() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana")
    play.on_duty = rota("ben=backup")
    assert called(play.wait(30)) == ["14:30 ana", "14:30 ana", "14:30 ben"]


def test_whoever_let_it_decay_can_take_it_again() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana")
    play.wait(30)
    play.takes("ana", by_desk=True)
    assert play.alert.taken_by == "ana"
    assert play.wait(29) == []


# --- joining and raising ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [Level.L2, Level.L3])
def test_the_same_or_a_lower_level_joins_quietly(level: Level) -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    serial = play.alert.serial
    assert play.happens(AlertRaised(play.now, level, ("D05", "D01"), ladder=LADDERS[level])) == []
    assert play.alert.categories == ("D01", "D05")
    assert (play.alert.level, play.alert.ladder, play.alert.serial) == (Level.L3, L3, serial)


def test_whoever_took_it_hears_of_what_joins() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana")
    assert play.happens(AlertRaised(play.now, Level.L3, ("D05",))) == ["14:00 notice ana duty joined"]
    assert play.alert.state == "acknowledged"


def test_what_a_colleague_beside_the_child_hears_goes_to_all_who_were_called() -> None:
    play = Play(Level.L4, "2026-11-16 14:00")
    more = AlertRaised(play.now, Level.L4, ("D01",), beside="ann")
    assert play.happens(more) == ["14:00 notice ana duty joined", "14:00 notice mel manager joined"]
    assert play.alert.state == "raised"
    play.takes("ana", by_desk=True)
    assert play.happens(more) == ["14:00 notice ana duty joined"], "who has it decides"


def test_what_whoever_has_it_raises_goes_to_the_others_and_where_there_are_none_to_those_behind() -> None:
    play = Play(Level.L4, "2026-11-16 14:00")
    play.takes("ana", by_desk=True)
    assert play.happens(AlertRaised(play.now, Level.L4, (), beside="ana")) == ["14:00 notice mel manager joined"]
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana", by_desk=True)
    lines = play.happens(AlertRaised(play.now, Level.L3, (), beside="ana"))
    assert [line.split()[2] for line in lines] == ["ben", "mel", "sue"]


def test_a_higher_level_begins_at_rung_0_of_its_own_ladder() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(20)
    lines = play.happens(AlertRaised(play.now, Level.L4, ("D02",), ladder=L4))
    assert called(lines) == ["14:20 ana", "14:20 mel", "14:20 ana", "14:20 mel"]
    assert called(play.wait(10)) == ["14:25 ben", "14:25 ben", "14:30 sue", "14:30 sue"]


@pytest.mark.parametrize(("low", "high"), [(Level.L2, Level.L3), (Level.L2, Level.L4), (Level.L3, Level.L4)])
def test_taking_a_lower_level_is_not_taking_a_higher_one(low: Level, high: Level) -> None:
    play = Play(low, "2026-11-16 14:00")
    play.takes("ana", by_desk=True)
    assert "14:00 ana" in called(play.happens(AlertRaised(play.now, high, ("D02",), ladder=LADDERS[high])))
    assert (play.alert.state, play.alert.taken_by, play.alert.confirmed) == ("raised", None, False)


def test_a_taker_who_is_on_no_rung_hears_that_it_was_raised() -> None:
    play = Play(Level.L2, "2026-11-16 14:00")
    play.takes("wyn", by_desk=True)
    lines = play.happens(AlertRaised(play.now, Level.L3, ("D05",), ladder=L3))
    assert lines == ["14:00 notice wyn worker raised", "14:00 page ana duty 0 sms"]


def test_a_raise_without_a_ladder_still_climbs_and_no_longer_waits_for_the_morning() -> None:
    play = Play(Level.L2, "2026-11-16 23:00")
    assert play.happens(AlertRaised(play.now, Level.L3, ("D05",))) == ["23:00 notice ana duty new_l2"]
    assert called(play.wait(60)) == ["00:00 ben"]


def test_an_l2_that_must_not_wait_wakes_one_that_could() -> None:
    play = Play(Level.L2, "2026-11-16 23:00")
    lines = play.happens(AlertRaised(play.now, Level.L2, ("D20",), night_page=True, ladder=L3))
    assert called(lines) == ["23:00 ana"]
    assert called(play.wait(15)) == ["23:03 ana", "23:15 ben"]


# --- passing on, lowering, deciding, wrong codes ----------------------------------------------------------------------


def test_passing_on_is_the_next_rung_now_and_spares_them_this_round() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(1)
    assert play.passes("ana") == ["14:01 page ben backup 1 sms"]
    assert play.wait(14) == []
    assert play.passes("ben") == ["14:15 notice ana duty passed_on ben", "14:15 page mel manager 2 sms"]
    assert called(play.wait(15)) == ["14:30 sue"]
    assert called(play.wait(15)) == ["14:45 ana"]


def test_passing_on_twice_is_passing_on_once() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.passes("ana")
    before = play.alert
    assert play.passes("ana") == []
    assert play.passes("zoe") == []
    assert play.alert == before


def test_an_unsent_page_to_somebody_who_passed_on_is_unwanted() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.passes("ana")
    assert [page.to for page in play.pages if standing.still_wanted(play.alert, page.to)] == ["ben"]


def test_a_taker_can_give_it_back() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana")
    play.wait(10)
    assert called(play.passes("ana")) == ["14:10 ben"]
    assert (play.alert.state, play.alert.taken_by) == ("raised", None)
    assert play.live() == ["climb"]


def test_whoever_passed_on_and_took_it_after_all_is_spared_nothing_when_it_decays() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.passes("ana")
    play.takes("ana")
    assert called(play.wait(30)) == ["14:30 ana"] * 2
    assert standing.still_wanted(play.alert, play.pages[-1].to)


def test_the_last_one_passing_on_begins_the_next_round_without_them() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.wait(46)
    assert called(play.passes("sue")) == ["14:46 ana"]
    assert play.alert.round == 1


def test_who_alone_is_on_the_last_rung_and_passes_it_on_begins_the_next_round_before_that_rung_was_tried() -> None:
    play = Play(Level.L4, "2026-11-16 08:50")
    play.wait(7)
    play.takes("sue", by_desk=True)
    assert called(play.passes("sue")) == ["08:57 ana", "08:57 mel", "08:57 ana", "08:57 mel"]
    play = Play(Level.L3, "2026-11-16 09:07")
    play.wait(31)
    play.takes("sue", by_desk=True)
    assert called(play.passes("sue")) == ["09:38 ana"]


def test_when_everybody_passes_on_it_pauses_and_begins_again() -> None:
    play = Play(Level.L4, "2026-11-16 02:10", "ana=duty")
    play.passes("ana")
    assert play.live() == ["climb"]
    assert play.wait(4) == []
    assert called(play.wait(1)) == ["02:15 ana", "02:15 ana"]


def test_only_a_manager_lowers_an_l3() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    before = play.alert
    assert play.happens(AlertLowered(play.now, "ana", Level.L2, "a film")) == ["14:00 notice ana duty not_allowed"]
    assert play.alert == before
    assert play.happens(AlertLowered(play.now, "mel", Level.L2, "a film")) == []
    assert play.alert.level == Level.L2


def test_lowering_does_not_raise() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    before = play.alert
    assert play.happens(AlertLowered(play.now, "mel", Level.L4, "wrong button")) == []
    assert play.happens(AlertLowered(play.now, "mel", Level.L3, "wrong button")) == []
    assert play.alert == before


def test_a_lowered_alert_that_nobody_took_goes_on_climbing() -> None:
    play = Play(Level.L3, "2026-11-16 21:55")
    play.happens(AlertLowered(play.now, "mel", Level.L2, "spoke to her"))
    assert called(play.wait(15)) == ["21:58 ana", "22:10 ben"]


def test_a_lowered_alert_that_was_taken_has_the_decision_time_of_its_level() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("ana")
    play.happens(AlertLowered(play.now, "mel", Level.L2, "spoke to her"))
    assert play.wait(179) == []
    assert called(play.wait(1)) == ["17:00 ana"]


def test_an_l4_held_by_a_text_stops_when_it_is_lowered_to_l3() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    play.takes("ana")
    play.happens(AlertLowered(play.now, "mel", Level.L3, "spoke to her"))
    assert play.wait(29) == []
    assert called(play.wait(1)) == ["02:40 ana"] * 2


def test_below_l2_nothing_is_left_to_page_for() -> None:
    play = Play(Level.L2, "2026-11-16 14:00")
    play.happens(AlertLowered(play.now, "ana", Level.L1, "homework"))
    assert play.alert.state == "closed"
    assert play.wait(24 * 60) == []


def test_a_decided_alert_is_over() -> None:
    play = Play(Level.L4, "2026-11-16 02:10")
    queued = list(play.pages)
    assert play.happens(AlertDecided(play.now, "mel", "refer", "police with her", as_manager=True)) == []
    decided = play.alert
    assert (decided.state, decided.decision) == ("decided", "refer")
    assert play.wait(24 * 60) == []
    later: tuple[AlertEvent, ...] = (
        AlertOpened(play.now),
        AlertRaised(play.now, Level.L4, ("D02",), ladder=L4),
        AlertTaken(play.now, "ana", by_desk=True),
        AlertPassedOn(play.now, "ana"),
        AlertLowered(play.now, "mel", Level.L2, "late"),
        AlertDecided(play.now, "ana", "close", "late"),
        WrongCode(play.now),
        RungDue(play.now, escalation.CLIMB, decided.rung, decided.serial),
    )
    for event in later:
        assert play.happens(event) == []
        assert play.alert == decided
    assert not [page for page in queued if standing.still_wanted(play.alert, page.to)]


@pytest.mark.parametrize("level", [Level.L3, Level.L4])
def test_what_duty_decides_of_an_l3_or_l4_a_manager_decides_too(level: Level) -> None:
    play = Play(level, "2026-11-16 14:00")
    decided = play.happens(AlertDecided(play.now, "ana", "police", "they are at the door"))
    # At L4 she is being called for it: her page counts. Else she is called now.
    first = ["14:00 notice mel manager for_manager ana"] if level >= Level.L4 else ["14:00 page mel manager 0 sms"]
    assert decided == first
    assert (play.alert.state, play.alert.for_manager) == ("decided", True)
    assert play.wait(29) == ([] if level >= Level.L4 else ["14:03 page mel manager 0 voice"])
    assert play.wait(1) == [
        f"14:30 page {who} 1 {way}"
        for way in (("sms", "voice") if level >= Level.L4 else ("sms",))
        for who in ("mel manager", "sue service_manager")
    ]
    assert play.happens(AlertDecided(play.now, "ben", "other", "not mine")) == []
    assert (play.alert.decision, play.alert.for_manager) == ("police", True)
    play.happens(AlertDecided(play.now, "mel", "refer", "strategy discussion", as_manager=True))
    mels = play.alert
    assert (mels.decision, mels.for_manager, mels.manager_at) == ("refer", False, play.now)
    play.happens(AlertDecided(play.now, "mel", "other", "too late", as_manager=True))
    assert play.alert == mels


def test_with_no_manager_to_tell_whoever_is_there_hears_that_one_must_be_found() -> None:
    play = Play(Level.L3, "2026-11-16 14:00", "ana=duty ben=backup")
    assert play.happens(AlertDecided(play.now, "ben", "refer", "ours")) == [
        "14:00 notice ben backup no_manager ben",
        "14:00 notice ana duty no_manager ben",
        "14:00 notice - manager nobody",
        "14:00 notice - service_manager nobody",
    ]
    assert play.alert.for_manager
    play.alert = replace(play.alert, decided_at=play.now)
    # Each half hour for two hours, then each hour: of one silent text somebody may have slept over nobody would be asked again.
    heard = [line for line in play.wait(4 * 60 + 10) if "no_manager" in line]
    assert heard == [
        f"{at} notice {who} no_manager ben"
        for at in ("14:30", "15:00", "15:30", "16:00", "17:00", "18:00")
        for who in ("ana duty", "ben backup")
    ]
    # Whoever comes to be a manager is called within a minute; who comes on duty before that hears that there is none.
    play.on_duty = rota("ana=duty ben=backup cat=duty")
    assert play.happens(ShiftBegan(play.now, "cat")) == ["18:10 notice cat duty no_manager ben"]
    play.on_duty = rota("ana=duty mel=manager")
    assert play.wait(1) == ["18:11 page mel manager 0 sms"]
    # She is gone before she has answered: with her next call it is told that there is nobody again.
    play.on_duty = rota("ana=duty")
    assert [line for line in play.wait(30) if "no_manager" in line] == ["18:14 notice ana duty no_manager ben"]


def test_a_manager_who_has_it_is_not_called_again_when_somebody_else_decides_until_it_is_late() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.takes("mel", by_desk=True)
    assert play.happens(AlertDecided(play.now, "ana", "refer", "ours")) == ["14:00 notice mel manager for_manager ana"]
    assert play.wait(29) == []
    assert play.wait(4) == [
        f"{at} page {who} 1 {way}"
        for at, way in (("14:30", "sms"), ("14:33", "voice"))
        for who in ("mel manager", "sue service_manager")
    ]
    assert play.happens(AlertTaken(play.now, "ana", by_desk=True)) == []
    assert play.alert.taken_by is None, "only a manager has what a manager must decide"
    play.takes("sue", by_desk=True)
    taken = play.alert
    assert (taken.state, taken.taken_by) == ("decided", "sue")
    assert play.happens(AlertDecided(play.now, "sue", "refer", "agreed", as_manager=True)) == []
    assert play.wait(120) == []


def test_with_nobody_left_who_may_hear_of_what_a_manager_must_decide_whoever_is_next_is_asked() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    play.happens(AlertDecided(play.now, "ana", "refer", "ours"))
    play.wait(5)
    assert play.happens(AlertRaised(play.now, Level.L3, (), away=("ben",))) == [], "mel is asked still"
    named = AlertRaised(play.now, Level.L3, (), away=("mel",))
    assert play.happens(named) == ["14:05 page sue service_manager 1 sms"]
    assert play.alert.away == ("ben", "mel")
    assert play.wait(3) == ["14:08 page sue service_manager 1 voice"]


def test_whoever_comes_on_duty_hears_what_was_heard_in_their_role_and_once() -> None:
    play = Play(Level.L3, "2026-11-16 07:50")
    play.on_duty = rota("cat=duty dan=backup mel=manager sue=service_manager")
    assert play.wait(10) == ["07:53 page cat duty 0 voice"]
    play = Play(Level.L3, "2026-11-16 07:50")
    play.wait(5)
    play.on_duty = rota("cat=duty dan=backup mel=manager sue=service_manager")
    assert play.happens(ShiftBegan(play.now, "dan")) == [], "their rung is still to come"
    assert play.happens(ShiftBegan(play.now, "cat")) == ["07:55 page cat duty 0 sms", "07:55 page cat duty 0 voice"]
    assert play.happens(ShiftBegan(play.now, "cat")) == []
    play.takes("cat", by_desk=True)
    play.on_duty = rota("eve=duty mel=manager")
    assert play.happens(ShiftBegan(play.now, "eve")) == ["07:55 notice eve duty has_it cat"]


def test_a_manager_is_one_on_another_shift_too_and_an_l2_needs_none() -> None:
    for level, event in (
        (Level.L4, AlertDecided(datetime(2026, 11, 16, 14, 0, tzinfo=UTC), "ada", "refer", "ours", as_manager=True)),
        (Level.L2, AlertDecided(datetime(2026, 11, 16, 14, 0, tzinfo=UTC), "ana", "other", "homework")),
    ):
        play = Play(level, "2026-11-16 14:00")
        assert play.happens(event) == []
        assert (play.alert.state, play.alert.for_manager) == ("decided", False)


def test_five_wrong_codes_alarm_every_rung_and_the_count_begins_again() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    assert [play.happens(WrongCode(play.now)) for _ in range(4)] == [[], [], [], []]
    assert play.happens(WrongCode(play.now)) == [
        "14:00 notice ana duty wrong_codes",
        "14:00 notice ben backup wrong_codes",
        "14:00 notice mel manager wrong_codes",
        "14:00 notice sue service_manager wrong_codes",
    ]
    assert play.alert.wrong_codes == 0
    assert play.live() == ["climb"]


def test_a_ladder_edited_meanwhile_does_not_change_an_alert_that_runs() -> None:
    play = Play(Level.L3, "2026-11-16 14:00")
    edited = replace(L3, rungs=(Rung(0, ("service_manager",), "sms"),))
    play.happens(AlertRaised(play.now, Level.L3, ("D05",), ladder=edited))
    assert play.alert.ladder is L3
    assert called(play.wait(15)) == ["14:03 ana", "14:15 ben"]
