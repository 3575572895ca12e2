"""The worker's part of a record as JSON values. May not leave out who said it, nor turn what was not recorded into a no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.filing.times import stamp

if TYPE_CHECKING:
    from flows.report import Report


def as_dict(report: Report) -> dict[str, object]:
    """Fields as they were set, absent what was not; lists in the order things were recorded."""
    return {
        "fields": dict(sorted(report.fields.items())),
        "indicators": list(report.indicators),
        "evidence": dict(sorted(report.evidence.items())),
        "looked_at_and_not_found": list(report.left),
        "level": {"value": report.level, "reason": report.level_reason, "by": report.level_by}
        if report.level
        else None,
        "intelligence": [
            {"kind": one.kind, "what": one.what, "words": one.words, "by": one.by, "at": stamp(one.at)}
            for one in report.intelligence
        ],
        "actions": [
            {"what": one.what, "owner": one.owner, "due": one.due, "at": stamp(one.at)} for one in report.actions
        ],
        "corrections": [
            {"question": one.question, "kind": one.kind, "words": one.words, "at": stamp(one.at), "told": one.by}
            for one in report.corrections
        ],
        "read_by_the_child": [{"at": stamp(one.at), "outcome": one.outcome} for one in report.read],
        "shared": dict(sorted(report.shared.items())),
        "signatures": [
            {"by": one.by, "role": one.role, "at": stamp(one.at), "digest": one.digest} for one in report.signatures
        ],
        "amendments": [
            {"at": stamp(one.at), "by": one.by, "reason": one.reason, "changes": list(one.changes)}
            for one in report.amendments
        ],
    }
