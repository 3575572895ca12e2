"""What a condition in a file may name, and be compared with: with a word that nothing ever is, a row never holds.

May not read a file, and holds nothing of a condition but its names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import conditions, flowfile
from flows.lines import nearest
from flows.model import Guard, Kind, Privacy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.conditions import Condition
    from flows.lines import Node
    from flows.model import Step

_YES = frozenset({"yes", "no"})
# Names that every condition may use, with their values where these are a closed list (`facts.names`).
KNOWN: Final[Mapping[str, frozenset[str] | None]] = {
    # of the record
    "age": None,
    "age_band": None,
    "learning_disability": _YES,
    "looked_after": None,
    "previous_worker": None,
    "worker_present": _YES,
    "number_confirmed": _YES,
    "crossed_midnight": _YES,
    "vital_medicine": _YES,
    "earlier_self_harm": _YES,
    # of the conversation
    "path": frozenset(flowfile.PATHS),
    "channel": frozenset({"sms", "whatsapp", "telegram", "web"}),
    "privacy": frozenset(map(str, Privacy)),
    "guard": frozenset(map(str, Guard)),
    "level": None,  # of the concern that is being answered, else the worst there was
    "worst": None,
    **dict.fromkeys(("alone", "quiet", "begun", "locked", "early", "under_13", "disclosed", "night_page"), _YES),
    # of the house, now
    **dict.fromkeys(("on_duty", "open", "night", "alert_open", "alert_taken"), _YES),
    "alert_minutes": None,
    # of the concern that is being answered
    **dict.fromkeys(("plain", "own_life", "danger", "further"), _YES),
}


def check(
    node: Node,
    condition: Condition,
    steps: Mapping[str, Step],
    names: Mapping[str, frozenset[str] | None] = KNOWN,
    of: str = "",
) -> None:
    """LoadError for a name that is neither a question nor one of `names`, or a value that it never has. `of`: as told."""
    for name in sorted(conditions.names(condition)):
        if name not in steps and name not in names:
            raise node.error(f"unknown name '{name}'{of}; {nearest(name, {*steps, *names})}")
    for name, literal in conditions.literals(condition):
        values = _values(steps.get(name), name, names)
        if values is not None and str(literal) not in values:
            raise node.error(f"'{name}' is never '{literal}'; {nearest(str(literal), values)}")


def _values(step: Step | None, name: str, names: Mapping[str, frozenset[str] | None]) -> frozenset[str] | None:
    """What a name can be, where that is a closed list."""
    if step is None:
        closed = names[name]
        return None if closed is None else closed | {conditions.UNKNOWN}
    if name in names or step.kind is Kind.STATEMENT:
        return None
    return frozenset({*(option.value for option in step.options), conditions.UNKNOWN, "skipped", "unclear"})
