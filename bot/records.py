"""Gathers what storage holds of one conversation into the record that `flows.record` builds. May not judge or show it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot import of_whom, parent_view, wording
from bot.filing import plain
from flows import record
from flows.report import Report
from storage import alerts, answers, cases, clocks, conversations, messages, notes, people, reports, shares, tasks
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.runner import House
    from flows.model import Conversation, Deadline
    from flows.record import Record
    from storage.database import Transaction
    from storage.notes import Note

# How a concern says that an answer means it, before the key of the question.
ANSWER: Final = "answer:"
_DECISIONS: Final = ("decision", "lowered")


def build(tx: Transaction, house: House, conversation: str) -> Record:
    """The record of a conversation as it stands now."""
    c = conversations.peek(tx, conversation)
    library = house.shelf.library(tx, c)
    thread = messages.of(tx, conversation)
    words = {one.id: one.text for one in thread}
    case = conversations.case_of(tx, conversation)
    book = cases.kept(tx, case) if case else None
    noted = notes.of_conversation(tx, conversation)
    support = {step.key for step in library.flow.steps.values() if "support" in step.tags}
    built = record.build(
        case=book.reference if book else conversations.contact_of(tx, conversation).reference,
        flow=library.flow,
        conversation=c,
        concerns=(
            record.HeardConcern(
                at=one.at,
                concern=one.concern,
                words=words.get(one.message or "", ""),
                asked=_asked_before(one.message, tuple(thread)),
                message=one.message,
            )
            for one in answers.concerns(tx, conversation)
        ),
        alerts=(
            record.AlertLine(
                number,
                int(one.level),
                one.state,
                one.opened_at,
                # What a manager decided after another without taking it was taken by whoever had it first.
                one.taken_by or one.seen_by,
                one.taken_at or (one.seen_at if one.seen_by else None),
                one.decision,
                _decided(noted, one.id),
                one.categories,
            )
            for number, one in enumerate(alerts.of(tx, conversation), 1)
        ),
        tasks=(
            record.TaskLine(one.what, one.role, one.due_at or one.created_at, one.done_at)
            for one in tasks.of(tx, conversation)
        ),
        given=(
            record.Given(one.key, one.locale or c.locale, one.at)
            for one in thread
            if one.direction is Direction.OUT and one.key in support
        ),
        deadlines=_deadlines(tx, conversation, case),
        report=reports.last(tx, conversation, Report)[0],
    )

    def filled(entries: tuple[record.Entry, ...]) -> tuple[record.Entry, ...]:
        return tuple(replace(_told(tx, house, c, one), asked=_asked(house, one.asked)) for one in entries)

    areas = {area: filled(rows) for area, rows in built.areas.items()}
    areas["q7"] = (*areas["q7"], *parent_view.entries(tx, conversation))
    built = replace(built, areas=areas, other=filled(built.other), shared=_shared(tx, conversation))
    of = of_whom.of(tx, house, book, c) if book else {}
    return replace(built, child=book.child if book else None, told=_in_words(tx, house, c, built), of=of)


def why(tx: Transaction, house: House, c: Conversation, reason: str) -> str:
    """Why something is a concern, in words: of an answer that means it, the question."""
    told = []
    for part in reason.split("; "):
        key = part.removeprefix(ANSWER)
        question = house.shelf.source_of(tx, c, key) if key != part else ""
        told.append(f"what was answered to “{question}”" if question else part)
    return "; ".join(told)


def _in_words(tx: Transaction, house: House, c: Conversation, built: Record) -> dict[str, str]:
    """What a record names by a key: texts of ours, and why something was heard as a concern."""
    report = built.report or Report()
    keys = {one.asked for one in built.concerns} | {one.key for one in built.given}
    keys |= {one.question for one in report.corrections}
    told = {key: house.shelf.source_of(tx, c, key) for key in sorted(filter(None, keys))}
    reasons = {one.concern.reason for one in built.concerns}
    return {key: text for key, text in told.items() if text} | {one: why(tx, house, c, one) for one in sorted(reasons)}


def digest(record: Record, *, whole: bool = False) -> str:
    """What a record says, as one number: the child's answers, what was heard, what the worker recorded; it is what is signed.
    `whole`: with the signatures, what came after them and what was decided, by which a filing is known.
    """
    report = record.report or Report()
    kept = report if whole else replace(report, signatures=(), corrections=(), amendments=(), shared={}, read=())
    everything = plain.as_dict(replace(record, report=kept))
    said = {name: everything[name] for name in ("case", "areas", "other", "concerns", "worker")}
    if whole:
        decided = [decision for alert in record.alerts for decision in alert.decisions]
        said |= {"decisions": [plain.decision(one) for one in decided]} if decided else {}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _decided(noted: Iterable[Note], alert: str) -> tuple[record.Decided, ...]:
    return tuple(
        record.Decided(one.at, one.kind, *(str(one.details.get(name, "")) for name in ("what", "by", "because")))
        for one in noted
        if one.kind in _DECISIONS and one.details.get("alert") == alert
    )


def _shared(tx: Transaction, conversation: str) -> tuple[record.SharedLine, ...]:
    return tuple(
        record.SharedLine(one.at, one.role, one.who, one.parts, one.because, people.load(tx, one.by).name)
        for one in shares.of(tx, conversation)
    )


def _asked(house: House, text: str) -> str:
    """A question as the child read it: the names in it filled in, what only that moment knew left as a gap."""
    known = {"persona": house.settings.persona, "org": house.settings.service_name}
    return wording.fill(text, {gap: known.get(gap, f"[{gap}]") for gap in wording.gaps(text)})


def _told(tx: Transaction, house: House, c: Conversation, one: record.Entry) -> record.Entry:
    """A number that was sent says nothing by itself. What a worker chose from a list has no words but the list's."""
    if one.value is None:
        return one
    meant = house.shelf.meaning(tx, c, one.question, one.value)
    chosen = one.by != "child" and one.said == str(one.value)
    return replace(one, meant=meant, said=meant if chosen else one.said)


def _deadlines(tx: Transaction, conversation: str, case: str | None) -> tuple[Deadline, ...]:
    """What is owed to this child, met or not; of a conversation without a case what its own alerts owe."""
    if case is not None:
        return clocks.of_case(tx, cases.root(tx, case))
    return tuple(clocks.of(tx, clocks.Book(conversation, conversation=conversation)).values())


def _asked_before(message: str | None, thread: tuple[messages.Message, ...]) -> str | None:
    """The key of the text that was sent last before a child's message (003:903: keep the question that was asked)."""
    key = None
    for one in thread:
        if one.id == message:
            return key
        if one.direction is Direction.OUT and one.key is not None:
            key = one.key
    return None
