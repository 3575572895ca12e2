"""What is owed now, by whom, since when: `waymark due`, one child's pattern, and the managers' daily digest without content.

May not compute a deadline, open a child's words, or show why a clock is blocked outside `--case`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot import clockwork, mine, noticing, rounds
from bot.called import several
from bot.filing.times import stamp
from bot.mine import Mine
from flows import deadline_gaps, deadline_meaning, quiet_hours
from flows.deadline_rules import BY_ID
from flows.deadlines import Colour, Status, shade
from flows.model import MANAGERS
from storage import audit, board, bulk, people, tasks, timers
from storage import clocks as store
from storage.codes import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, tzinfo

    from bot.runner import House
    from storage.clocks import Owed
    from storage.database import Transaction
    from storage.tasks import Given
    from storage.timers import Timer

    Line = dict[str, Any]

DIGEST = "digest"
# A digest so late was missed, because the program stood still.
_LATE = timedelta(hours=1)


class NoCase(ValueError):
    """No such case: give its two words, or the child's reference."""


def owed(
    tx: Transaction, now: datetime, tz: tzinfo, hidden: frozenset[str] = frozenset(), whose: Mine | None = None
) -> Iterator[Line]:
    """Every deadline that is not met and every task that is not done, soonest due first within each kind. `hidden`: ids of the
    chats and cases of which nothing is listed. `whose`: only what is that person's.
    """
    work = {given.deadline: given for given, _ in tasks.listed(tx) if not listed(given)}
    for one in store.unmet(tx):
        if hidden.isdisjoint((one.book, one.case, one.conversation)):
            made, told = work.get(one.id), mine.told(tx, one)
            if whose is None or whose.has_clock(one, made.role if made is not None else None, told):
                yield _clock(one, now, tz) | {
                    "who": told,
                    "work": made.what if made is not None else None,
                    "work_for": made.role if made is not None else None,
                }
    for given, reference in tasks.listed(tx):
        shown = listed(given) and hidden.isdisjoint((given.case, given.conversation))
        if shown and (whose is None or whose.has_task(given)):
            yield task(given, reference, now, tz)


def of_person(tx: Transaction, name: str, now: datetime, tz: tzinfo) -> list[Line] | None:
    """What is one person's, without the children they are kept from; None for nobody active of that name."""
    person = people.by_name(tx, name)
    if person is None or not person.active:
        return None
    return list(owed(tx, now, tz, board.kept_from(tx, person.id), Mine(tx, person, now)))


def _clock(one: Owed, now: datetime, tz: tzinfo) -> Line:
    return {
        "kind": "deadline",
        "case": one.reference,
        "rule": one.rule,
        "part": one.part,
        "what": BY_ID[one.rule].name,
        "for": one.role,
        "since": stamp(one.started_at, tz),
        "due": stamp(one.due, tz),
        "status": Status.LATE.value if _is_late(one, now) else one.status.value,
        "colour": _colour(one, now).value,
        "minutes_late": max(0, int((now - one.due).total_seconds() // 60)) if one.status is not Status.BLOCKED else 0,
    }


def roles(lines: Iterable[Line]) -> tuple[str, ...]:
    """Who owes something, or has the work of it."""
    return tuple(sorted({role for line in lines for role in of_roles(line)}))


def of_roles(line: Line) -> tuple[str, ...]:
    """Who owes a line, and who has its work, which may be another: the police owe a check, a worker chases it."""
    return tuple(dict.fromkeys(filter(None, (line["for"], line.get("work_for")))))


def listed(given: Given) -> bool:
    """Work that a clock made is the clock's own line; that somebody was told it is late is a line of its own."""
    return given.deadline is None or given.what.startswith(deadline_meaning.OVERDUE)


def hours(start: datetime, end: datetime) -> int:
    """Whole hours between two times."""
    return int((end - start).total_seconds() // 3600)


def task(given: Given, reference: str | None, now: datetime, tz: tzinfo) -> Line:
    """One piece of work, as a line of what is owed."""
    due = given.due_at
    late = due is not None and now >= due
    return {
        "kind": "task",
        "case": reference,
        "what": given.what,
        "for": given.role,
        "since": stamp(given.created_at, tz),
        "due": stamp(due, tz) if due is not None else None,
        "status": (Status.LATE if late else Status.RUNNING).value,
        "colour": (Colour.RED if late else Colour.PLAIN).value,
        "minutes_late": int((now - due).total_seconds() // 60) if due is not None and late else 0,
    }


def _colour(one: Owed, now: datetime) -> Colour:
    return shade(one.status, one.due, one.amber_at, now)


def _is_late(one: Owed, now: datetime) -> bool:
    return _colour(one, now) is Colour.RED


# --- the digest -------------------------------------------------------------------------------------------------------


def digest(tx: Transaction, now: datetime, tz: tzinfo, hidden: frozenset[str] = frozenset()) -> str:
    """Counts alone, in one text: what is late, what falls due within a day, what is blocked, open and unknown. `hidden`: as
    `owed`; a count that is one higher than what somebody can see would tell them of a child they are kept from.
    """
    late = soon = blocked = 0
    children: set[str | None] = set()
    for one in store.unmet(tx):
        if not hidden.isdisjoint((one.book, one.case, one.conversation)):
            continue
        blocked += one.status is Status.BLOCKED
        if _is_late(one, now):
            late += 1
            children.add(one.case or one.conversation)
        soon += one.status is not Status.BLOCKED and now < one.due <= now + timedelta(days=1)
    given = [one for one, _ in tasks.listed(tx) if hidden.isdisjoint((one.case, one.conversation))]
    unknown = sum(one.what in deadline_gaps.WAITING for one in given)
    missing = bulk.recorded_missing(tx, hidden)
    day = now.astimezone(tz)
    return (
        f"Waymark {day:%a %d %b}: {late} late ({several(len(children), 'case')}), {soon} due within a day, {blocked} blocked, "
        f"{several(len(given), 'task')}, {several(unknown, 'fact')} to record, {missing} recorded missing. Open the desk."
    )


def keep_digest(tx: Transaction, house: House, now: datetime) -> None:
    """Make sure that the daily digest has its timer; called when a process begins to keep time."""
    tx.lock_name("waymark digest")
    if not any(one.name == DIGEST for one in timers.of(tx, DIGEST)):
        _next_digest(tx, house, now)


def _next_digest(tx: Transaction, house: House, now: datetime) -> None:
    at = quiet_hours.next_at(now, house.settings.timezone, clockwork.meaning().digest_hour)
    timers.add(tx, Subject.HOUSE, DIGEST, DIGEST, at, 0)


def send_digest(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """Its hour came: a notice to every manager, and the timer of the next day. What was missed is not sent at night."""
    if now - timer.at >= _LATE and quiet_hours.is_night(now, house.settings.timezone):
        _next_digest(tx, house, now)
        return
    for person in people.everyone(tx):
        if person.active and person.role.value in MANAGERS:
            text = digest(tx, now, house.settings.timezone, board.kept_from(tx, person.id))
            noticing.notice(tx, house, person.name, text, now)
    audit.record(tx, now, "ticker", "digest.sent", timer.name)
    rounds.daily(tx, house, now)
    _next_digest(tx, house, now)
