"""The copy of a record that somebody outside is given: so much of it as they need, and no more.

By default the police get the outcome, the risks and what can be passed on without the child's words; a parent or carer never
gets a word of the child, a risk, nor where anybody is. May not decide who is given a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.filing import plain, worker
from flows.report import WITHDRAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from flows.record import Record
    from flows.report import Correction
    from flows.toolkit import Toolkit

SCHEMA: Final = "waymark/copy/1"
PARTS: Final = ("outcome", "risks", "intelligence", "answers", "wishes", "actions", "support", "worker")
DEFAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    "police": ("outcome", "risks", "intelligence"),
    "social_care": PARTS,
    "health": ("outcome", "actions", "support"),
    "education": ("outcome", "actions"),
    "placement": ("outcome", "actions", "support"),
    "parent": ("outcome", "support"),
    "other": ("outcome",),
}
# What somebody of this role is never given, whoever asks for it.
NEVER: Final[Mapping[str, frozenset[str]]] = {
    "parent": frozenset(PARTS) - {"outcome", "support"},
    "placement": frozenset({"answers", "worker", "risks", "intelligence"}),
}
# Answers that go to nobody: where a child is. And those that a role never gets: a worry about the law is not evidence.
NOWHERE: Final = frozenset({"d_where"})
NOT_TO: Final[Mapping[str, frozenset[str]]] = {"police": frozenset({"law"})}
_WISHES: Final = ("wish_short", "wish_long", "plan")
_HELD: Final = ("engaged", "mode", "with", "started", "ended", "interviewer", "relation")
_RISK: Final = ("disclosure", "harm_considered", "s47", "significant_harm", "trafficked", "nrm", "continuing")
_LOWEST: Final = 2


class NotShared(ValueError):
    """This may not be given to them; the message says what and why."""


def chosen(role: str, parts: Collection[str]) -> tuple[str, ...]:
    """The parts somebody of this role is given: those asked for, else what they are given by default. Raises NotShared."""
    if role not in DEFAULTS:
        raise NotShared(f"'{role[:20]}' is no role: use one of {', '.join(DEFAULTS)}")
    for one in parts:
        if one not in PARTS:
            raise NotShared(f"'{one[:20]}' is no part of a record: use {', '.join(PARTS)}")
        if one in NEVER.get(role, ()):
            raise NotShared(f"{one}: never goes to somebody who is a {role.replace('_', ' ')}")
    return tuple(one for one in PARTS if one in (parts or DEFAULTS[role]))


def build(record: Record, kit: Toolkit, role: str, parts: Collection[str]) -> dict[str, object]:
    """The copy as JSON values."""
    report = record.report
    signed = report is not None and report.signed
    head: dict[str, object] = {"schema": SCHEMA, "case": record.case, "for": role, "signed": signed}
    made: dict[str, Callable[[], object]] = {
        "outcome": lambda: _outcome(record, role),
        "risks": lambda: _risks(record, kit),
        "intelligence": lambda: [
            {"kind": one.kind, "what": one.what} for one in (report.intelligence if report else ())
        ],
        "answers": lambda: _answers(record, role),
        "wishes": lambda: _fields(record, _WISHES),
        "actions": lambda: [
            {"what": one.what, "owner": one.owner, "due": one.due} for one in (report.actions if report else ())
        ],
        "support": lambda: _fields(record, ("support_given", "support_language")),
        "worker": lambda: worker.as_dict(report) if report else None,
    }
    return head | {part: made[part]() for part in PARTS if part in parts}


def _fields(record: Record, names: Collection[str]) -> dict[str, str]:
    held = record.report.fields if record.report is not None else {}
    return {name: held[name] for name in names if name in held}


def _outcome(record: Record, role: str) -> dict[str, object]:
    """That there was an interview, and how. To a parent no more than that, whether the child took part or not."""
    if role == "parent":
        return {"interview": "offered"}
    return {"interview": record.outcome, **_fields(record, _HELD)}


def _risks(record: Record, kit: Toolkit) -> dict[str, object]:
    """What was heard, by its kind alone, and what a person confirmed; no word of the child."""
    heard = [one.concern for one in record.concerns if one.concern.level >= _LOWEST]
    report = record.report
    return {
        "highest": f"L{max(int(one.level) for one in heard)}" if heard else None,
        "kinds": sorted({code for one in heard for code in one.categories}),
        "decisions": [one.decision for one in record.alerts if one.decision],
        "level": report.level or None if report is not None else None,
        "indicators": {code: kit.text(code) for code in report.indicators} if report is not None else {},
        **_fields(record, _RISK),
        **plain.since(record),
    }


def _answers(record: Record, role: str) -> list[object]:
    """The answers that somebody of this role may have: all for the council, else those a worker has opened to them, but none
    that the child has taken back since. What the child has put right stands beside what it first said.
    """
    since = _since(record)
    opened = dict(record.report.shared) if record.report is not None else {}
    never = NOWHERE | NOT_TO.get(role, frozenset())
    found: list[object] = []
    for one in (*(one for rows in record.areas.values() for one in rows), *record.other):
        allowed = role == "social_care" or role in opened.get(one.question, "").split(",")
        later = since.get(one.question)
        gone = later is not None and later.kind == WITHDRAWS and role != "social_care"
        if allowed and one.question not in never and not gone:
            value = list(one.value) if isinstance(one.value, tuple) else one.value
            row: dict[str, object] = {"question": one.question, "asked": one.asked, "value": value, "said": one.said}
            if one.meant not in ("", one.said):
                row["meant"] = one.meant
            if later is not None:
                row[later.kind] = later.words or later.at.isoformat()
            found.append(row)
    return found


def _since(record: Record) -> dict[str, Correction]:
    """What the child has said last of each answer, after it was given."""
    return {one.question: one for one in record.report.corrections} if record.report is not None else {}
