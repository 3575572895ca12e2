"""What only a person can look at: who is told that something of ours failed, and of whom where that can be read.

May not mend it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import alarms, conflict, left, noticing, pages, refiling
from flows import quiet_hours, rota
from flows.model import Level
from storage import alerts, apart, audit, conversations, people, rotation
from storage.codes import Subject

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.timers import Timer

log = logging.getLogger(__name__)

LACKING: Final = "keys.lacking"
UNREADABLE: Final = "chat.unreadable"
_TOLD_AGAIN: Final = timedelta(days=1)
# What was said to a number and could not be counted in another chat of it.
ELSEWHERE: Final = "elsewhere"
# What may wait until the morning.
_BY_DAY: Final = frozenset({refiling.TIMER, ELSEWHERE, left.BESIDE})

# Work that only whoever is paged can open at the desk.
_FOR_PAGED: Final = frozenset({"restored"})
# Timers of an alert which call nobody by themselves: it climbs as it did where one of them fails.
_CALLS_NOBODY: Final = frozenset({alarms.SHIFT, alarms.NIGHT, alarms.APART})


def wake(  # noqa: PLR0913, PLR0917 - of what, of whom, when
    tx: Transaction,
    house: House,
    now: datetime,
    about: str = "unhandled",
    case: str = "",
    kept: frozenset[str] = frozenset(),
    at: datetime | None = None,
) -> None:
    """All who are on duty, and with nobody on duty, everybody; nobody who is `kept` from the child. A volunteer hears of
    what they cannot open only where nobody else is there.
    """
    on, active = people.on_duty(tx, now), people.of_service(tx)
    every = [(one.name, one.role) for one in on], [(one.name, one.role.value) for one in active]
    first = [[name for name, role in several if about not in _FOR_PAGED or role in rota.LADDER] for several in every]
    lists = (*first, *([name for name, _ in several] for several in every))
    told = next((them for one in lists if (them := [name for name in one if name not in kept])), [])
    for name in dict.fromkeys(told):
        noticing.notice(tx, house, name, pages.about(about, case or "a child"), at or now)
    audit.record(tx, now, "ticker", *about.split(":"))


def failed(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """A timer failed for good; whose it is may be just what cannot be read."""
    found: list[tuple[str, frozenset[str]]] = []
    apart.tried(tx, lambda: found.append(_of_whom(tx, timer)))
    case, kept = found[0] if found else ("", frozenset())
    day = quiet_hours.next_day(now, house.settings.timezone)
    name = timer.name
    if timer.subject is Subject.ALERT:
        name = "waits" if timer.name in _CALLS_NOBODY else "alert"
    wake(tx, house, now, f"failed:{name}", case, kept, day if timer.name in _BY_DAY else now)


def unreadable(tx: Transaction, house: House, conversation: str, now: datetime) -> None:
    """A child has written, and their chat opens no more: they are heard elsewhere, and people hear, once, of whom that is so."""
    if any(one.what == UNREADABLE for one in audit.about(tx, conversation)):
        return
    case, kept = conversations.contact_of(tx, conversation).reference, conflict.kept_from(tx, conversation)
    wake(tx, house, now, "failed:unreadable", case, kept)
    audit.record(tx, now, "bot", UNREADABLE, conversation)


def lost_keys(tx: Transaction, house: House, now: datetime) -> None:
    """What a missing key sealed cannot be read: a service that begins so is told of, once a day, and answers everybody else."""
    if not rotation.lacks(tx):
        return
    log.error("a service key is missing: run `waymark doctor`")
    last = audit.last(tx, LACKING)
    if last is None or now - last >= _TOLD_AGAIN:
        wake(tx, house, now, "failed:keys")
        audit.record(tx, now, "ticker", LACKING)


def _of_whom(tx: Transaction, timer: Timer) -> tuple[str, frozenset[str]]:
    talks: tuple[str, ...] = ()
    level = ""
    if timer.subject is Subject.CONVERSATION:
        talks = (timer.subject_id,)
    elif timer.subject is Subject.CASE:
        talks = conversations.of_case(tx, timer.subject_id)
    elif timer.subject is Subject.ALERT:
        talk, grave = alerts.stands(tx, timer.subject_id)
        talks, level = (talk,), f"{Level(grave).name} "
    kept = frozenset[str]().union(*(conflict.kept_from(tx, one) for one in talks))
    return (level + conversations.contact_of(tx, talks[-1]).reference if talks else ""), kept
