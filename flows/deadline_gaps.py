"""Which clocks cannot be computed for want of a fact, and which fact that is: a rule that is silent says so.

May not guess the fact. Pure: facts in, names out; a task is made of each name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.deadlines import Facts

# What is wanted -> the rules that wait for it. The name is that of the task.
RECORD_RETURN = "record_return"
RECORD_LOOKED_AFTER = "record_looked_after"
RECORD_SOCIAL_WORKER = "record_social_worker"
WAITING = {
    RECORD_RETURN: ("R02", "R03", "R04", "R05", "R14"),
    RECORD_LOOKED_AFTER: ("R15", "R17", "R18", "R19", "R20", "R22"),
    RECORD_SOCIAL_WORKER: ("R18", "R22"),
}


def lacking(facts: Facts) -> tuple[str, ...]:
    """The facts that are wanted now, as names of `WAITING`; empty when every clock that should run does."""
    wanted = []
    begun = bool(facts.attempts or facts.child_account_at or facts.refused_at or facts.talks)
    if begun and facts.found_at is None:
        wanted.append(RECORD_RETURN)
    if facts.missing_from is not None and facts.found_at is None:
        if facts.looked_after is None:
            wanted.append(RECORD_LOOKED_AFTER)
        elif not facts.looked_after and facts.has_social_worker is None:
            wanted.append(RECORD_SOCIAL_WORKER)
    return tuple(wanted)
