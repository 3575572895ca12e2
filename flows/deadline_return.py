"""The formulas of the clocks that a return starts: interview, form, refusal, telling the child (R01-R08, R13, R14, R36,
R37). May not know the time: a formula takes facts and gives what is owed by when; `deadlines` says how it stands.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from flows.deadline_facts import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flows.deadline_facts import Facts
    from flows.deadline_rules import Formula
    from flows.working_time import Calendar

OFFER_HOURS = 12
AMBER = timedelta(hours=24)


def police_check(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R01: elapsed 24 h from the return."""
    if (at := facts.returned_at) is not None:
        stops = (("police_checked", facts.police_check_at),)
        yield Clock(calendar.elapsed(at, 24), at, (("returned_at", at),), stops)


def interview_72h(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R02: elapsed 72 h from the return, or from being located while only that is known (G2)."""
    if (at := facts.returned_at or facts.located_at) is not None:
        yield Clock(calendar.elapsed(at, 72), at, _found(facts), _person(facts))


def interview_2wd(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R03: end of the second working day after the earlier of located and returned."""
    if (at := facts.found_at) is not None:
        yield Clock(calendar.after_wd(at, 2), at, _found(facts), _person(facts))


def interview(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R04: the earlier of R02 and R03 (G1)."""
    if (due := _interview_due(facts, calendar)) is not None and (at := facts.found_at) is not None:
        yield Clock(due, at, _found(facts), _person(facts))


def in_time(rule: Formula, facts: Facts, calendar: Calendar) -> bool | None:
    """Whether a person had spoken with the child when a formula says, the second in which it is due still in time as the clock
    itself has it; None where either time is not known.
    """
    due = next((clock.due for clock in rule(facts, calendar)), None)
    return None if due is None or facts.spoken_at is None else facts.spoken_at.replace(microsecond=0) <= due


def first_offer(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R05: elapsed 12 h from the notice of the return, and not after R04 - 24 h, but never before the notice came."""
    if (at := facts.notified_at) is not None:
        due = calendar.elapsed(at, OFFER_HOURS)
        if (interview_due := _interview_due(facts, calendar)) is not None:
            due = max(min(due, interview_due - AMBER), at.astimezone(UTC))
        # What was offered while the child was away is no offer of an interview about their return.
        back = facts.found_at
        first = min((one.at for one in facts.attempts if back is None or one.at >= back), default=None)
        yield Clock(due, at, (("notified_at", at), *_found(facts)), (("attempt", first), *_person(facts)))


def form(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R07: end of the first working day after the interview."""
    if (at := _interview_at(facts)) is not None:
        yield Clock(calendar.after_wd(at, 1), at, (("interview_at", at),), (("form_signed", facts.form_signed_at),))


def police_copy(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R08: end of the first working day after the form was signed; a recorded reason for no copy stops it too."""
    if (at := facts.form_signed_at) is not None:
        stops = (("police_copy", facts.police_copy_at), facts.log("R08"))
        yield Clock(calendar.after_wd(at, 1), at, (("form_signed_at", at),), stops)


def refusal(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R13: both limbs by the end of the first working day after the refusal; only the parent's can be blocked."""
    if (at := facts.refused_at) is None:
        return
    due, inputs = calendar.after_wd(at, 1), (("refused_at", at),)
    parent = (("parent_view", facts.parent_view_at),)
    yield Clock(due, at, inputs, parent, part="parent", role="worker", blocks=facts.parent_blocks)
    considered = (("manager_considered", facts.manager_considered_at),)
    yield Clock(due, at, inputs, considered, part="manager", role="manager")


def not_done(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R14: at once when R04 passes and nobody has spoken with the child; exists from that moment only."""
    due = _interview_due(facts, calendar)
    if due is None or any(at is not None and at.replace(microsecond=0) <= due for _, at in _person(facts)):
        return
    stops = (("not_done_recorded", facts.not_done_recorded_at), *_person(facts))
    yield Clock(due, due, _found(facts), stops, appears_at=due)


def tell_child(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R36: first news two working days after the interview, and one working day after each action that was done."""
    if (at := _interview_at(facts)) is not None:
        told = (("told_child", facts.told_child_at),)
        yield Clock(calendar.after_wd(at, 2), at, (("interview_at", at),), told, part="first_news")
    for action in facts.actions:
        told = (("told_child", action.done_at),)
        inputs = (("action_done_at", action.at),)
        yield Clock(calendar.after_wd(action.at, 1), action.at, inputs, told, part=f"action:{action.key}")


def check_ins(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R37: days 1, 3 and 7, or day 7, as the child chose; counted from when they were asked, for they were told
    "tomorrow". The safe hour is the conversation's; the clock is the end of that day.
    """
    at = facts.check_in_at or facts.returned_at
    if at is None:
        return
    for day in facts.check_in_days:
        part = f"day_{day}"
        yield Clock(calendar.after_days(at, day), at, (("asked_at", at),), (facts.log("R37", part),), part=part)


def _interview_due(facts: Facts, calendar: Calendar) -> datetime | None:
    both = (*interview_72h(facts, calendar), *interview_2wd(facts, calendar))
    return min((clock.due for clock in both), default=None)


def _interview_at(facts: Facts) -> datetime | None:
    return facts.interview_at or facts.spoken_at


def _found(facts: Facts) -> tuple[tuple[str, datetime | None], ...]:
    return ("returned_at", facts.returned_at), ("located_at", facts.located_at)


def _person(facts: Facts) -> tuple[tuple[str, datetime | None], ...]:
    """What alone stops R02 to R04 (decisions 8): never a finished chat without a person."""
    return ("spoken", facts.spoken_at), ("declined_person", facts.declined_at)
