"""The ladder of an alert: who is reached when, who has it, when it begins again (decisions 7). Pure.

May not look up who is on duty, the time or a ladder: all three are handed in, and the ladder stands frozen in the
alert. Every change of plan makes a new serial and sets every timer that must be pending anew, so an old timer never has
to be cancelled and an alert that nobody has answered always has one to come.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, assert_never

from flows import events, quiet_hours, rota, standing
from flows.effects import Notice, Page, SetRung
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

    from flows.effects import AlertEffect
    from flows.model import Alert, Ladder, OnDuty, Rung

RAISED = standing.RAISED
ACKNOWLEDGED = standing.ACKNOWLEDGED
DECIDED = "decided"
CLOSED = "closed"

# Names of timers.
CLIMB = "climb"
DECAY = "decay"

# Who may lower an L3 or L4 (domain 3.3).
MANAGERS = frozenset({"manager", "service_manager"})

# decisions 7. The day ends at 17:00 on every day of the week: no child waits from Friday to Monday for a decision that
# nobody made, and on a Saturday the people on duty are as much at work as on a Tuesday.
DECISION_MINUTES = 30
DAY_ENDS_HOUR = 17
MORNING_HOUR = 9
WRONG_CODES = 5

# With nobody on the whole rota there is no answer to wait for: whoever signs on is found within a minute.
NOBODY_AGAIN_MINUTES = 1

_Step: TypeAlias = "tuple[Alert, tuple[AlertEffect, ...]]"


@dataclass(frozen=True, slots=True)
class _Now:
    at: datetime
    on_duty: tuple[OnDuty, ...]
    tz: tzinfo


def step(alert: Alert, event: events.AlertEvent, on_duty: tuple[OnDuty, ...], tz: tzinfo) -> _Step:
    """What becomes of `alert`, and what is to be done. Total: an event that fits nothing changes nothing.

    `on_duty`: who can be reached at `event.at`, read for this event; whoever acts as a manager must be in it. Effects
    bear the alert as it is afterwards. A `Notice` to "" is for the board alone: nobody holds that role.
    """
    # Whoever it may be about answers for nothing in it.
    over = alert.state in {DECIDED, CLOSED} and not (alert.for_manager and isinstance(event, events.AlertDecided))
    if over or getattr(event, "by", None) in alert.away:
        return alert, ()
    # Ladders count real minutes: local arithmetic would lose or gain an hour when the clocks change.
    # Nor does a rung count on them: with nobody else on it, it is empty, and is climbed over like one.
    away = {*alert.away, *getattr(event, "away", ())}
    there = tuple(person for person in on_duty if person.name not in away)
    return _by_event(alert, event, _Now(event.at.astimezone(UTC), there, tz))


def ladder_for(level: Level, night_page: bool, night: bool, ladders: Mapping[Level, Ladder]) -> Ladder:  # noqa: FBT001
    """The ladder to freeze. `night`: nobody is at the desk; what must not wait climbs as an L3 then (decisions 7)."""
    return ladders[Level.L3 if level == Level.L2 and night_page and night else level]


def _by_event(alert: Alert, event: events.AlertEvent, now: _Now) -> _Step:
    done: _Step = alert, ()
    match event:
        case events.AlertOpened():
            done = _start(alert, now) if not alert.serial else done
        case events.AlertRaised():
            done = _raised(alert, event, now)
        case events.RungDue():
            done = _due(alert, event, now) if event.serial == alert.serial else done
        case events.AlertTaken():
            done = _taken(alert, event, now)
        case events.AlertPassedOn():
            done = _passed_on(alert, event, now)
        case events.AlertLowered():
            done = _lowered(alert, event, now)
        case events.AlertDecided():
            done = _decided(alert, event, now)
        case events.WrongCode():
            done = _wrong_code(alert, now)
        case _:
            assert_never(event)
    return done


# --- what each event does ---------------------------------------------------------------------------------------------


def _raised(alert: Alert, event: events.AlertRaised, now: _Now) -> _Step:
    """A worse concern pages everybody again, the taker too: they took something smaller than what is there now."""
    night_page = alert.night_page or event.night_page
    joined = replace(alert, categories=_joined(alert.categories, event.categories), night_page=night_page)
    # An L2 that must page by night joins one that could have waited for the morning: the same level, a higher ladder.
    sooner = event.ladder is not None and event.ladder.level > alert.ladder.level
    parts = bool(set(event.away) - set(alert.away))
    if not parts and (event.level, sooner) <= (alert.level, False):
        return joined, _more(joined, event.beside, now)
    away, level = _joined(alert.away, event.away), max(alert.level, event.level)
    # Never a slower ladder than the one it climbs: whatever is said after a danger does not end it.
    ladder = event.ladder if event.ladder is not None and event.ladder.level >= alert.ladder.level else alert.ladder
    fresh = replace(joined, level=level, ladder=ladder, round=0, away=away)
    raised, effects = _start(_released(fresh), now)
    reached = {effect.to for effect in effects if not isinstance(effect, SetRung)}
    if alert.taken_by and alert.taken_by not in (*reached, *away):
        effects = (_notice(raised, alert.taken_by, now, "raised"), *effects)
    return raised, effects


def _more(alert: Alert, beside: str, now: _Now) -> tuple[Notice, ...]:
    """More of what is known: whoever has it hears so. What they raise themselves, or a colleague hears while nobody has it,
    goes to the others who were called; and where they alone were, to those behind them.
    """
    if alert.taken_by and alert.taken_by != beside:
        return (_notice(alert, alert.taken_by, now, "joined"),)
    if not beside:
        return ()
    others = [name for name in alert.paged if name not in (beside, *alert.away)]
    if not others and alert.taken_by:
        roles = {role for rung in alert.ladder.rungs for role in rung.roles}
        others = [person.name for person in now.on_duty if person.role in roles and person.name != beside]
    return tuple(_notice(alert, name, now, "joined") for name in dict.fromkeys(others))


def _due(alert: Alert, event: events.RungDue, now: _Now) -> _Step:
    if event.name == DECAY and alert.state == ACKNOWLEDGED:
        return _decayed(alert, now)
    return _climb(alert, now) if event.name == CLIMB and standing.climbs(alert) else (alert, ())


def _taken(alert: Alert, event: events.AlertTaken, now: _Now) -> _Step:
    if alert.state == RAISED or _proves_a_claim(alert, event):
        taken = replace(alert, state=ACKNOWLEDGED, taken_by=event.by, taken_at=now.at, confirmed=event.by_desk)
        taken = replace(taken, passed=_without(alert.passed, event.by))
        return _plan(taken, now, _tell_others(taken, now, "taken", event.by))
    if event.by != alert.taken_by:
        return alert, (_notice(alert, event.by, now, "taken", alert.taken_by or ""),)
    if alert.confirmed or not event.by_desk:
        return alert, ()
    confirmed = replace(alert, confirmed=True)
    # Whoever was called meanwhile hears that nobody waits for them any more.
    told = _tell_others(confirmed, now, "taken", event.by)
    return _plan(confirmed, now, told) if standing.climbs(alert) else (confirmed, ())


def _proves_a_claim(alert: Alert, event: events.AlertTaken) -> bool:
    """Somebody else at the desk or on the phone, while an L4 is held by no more than a text.

    That alone changes the taker, because a number is a claim and a sign-in is proof (decisions 7). Otherwise the first
    keeps it, whoever comes second, a manager too: when two press together, each must hear the same name. A manager
    overrules by deciding or lowering, which needs no taking.
    """
    return standing.climbs(alert) and event.by_desk and event.by != alert.taken_by


def _passed_on(alert: Alert, event: events.AlertPassedOn, now: _Now) -> _Step:
    """The next rung now; the round that begins because the last one passed on spares them too."""
    holds = alert.state == ACKNOWLEDGED and event.by == alert.taken_by
    asked = standing.climbs(alert) and event.by in alert.paged and event.by not in alert.passed
    if not (holds or asked):
        return alert, ()
    passed = replace(_released(alert) if holds else alert, passed=_joined(alert.passed, (event.by,)))
    if standing.is_through(passed):
        passed = replace(_again(passed, now), passed=(event.by,))
    return _climb(passed, now, _tell_others(passed, now, "passed_on", event.by))


def _lowered(alert: Alert, event: events.AlertLowered, now: _Now) -> _Step:
    """Only ever down. Below L2 nothing is left to page for; one that nobody took goes on climbing the ladder it has."""
    if event.level >= alert.level:
        return alert, ()
    roles = {person.role for person in now.on_duty if person.name == event.by}
    if alert.level >= Level.L3 and not roles & MANAGERS:
        return alert, (_notice(alert, event.by, now, "not_allowed"),)
    lowered = replace(alert, level=event.level)
    if event.level < Level.L2:
        return replace(lowered, state=CLOSED, serial=alert.serial + 1), ()
    return _plan(lowered, now) if alert.state == ACKNOWLEDGED else (lowered, ())


def _decided(alert: Alert, event: events.AlertDecided, now: _Now) -> _Step:
    """Whoever decides ends the climb: what saves a child now waits for nobody. Of an L3 or L4 a manager decides too (R09)."""
    # Not by the role on the rota: whoever is last there is lent one, so that somebody is called at all.
    decided = replace(alert, state=DECIDED, decision=event.decision, serial=alert.serial + 1)
    if event.as_manager or alert.level < Level.L3:
        return replace(decided, for_manager=False, manager_at=now.at if alert.for_manager else None), ()
    if alert.for_manager:
        return alert, ()
    waits = replace(decided, for_manager=True)
    if managers := rota.managers(now.on_duty):
        return waits, tuple(_notice(waits, name, now, "for_manager", event.by) for name in managers)
    # Whoever is there must find one: else it would wait unseen.
    there = _joined((event.by,), (person.name for person in now.on_duty))
    return waits, tuple(_notice(waits, name, now, "no_manager", event.by) for name in there)


def _wrong_code(alert: Alert, now: _Now) -> _Step:
    if alert.wrong_codes + 1 < WRONG_CODES:
        return replace(alert, wrong_codes=alert.wrong_codes + 1), ()
    counted = replace(alert, wrong_codes=0)
    people = {person.name for rung in alert.ladder.rungs for person in now.on_duty if person.role in rung.roles}
    return counted, tuple(_notice(counted, name, now, "wrong_codes") for name in sorted(people))


def _decayed(alert: Alert, now: _Now) -> _Step:
    """No decision: the taker is paged first and counts as anybody else from here on, then the ladder goes on.

    An L4 that was still climbing keeps its minutes; else the next rung comes as long after as it would have at first.
    """
    taker, last = alert.taken_by or "", max(alert.rung - 1, 0)
    free = replace(_released(alert), paged=_joined(alert.paged, (taker,)))
    if not standing.climbs(alert):
        free = replace(free, started_at=now.at - standing.minutes(free, last))
    rung, methods = free.ladder.rung_number(last), ("sms", "voice")[: 2 if free.level >= Level.L3 else 1]
    again = (Page(free, taker, _role(taker, now), rung, method) for method in methods)
    effects: tuple[AlertEffect, ...] = (*again, *_tell_others(free, now, "decay", taker))
    here = any(person.name == taker for person in now.on_duty)
    return _plan(free, now, effects) if here else _climb(free, now, effects)


# --- climbing ---------------------------------------------------------------------------------------------------------


def _start(alert: Alert, now: _Now) -> _Step:
    """Rung 0 at once, unless it may wait for the morning."""
    begun = replace(alert, rung=0, started_at=now.at, passed=())
    return _plan(begun, now) if _next_at(begun, now) > now.at else _climb(begun, now)


def _climb(alert: Alert, now: _Now, effects: Iterable[AlertEffect] = ()) -> _Step:
    """Try the next rung, what is due with it, and on over empty rungs until somebody is reached."""
    if standing.is_through(alert):
        alert = _again(alert, now)
    reached: dict[tuple[str, str], AlertEffect] = {}
    gaps: dict[str, AlertEffect] = {}
    while not standing.is_through(alert) and (not reached or _next_at(alert, now) <= now.at):
        rung, holders = alert.ladder.rungs[alert.rung], rota.on_rung(alert.ladder, alert.rung, now.on_duty)
        for person in holders:
            if person.name not in standing.spared(alert):
                reached.setdefault((person.name, rung.method), _call(alert, rung, person))
        if not holders:
            gaps.update({role: Notice(alert, "", role, "nobody") for role in rung.roles})
        alert = replace(alert, started_at=_anchor(alert, now), rung=alert.rung + 1)
    if standing.is_through(alert):
        alert = replace(alert, started_at=_end_anchor(alert, now))
    alert = replace(alert, paged=_joined(alert.paged, (name for name, _ in reached)))
    return _plan(alert, now, (*effects, *reached.values(), *gaps.values()))


def _call(alert: Alert, rung: Rung, person: OnDuty) -> AlertEffect:
    if rung.method == "notice":
        return Notice(alert, person.name, person.role, "new_l2")
    return Page(alert, person.name, person.role, alert.ladder.rung_number(alert.rung), rung.method)


def _again(alert: Alert, now: _Now) -> Alert:
    return replace(alert, rung=0, round=alert.round + 1, started_at=now.at, passed=())


def _anchor(alert: Alert, now: _Now) -> datetime:
    """Where minute 0 lies once this rung is tried: a rung tried early pulls the later ones forward with it.

    A rung that was late does not push them back, unless it was the night that it waited for.
    """
    tried = now.at - standing.minutes(alert, alert.rung)
    return tried if standing.may_wait(alert) else min(standing.started(alert), tried)


def _end_anchor(alert: Alert, now: _Now) -> datetime:
    """The pause before the next round begins with the last rung that was tried, however late or early that was."""
    end = now.at - standing.minutes(alert, len(alert.ladder.rungs) - 1)
    if any(person.role in rung.roles for rung in alert.ladder.rungs for person in now.on_duty):
        return end
    return end - timedelta(minutes=alert.ladder.again_after_minutes - NOBODY_AGAIN_MINUTES)


def _plan(alert: Alert, now: _Now, effects: Iterable[AlertEffect] = ()) -> _Step:
    """Every timer anew under a new serial, and every effect with the alert as it is now."""
    alert = replace(alert, serial=alert.serial + 1)
    told = (effect if isinstance(effect, SetRung) else replace(effect, alert=alert) for effect in effects)
    return alert, (*told, *_timers(alert, now))


def _timers(alert: Alert, now: _Now) -> Iterator[SetRung]:
    if standing.climbs(alert):
        yield SetRung(CLIMB, _next_at(alert, now), alert.rung, alert.serial)
    if alert.state == ACKNOWLEDGED:
        yield SetRung(DECAY, _decision_due(alert, now), alert.rung, alert.serial)


def _next_at(alert: Alert, now: _Now) -> datetime:
    """When the next rung is due, or the next round once the ladder is through."""
    due = standing.started(alert) + standing.minutes(alert, alert.rung)
    if standing.may_wait(alert) and quiet_hours.is_night(due, now.tz):
        return quiet_hours.next_open(due, now.tz, MORNING_HOUR, quiet_hours.DAY_TO_HOUR)
    return due


def _decision_due(alert: Alert, now: _Now) -> datetime:
    if alert.level >= Level.L3:
        minutes = alert.ladder.decision_minutes or DECISION_MINUTES
        return (alert.taken_at or now.at).astimezone(UTC) + timedelta(minutes=minutes)
    return quiet_hours.next_at(now.at, now.tz, DAY_ENDS_HOUR)


# --- reading an alert -------------------------------------------------------------------------------------------------


def _released(alert: Alert) -> Alert:
    return replace(alert, state=RAISED, taken_by=None, taken_at=None, confirmed=False)


def _role(name: str, now: _Now) -> str:
    return next((person.role for person in now.on_duty if person.name == name), "worker")


def _notice(alert: Alert, to: str, now: _Now, about: str, who: str = "") -> Notice:
    return Notice(alert, to, _role(to, now), about, who)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in names if other != name)


def _joined(old: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *more)))


def _tell_others(alert: Alert, now: _Now, about: str, who: str) -> tuple[Notice, ...]:
    return tuple(_notice(alert, name, now, about, who) for name in _without(alert.paged, who) if name not in alert.away)
