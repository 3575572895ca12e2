"""How every clock stands now: facts, a calendar and what stood before in, deadlines out.

May not read a clock, a store or a bank-holiday list, and may not let a deadline vanish: what was once computed is there
ever after, with the values it had. A clock stops when its stop event is known to have happened by `now`, and stays as
met, or late with its minutes; a corrected fact computes it again and keeps the old value (domain 3.4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from flows.deadline_facts import Attempt, Clock, Facts, Flag, Matter, Talk
from flows.deadline_rules import RULES, Rule
from flows.deadline_values import WITHDRAWN, Deadline, Earlier, Status
from flows.working_time import Calendar, age, aware, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "Attempt", "Calendar", "Colour", "Deadline", "Earlier", "Facts", "Flag", "Matter", "Status", "Talk",
    "age", "changed", "colour", "compute", "next_change", "shade", "within",
]  # fmt: skip

FOUND = "found"
_ORDER = {rule.id: place for place, rule in enumerate(RULES)}


class Colour(StrEnum):
    """What the board shows."""

    PLAIN = "plain"
    AMBER = "amber"
    RED = "red"


def compute(facts: Facts, calendar: Calendar, now: datetime, previous: Iterable[Deadline] = ()) -> tuple[Deadline, ...]:
    """Every deadline of these facts as it stands at `now`, in the order of the rules.

    `previous`: what the last call gave for the same case; each of them is in the result again. ValueError when `now`
    names no zone.
    """
    now = aware(now).astimezone(UTC)
    before = {(each.rule, each.part): each for each in previous}
    rows = []
    for rule, clock in _clocks(facts, calendar):
        key = (rule.id, clock.part)
        if _exists(clock, now, key in before):
            rows.append(_row(rule, clock, f"{rule.version} {calendar.version}".strip(), now, before.pop(key, None)))
    rows += [_withdrawn(each, now) for each in before.values()]
    return tuple(sorted(rows, key=lambda row: (_ORDER[row.rule], row.started_at, row.part)))


def changed(previous: Iterable[Deadline], current: Iterable[Deadline]) -> tuple[Deadline, ...]:
    """The deadlines that are new, or whose due time or status is another than it was: what a transcript prints."""
    before = {(each.rule, each.part): (each.due, each.status) for each in previous}
    return tuple(each for each in current if before.get((each.rule, each.part)) != (each.due, each.status))


def colour(deadline: Deadline, now: datetime) -> Colour:
    """As `shade`; what is done is plain."""
    done = deadline.met_at is not None
    return Colour.PLAIN if done else shade(deadline.status, deadline.due, deadline.amber_at, now)


def shade(status: Status, due: datetime, amber_at: datetime | None, now: datetime) -> Colour:
    """Of what is not done: red while late, amber from `amber_at`, else plain. What is blocked is plain."""
    if status is Status.BLOCKED:
        return Colour.PLAIN
    if now >= due:
        return Colour.RED
    return Colour.AMBER if amber_at is not None and now >= amber_at else Colour.PLAIN


def next_change(deadlines: Iterable[Deadline], now: datetime) -> datetime | None:
    """The first instant after `now` at which one turns amber or late by itself: when to compute again."""
    moments = (at for each in deadlines if each.status is Status.RUNNING for at in (each.amber_at, each.due))
    return min((at for at in moments if at is not None and at > now), default=None)


def _clocks(facts: Facts, calendar: Calendar) -> Iterator[tuple[Rule, Clock]]:
    for rule in RULES:
        if rule.clocks is not None:
            for clock in rule.clocks(facts, calendar):
                yield rule, clock


def _exists(clock: Clock, now: datetime, known: bool) -> bool:  # noqa: FBT001 - one fact among three
    """A clock that starts later is none yet; one that a child's being found ended in time was never owed."""
    if clock.appears_at is not None and clock.appears_at > now:
        return False
    ended = clock.ended_at is not None and clock.ended_at <= min(now, clock.due)
    return known or not ended or _stop(replace(clock, ended_at=None), now) is not None


def _stop(clock: Clock, now: datetime) -> tuple[datetime, str] | None:
    """The first event by `now` that ends the clock, and its name."""
    events = [(at, name) for name, at in (*clock.stops, (FOUND, clock.ended_at)) if at is not None and at <= now]
    return min(events, default=None)


def _row(rule: Rule, clock: Clock, version: str, now: datetime, before: Deadline | None) -> Deadline:
    stop = _stop(clock, now)
    status, late = _standing(clock, stop, now)
    amber_at = clock.amber_at or (clock.due - rule.amber if rule.amber is not None else None)
    row = Deadline(
        rule.id, clock.part, clock.due, status, clock.role or rule.owner, clock.started_at.astimezone(UTC),
        tuple((name, _text(value)) for name, value in clock.inputs), version, amber_at, minutes_late=late,
        reasons=clock.blocks if status is Status.BLOCKED else (),
        amber=status is Status.RUNNING and amber_at is not None and now >= amber_at,
    )  # fmt: skip
    if stop is not None:
        row = replace(row, met_at=stop[0].astimezone(UTC), stopped_by=stop[1])
    return row if before is None else replace(row, superseded=_kept(before, row, now))


def _standing(clock: Clock, stop: tuple[datetime, str] | None, now: datetime) -> tuple[Status, int]:
    """Status and whole minutes late. The second in which it is due still counts as in time for what was done."""
    until = now if stop is None else stop[0].replace(microsecond=0)
    late = max(0, int((until - clock.due).total_seconds() // 60))
    if stop is not None:
        return (Status.MET, 0) if until <= clock.due else (Status.LATE, late)
    if clock.blocks:
        return Status.BLOCKED, 0
    return (Status.LATE, late) if now >= clock.due else (Status.RUNNING, 0)


def _kept(before: Deadline, row: Deadline, now: datetime) -> tuple[Earlier, ...]:
    """The earlier values, and the last of them when a fact it rested on is another now."""
    same = (before.due, before.inputs) == (row.due, row.inputs)
    done = before.met_at is None or before.met_at == row.met_at
    if (same and done) or before.withdrawn:
        return before.superseded
    return (*before.superseded, _earlier(before, now))


def _withdrawn(before: Deadline, now: datetime) -> Deadline:
    """A deadline whose start no longer stands: what was done stays done, what was owed is shown until someone looks."""
    if before.met_at is not None or before.withdrawn:
        return before
    kept = (*before.superseded, _earlier(before, now))
    return replace(before, status=Status.BLOCKED, reasons=(WITHDRAWN,), superseded=kept, amber=False)


def _earlier(before: Deadline, now: datetime) -> Earlier:
    inputs, version = before.inputs, before.version
    return Earlier(before.due, before.status, inputs, version, before.met_at, now.astimezone(UTC))


def _text(value: datetime | str | None) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value or ""
