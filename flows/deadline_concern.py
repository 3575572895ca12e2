"""The formulas of the clocks that a concern starts: alerts, referrals, strategy discussions, reports (R09-R12, R31-R33,
R35). May not know the time, nor who is paged: the ladder is `escalation`'s, these are the limits it is held to.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flows import quiet_hours
from flows.deadline_facts import Clock
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flows.deadline_facts import Facts, Flag
    from flows.working_time import Calendar

ACK_MINUTES = {Level.L4: 5, Level.L3: 15, Level.L2: 60}
DECIDE_MINUTES = {Level.L4: 0, Level.L3: 30}
MORNING_HOUR = 9
# When a strategy discussion is held at the latest, in working days; 0 is the same day (004:2577-2604).
STRATEGY_DAYS = {"serious": 0, "penetrative_forensic": 0, "immediate_action": 1, "complex": 5, "staff": 5}
STRATEGY_OTHERWISE = 3
WARN_HOURS, HARD_STOP_HOURS = 24, 168


def harm_decided(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R09: an L3 is before a manager in 30 minutes; of an L4 they are told in parallel, at once."""
    for flag in facts.flags:
        if (minutes := DECIDE_MINUTES.get(flag.level)) is not None:
            due = calendar.elapsed(flag.at, 0) + timedelta(minutes=minutes)
            yield Clock(due, flag.at, _flagged(flag), (("decided", flag.decided_at),), part=flag.key)


def acknowledged(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R10: L4 5, L3 15, L2 60 minutes (at night by 09:00), L1 by the end of the next working day."""
    for flag in facts.flags:
        if flag.level > Level.L0:
            stops = (("acknowledged", flag.acknowledged_at),)
            yield Clock(_ack_due(flag, calendar), flag.at, _flagged(flag), stops, part=flag.key)


def council_answers(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R11: one working day for the council's answer, and one for a disagreement with it (decisions 8)."""
    for referral in facts.referrals:
        stops, inputs = (("response", referral.done_at),), (("referred_at", referral.at),)
        yield Clock(calendar.after_wd(referral.at, 1), referral.at, inputs, stops, part=referral.key)
    for doubt in facts.disagreements:
        stops, inputs = (("settled", doubt.done_at),), (("disagreed_at", doubt.at),)
        part = f"disagreement:{doubt.key}"
        yield Clock(calendar.after_wd(doubt.at, 1), doubt.at, inputs, stops, part=part, role="manager")


def strategy(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R12: the limit of the London procedures by `kind`, and beside it the police's own 24 h as a marker (G17)."""
    for talk in facts.strategies:
        days = STRATEGY_DAYS.get(talk.kind, STRATEGY_OTHERWISE)
        due = calendar.after_wd(talk.at, days) if days else calendar.eod_from(talk.at)
        inputs, stops = (("concern_at", talk.at), ("kind", talk.kind)), (("held", talk.done_at),)
        yield Clock(due, talk.at, inputs, stops, part=talk.key)
        yield Clock(calendar.elapsed(talk.at, 24), talk.at, inputs, stops, part=f"marker:{talk.key}")


def fgm_report(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R31: only where FGM appears to have been done and the recorder's role is regulated (decisions 8)."""
    if (at := facts.fgm_told_at) is not None and facts.fgm_done and facts.recorder_regulated:
        stops = (("police_ref", facts.logged.get("R31")),)
        yield Clock(calendar.after_wd(at, 1), at, (("told_at", at),), stops)


def csa_report(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R32: as soon as practicable, amber from the first moment and late after 24 h; the limit is 168 h only where the
    reason why reporting at once would endanger the child is recorded as the matter's `kind`.
    """
    for told in facts.csa_told if facts.csa_reporting else ():
        warn = calendar.elapsed(told.at, WARN_HOURS)
        held_back = bool(told.kind)
        due = calendar.elapsed(told.at, HARD_STOP_HOURS) if held_back else warn
        inputs = (("told_at", told.at), ("safety_reason", "recorded" if held_back else "none"))
        amber = warn if held_back else calendar.elapsed(told.at, 0)
        yield Clock(due, told.at, inputs, (("report_ref", told.done_at),), part=told.key, amber_at=amber)


def allegation(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R33: the designated officer hears of an allegation against staff by the end of the next working day."""
    for made in facts.allegations:
        stops, inputs = (("logged", made.done_at),), (("allegation_at", made.at),)
        yield Clock(calendar.after_wd(made.at, 1), made.at, inputs, stops, part=made.key)


def text_safe_reply(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R35: the bot answers in 30 s (`kind` bot); a person by the level (`kind` L2 ...), and in 60 minutes at most."""
    for asked in facts.asked:
        bot = asked.kind == "bot"
        seconds = 30 if bot else 60 * _person_minutes(asked.kind)
        inputs, stops = (("inbound_at", asked.at), ("kind", asked.kind)), (("answered", asked.done_at),)
        due = calendar.elapsed(asked.at, 0) + timedelta(seconds=seconds)
        yield Clock(due, asked.at, inputs, stops, part=asked.key, role="bot" if bot else "duty")


def _ack_due(flag: Flag, calendar: Calendar) -> datetime:
    if flag.level is Level.L1:
        return calendar.after_wd(flag.at, 1)
    if flag.level is Level.L2 and quiet_hours.is_night(flag.at, calendar.tz):
        return quiet_hours.next_at(flag.at, calendar.tz, MORNING_HOUR)
    return calendar.elapsed(flag.at, 0) + timedelta(minutes=ACK_MINUTES[flag.level])


def _person_minutes(level: str) -> int:
    return ACK_MINUTES[Level[level]] if level in ("L2", "L3", "L4") else ACK_MINUTES[Level.L2]


def _flagged(flag: Flag) -> tuple[tuple[str, datetime | str], ...]:
    return ("flagged_at", flag.at), ("level", flag.level.name)
