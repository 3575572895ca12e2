"""The ladder of an alert: who is reached when, who has it, when it begins again (decisions 7). Pure.

May not look up who is on duty, the time or a ladder: all three are handed in, and the ladder stands frozen in the
alert. Every change of plan makes a new serial and sets every timer that must be pending anew, so an old timer never has
to be cancelled and an alert that nobody has answered always has one to come.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, assert_never

from flows import climbing, events, rota, standing
from flows.effects import Notice, Page, SetRung
from flows.model import MANAGERS, Level

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from flows.effects import AlertEffect
    from flows.model import Alert, Ladder, OnDuty

RAISED = standing.RAISED
ACKNOWLEDGED = standing.ACKNOWLEDGED
DECIDED = standing.DECIDED
CLOSED = "closed"

# Names of timers.
CLIMB = climbing.CLIMB
DECAY = climbing.DECAY

# decisions 7.
WRONG_CODES = 5


def step(alert: Alert, event: events.AlertEvent, on_duty: tuple[OnDuty, ...], tz: tzinfo) -> climbing.Step:
    """What becomes of `alert`, and what is to be done. Total: an event that fits nothing changes nothing.

    `on_duty`: who can be reached at `event.at`, read for this event; whoever acts as a manager must be in it. Effects
    bear the alert as it is afterwards. A `Notice` to "" is for the board alone: nobody holds that role.
    """
    # Whoever it may be about answers for nothing in it.
    over = not alert.is_open or (alert.for_manager and isinstance(event, events.AlertLowered))
    if over or getattr(event, "by", None) in alert.away:
        return alert, ()
    # Ladders count real minutes: local arithmetic would lose or gain an hour when the clocks change.
    # Nor does a rung count on them: with nobody else on it, it is empty, and is climbed over like one.
    away = {*alert.away, *getattr(event, "away", ())}
    there = tuple(person for person in on_duty if person.name not in away)
    return _by_event(alert, event, climbing.Now(event.at.astimezone(UTC), there, tz))


def ladder_for(level: Level, night_page: bool, night: bool, ladders: Mapping[Level, Ladder]) -> Ladder:  # noqa: FBT001
    """The ladder to freeze. `night`: nobody is at the desk; what must not wait climbs as an L3 then (decisions 7)."""
    return ladders[Level.L3 if level == Level.L2 and night_page and night else level]


def _by_event(alert: Alert, event: events.AlertEvent, now: climbing.Now) -> climbing.Step:
    done: climbing.Step = alert, ()
    match event:
        case events.AlertOpened():
            done = climbing.start(alert, now) if not alert.serial else done
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
        case events.ShiftBegan():
            done = _came_on(alert, event, now)
        case events.WrongCode():
            done = _wrong_code(alert, now)
        case _:
            assert_never(event)
    return done


# --- what each event does ---------------------------------------------------------------------------------------------


def _raised(alert: Alert, event: events.AlertRaised, now: climbing.Now) -> climbing.Step:
    """A worse concern pages everybody again, the taker too: they took something smaller than what is there now."""
    if alert.for_manager:
        # Words after a decision are an alert of their own; this is only who must not hear of it.
        parted = replace(alert, away=climbing.joined(alert.away, event.away))
        # With nobody left of those who were asked, whoever is next is asked now.
        unasked = alert.paged and standing.is_free(alert) and not {*alert.paged} - {*standing.spared(parted)}
        gone = unasked or alert.taken_by in event.away
        return climbing.climb(climbing.released(parted), now) if gone else (parted, ())
    night_page = alert.night_page or event.night_page
    joined = replace(alert, categories=climbing.joined(alert.categories, event.categories), night_page=night_page)
    # An L2 that must page by night joins one that could have waited for the morning: the same level, a higher ladder.
    sooner = event.ladder is not None and event.ladder.level > alert.ladder.level
    parts = bool(set(event.away) - set(alert.away))
    if not parts and (event.level, sooner) <= (alert.level, False):
        return joined, _more(joined, event.beside, now)
    away, level = climbing.joined(alert.away, event.away), max(alert.level, event.level)
    # Never a slower ladder than the one it climbs: whatever is said after a danger does not end it.
    ladder = event.ladder if event.ladder is not None and event.ladder.level >= alert.ladder.level else alert.ladder
    fresh = replace(joined, level=level, ladder=ladder, round=0, away=away)
    raised, effects = climbing.start(climbing.released(fresh), now)
    reached = {effect.to for effect in effects if not isinstance(effect, SetRung)}
    if alert.taken_by and alert.taken_by not in (*reached, *away):
        effects = (climbing.notice(raised, alert.taken_by, now, "raised"), *effects)
    return raised, effects


def _more(alert: Alert, beside: str, now: climbing.Now) -> tuple[Notice, ...]:
    """More of what is known: whoever has it hears so. What they raise themselves, or a colleague hears while nobody has it,
    goes to the others who were called; and where they alone were, to those behind them.
    """
    if alert.taken_by and alert.taken_by != beside:
        return (climbing.notice(alert, alert.taken_by, now, "joined"),)
    if not beside:
        return ()
    others = [name for name in alert.paged if name not in (beside, *alert.away)]
    if not others and alert.taken_by:
        roles = {role for rung in alert.ladder.rungs for role in rung.roles}
        others = [person.name for person in now.on_duty if person.role in roles and person.name != beside]
    return tuple(climbing.notice(alert, name, now, "joined") for name in dict.fromkeys(others))


def _due(alert: Alert, event: events.RungDue, now: climbing.Now) -> climbing.Step:
    if event.name == DECAY and standing.is_taken(alert):
        return _decayed(alert, now)
    return climbing.climb(alert, now) if event.name == CLIMB and standing.climbs(alert) else (alert, ())


def _taken(alert: Alert, event: events.AlertTaken, now: climbing.Now) -> climbing.Step:
    if alert.for_manager and climbing.role(event.by, now) not in MANAGERS:
        return alert, ()
    if standing.is_free(alert) or _proves_a_claim(alert, event):
        state = alert.state if alert.for_manager else ACKNOWLEDGED
        taken = replace(alert, state=state, taken_by=event.by, taken_at=now.at, confirmed=event.by_desk)
        taken = replace(taken, passed=climbing.without(alert.passed, event.by))
        return climbing.plan(taken, now, climbing.tell_others(taken, now, "taken", event.by))
    if event.by != alert.taken_by:
        return alert, (climbing.notice(alert, event.by, now, "taken", alert.taken_by or ""),)
    if alert.confirmed or not event.by_desk:
        return alert, ()
    confirmed = replace(alert, confirmed=True)
    # Whoever was called meanwhile hears that nobody waits for them any more.
    told = climbing.tell_others(confirmed, now, "taken", event.by)
    return climbing.plan(confirmed, now, told) if standing.climbs(alert) else (confirmed, ())


def _proves_a_claim(alert: Alert, event: events.AlertTaken) -> bool:
    """Somebody else at the desk or on the phone, while an L4 is held by no more than a text.

    That alone changes the taker, because a number is a claim and a sign-in is proof (decisions 7). Otherwise the first
    keeps it, whoever comes second, a manager too: when two press together, each must hear the same name. A manager
    overrules by deciding or lowering, which needs no taking.
    """
    return standing.climbs(alert) and event.by_desk and event.by != alert.taken_by


def _passed_on(alert: Alert, event: events.AlertPassedOn, now: climbing.Now) -> climbing.Step:
    """The next rung that reaches somebody, now; where none does the round begins anew, and spares whoever passed on too."""
    holds = standing.is_taken(alert) and event.by == alert.taken_by
    asked = standing.climbs(alert) and event.by in alert.paged and event.by not in alert.passed
    if not (holds or asked):
        return alert, ()
    passed = replace(climbing.released(alert) if holds else alert, passed=climbing.joined(alert.passed, (event.by,)))
    if not climbing.has_more(passed, now):
        passed = replace(climbing.again(passed, now), passed=(event.by,))
    return climbing.climb(passed, now, climbing.tell_others(passed, now, "passed_on", event.by))


def _lowered(alert: Alert, event: events.AlertLowered, now: climbing.Now) -> climbing.Step:
    """Only ever down. Below L2 nothing is left to page for; one that nobody took goes on climbing the ladder it has."""
    if event.level >= alert.level:
        return alert, ()
    # Domain 3.3.
    roles = {person.role for person in now.on_duty if person.name == event.by}
    if alert.level >= Level.L3 and roles.isdisjoint(MANAGERS):
        return alert, (climbing.notice(alert, event.by, now, "not_allowed"),)
    lowered = replace(alert, level=event.level)
    if event.level < Level.L2:
        return replace(lowered, state=CLOSED, serial=alert.serial + 1), ()
    return climbing.plan(lowered, now) if alert.state == ACKNOWLEDGED else (lowered, ())


def _decided(alert: Alert, event: events.AlertDecided, now: climbing.Now) -> climbing.Step:
    """Whoever decides ends the climb: what saves a child now waits for nobody. Of an L3 or L4 a manager decides too (R09)."""
    # Not by the role on the rota: whoever is last there is lent one, so that somebody is called at all.
    decided = replace(alert, state=DECIDED, decision=event.decision, serial=alert.serial + 1)
    if event.as_manager or alert.level < Level.L3:
        return replace(decided, for_manager=False, manager_at=now.at if alert.for_manager else None), ()
    if alert.for_manager:
        return alert, ()
    return climbing.for_managers(alert, now, event.by, event.decision)


def _came_on(alert: Alert, event: events.ShiftBegan, now: climbing.Now) -> climbing.Step:
    """Whoever comes on duty hears what those before them in that role have heard: who has it, or a page like theirs."""
    if event.who in (*alert.paged, *standing.spared(alert)):
        return alert, ()
    if alert.for_manager and not rota.managers(now.on_duty):
        return alert, (climbing.notice(alert, event.who, now, "no_manager", alert.decided_by),)
    calls: dict[str, AlertEffect] = {}
    for index, rung in enumerate(alert.ladder.rungs[: alert.rung]):
        for person in rota.on_rung(alert.ladder, index, now.on_duty):
            if person.name == event.who:
                calls.setdefault(rung.method, climbing.call(alert, index, person))
    if calls and not standing.climbs(alert):
        return alert, (climbing.notice(alert, event.who, now, "has_it", alert.taken_by or ""),)
    told = replace(alert, paged=climbing.joined(alert.paged, (event.who,) if calls else ()))
    return told, tuple(replace(one, alert=told) for one in calls.values() if not isinstance(one, SetRung))


def _wrong_code(alert: Alert, now: climbing.Now) -> climbing.Step:
    if alert.wrong_codes + 1 < WRONG_CODES:
        return replace(alert, wrong_codes=alert.wrong_codes + 1), ()
    counted = replace(alert, wrong_codes=0)
    people = {person.name for rung in alert.ladder.rungs for person in now.on_duty if person.role in rung.roles}
    return counted, tuple(climbing.notice(counted, name, now, "wrong_codes") for name in sorted(people))


def _decayed(alert: Alert, now: climbing.Now) -> climbing.Step:
    """No decision: the taker is paged first and counts as anybody else from here on, then the ladder goes on.

    An L4 that was still climbing keeps its minutes; else the next rung comes as long after as it would have at first, and at
    once where a manager had it.
    """
    taker, last = alert.taken_by or "", max(alert.rung - 1, 0)
    free = replace(climbing.released(alert), paged=climbing.joined(alert.paged, (taker,)))
    if alert.for_manager and not standing.climbs(alert):
        return climbing.decision_late(free, now, climbing.tell_others(free, now, "decay", taker))
    if not standing.climbs(alert):
        free = replace(free, started_at=now.at - standing.minutes(free, last))
    rung, methods = free.ladder.rung_number(last), ("sms", "voice")[: 2 if free.level >= Level.L3 else 1]
    again = (Page(free, taker, climbing.role(taker, now), rung, method) for method in methods)
    effects: tuple[AlertEffect, ...] = (*again, *climbing.tell_others(free, now, "decay", taker))
    here = any(person.name == taker for person in now.on_duty)
    return climbing.plan(free, now, effects) if here else climbing.climb(free, now, effects)
