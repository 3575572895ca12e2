"""How an alert stands: whether people are still being reached, who is left alone, which rung is next and when. Pure.

May not change an alert (that is `flows.escalation`); everything is read off its value.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from flows import quiet_hours
from flows.model import UNDECIDED, Level

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from flows.model import Alert

RAISED, ACKNOWLEDGED = UNDECIDED
DECIDED = "decided"


def is_undecided(alert: Alert) -> bool:
    """Has nobody decided it yet?"""
    return alert.state in UNDECIDED


def is_free(alert: Alert) -> bool:
    """Does it wait for somebody to take it?"""
    return alert.state == RAISED or (alert.for_manager and alert.taken_by is None)


def is_taken(alert: Alert) -> bool:
    """Has somebody taken it, who owes a decision?"""
    return alert.state == ACKNOWLEDGED or (alert.for_manager and alert.taken_by is not None)


def has_taken(before: Alert, after: Alert, name: str) -> bool:
    """Has it become theirs, or have they proved that it is?"""
    new = (after.taken_at, after.confirmed) != (before.taken_at, before.confirmed)
    return is_taken(after) and after.taken_by == name and new


def climbs(alert: Alert) -> bool:
    """Are people still being reached? A text takes an L4 but does not stop its ladder (decisions 7)."""
    unproven = is_taken(alert) and alert.level == Level.L4 and not alert.confirmed
    return is_free(alert) or unproven


def spared(alert: Alert) -> tuple[str, ...]:
    """Who is not paged: whoever has it, whoever passed it on in this round, whoever it may be about."""
    return (*alert.passed, *alert.away, *((alert.taken_by,) if alert.taken_by else ()))


def still_wanted(alert: Alert, to: str) -> bool:
    """Shall a page to this person leave, by the facts of now?"""
    return climbs(alert) and to not in spared(alert) and _is_asked(alert, to)


def asks(alert: Alert, name: str) -> bool:
    """Would this person's answer change something? Whoever took an L4 by text can still prove that it was them."""
    return climbs(alert) and name not in (*alert.passed, *alert.away) and _is_asked(alert, name)


def _is_asked(alert: Alert, name: str) -> bool:
    """Who was called before somebody decided is not waited for by what a manager must decide."""
    return not alert.for_manager or name in alert.paged


def may_wait(alert: Alert) -> bool:
    """May it wait for the morning? A lowered alert may not: nobody has taken it, and its ladder was a higher one."""
    return max(alert.level, alert.ladder.level) <= Level.L2 and not alert.night_page


def is_too_slow(alert: Alert, at: datetime, tz: tzinfo) -> bool:
    """Did night fall over one that must not wait for the morning, on the day's ladder of a notice and hours between people?"""
    return _is_of_the_day(alert) and quiet_hours.is_night(at, tz)


def waits_by_day(alert: Alert) -> bool:
    """Has nobody one that is too slow when the night begins?"""
    return alert.state == RAISED and _is_of_the_day(alert)


def _is_of_the_day(alert: Alert) -> bool:
    return alert.level == Level.L2 and alert.night_page and alert.ladder.level < Level.L3


def is_through(alert: Alert) -> bool:
    """Has every rung of this round been tried?"""
    return alert.rung >= len(alert.ladder.rungs)


def started(alert: Alert) -> datetime:
    """Minute 0 of the ladder, UTC."""
    return (alert.started_at or alert.opened_at).astimezone(UTC)


def minutes(alert: Alert, index: int) -> timedelta:
    """From minute 0 to the rung, or to the next round when `index` is past the last rung."""
    rungs = alert.ladder.rungs
    past = alert.ladder.again_after_minutes if index >= len(rungs) else 0
    return timedelta(minutes=rungs[min(index, len(rungs) - 1)].after_minutes + past)
