"""A parent's or carer's own view, by a link of their own: asked only of an adult whom a worker has found safe to contact, and
while nothing the child said forbids it (decisions 8). May tell them nothing of the child, not even that there was a chat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import beside, called, casework, giving, recording, refiling, sharing
from bot.parent_view import BY, form
from flows import report
from flows.model import Level, Task
from flows.report import Amendment, Intelligence, NotRecorded, Report
from storage import cases, conversations, parent_forms, people, reports
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.runner import House, Runner
    from storage.database import Transaction
    from storage.parent_forms import ParentForm
    from storage.people import Person

VIEW: Final = "parent_view"
# As many names, places and cars as one form takes.
MOST_ROWS: Final = 8
# What a machine hears in an adult's words is no more than that: a person reads them the same day.
READ: Final = Task("read_parent_view", "worker", "today")
_ALARMING: Final = "a parent or carer says that somebody at home is, or may be, at risk"
_NOT_HANDLED: Final = "the form of a parent or carer could not be handled: nobody has read it"
_LONGEST_NAME: Final = 80
# Whoever opened it in its last minutes writes on: what they say of a child at risk is not lost to the hour.
_WRITES: Final = timedelta(hours=2)


def ask(tx: Transaction, who: Person, conversation: str, adult: str, because: str, at: datetime) -> str:
    """A worker found it safe to contact this adult: what the link for them ends in. Raises NotRecorded while anything forbids
    it, and without a name and a reason.
    """
    recording.may_write(who)
    tx.lock_conversation(conversation)
    if not adult.strip() or not because.strip():
        raise NotRecorded("say which adult, and why it is safe to contact them")
    if len(adult.strip()) > _LONGEST_NAME:
        raise NotRecorded(f"the adult's name may have {_LONGEST_NAME} characters")
    if _is_quiet(tx, conversation):
        raise NotRecorded("somebody else may have the child's telephone: ask nobody at home until a person has looked")
    case = conversations.case_of(tx, conversation)
    if case is None:
        raise NotRecorded("this interview belongs to no case: nobody is its parent or carer")
    if forbidden := sharing.parent_blocks(tx, case):
        raise NotRecorded(f"do not contact this adult: {'; '.join(map(called.words, forbidden))}")
    return parent_forms.ask(tx, conversation, adult.strip(), report.as_given(because), who.id, at)


def opened(tx: Transaction, link: str, at: datetime) -> bool:
    """Whether a link shows its form now: it is open, and nothing was said since that forbids it."""
    held = parent_forms.find(tx, link, at)
    if held is None:
        return False
    case = conversations.case_of(tx, held.conversation)
    try:
        return case is not None and not _is_quiet(tx, held.conversation) and not sharing.parent_blocks(tx, case)
    except Erased:
        return False


def _is_quiet(tx: Transaction, conversation: str) -> bool:
    """Whether somebody else may have the telephone in any chat with this child: a record without a chat is never told so."""
    case = conversations.case_of(tx, conversation)
    every = cases.members(tx, cases.root(tx, case)) if case is not None else ()
    talks = {conversation, *(talk for member in every for talk in conversations.of_case(tx, member))}
    return any(conversations.peek(tx, talk).quiet for talk in talks)


def answered(
    tx: Transaction,
    runner: Runner,
    link: str,
    given: Mapping[str, str],
    rows: tuple[tuple[str, str], ...],
    at: datetime,
) -> bool:
    """Keep what they wrote, listen to it, and pass on what helps. What was written before something came to forbid it is kept
    all the same. False when the link was used, closed or is too old.
    """
    held, answers, named = _taken(tx, link, given, rows, at)
    if held is None:
        return False
    _record(tx, runner.house, held, named, at)
    case, who = conversations.case_of(tx, held.conversation), people.load(tx, held.by)
    if case is not None and _is_there(tx, case):
        casework.note(tx, runner.house, who, case, VIEW, at, conversation=held.conversation)
    giving.work(tx, runner.house, READ, at, conversation=held.conversation)
    words = "\n".join(
        (*(text for name, text in answers.items() if not form().questions[name].options), *(w for _, w in named))
    )
    beside.adult(tx, runner, held.conversation, words, at, Level.L3 if _alarming(answers) else Level.L0, _ALARMING)
    return True


def _alarming(answers: Mapping[str, str]) -> bool:
    """Whether a box that is ticked is an alarm by itself."""
    return any(answers.get(name) in values for name, values in form().alarming.items())


def kept(
    tx: Transaction,
    runner: Runner,
    link: str,
    given: Mapping[str, str],
    rows: tuple[tuple[str, str], ...],
    at: datetime,
) -> bool:
    """What they wrote, as it came, where `answered` failed: nothing is made of it and nothing was heard in it, so that a person
    is called to read it whatever it says. False as there.
    """
    held, answers, _ = _taken(tx, link, given, rows, at)
    if held is None:
        return False
    giving.work(tx, runner.house, READ, at, conversation=held.conversation)
    beside.unread(tx, runner, held.conversation, at, _NOT_HANDLED, Level.L3 if _alarming(answers) else Level.L2)
    return True


def _taken(
    tx: Transaction, link: str, given: Mapping[str, str], rows: tuple[tuple[str, str], ...], at: datetime
) -> tuple[ParentForm | None, dict[str, str], tuple[tuple[str, str], ...]]:
    """The form that was open, the answers and the rows as they are kept; None where there is no such form any more."""
    held = parent_forms.find(tx, link, at - _WRITES)
    if held is None:
        return None, {}, ()
    conversations.load(tx, held.conversation)
    answers = {name: text for name, value in given.items() if (text := _checked(name, value))}
    named = tuple((kind, report.as_given(what)) for kind, what in rows if kind in form().rows.options and what.strip())
    named = named[:MOST_ROWS]
    return (held if parent_forms.answer(tx, held, answers, named, at) else None), answers, named


def _is_there(tx: Transaction, case: str) -> bool:
    """Whether there is still anything to note on: what was written is heard all the same."""
    try:
        cases.kept(tx, case)
    except Erased:
        return False
    return True


def _checked(name: str, value: str) -> str:
    """An answer as it is kept; empty for one there is not."""
    known = form().questions.get(name)
    if known is None:
        return ""
    if not known.options:
        return report.as_given(value)
    chosen = [one for one in value.split(",") if one in known.options]
    return ",".join(chosen if known.several else chosen[:1])


def _record(tx: Transaction, house: House, held: ParentForm, rows: tuple[tuple[str, str], ...], at: datetime) -> None:
    """What can be passed on, and that there is a view; into a signed record by an amendment of its own."""
    before, number = reports.last(tx, held.conversation, Report)
    before = before or Report()
    added = tuple(Intelligence(kind, what, "", BY, at) for kind, what in rows)
    made = replace(before, intelligence=(*before.intelligence, *added))
    if before.signed:
        because = "the form of a parent or carer came after it was signed"
        changed = (
            *(("parent_view",) if before.fields.get(VIEW) != "got" else ()),
            *(("intelligence",) if added else ()),
        )
        made = replace(made, amendments=(*made.amendments, Amendment(at, BY, because, changed)))
    made = replace(made, fields={**before.fields, VIEW: "got"})
    reports.add(tx, held.conversation, number + 1, "parent", made, held.by, at)
    refiling.again(tx, house, held.by, held.conversation, made, at)
