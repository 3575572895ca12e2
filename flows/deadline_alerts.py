"""When an alert reached its level, was first taken and was decided: what its clocks count from (R09, R10, R11, R35).

May not climb a ladder (that is `escalation`), which begins again when nobody decides; these times do not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.deadline_facts import Flag

if TYPE_CHECKING:
    from datetime import datetime

    from flows.model import Alert

_DECIDED = frozenset({"decided", "closed"})
REFER = "refer"


def stamped(before: Alert, after: Alert, at: datetime) -> Alert:
    """`after` with the times that an event at `at` sets. A higher level must be seen anew."""
    raised = after.level > before.level
    seen, seen_by = (None, None) if raised else (before.seen_at, before.seen_by)
    if seen is None and after.taken_by is not None and (raised or before.taken_by is None):
        seen, seen_by = at, after.taken_by
    decides = after.state in _DECIDED and before.state not in _DECIDED
    if seen is None and decides:
        # Only a person decides or lowers: whoever did it without taking it first has seen it, and nobody can take it after.
        seen = at
    decided = before.decided_at or (at if decides else None)
    # A referral that was made is not taken back by what a manager decides beside it: the council still owes its answer.
    referred = referred_at(before) or (at if after.decision == REFER and after.state == "decided" else None)
    level_at = at if raised else before.level_at
    if (level_at, seen, decided, referred) == (after.level_at, after.seen_at, after.decided_at, after.referred_at):
        return after
    return replace(after, level_at=level_at, seen_at=seen, seen_by=seen_by, decided_at=decided, referred_at=referred)


def flag(alert: Alert) -> Flag:
    """An alert as the clocks see it: an L3 or L4 is decided when a manager has decided it (domain 3.4, R09)."""
    decided = None if alert.for_manager else alert.manager_at or alert.decided_at
    return Flag(alert.id, alert.level, alert.level_at or alert.opened_at, alert.seen_at, decided)


def referred_at(alert: Alert) -> datetime | None:
    """When it was first referred to children's social care; what was decided before that was kept apart has only its decision."""
    return alert.referred_at or (alert.decided_at if alert.decision == REFER else None)


def times(alert: Alert) -> tuple[object, ...]:
    """What the clocks of an alert depend on: as long as it is the same, so are they."""
    return alert.level, alert.level_at, alert.seen_at, alert.decided_at, alert.referred_at, alert.for_manager
