"""Which manager considered the harm that an interview told of: who may be named as that, and what was decided of its alerts,
as it may be taken into the record. May not fill anything in: whoever writes the record does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows import report
from flows.model import Level
from storage import alerts, answers, notes, people

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, tzinfo

    from flows.report import Report
    from storage.database import Transaction
    from storage.notes import Note
    from storage.people import Person


@dataclass(frozen=True, slots=True)
class Proposal:
    """`fields` of the record, and where they come from: what a manager decided, when, why, of an alert of which level."""

    fields: Mapping[str, str]
    by: str
    at: datetime
    decision: str
    because: str
    level: int


def may(tx: Transaction, conversation: str, who: Person, at: datetime) -> bool:
    """Whether somebody of the staff may be named as the manager: they are one, or were when they decided an alert of this."""
    return people.is_manager(tx, who, at) or any(one.by == who.id for one in _decisions(tx, conversation))


def heard(tx: Transaction, conversation: str) -> str:
    """What was heard of grave harm, as `report.HEARD`."""
    if any(one.level >= Level.L3 for one in alerts.open_of(tx, conversation)):
        return report.UNDECIDED
    every = (one.concern for one in answers.concerns(tx, conversation))
    return report.DECIDED if any(one.level >= Level.L3 and one.categories for one in every) else ""


def proposed(tx: Transaction, conversation: str, held: Report, tz: tzinfo) -> Proposal | None:
    """The last decision of a manager about harm that was heard; None where there is none, or all of it is recorded."""
    about = {one.id: one for one in alerts.of(tx, conversation) if one.categories}
    made = [one for one in _decisions(tx, conversation) if one.details.get("alert") in about]
    if not made:
        return None
    last = made[-1]
    by, decision, because = (str(last.details.get(name, "")) for name in ("by", "what", "because"))
    fields = {
        "harm_considered": "yes",
        "harm_considered_by": by,
        "harm_considered_at": f"{last.at.astimezone(tz):%Y-%m-%d %H:%M}",
    }
    # What somebody has recorded stands, whoever else decided after it.
    left = {name: value for name, value in fields.items() if held.fields.get(name) in (None, "", "not_yet")}
    level = int(about[str(last.details["alert"])].level)
    return Proposal(left, by, last.at, decision, because, level) if left else None


def _decisions(tx: Transaction, conversation: str) -> Iterator[Note]:
    """What managers decided of its alerts, in the order in which they did."""
    for one in notes.of_conversation(tx, conversation):
        if one.kind == "decision" and people.is_manager(tx, people.load(tx, one.by), one.at):
            yield one
