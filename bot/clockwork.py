"""What a clock asks people to do: work that begins when it runs, turns amber or is late, and ends when it stops; who is told.

May not compute a deadline. What it asks is said by `library/clocks.yaml`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from bot import called, giving, noticing, pages
from bot.filing import times
from flows import deadline_gaps, deadline_meaning, deadline_windows, quiet_hours
from flows.deadline_meaning import AMBER, LATE, RUNNING, WHEN
from flows.deadlines import Status
from flows.model import MANAGERS, Task
from storage import board, cases, people, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.clockfacts import Known
    from bot.runner import House
    from flows.deadline_meaning import Meaning
    from flows.deadlines import Deadline
    from storage.cases import Episode
    from storage.clocks import Book
    from storage.database import Transaction

CHECK_IN = "R37"
PLAN_AGAIN, TELL_PLACING = "plan_same_worker", "tell_placing_authority"
# What was long late when it was first computed is history that was imported: it is listed, and no work is made of it.
OLD = timedelta(days=7)
_GAP_FOR = {deadline_gaps.RECORD_RETURN: ("duty", "today")}


@lru_cache(maxsize=1)
def meaning() -> Meaning:
    """What answers mean for the clocks, read once a process."""
    return deadline_meaning.load()


def begin(  # noqa: PLR0913, PLR0917 - a clock before and after, and where it stands
    tx: Transaction,
    house: House,
    book: Book,
    row: str,
    before: Deadline | None,
    deadline: Deadline,
    now: datetime,
    about: str,
) -> bool:
    """Work begun when a clock runs, turns amber or is late, ended when it stops or may not be done. Returns whether it is a
    check-in that the child has only now asked for.
    """
    if before is not None and runs(before) and not runs(deadline):
        tasks.ended(tx, row, now)
    if deadline.met_at is not None or (before is None and deadline.due < now - OLD):
        return False
    if deadline.status is Status.BLOCKED:
        _forbid(tx, book, row, deadline, now)
        return False
    for at in _turns(before, deadline):
        work = meaning().work(deadline, at)
        if work is not None:
            _give(tx, house, book, row, Task(*work, "now"), deadline.due, now, about)
        if at == AMBER and deadline.amber and deadline.rule in meaning().soon and book.case is not None:
            _tell(tx, house, book.case, deadline, now)
        if at == LATE and (heard := meaning().hears(deadline)) is not None:
            _give(tx, house, book, row, Task(deadline_meaning.OVERDUE + deadline.rule, heard, "now"), now, now, about)
    return deadline.rule == CHECK_IN and before is None


def runs(deadline: Deadline) -> bool:
    """Whether it is owed still: neither done nor blocked."""
    return deadline.met_at is None and deadline.status is not Status.BLOCKED


def _turns(before: Deadline | None, deadline: Deadline) -> Iterator[str]:
    """What it has become since it was last computed. Whoever was away while it was amber does not miss what began then."""
    ran = before is not None and runs(before)
    late = deadline.status is Status.LATE
    was_amber = before is not None and (before.amber or before.status is Status.LATE)
    # What is due the moment it begins is late at once, and its work is all there is to tell.
    was_late = before.status is Status.LATE if before is not None and ran else deadline.due <= deadline.started_at
    became = {
        RUNNING: not ran,
        AMBER: (deadline.amber or (late and deadline.amber_at is not None)) and not was_amber,
        LATE: late and not was_late,
    }
    return (at for at in WHEN if became[at])


def _forbid(tx: Transaction, book: Book, row: str, deadline: Deadline, now: datetime) -> None:
    """Whoever reads the list must not do what is forbidden: the work is bound to its clock, and over."""
    work = meaning().work(deadline)
    if work is not None and tasks.adopt(tx, work[0], row, case=book.case, conversation=book.conversation):
        tasks.ended(tx, row, now)


def _give(  # noqa: PLR0913, PLR0917 - a task, its clock, and where it stands
    tx: Transaction, house: House, book: Book, row: str, task: Task, due: datetime, now: datetime, about: str
) -> None:
    case, chat = book.case, book.conversation
    if not tasks.adopt(tx, task.what, row, case=case, conversation=chat):
        giving.work(tx, house, task, now, due=due, conversation=chat, case=case, deadline=row, about=about)


def _tell(tx: Transaction, house: House, case: str, deadline: Deadline, now: datetime) -> None:
    """The child's worker, or whoever is on duty, or every manager, or who answers for all. By day, and no more than the rule."""
    held = cases.kept(tx, case)
    tz = house.settings.timezone
    by = f"{called.words(deadline.rule)}, by {times.told(deadline.due, tz)}"
    at = quiet_hours.next_day(now, tz)
    for name in _who(tx, case, str(held.details.get("worker") or ""), at):
        noticing.notice(tx, house, name, pages.about("soon", held.reference, who=by), at)


def _who(tx: Transaction, case: str, worker: str, at: datetime) -> tuple[str, ...]:
    """Nobody who is kept from this child: they could not open what they are told of."""
    known = people.by_name(tx, worker) if worker else None
    named = (known,) if known is not None and known.active else ()
    duty = (people.by_name(tx, one.name) for one in people.on_duty(tx, at) if one.role == "duty")
    active = [one for one in people.everyone(tx) if one.active]
    managers = ([one for one in active if one.role.value == role] for role in MANAGERS)
    for some in (named, duty, *managers):
        if told := tuple(one.name for one in some if one is not None and case not in board.kept_from(tx, one.id)):
            return told
    return ()


def ask_for(tx: Transaction, house: House, case: str, lacking: tuple[str, ...], now: datetime, about: str) -> None:
    """A rule that cannot be computed says what is missing, once, and stops asking when it is known."""
    known = (one for member in cases.members(tx, case) for one in tasks.of_case(tx, member))
    there = {one.what: one.id for one in known if one.done_at is None}
    for what in deadline_gaps.WAITING:
        if what in lacking and what not in there:
            role, within = _GAP_FOR.get(what, ("worker", "1wd"))
            giving.work(tx, house, Task(what, role, within), now, case=case, about=about)
        elif what not in lacking and what in there:
            tasks.done(tx, there[what], "bot", now)


def plan_again(tx: Transaction, house: House, known: Known, now: datetime, about: str) -> None:
    """The second time missing in a year, or a later one: who talks is planned first of all, the same worker by default (R25)."""
    starts = [one.missing_at for one in known.episodes]
    if not starts or starts[-1] < now - OLD:
        return
    last = known.episodes[-1]
    planned = any(one.kind in ("interviewer", "talk") and one.at >= last.missing_at for one in known.notes)
    task_id = tasks.of_note(tx, PLAN_AGAIN, last.case, last.id, last.missing_at)
    repeated = deadline_windows.is_repeat_of_year(starts, last.missing_at, house.shelf.calendar)
    if not repeated:
        return
    if planned:
        tasks.done(tx, task_id, "bot", now)
    if planned or tasks.is_there(tx, task_id):
        return
    _of_episode(tx, house, PLAN_AGAIN, last, now, about)


def tell_placing(tx: Transaction, house: House, known: Known, now: datetime, about: str) -> None:
    """A child whom another authority placed here is missing: its named social worker hears of it, by somebody (003:1443-1451)."""
    ours = [str(known.case.details.get(name) or "") for name in ("responsible_authority", "host_authority")]
    if not all(ours) or ours[0] == ours[1] or not known.episodes:
        return
    last = known.episodes[-1]
    task_id = tasks.of_note(tx, TELL_PLACING, last.case, last.id, last.missing_at)
    if last.missing_at < now - OLD or tasks.is_there(tx, task_id):
        return
    _of_episode(tx, house, TELL_PLACING, last, now, about)


def _of_episode(tx: Transaction, house: House, what: str, last: Episode, now: datetime, about: str) -> None:
    """Work of the last time missing, once: its id is of that time."""
    task, due = Task(what, "worker", "1wd"), house.shelf.due(now, "1wd")
    giving.work(tx, house, task, last.missing_at, due=due, case=last.case, note=last.id, about=about)


def unplan(tx: Transaction, house: House, case: str) -> None:
    """It was a second time in a year only because two children had been taken for one: that work was a mistake."""
    known = cases.episodes(tx, case)
    last = known[-1] if known else None
    starts = [one.missing_at for one in known]
    if last is not None and not deadline_windows.is_repeat_of_year(starts, last.missing_at, house.shelf.calendar):
        tasks.forget(tx, tasks.of_note(tx, PLAN_AGAIN, last.case, last.id, last.missing_at))
