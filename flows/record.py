"""From what a child said to the record of a return interview: the eight areas of App 4, in the child's own words.

May not judge: a skipped question is "chose not to say", never "no", and nothing here can say that there is no risk
(D9, 004:3204). Values in, a value out; times stay UTC until they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from flows.model import Answer, Concern, Conversation, Deadline, Flow, Value
    from flows.report import Report

SCHEMA = "waymark/return-interview/1"

# App 4 (003:1754-1762): what each area of the questionnaire is about.
AREAS: Mapping[str, str] = {
    "q1": "Where they live: happy there, worried or upset about anything",
    "q2": "Where they were, and who with",
    "q3": "What they did",
    "q4": "Whether they felt safe and looked after",
    "q5": "What happened when they got home",
    "q6": "What they want to happen now, short term and long term",
    "q7": "Parents' or carers' view",
    "q8": "Information given on support",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the record with where it came from. `value` None: chose not to say. `by`: child or a worker's name.
    `meant`: the value as the question's options call it, in English.
    """

    question: str
    asked: str
    value: Value
    said: str
    at: datetime
    locale: str
    by: str
    unclear: bool
    messages: tuple[str, ...]
    meant: str = ""


@dataclass(frozen=True, slots=True)
class HeardConcern:
    """A concern as it stands in the record, with the child's words and the question they followed."""

    at: datetime
    concern: Concern
    words: str
    asked: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided of an alert, or that they lowered it (`kind`), under their name and with their reason."""

    at: datetime
    kind: str
    what: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class SharedLine:
    """What was given to somebody outside: to whom, which parts, why, by whom (G14)."""

    at: datetime
    role: str
    to: str
    parts: tuple[str, ...]
    because: str
    by: str


@dataclass(frozen=True, slots=True)
class AlertLine:
    """An alert as it stands in the record: who took it, what was decided, each time by whom and why."""

    number: int
    level: int
    state: str
    opened_at: datetime
    taken_by: str | None
    taken_at: datetime | None
    decision: str | None
    decisions: tuple[Decided, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskLine:
    """Work the interview made, for a role, by when."""

    what: str
    role: str
    due: datetime
    done: datetime | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Support information that was sent: which text, in which language, when (003:1762)."""

    key: str
    locale: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Since:
    """That more was said after the last signature: when first, and the highest level heard of it, 0 where nothing was."""

    at: datetime
    level: int


@dataclass(frozen=True, slots=True)
class Record:
    """The filed interview. `outcome`: done, partly_done, refused, or open while the chat goes on. `case`: two words of ours;
    `child`: what the council calls the child, by which they file it, None in a text-safe chat. `told`: what the keys and reasons
    in it are in words, for who reads it on paper; no part of what is filed or signed. `of`: which child and which time missing it
    is of, as the council knows them; filed, and no part of what is signed.
    """

    case: str
    flow: str
    revision: str
    channel: str
    started_at: datetime
    outcome: str
    areas: Mapping[str, tuple[Entry, ...]]
    other: tuple[Entry, ...]
    concerns: tuple[HeardConcern, ...]
    alerts: tuple[AlertLine, ...]
    tasks: tuple[TaskLine, ...]
    given: tuple[Given, ...]
    schema: str = SCHEMA
    deadlines: tuple[Deadline, ...] = ()
    report: Report | None = None
    shared: tuple[SharedLine, ...] = ()
    child: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, Any] = field(default_factory=dict)

    @property
    def since(self) -> Since | None:
        """What was said that nobody has signed; None while it is not signed at all, or nothing was."""
        if self.report is None or not self.report.signed:
            return None
        signed = max(one.at for one in self.report.signatures)
        heard = [one for one in self.concerns if one.at > signed]
        # The view of a parent or carer comes by an amendment of its own.
        told = (one.at for area, rows in self.areas.items() for one in rows if area != "q7" or one.by == "child")
        times = [*(at for at in told if at > signed), *(one.at for one in heard)]
        return Since(min(times), max((int(one.concern.level) for one in heard), default=0)) if times else None


def entries(flow: Flow, answers: Iterable[Answer]) -> tuple[Entry, ...]:
    """Every answer with the words of the question it was given to, in the order they were given."""
    return tuple(
        Entry(
            question=one.question,
            asked=flow.steps[one.question].text if one.question in flow.steps else one.question,
            value=one.value,
            said=one.said,
            at=one.at,
            locale=one.locale,
            by=one.by,
            unclear=one.unclear,
            messages=one.messages,
        )
        for one in sorted(answers, key=lambda answer: answer.at)
    )


def build(  # noqa: PLR0913, PLR0917 - what a record is made of
    case: str,
    flow: Flow,
    conversation: Conversation,
    concerns: Iterable[HeardConcern] = (),
    alerts: Iterable[AlertLine] = (),
    tasks: Iterable[TaskLine] = (),
    given: Iterable[Given] = (),
    deadlines: Iterable[Deadline] = (),
    report: Report | None = None,
) -> Record:
    """The record of one conversation. Every question belongs to at most one area, as the flow's `area` says."""
    everything = entries(flow, conversation.answers.values())
    by_area: dict[str, list[Entry]] = {area: [] for area in AREAS}
    other: list[Entry] = []
    for entry in everything:
        step = flow.steps.get(entry.question)
        if step is not None and step.kind is Kind.STATEMENT:
            continue
        by_area.get(step.area or "" if step else "", other).append(entry)
    return Record(
        case=case,
        flow=flow.key,
        revision=flow.revision,
        channel=conversation.channel,
        started_at=conversation.started_at,
        outcome=conversation.outcome or "open",
        areas={area: tuple(rows) for area, rows in by_area.items()},
        other=tuple(other),
        concerns=tuple(concerns),
        alerts=tuple(alerts),
        tasks=tuple(tasks),
        given=tuple(given),
        deadlines=tuple(deadlines),
        report=report,
    )
