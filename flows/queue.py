"""Who waits for a person, in which order, and who may be given to whom. Pure: facts come in, an order comes out.

May not look anybody up and may not take a chat. A child is never left out for good: every rule that keeps one behind
another ends with the minutes of a limit, and what no worker may take is a supervisor's to take.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

# Those who answer for others may take what must be taken, whatever they hold: a cap must not keep an L4 waiting.
MAY_STEP_IN: Final = frozenset({"supervisor", "duty", "backup", "manager", "service_manager"})


@dataclass(frozen=True, slots=True)
class Child:
    """Who waits. `level`: of the open alert, L0 without one. `wanted`: whom they asked for or had before; `barred`: who
    must not have them (the child asked for somebody else, or the concern is about them); `left_by`: who had them and could not
    go on. All people by id.
    """

    conversation: str
    level: Level
    since: datetime
    locale: str
    dropped: bool = False
    wanted: str | None = None
    barred: frozenset[str] = frozenset()
    left_by: str | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Who could take a chat. `holds`: the levels of the chats they have; `in_date`: training and DBS are; `here`: seen at the
    desk a moment ago.
    """

    id: str
    role: str
    languages: frozenset[str]
    holds: tuple[Level, ...] = ()
    rests_until: datetime | None = None
    in_date: bool = True
    here: bool = False


def off(worker: Worker, now: datetime, limits: Mapping[str, int]) -> str | None:
    """Why `next` gives this worker nobody: `training`, `rest`, `urgent_held`, `full`; None when it may."""
    if not worker.in_date:
        return "training"
    if worker.rests_until is not None and now < worker.rests_until:
        return "rest"
    if max(worker.holds, default=Level.L0) >= Level.L3:
        return "urgent_held"
    return "full" if len(worker.holds) >= limits["chats_most"] else None


def refused(child: Child, worker: Worker, now: datetime, limits: Mapping[str, int]) -> str | None:
    """Why this worker may not have this child: `barred`, `urgent` (an L3 or L4 beside others), or as `off`.

    Whoever may step in is bound by `barred` alone: there, somebody must come at once.
    """
    if worker.id in child.barred:
        return "barred"
    if worker.role in MAY_STEP_IN:
        return None
    why = off(worker, now, limits)
    if why is None and child.level >= Level.L3 and worker.holds:
        return "urgent"
    return why


def order(
    children: Iterable[Child], worker: Worker, now: datetime, limits: Mapping[str, int], on_shift: Iterable[Worker] = ()
) -> tuple[Child, ...]:
    """Whom `next` would give this worker, first to last: the gravest, then who was left by a drop-out, then who asked for
    this worker, then who speaks their language, then who waits longest. Whom this worker could not go on with comes after the
    others of that level for a while, and while somebody else could come is not given back at all.

    `on_shift`: the others who could take somebody; a child who wants one of them is kept for them for a while.
    """
    if off(worker, now, limits) is not None:
        return ()
    there = {one.id: one for one in on_shift if one.id != worker.id}
    fit = [
        one
        for one in children
        if worker.id not in one.barred
        and not (one.level >= Level.L3 and worker.holds)
        and not _kept(one, there, now, limits)
        and not (_left(one, worker, now, limits) and _other_could(one, there, now, limits))
    ]
    return tuple(sorted(fit, key=lambda one: _place(one, worker, now, limits)))


def _place(
    child: Child, worker: Worker, now: datetime, limits: Mapping[str, int]
) -> tuple[int, bool, bool, bool, bool, float, str]:
    waited = now - child.since
    foreign = base(child.locale) not in worker.languages
    behind = foreign and waited < timedelta(minutes=limits["own_language_minutes"])
    return (
        -child.level,
        _left(child, worker, now, limits),
        not child.dropped,
        child.wanted != worker.id,
        behind,
        child.since.timestamp(),
        child.conversation,
    )


def _kept(child: Child, there: Mapping[str, Worker], now: datetime, limits: Mapping[str, int]) -> bool:
    """Whether a child is kept for the worker they want: below L3, not for long, and only if that worker could come."""
    wanted = there.get(child.wanted or "")
    if wanted is None or child.level >= Level.L3 or child.dropped:
        return False
    soon = now - child.since < timedelta(minutes=limits["own_worker_minutes"])
    return soon and wanted.id not in child.barred and off(wanted, now, limits) is None


def _left(child: Child, worker: Worker, now: datetime, limits: Mapping[str, int]) -> bool:
    """Whether this worker put the child in the queue a while ago: somebody else is to come, or they could not get away."""
    return child.left_by == worker.id and now - child.since < timedelta(minutes=limits["leaver_minutes"])


def _other_could(child: Child, there: Mapping[str, Worker], now: datetime, limits: Mapping[str, int]) -> bool:
    """Whether there is time for somebody else: below L3, and another worker who is on could be given this child, or one of
    those who answer for others who is at the desk.
    """
    fit = (one for one in there.values() if one.id not in child.barred and (one.here or one.role not in MAY_STEP_IN))
    return child.level < Level.L3 and any(off(one, now, limits) is None for one in fit)


def waits_beyond(children: Iterable[Child], worker: Worker) -> bool:
    """Whether an L3 or L4 waits that this worker may not have only because of the chats they hold."""
    urgent = any(one.level >= Level.L3 and worker.id not in one.barred for one in children)
    return urgent and bool(worker.holds)


def next_on(
    child: Child, leaving: str, people: Iterable[Worker], now: datetime, limits: Mapping[str, int]
) -> Worker | None:
    """Who the chat is handed to at the end of a shift: who is at the desk, then whom the child wants, then who speaks their
    language, then who has the fewest chats. `people`: who is on shift, the latest to leave first. None: nobody may have it.
    """
    fit = [one for one in people if one.id != leaving and refused(child, one, now, limits) is None]

    def place(one: Worker) -> tuple[bool, bool, bool, bool, int]:
        # The child is told a name: it must be somebody who is there. A manager is kept free for what only managers may do.
        answers_for_others, foreign = one.role in MAY_STEP_IN, base(child.locale) not in one.languages
        return not one.here, one.id != child.wanted, answers_for_others, foreign, len(one.holds)

    return min(fit, key=place, default=None)


def base(locale: str) -> str:
    """The language of a locale: `zh-Hant` is spoken by who speaks `zh`."""
    return locale.partition("-")[0].partition("_")[0].lower()
