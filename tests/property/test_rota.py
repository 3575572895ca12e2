"""Whatever the rota and whatever people answer, an L3 or L4 that nobody has taken never goes quiet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from flows import effects, escalation, events, loader, rota, standing
from flows.model import Alert, Level, OnDuty
from flows.shifts import Cover, Pattern, Shift

LONDON = ZoneInfo("Europe/London")
LADDERS = loader.load().ladders
PEOPLE = "abcde"
# The clocks go back in this night.
EVENING = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)
HOURS = timedelta(hours=10)

_name = st.sampled_from(PEOPLE)
_role = st.sampled_from([*rota.LADDER, "worker"])
_wall = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
_pattern = st.builds(
    Pattern,
    st.just("p"),
    _name,
    st.sampled_from(rota.LADDER),
    st.sets(st.integers(0, 6), min_size=1).map(frozenset),
    _wall,
    _wall,
    st.just(date(2026, 10, 20)),
)
_cover = st.builds(
    lambda role, out, into, start, hours: Cover(
        "c", role, out, into, EVENING + start * timedelta(hours=1), EVENING + (start + hours) * timedelta(hours=1)
    ),
    st.sampled_from(rota.LADDER),
    _name,
    _name,
    st.integers(-3, 12),
    st.integers(1, 8),
)
# What somebody does with a page: nothing, pass it on, take it by text, take it at the desk.
_answers = st.lists(st.sampled_from(["no", "no", "pass", "text", "desk"]), min_size=1, max_size=12)


@dataclass
class Night:
    """One alert, the people of a service, a rota; every timer fires, and every page is answered as the play says."""

    level: Level
    everybody: tuple[OnDuty, ...]
    shifts: tuple[Shift, ...]
    tired: frozenset[str]
    fallback: frozenset[str]
    answers: list[str]
    alert: Alert = field(init=False)
    timers: list[effects.SetRung] = field(default_factory=list)
    paged: list[datetime] = field(default_factory=list)

    def on_duty(self, at: datetime) -> tuple[OnDuty, ...]:
        known = {one.name for one in self.everybody}
        there = tuple(
            OnDuty(one.staff, one.role)
            for one in self.shifts
            if one.starts_at <= at < one.ends_at and one.staff in known
        )
        return rota.rested(rota.reachable(there, self.everybody, self.fallback), self.tired)

    def open(self) -> None:
        self.alert = Alert("1", "c", self.level, "raised", EVENING, LADDERS[self.level], "amber-heron", ("D05",))
        self.step(events.AlertOpened(EVENING))

    def step(self, event: events.AlertEvent) -> None:
        self.alert, done = escalation.step(self.alert, event, self.on_duty(event.at), LONDON)
        self.timers += [one for one in done if isinstance(one, effects.SetRung)]
        pages = [one for one in done if isinstance(one, effects.Page)]
        self.paged += [event.at for _ in pages]
        for page in pages:
            self.answer(page, event.at + timedelta(seconds=20))

    def answer(self, page: effects.Page, at: datetime) -> None:
        said = self.answers.pop(0) if self.answers else "no"
        if said == "pass":
            self.step(events.AlertPassedOn(at, page.to))
        elif said in ("text", "desk"):
            self.step(events.AlertTaken(at, page.to, by_desk=said == "desk"))

    def pending(self) -> list[effects.SetRung]:
        return [one for one in self.timers if one.serial == self.alert.serial]


@settings(max_examples=150, deadline=None)
@given(
    level=st.sampled_from([Level.L3, Level.L4]),
    everybody=st.lists(st.builds(OnDuty, _name, _role), min_size=1, max_size=5, unique_by=lambda one: one.name),
    patterns=st.lists(_pattern, max_size=6),
    covers=st.lists(_cover, max_size=3),
    tired=st.sets(_name).map(frozenset),
    fallback=st.sets(_name, max_size=2).map(frozenset),
    answers=_answers,
)
def test_an_alert_that_nobody_has_taken_never_goes_quiet(
    level: Level,
    everybody: list[OnDuty],
    patterns: list[Pattern],
    covers: list[Cover],
    tired: frozenset[str],
    fallback: frozenset[str],
    answers: list[str],
) -> None:
    days = date(2026, 10, 22), date(2026, 10, 26)
    planned = [
        Shift("s", one.staff, one.role, starts, ends)
        for one in patterns
        for _, starts, ends in rota.expand(one, *days, LONDON)
    ]
    night = Night(level, tuple(everybody), rota.stand(planned, covers), tired, fallback, answers)
    ladder = LADDERS[level]
    # A round from its first rung to the first of the next; a decision is owed before that begins to count.
    longest = standing.minutes(Alert("1", "c", level, "raised", EVENING, ladder, "", ()), len(ladder.rungs))
    night.open()
    assert night.paged[:1] == [EVENING], "somebody is reached at once, whoever is on duty"
    now = EVENING
    while now < EVENING + HOURS:
        due = min(night.pending(), key=lambda one: one.at, default=None)
        assert due is not None, "nothing would ever happen again"
        now = max(due.at, now)
        # Taken by a text alone an L4 goes on to whoever else there is; with nobody else it is theirs until it decays.
        if night.alert.state == standing.RAISED:
            assert now - night.paged[-1] <= longest + timedelta(minutes=1), "it climbed, and nobody was reached"
        night.timers.remove(due)
        night.step(events.RungDue(now, due.name, due.rung, due.serial))
