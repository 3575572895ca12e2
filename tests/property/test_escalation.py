"""Whatever the rota, the answers and the timers do, an L3 or L4 never goes quiet unanswered.

Timers are kept as the world keeps them: nothing is ever taken back, each may come late, twice, or after younger ones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from flows import escalation, standing
from flows.effects import AlertEffect, Notice, Page, SetRung
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
from flows.model import MANAGERS, Alert, Ladder, Level, OnDuty, Rung

ROLES = ("duty", "backup", "manager", "service_manager")
NAMES = ("ana", "ben", "cat", "mel", "sue")
FINAL = {escalation.DECIDED, escalation.CLOSED}

names = st.sampled_from(NAMES)
rotas = st.lists(st.builds(OnDuty, names, st.sampled_from(ROLES)), max_size=6).map(tuple)
rung_roles = st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True).map(tuple)
# Both nights of the year on which the clocks change, and an ordinary afternoon.
openings = st.sampled_from(["2026-03-29T00:40", "2026-10-25T00:10", "2026-11-16T14:00"])


@st.composite
def ladders(draw: st.DrawFn, level: Level) -> Ladder:
    minutes = sorted(draw(st.lists(st.integers(0, 60), max_size=5)))
    methods = st.sampled_from(["sms", "voice"] if level >= Level.L3 else ["sms", "notice"])
    rungs = tuple(Rung(after, draw(rung_roles), draw(methods)) for after in (0, *minutes))
    return Ladder(level, rungs, draw(st.integers(1, 60)), draw(st.sampled_from([None, 30])))


def _asks(effect: AlertEffect) -> bool:
    """Is it the notice that an L2 begins with?"""
    return isinstance(effect, Notice) and effect.about == "new_l2"


class Escalation(RuleBasedStateMachine):
    @initialize(data=st.data(), level=st.sampled_from([Level.L2, Level.L3, Level.L4]), at=openings, on_duty=rotas)
    def opens(self, data: st.DataObject, level: Level, at: str, on_duty: tuple[OnDuty, ...]) -> None:
        self.tz = ZoneInfo("Europe/London")
        self.now = datetime.fromisoformat(at).replace(tzinfo=UTC)
        self.on_duty = on_duty
        self.ladders = {each: data.draw(ladders(each)) for each in (Level.L2, Level.L3, Level.L4)}
        self.alert = Alert("1", "c1", level, "raised", self.now, self.ladders[level], "amber otter")
        self.timers: list[SetRung] = []
        self.highest = level
        self.happens(AlertOpened(self.now))

    def happens(self, event: AlertEvent) -> list[Page]:
        """Let `event` happen, check what must hold of any event, and give the pages it sent."""
        before = self.alert
        self.alert, effects = escalation.step(before, event, self.on_duty, self.tz)
        again = escalation.step(before, event, self.on_duty, self.tz)
        assert again == (self.alert, effects)
        assert self.alert.serial >= before.serial
        if before.state in FINAL and not before.for_manager:
            assert (self.alert, effects) == (before, ())
        pages = []
        for effect in effects:
            match effect:
                case SetRung():
                    assert effect.serial == self.alert.serial > before.serial
                    self.timers.append(effect)
                case Page():
                    pages.append(effect)
                    assert effect.alert == self.alert
                    assert standing.still_wanted(self.alert, effect.to)
                    assert effect.to in self.alert.paged
                    assert effect.to not in self.alert.away
                case Notice():
                    assert effect.alert == self.alert
                    assert effect.to not in self.alert.away
        self.highest = max(self.highest, self.alert.level)
        return pages

    def spared(self, event: AlertEvent) -> None:
        """Let `event` happen, which must not page whoever has it or, in this round, has passed on."""
        before = self.alert
        for page in self.happens(event):
            assert page.to != before.taken_by
            assert page.to not in before.passed or self.alert.round > before.round

    def live(self) -> list[SetRung]:
        return [timer for timer in self.timers if timer.serial == self.alert.serial]

    # --- what the world does ---

    @rule(minutes=st.integers(0, 90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(on_duty=rotas)
    def shift_changes(self, on_duty: tuple[OnDuty, ...]) -> None:
        self.on_duty = on_duty

    @rule(data=st.data(), late=st.integers(0, 600))
    @precondition(lambda self: self.timers)
    def any_timer_comes(self, data: st.DataObject, late: int) -> None:
        timer = data.draw(st.sampled_from(self.timers))
        self.now = max(self.now, timer.at) + timedelta(seconds=late)
        event = RungDue(self.now, timer.name, timer.rung, timer.serial)
        before = self.alert
        if timer.name == escalation.DECAY:
            pages = self.happens(event)
            assert not pages or pages[0].to == before.taken_by
        else:
            self.spared(event)
        if timer.serial != before.serial:
            assert self.alert == before

    @rule()
    @precondition(lambda self: self.live())
    def next_timer_comes(self) -> None:
        timer = min(self.live(), key=lambda each: each.at)
        self.now = max(self.now, timer.at)
        before = self.alert
        self.happens(RungDue(self.now, timer.name, timer.rung, timer.serial))
        assert self.alert.serial > before.serial

    @rule(who=names, by_desk=st.booleans())
    def somebody_takes(self, who: str, by_desk: bool) -> None:
        before = self.alert
        assert self.happens(AlertTaken(self.now, who, by_desk)) == []
        if who in before.away:
            assert self.alert == before
        elif before.state not in FINAL:
            assert self.alert.state == escalation.ACKNOWLEDGED
            once = self.alert
            self.happens(AlertTaken(self.now, who, by_desk))
            assert self.alert == once
        if before.confirmed and before.state == escalation.ACKNOWLEDGED:
            assert self.alert.taken_by == before.taken_by

    @rule(who=names)
    def somebody_passes_on(self, who: str) -> None:
        before = self.alert
        for page in self.happens(AlertPassedOn(self.now, who)):
            assert page.to != who
            assert page.to != before.taken_by

    @rule(
        level=st.sampled_from([Level.L2, Level.L3, Level.L4]),
        night_page=st.booleans(),
        given=st.booleans(),
        about=st.just(()) | st.lists(names, max_size=4).map(tuple),
    )
    def it_gets_worse(self, level: Level, night_page: bool, given: bool, about: tuple[str, ...]) -> None:
        before = self.alert
        ladder = self.ladders[level] if given else None
        self.happens(AlertRaised(self.now, level, ("D02",), night_page, ladder, about))
        if before.state not in FINAL:
            assert self.alert.level == max(before.level, level)
            assert {*before.away, *about} == {*self.alert.away}
            if level > before.level or set(about) - set(before.away):
                assert (self.alert.state, self.alert.taken_by) == (escalation.RAISED, None)

    @rule(who=names, level=st.sampled_from([Level.L1, Level.L2, Level.L3]))
    def somebody_lowers(self, who: str, level: Level) -> None:
        before = self.alert
        assert self.happens(AlertLowered(self.now, who, level, "a reason")) == []
        roles = {person.role for person in self.on_duty if person.name == who}
        if self.alert.level != before.level:
            assert self.alert.level == level < before.level
            assert before.level == Level.L2 or roles & {*MANAGERS}

    @rule()
    def a_code_is_wrong(self) -> None:
        before = self.alert
        assert self.happens(WrongCode(self.now)) == []
        assert self.alert.serial == before.serial

    @rule(who=names)
    def somebody_comes_on_duty(self, who: str) -> None:
        before = self.alert
        for page in self.happens(ShiftBegan(self.now, who)):
            assert page.to == who not in before.paged
        assert self.alert.serial == before.serial

    @rule(who=names)
    @precondition(lambda self: self.alert.round > 1)
    def somebody_decides(self, who: str) -> None:
        before = self.alert
        manager = bool({*MANAGERS} & {person.role for person in self.on_duty if person.name == who})
        pages = self.happens(AlertDecided(self.now, who, "refer", "a reason", as_manager=manager))
        assert not pages or (not manager and not before.for_manager and self.alert.for_manager)
        assert {page.role for page in pages} <= {*MANAGERS}
        assert (self.alert.state in FINAL) == (before.state in FINAL or who not in before.away)
        if before.for_manager and not self.alert.for_manager:
            assert manager

    # --- what must hold at any time ---

    @invariant()
    def something_is_always_to_come(self) -> None:
        waiting = sorted(timer.name for timer in self.live())
        unproven = self.alert.level == Level.L4 and not self.alert.confirmed
        if standing.is_free(self.alert):
            assert waiting == [escalation.CLIMB]
        elif standing.is_taken(self.alert):
            assert waiting == [escalation.CLIMB, escalation.DECAY][0 if unproven else 1 :]
        else:
            assert waiting == []

    @invariant()
    def what_is_to_come_is_the_next_rung_and_not_far(self) -> None:
        for timer in self.live():
            assert timer.rung == self.alert.rung <= len(self.alert.ladder.rungs)
            if self.alert.level >= Level.L3:
                assert timer.at <= self.now + timedelta(minutes=120)

    @invariant()
    def left_alone_it_reaches_whoever_there_is(self) -> None:
        """Follow the timers from here with nobody answering: somebody on a rung who may know of it is reached; with nobody there
        it says so, and looks again every minute.
        """
        roles = {role for rung in self.alert.ladder.rungs for role in rung.roles}
        if not self.alert.is_open or self.highest < Level.L3:
            return
        there = {p.role for p in self.on_duty if p.name not in self.alert.away} & roles
        alert, waiting = self.alert, self.live()
        # Whoever took it by text is spared until what they did not decide decays; a ladder may begin again each minute.
        for _ in range(200):
            timer = min(waiting, key=lambda each: each.at)
            at = max(self.now, timer.at)
            event = RungDue(at, timer.name, timer.rung, timer.serial)
            alert, effects = escalation.step(alert, event, self.on_duty, self.tz)
            waiting += [effect for effect in effects if isinstance(effect, SetRung)]
            waiting = [timer for timer in waiting if timer.serial == alert.serial]
            if any(isinstance(effect, Page) or _asks(effect) for effect in effects):
                return
            if not there and any(isinstance(effect, Notice) and effect.about == "nobody" for effect in effects):
                climb = next(effect for effect in effects if isinstance(effect, SetRung))
                assert climb.at <= at + timedelta(minutes=1)
                return
        raise AssertionError("nobody was reached")


TestEscalation = Escalation.TestCase
TestEscalation.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
