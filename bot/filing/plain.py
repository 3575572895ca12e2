"""The filed interview as JSON: every field with where it came from. May not leave anything out or sum anything up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.filing import worker
from bot.filing.times import stamp
from flows import independence

if TYPE_CHECKING:
    from flows.model import Deadline
    from flows.record import Decided, Entry, HeardConcern, Record, SharedLine

__all__ = ["as_dict", "stamp", "write"]


def as_dict(record: Record) -> dict[str, object]:
    """The record as JSON values. Shape: `schema` names it; areas q1 to q8 hold entries in the order they were given."""
    return {
        "schema": record.schema,
        "case": record.case,
        **({} if record.child is None else {"child_ref": record.child}),
        **record.of,
        "flow": record.flow,
        "revision": record.revision,
        "channel": record.channel,
        "started_at": stamp(record.started_at),
        "outcome": record.outcome,
        "areas": {area: [_entry(one, record.revision) for one in rows] for area, rows in record.areas.items()},
        "other": [_entry(one, record.revision) for one in record.other],
        "concerns": [_concern(one) for one in record.concerns],
        "alerts": [
            {
                "id": one.number,
                "level": f"L{one.level}",
                "categories": list(one.categories),
                "state": one.state,
                "opened_at": stamp(one.opened_at),
                "taken_by": one.taken_by,
                "taken_at": stamp(one.taken_at) if one.taken_at else None,
                "decision": one.decision,
                "decisions": [decision(each) for each in one.decisions],
            }
            for one in record.alerts
        ],
        "deadlines": [_deadline(one) for one in record.deadlines],
        "tasks": [
            {"what": one.what, "for": one.role, "due": stamp(one.due), "done": stamp(one.done) if one.done else None}
            for one in record.tasks
        ],
        "shared": [_shared(one) for one in record.shared],
        **({} if record.report is None else {"worker": worker.as_dict(record.report)}),
        **_independent(record),
        **since(record),
        "support_given": [{"key": one.key, "locale": one.locale, "at": stamp(one.at)} for one in record.given],
    }


def _independent(record: Record) -> dict[str, object]:
    """Whether who held it is independent of police and placement (G15), where what they are to the child is known."""
    fields = record.report.fields if record.report is not None else {}
    relation = fields.get("relation", "")
    if relation not in independence.RELATIONS:
        return {}
    return {"independent": independence.of(relation, chosen_by_child=fields.get("chosen_by_child") == "yes").value}


def since(record: Record) -> dict[str, object]:
    """That more was said since it was signed, where it was."""
    one = record.since
    level = f"L{one.level}" if one is not None and one.level else None
    return {} if one is None else {"since_signed": {"at": stamp(one.at), "level": level}}


def decision(one: Decided) -> dict[str, object]:
    """What a person decided of an alert."""
    return {"at": stamp(one.at), "kind": one.kind, "what": one.what, "by": one.by, "because": one.because}


def _shared(one: SharedLine) -> dict[str, object]:
    return {
        "at": stamp(one.at),
        "role": one.role,
        "to": one.to,
        "parts": list(one.parts),
        "because": one.because,
        "by": one.by,
    }


def _deadline(deadline: Deadline) -> dict[str, object]:
    met = deadline.met_at
    return {
        "rule": deadline.rule,
        "part": deadline.part,
        "due": stamp(deadline.due),
        "status": deadline.status.value,
        "for": deadline.role,
        "met": stamp(met) if met is not None else None,
        # What is still late grows with every minute; only what was done late has its number.
        "minutes_late": deadline.minutes_late if met is not None else None,
        "reasons": list(deadline.reasons),
    }


def _entry(entry: Entry, revision: str) -> dict[str, object]:
    value = list(entry.value) if isinstance(entry.value, tuple) else entry.value
    return {
        "question": entry.question,
        "asked": entry.asked,
        "value": value,
        "meant": entry.meant,
        "skipped": entry.value is None,
        "unclear": entry.unclear,
        "said": entry.said,
        "at": stamp(entry.at),
        "locale": entry.locale,
        "by": entry.by,
        "source": {"messages": list(entry.messages), "revision": revision, "machine": entry.by == "child"},
    }


def _concern(heard: HeardConcern) -> dict[str, object]:
    concern = heard.concern
    return {
        "at": stamp(heard.at),
        "level": f"L{int(concern.level)}",
        "detected": f"L{int(concern.detected)}",
        "categories": list(concern.categories),
        "evidence": [
            {"start": hit.start, "end": hit.end, "rule": hit.rule, "doubt": hit.doubt} for hit in concern.evidence
        ],
        "locked": concern.guard.locks,
        "reason": concern.reason,
        "words": heard.words,
        "asked": heard.asked,
        "message": heard.message,
    }


def write(record: Record, digest: str = "") -> str:
    """The record as indented JSON text, the same bytes for the same record. `digest`: by what whoever receives it knows it."""
    given = as_dict(record) | ({"digest": digest} if digest else {})
    return json.dumps(given, ensure_ascii=False, indent=2, sort_keys=False) + "\n"
