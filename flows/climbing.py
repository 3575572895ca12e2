"""How an alert climbs its ladder: rung after rung, round after round, each timer that must be pending. Pure.

May not know what happened to it (that is `flows.escalation`): whoever calls has said who has it and where it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from flows import conflict, quiet_hours, rota, standing
from flows.effects import Notice, Page, SetRung
from flows.model import MANAGERS, Level, Rung

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import tzinfo

    from flows.effects import AlertEffect
    from flows.model import Alert, Ladder, OnDuty

# Names of timers.
CLIMB = "climb"
DECAY = "decay"

# decisions 7. The day ends at 17:00 on every day of the week: no child waits from Friday to Monday for a decision that
# nobody made, and on a Saturday the people on duty are as much at work as on a Tuesday.
DECISION_MINUTES = 30
DAY_ENDS_HOUR = 17
MORNING_HOUR = 9

# That no manager can be told is told as often as a decision is late, and after this only half as often.
SOUGHT_OFTEN = timedelta(hours=2)

# With nobody on the whole rota there is no answer to wait for: whoever signs on is found within a minute.
NOBODY_AGAIN_MINUTES = 1

Step: TypeAlias = "tuple[Alert, tuple[AlertEffect, ...]]"


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of an event, who can be reached then, and the wall clock."""

    at: datetime
    on_duty: tuple[OnDuty, ...]
    tz: tzinfo


def start(alert: Alert, now: Now) -> Step:
    """Rung 0 at once, unless it may wait for the morning."""
    begun = replace(alert, rung=0, started_at=now.at, passed=())
    return plan(begun, now) if next_at(begun, now) > now.at else climb(begun, now)


def climb(alert: Alert, now: Now, effects: Iterable[AlertEffect] = ()) -> Step:
    """Try the next rung, what is due with it, and on over empty rungs until somebody is reached."""
    alert, sought = _sought(alert, now)
    if standing.is_through(alert):
        alert = again(alert, now)
    reached: dict[tuple[str, str], AlertEffect] = {}
    gaps: dict[str, AlertEffect] = {}
    while not standing.is_through(alert) and (not reached or next_at(alert, now) <= now.at):
        rung, holders = alert.ladder.rungs[alert.rung], rota.on_rung(alert.ladder, alert.rung, now.on_duty)
        for person in holders:
            if person.name not in standing.spared(alert):
                reached.setdefault((person.name, rung.method), call(alert, alert.rung, person))
        if not holders:
            gaps.update({role: Notice(alert, "", role, "nobody") for role in rung.roles})
        alert = replace(alert, started_at=_anchor(alert, now), rung=alert.rung + 1)
    if standing.is_through(alert):
        alert = replace(alert, started_at=_end_anchor(alert, now))
    alert = replace(alert, paged=joined(alert.paged, (name for name, _ in reached)))
    return plan(alert, now, (*effects, *sought, *reached.values(), *gaps.values()))


def has_more(alert: Alert, now: Now) -> bool:
    """Whether somebody can be reached on the rungs that are left of this round: one may hold only those who have passed on."""
    left = range(alert.rung, len(alert.ladder.rungs))
    holders = (person for index in left for person in rota.on_rung(alert.ladder, index, now.on_duty))
    return any(person.name not in standing.spared(alert) for person in holders)


def call(alert: Alert, index: int, person: OnDuty) -> AlertEffect:
    """How a rung reaches one of those on it."""
    method = alert.ladder.rungs[index].method
    if method == "notice":
        return Notice(alert, person.name, person.role, "new_l2")
    return Page(alert, person.name, person.role, alert.ladder.rung_number(index), method)


def again(alert: Alert, now: Now) -> Alert:
    """A new round: who passed it on in the last one is asked again."""
    return replace(alert, rung=0, round=alert.round + 1, started_at=now.at, passed=())


def _anchor(alert: Alert, now: Now) -> datetime:
    """Where minute 0 lies once this rung is tried: a rung tried early pulls the later ones forward with it.

    A rung that was late does not push them back, unless it was the night that it waited for.
    """
    tried = now.at - standing.minutes(alert, alert.rung)
    return tried if standing.may_wait(alert) else min(standing.started(alert), tried)


def _end_anchor(alert: Alert, now: Now) -> datetime:
    """The pause before the next round begins with the last rung that was tried, however late or early that was."""
    end = now.at - standing.minutes(alert, len(alert.ladder.rungs) - 1)
    if any(person.role in rung.roles for rung in alert.ladder.rungs for person in now.on_duty):
        return end
    return end - timedelta(minutes=alert.ladder.again_after_minutes - NOBODY_AGAIN_MINUTES)


def plan(alert: Alert, now: Now, effects: Iterable[AlertEffect] = ()) -> Step:
    """Every timer anew under a new serial, and every effect with the alert as it is now."""
    alert = replace(alert, serial=alert.serial + 1)
    told = (effect if isinstance(effect, SetRung) else replace(effect, alert=alert) for effect in effects)
    return alert, (*told, *_timers(alert, now))


def _timers(alert: Alert, now: Now) -> Iterator[SetRung]:
    if standing.climbs(alert):
        yield SetRung(CLIMB, next_at(alert, now), alert.rung, alert.serial)
    if standing.is_taken(alert):
        yield SetRung(DECAY, _decision_due(alert, now), alert.rung, alert.serial)


def next_at(alert: Alert, now: Now) -> datetime:
    """When the next rung is due, or the next round once the ladder is through."""
    due = standing.started(alert) + standing.minutes(alert, alert.rung)
    if standing.may_wait(alert) and quiet_hours.is_night(due, now.tz):
        return quiet_hours.next_open(due, now.tz, MORNING_HOUR, quiet_hours.DAY_TO_HOUR)
    return due


def _decision_due(alert: Alert, now: Now) -> datetime:
    if alert.level >= Level.L3:
        minutes = alert.ladder.decision_minutes or DECISION_MINUTES
        return (alert.taken_at or now.at).astimezone(UTC) + timedelta(minutes=minutes)
    return quiet_hours.next_at(now.at, now.tz, DAY_ENDS_HOUR)


# --- a manager must decide too ------------------------------------------------------------------------------------------


def for_managers(alert: Alert, now: Now, by: str, decision: str) -> Step:
    """Somebody has decided an L3 or L4, and a manager must too (R09): it climbs among managers until one has.

    One of them who has it already keeps it. Whoever is being called for it hears what is asked now, and their call counts.
    """
    ladder = _among_managers(alert.ladder)
    decided = replace(alert, state=standing.DECIDED, decision=decision, decided_by=by, for_manager=True, ladder=ladder)
    waits = replace(decided, rung=0, round=alert.round + 1, started_at=now.at, passed=(), paged=())
    if role(alert.taken_by or "", now) in MANAGERS:
        # They are the first of this ladder: should they not decide, they are called again with its next rung.
        waits = replace(waits, rung=_second(ladder))
        return plan(waits, now, (notice(waits, alert.taken_by or "", now, "for_manager", by),))
    waits = released(waits)
    since, called = _called(alert, now)
    if called:
        # Their page stands for the first of this ladder: what follows it comes as long after that.
        done = sum(standing.minutes(waits, index) <= now.at - since for index in range(len(ladder.rungs)))
        waits = replace(waits, paged=called, started_at=since, rung=done)
        return plan(waits, now, tuple(notice(waits, name, now, "for_manager", by) for name in called))
    waits, told = _sought(waits, now, by)
    return climb(waits, now, told)


def _sought(alert: Alert, now: Now, by: str = "") -> tuple[Alert, tuple[Notice, ...]]:
    """With no manager to be told whoever is there, and who decided (`by`), must find one, and hears so again until there is
    one: else it would wait unseen.
    """
    if not alert.for_manager or rota.managers(now.on_duty):
        return replace(alert, sought_at=None), ()
    pause = timedelta(minutes=alert.ladder.decision_minutes or DECISION_MINUTES)
    if alert.sought_at is not None:
        often = alert.sought_at - (alert.decided_at or alert.sought_at) < SOUGHT_OFTEN
        if now.at < alert.sought_at + (pause if often else 2 * pause):
            return alert, ()
    there = joined((by,) if by else (), (person.name for person in now.on_duty))
    told = tuple(notice(alert, name, now, "no_manager", alert.decided_by) for name in there)
    return replace(alert, sought_at=now.at), told


def _among_managers(whole: Ladder) -> Ladder:
    """The managers at once, and with them who answers for all when the decision is late; so on, as long after each time. A call
    comes as soon after the text as ever.
    """
    late = whole.decision_minutes or DECISION_MINUTES
    call = 0 if whole.level >= Level.L4 else conflict.CALL_AFTER
    tried = (((MANAGERS[0],), 0), (MANAGERS, late))
    rungs = ((roles, after + more, way) for roles, after in tried for more, way in ((0, "sms"), (call, "voice")))
    climbed = tuple(Rung(after, roles, way) for roles, after, way in rungs)
    return replace(whole, rungs=climbed, again_after_minutes=late - call)


def decision_late(alert: Alert, now: Now, effects: Iterable[AlertEffect]) -> Step:
    """The manager who has it has not decided in time (R09): who answers for all is called at once, and they beside them."""
    return climb(replace(again(alert, now), rung=_second(alert.ladder)), now, effects)


def _second(ladder: Ladder) -> int:
    """Where on the ladder among managers who answers for all is called first."""
    return next(index for index, rung in enumerate(ladder.rungs) if MANAGERS[-1] in rung.roles)


def _called(alert: Alert, now: Now) -> tuple[datetime, tuple[str, ...]]:
    """The managers whom a page is asking now, and since when: called in this round, and not so long ago that they would be
    called again.
    """
    tried = [rung for rung in alert.ladder.rungs[: alert.rung] if not {*MANAGERS}.isdisjoint(rung.roles)]
    if not tried or not standing.climbs(alert):
        return now.at, ()
    since = standing.started(alert) + timedelta(minutes=tried[0].after_minutes)
    here = (one.name for one in now.on_duty if one.role in MANAGERS)
    names = dict.fromkeys(name for name in here if name in alert.paged and name not in alert.passed)
    late = timedelta(minutes=alert.ladder.decision_minutes or DECISION_MINUTES)
    return since, tuple(names) if now.at - since < late else ()


# --- reading an alert -------------------------------------------------------------------------------------------------


def released(alert: Alert) -> Alert:
    """Nobody has it; what somebody has decided of it stays decided."""
    state = alert.state if alert.for_manager else standing.RAISED
    return replace(alert, state=state, taken_by=None, taken_at=None, confirmed=False)


def role(name: str, now: Now) -> str:
    """The role somebody stands in now: that of a manager, where they stand in another beside it."""
    held = [person.role for person in now.on_duty if person.name == name]
    return next((one for one in held if one in MANAGERS), next(iter(held), "worker"))


def notice(alert: Alert, to: str, now: Now, about: str, who: str = "") -> Notice:
    """What one person should know."""
    return Notice(alert, to, role(to, now), about, who)


def without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The others."""
    return tuple(other for other in names if other != name)


def joined(old: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Each once, in the order in which they came."""
    return tuple(dict.fromkeys((*old, *more)))


def tell_others(alert: Alert, now: Now, about: str, who: str) -> tuple[Notice, ...]:
    """What all who were called hear, but one."""
    return tuple(notice(alert, name, now, about, who) for name in without(alert.paged, who) if name not in alert.away)
