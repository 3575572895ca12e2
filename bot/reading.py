"""A child reads its own words, once, on the page, when a worker has released them: it may say that they are right, put one
right or take one back. May show nothing but the child's own answers: no concern, no worker's word, no name, no case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot import beside, giving, recording, refiling, returning, wording
from flows import report
from flows.model import Kind, Task
from flows.report import CORRECTS, WITHDRAWS, Correction, NotRecorded, Read, Report
from storage import audit, conversations, messages, readings, reentry, reports

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.runner import House, Runner
    from flows.model import Answer, Conversation, Step
    from storage.database import Transaction
    from storage.people import Person

# Who put an answer right, as the record names them.
CHILD: Final = "child"
# A machine has listened to what it wrote; a person reads it the same day, for nobody looks into a chat that is over.
READ: Final = Task("read_childs_changes", "worker", "today")
# Where a child is, is shown to nobody, least of all to whoever may hold its telephone.
_NOT_SHOWN: Final = frozenset({"d_where"})


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what was asked, in the child's language, and what it said."""

    question: str
    asked: str
    said: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of a child's own words. `token`: what its form carries."""

    token: str
    locale: str
    lines: tuple[Line, ...]


def release(tx: Transaction, house: House, who: Person, conversation: str, at: datetime) -> str:
    """A code for the child, to be told by the worker; the one before is worth nothing any more. Raises NotRecorded."""
    recording.may_write(who)
    if any(one.done_at is not None for one in readings.of(tx, conversation)):
        raise NotRecorded("the child has read it and answered: it is shown once")
    c = conversations.load(tx, conversation)
    if c.quiet:
        raise NotRecorded("somebody else may have the child's telephone: nothing is shown by itself")
    if not lines(tx, house, c):
        raise NotRecorded("there is no answer yet that the child could read")
    return readings.release(tx, conversation, who.id, at)


def asked_for(tx: Transaction, text: str, at: datetime) -> str | None:
    """The language of the child whose words this code shows; None where it shows none. Nothing is used up."""
    digits = returning.figures(text)
    talk = readings.waiting(tx, digits, at) if reentry.looks_like_code(digits) else None
    if talk is None:
        return None
    c = conversations.peek(tx, talk)
    return None if c.quiet else c.locale


def opened(tx: Transaction, house: House, text: str, at: datetime) -> Opened | None:
    """The child's words, by the code, which is used up. None: wrong, used, too old; or somebody else may be reading."""
    digits = returning.figures(text)
    talk = readings.waiting(tx, digits, at) if reentry.looks_like_code(digits) else None
    if talk is None:
        # Who tries codes here is counted as who tries them anywhere else.
        reentry.guessed(tx, reentry.mark_of(tx, reentry.national(digits)), at)
        return None
    if (c := conversations.load(tx, talk)).quiet:
        return None
    token = readings.open_page(tx, digits, at)
    if token is None:
        return None
    audit.record(tx, at, f"child:{conversations.contact_of(tx, talk).id}", "reading.opened", talk)
    return Opened(token, c.locale, lines(tx, house, c))


def answered(
    tx: Transaction, runner: Runner, token: str, given: Mapping[str, str | None], written: str, at: datetime
) -> str | None:
    """What the child says of it: question -> new words, or None where it takes the answer back; nothing: it is right. `written`:
    everything it wrote there, which is listened to whatever becomes of the rest, once. Returns the language; None when nothing
    was taken: it wrote nothing, on a page that was answered already or lay open too long.
    """
    talk = readings.opened(tx, token)
    if talk is None:
        return None
    c = conversations.load(tx, talk)
    known = {one.question for one in lines(tx, runner.house, c)}
    changes = {
        name: None if words is None else report.as_given(words) for name, words in given.items() if name in known
    }
    taken = readings.done(tx, token, readings.CHANGED if changes else readings.RIGHT, at)
    if taken:
        _record(tx, runner.house, talk, changes, at)
    told = bool(written.strip()) and (taken or all(one.text != written for one in messages.of(tx, talk)))
    if told or (taken and changes):
        giving.work(tx, runner.house, READ, at, conversation=talk)
    if told:
        beside.child(tx, runner, talk, written, at)
    return c.locale if taken or written.strip() else None


def _record(tx: Transaction, house: House, conversation: str, changes: Mapping[str, str | None], at: datetime) -> None:
    """Both versions stand; without a change the child said that it is right."""
    held, number = reports.last(tx, conversation, Report)
    held = held or Report()
    rows = tuple(
        Correction(question, CORRECTS if words else WITHDRAWS, words or "", at, CHILD)
        for question, words in changes.items()
    )
    read = Read(at, readings.CHANGED if rows else readings.RIGHT)
    made = replace(held, corrections=(*held.corrections, *rows), read=(*held.read, read))
    who = f"child:{conversations.contact_of(tx, conversation).id}"
    reports.add(tx, conversation, number + 1, "read", made, who, at)
    refiling.again(tx, house, who, conversation, made, at)


def lines(tx: Transaction, house: House, c: Conversation) -> tuple[Line, ...]:
    """The child's own answers about what happened, in the order they were given; what it chose not to say is not there."""
    flow = house.shelf.library(tx, c).flow
    found = []
    for name in c.order:
        step, answer = flow.steps.get(name), c.answers.get(name)
        if step is None or answer is None or answer.value is None or not step.area or name in _NOT_SHOWN:
            continue
        if step.kind is not Kind.STATEMENT:
            found.append(Line(name, _asked(house, step.text), _said(step, answer)))
    return tuple(found)


def _asked(house: House, text: str) -> str:
    known = {"persona": house.settings.persona, "org": house.settings.service_name}
    return wording.fill(text, {gap: known.get(gap, "…") for gap in wording.gaps(text)})


def _said(step: Step, answer: Answer) -> str:
    """The chosen answers in words, and what was written beside them."""
    labels = {option.value: option.label for option in step.options}
    values = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    chosen = ", ".join(labels[str(one)] for one in values if str(one) in labels)
    if not chosen:
        return answer.said or str(answer.value)
    # What a worker chose from the list is kept as the code of it.
    only = (
        answer.said.strip() in {chosen, str(answer.value), ""}
        or answer.said.replace(" ", "").replace(",", "").isdigit()
    )
    return chosen if only else f"{chosen}: {answer.said}"
