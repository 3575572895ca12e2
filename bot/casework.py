"""What a worker does for a child, outside the chat: tries, talks, meetings, reasons, promises. Through one door: noted, audited,
and every clock of the child computed again in the same transaction.

May not write to the child, nor say what a note means for a deadline. When a child is missing or found: `episodes`.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot import clocks, clockwork, giving, offered
from flows import deadline_facts, deadline_meaning, deadline_windows, independence, noting
from flows.deadlines import Attempt
from flows.model import Task
from storage import cases, conversations, notes, tasks, training
from storage import clocks as store

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.notes import Details, Note
    from storage.people import Person

MODES = ("phone", "face_to_face", "video")
RESULTS = ("spoke", "no_answer", "left_word", "wrong_number", "declined", "sent")
NOT_REACHED = "not_reached"
UNTRAINED = (
    "kept, but R02 to R04 run on: no training and background check of {who} in date are recorded for that day "
    "(waymark staff trained {who} --until DATE --dbs DATE, then note the talk again)"
)
_LONGEST_WAY = 24


class NotPossible(ValueError):
    """It cannot be noted as it was given; the message says how."""


def note(  # noqa: PLR0913 - what, when, by whom, about what
    tx: Transaction,
    house: House,
    who: Person,
    case: str | None,
    kind: str,
    at: datetime,
    *,
    conversation: str | None = None,
    details: Details | None = None,
    when: datetime | None = None,
) -> Note:
    """Note that something was done, and end the work that asked for it. A chat that belongs to no case is noted on by its
    `conversation`. `when`: when it happened, if that was earlier. Raises NotPossible.
    """
    try:
        said = noting.checked(kind, {name: str(text) for name, text in (details or {}).items()})
    except ValueError as wrong:
        raise NotPossible(str(wrong)) from None
    if (only := noting.KINDS[kind].by) and who.role.value not in only:
        raise NotPossible(f"'{kind}' is for a {' or '.join(only).replace('_', ' ')} to note")
    if ends := noting.KINDS[kind].ends:
        said["of"] = _open_of(tx, case, conversation, kind, ends)
    if kind == "fgm_done":
        known = training.of(tx, who.id)
        said["regulated"] = "yes" if known is not None and known.regulated else "no"
    return _noted(tx, house, who, case, kind, at, said, conversation, when)


def _noted(  # noqa: PLR0913, PLR0917 - as `note`
    tx: Transaction,
    house: House,
    who: Person,
    case: str | None,
    kind: str,
    at: datetime,
    details: Details,
    conversation: str | None = None,
    when: datetime | None = None,
) -> Note:
    if when is not None and when > at:
        raise NotPossible("what is noted has happened: give a time that has passed")
    made = notes.add(tx, kind, when or at, who.id, at, case=case, conversation=conversation, details=details)
    ends = clockwork.meaning().closes.get(kind)
    for one in _tasks(tx, case, conversation):
        if ends is not None and one.what == ends and one.done_at is None:
            tasks.done(tx, one.id, who.id, at)
    _compute(tx, house, case, conversation, at)
    return made


def _compute(tx: Transaction, house: House, case: str | None, conversation: str | None, at: datetime) -> None:
    if case is not None:
        clocks.refresh(tx, house, case, at, conversation or "")
    elif conversation is not None:
        clocks.of_conversation(tx, house, conversations.peek(tx, conversation), at)


def _tasks(tx: Transaction, case: str | None, conversation: str | None) -> tuple[tasks.Given, ...]:
    if case is None:
        return tasks.of(tx, conversation or "")
    return tuple(one for member in cases.members(tx, cases.root(tx, case)) for one in tasks.of_case(tx, member))


def _open_of(tx: Transaction, case: str | None, conversation: str | None, kind: str, ends: str) -> str:
    """The oldest note of the kind that is answered, and that nobody answered yet."""
    known = (
        notes.of_case(tx, cases.root(tx, case)) if case is not None else notes.of_conversation(tx, conversation or "")
    )
    over = {str(one.details.get("of", "")) for one in known if one.kind == kind}
    found = next((one.id for one in known if one.kind == ends and one.id not in over), None)
    if found is None:
        raise NotPossible(f"there is no open '{ends}' that a '{kind}' could end: note '{ends}' first")
    return found


def done(  # noqa: PLR0913, PLR0917 - which clock, when, by whom, with what words
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    rule: str,
    at: datetime,
    details: Details | None = None,
    *,
    when: datetime | None = None,
) -> Note:
    """Say that what a clock without a fact of its own asked for was done: `R17`, `R15.director`. Raises NotPossible."""
    if rule not in noting.LOGGED:
        raise NotPossible(
            f"'{rule}' is not stopped by saying so: use one of {', '.join(noting.LOGGED)}, or note what was done"
        )
    owed = {
        deadline_facts.of_rule(one.rule, one.part): one
        for one in store.of_case(tx, cases.root(tx, case))
        if clockwork.runs(one)
    }
    if rule not in owed:
        raise NotPossible(f"{rule} is not running for this child; now running: {', '.join(sorted(owed)) or 'nothing'}")
    return _noted(tx, house, who, case, "logged", at, {**(details or {}), "rule": rule}, when=when)


def did(  # noqa: PLR0913, PLR0917 - which work, when, by whom, with what words
    tx: Transaction,
    house: House,
    who: Person,
    case: str | None,
    what: str,
    at: datetime,
    details: Details | None = None,
    conversation: str | None = None,
) -> None:
    """Somebody did a task, named as the list of what is owed names it; of a chat that belongs to no case, by its `conversation`.
    What a clock asked for is noted as what stops that clock. Raises NotPossible.
    """
    there = [one for one in _work(tx, case, conversation) if one.done_at is None]
    mine = min((one for one in there if one.what == what), key=lambda one: (one.due_at or at, one.id), default=None)
    if mine is None:
        known = ", ".join(sorted({one.what for one in there})) or "nothing"
        raise NotPossible(f"no open task '{what}' for this child; open: {known}")
    kind = clockwork.meaning().noted_by(what)
    if kind is not None:
        if kind not in noting.KINDS:
            raise NotPossible(f"'{what}' is done by doing it: {deadline_meaning.COMMANDS[kind]}")
        note(tx, house, who, case, kind, at, conversation=None if case else mine.conversation, details=details)
    elif case is not None and (rule := _rule_of(tx, mine)) in noting.LOGGED:
        done(tx, house, who, case, rule, at, details)
    tasks.done(tx, mine.id, who.id, at)


def _work(tx: Transaction, case: str | None, conversation: str | None) -> tuple[tasks.Given, ...]:
    """The work of a child, of every chat with them where they are no case."""
    if case is not None or conversation is None:
        return _tasks(tx, case, conversation)
    every = conversations.of_contact(tx, conversations.contact_of(tx, conversation).id)
    return tuple(one for chat in every for one in tasks.of(tx, chat.id))


def _rule_of(tx: Transaction, task: tasks.Given) -> str:
    """The clock that wants this very work done, as it is logged; empty when saying so stops none."""
    if task.deadline is None or task.what.startswith(deadline_meaning.OVERDUE):
        return ""
    clock = store.load(tx, task.deadline)
    return deadline_facts.of_rule(clock.rule, clock.part)


def spoke(  # noqa: PLR0913, PLR0917 - who, how, when, about what
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    mode: str,
    at: datetime,
    conversation: str | None = None,
    *,
    when: datetime | None = None,
) -> Note:
    """A named person of the service spoke with the child: the only thing that ends the interview's clocks (decisions 8), if
    their training and background check were in date that day. Else it is kept, stops none of them, and a manager is told.
    """
    if mode not in MODES:
        raise NotPossible(f"'{mode}' is no way of talking: use one of {', '.join(MODES)}")
    trained = training.in_date(tx, who.id, house.shelf.calendar.day(when or at))
    details = {"who": who.name, "mode": mode, "trained": "yes" if trained else "no"}
    made = _noted(tx, house, who, case, "talk", at, details, conversation, when)
    if not trained:
        _give(tx, house, case, "record_training", house.shelf.due(at, "1wd"), at, made, role="manager")
    return made


def tried(  # noqa: PLR0913, PLR0917 - who, how, with what result
    tx: Transaction,
    house: House,
    who: Person,
    case: str,
    channel: str,
    result: str,
    at: datetime,
    *,
    when: datetime | None = None,
) -> Note:
    """A person offered the interview, by any way; every try is kept with its result (R05, R06)."""
    if result not in RESULTS:
        raise NotPossible(f"'{result}' is no result of a try: use one of {', '.join(RESULTS)}")
    if not channel.isidentifier() or len(channel) > _LONGEST_WAY:
        raise NotPossible("name the way that was tried in one word, as in phone, visit, letter, sms")
    details = {"channel": channel, "result": result, "by_person": "yes"}
    return _noted(tx, house, who, case, "attempt", at, details, when=when)


def not_done(  # noqa: PLR0913, PLR0917 - why, and when it will be
    tx: Transaction, house: House, who: Person, case: str, reason: str, again_on: str, at: datetime
) -> Note:
    """Why there was no interview, and when or whether there will be one: neither may be left out (003:2066).

    "Not reached" may be said only after enough tries (R06). The day it will be is a task of that day. Raises NotPossible.
    """
    if not reason.strip() or not again_on.strip():
        raise NotPossible("say why it was not done, and on which day it will be (or never)")
    if reason.strip() == NOT_REACHED:
        reached_for(tx, case, at)
    due = None if again_on.strip() == "never" else _end_of(house, again_on.strip(), at)
    made = _noted(tx, house, who, case, "not_done", at, {"reason": reason.strip(), "again_on": again_on.strip()})
    if due is not None:
        _give(tx, house, case, "try_again", due, at, made)
    return made


def _end_of(house: House, day: str, at: datetime) -> datetime:
    try:
        due = house.shelf.calendar.eod(date.fromisoformat(day))
    except ValueError:
        raise NotPossible(f"'{day}' is no day: write it like 2026-11-20, or never") from None
    if due <= at:
        raise NotPossible("the day on which it will be has passed: give one that is still to come, or never")
    return due


def reached_for(tx: Transaction, case: str, at: datetime) -> None:
    """NotPossible unless enough was tried since the child last went missing to say that they were not reached (R06)."""
    begun = [one.missing_at for one in cases.episodes(tx, cases.root(tx, case)) if one.missing_at <= at]
    since = [one for one in attempts(tx, case) if not begun or one.at >= begun[-1]]
    if lacks := deadline_windows.lacking_offers(since):
        raise NotPossible(f"not reached may not be said yet, there lacks: {', '.join(lacks)}")


def attempts(tx: Transaction, case: str) -> tuple[Attempt, ...]:
    """Every offer of the interview that was made, by the program and by people, oldest first."""
    root = cases.root(tx, case)
    typed = offered.of(tx, root, clockwork.meaning().offered_by)
    sent = [one for made in typed for one in offered.attempt(made)]
    by_people = [
        Attempt(one.at, str(one.details.get("channel", "")), by_person=True)
        for one in notes.of_case(tx, root)
        if one.kind == "attempt"
    ]
    return tuple(sorted((*sent, *by_people), key=lambda one: one.at))


def plan(  # noqa: PLR0913 - who will talk, and whose choice that is
    tx: Transaction, house: House, who: Person, case: str, relation: str, at: datetime, *, chosen: bool
) -> independence.Independence:
    """Who will hold the interview: the child's choice comes first; how independent they are is computed (B6, B8)."""
    try:
        found = independence.of(relation, chosen_by_child=chosen)
    except ValueError as wrong:
        raise NotPossible(str(wrong)) from None
    details = {"relation": relation, "chosen_by_child": "yes" if chosen else "no", "independent": found.value}
    made = _noted(tx, house, who, case, "interviewer", at, details)
    if not found.allowed:
        _give(tx, house, case, "find_independent_interviewer", house.shelf.due(at, "today"), at, made)
    return found


def promise(tx: Transaction, house: House, who: Person, case: str, what: str, due: datetime, at: datetime) -> Note:  # noqa: PLR0913, PLR0917 - what, to be kept by when
    """Something was promised to a child: work with a time, and the words sealed beside it."""
    if due <= at:
        raise NotPossible("a promise is kept later than it is made: give the time by which it will be")
    made = _noted(tx, house, who, case, "promise", at, {"what": what})
    _give(tx, house, case, "keep_promise", due, at, made)
    return made


def _give(  # noqa: PLR0913, PLR0917 - which work, by when, of which note
    tx: Transaction,
    house: House,
    case: str,
    what: str,
    due: datetime,
    at: datetime,
    because: Note,
    *,
    role: str = "worker",
) -> None:
    giving.work(tx, house, Task(what, role, "now"), at, due=due, case=case, note=because.id)


def take_back(tx: Transaction, house: House, who: Person, case: str, note_id: str, at: datetime) -> None:
    """A note was a mistake; it stays readable and counts no more, and the work it made ends. Raises NotPossible."""
    root = cases.root(tx, case)
    held = next((one for one in notes.of_case(tx, root) if one.id == note_id), None)
    if held is None:
        raise NotPossible("no note of this id stands for this child: `waymark case show` lists them with their ids")
    known = noting.KINDS.get(held.kind)
    if known is not None and known.by and who.role.value not in known.by:
        raise NotPossible(f"'{held.kind}' is for a {' or '.join(known.by).replace('_', ' ')} to take back")
    notes.take_back(tx, held.id, who.id, at)
    for one in _tasks(tx, case, None):
        if one.done_at is None and one.id == tasks.of_note(tx, one.what, held.case or "", held.id, held.noted_at):
            tasks.done(tx, one.id, who.id, at)
    _compute(tx, house, case, held.conversation, at)
