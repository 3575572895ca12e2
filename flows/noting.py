"""What people note about a child: the kinds, what each must say, which earlier note it ends, which rule it is the stop of.

May not say what a note means for a deadline beyond that, nor keep one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows.deadline_concern import STRATEGY_DAYS
from flows.model import MANAGERS

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST: Final = 2000
# What a note may say, and what that is.
FIELDS: Final = {
    "because": "why, in a sentence",
    "decision": "what was decided",
    "told_by": "who told us, by name and office",
    "ref": "the reference the other side gave",
    "sort": "what sort of discussion",
}
CHOICES: Final = {"sort": (*STRATEGY_DAYS, "other")}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of note. `needs`: fields that must be said; `may`: those that can. `ends`: the kind whose oldest open note
    this one answers. `logs`: the rule that has no fact of its own and stops by this note. `by`: the roles that alone can
    note it; empty for everybody.
    """

    name: str
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    ends: str = ""
    logs: str = ""
    by: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Everything it can say; why is never out of place."""
        return tuple(dict.fromkeys((*self.needs, *self.may, "because")))


_ALL: Final = (
    # the return and the interview
    Kind("police_checked"),
    Kind("declined_person"),
    Kind("refused"),
    Kind("parent_view"),
    Kind(
        "manager_considered", needs=("decision",), by=MANAGERS
    ),  # the discussion and the decision are recorded (003:1350)
    Kind("form_signed"),
    Kind("police_copy", may=("ref",)),
    Kind("no_police_copy", needs=("because",), logs="R08"),
    Kind("action"),
    Kind("told_child"),
    # being missing
    Kind("risk_high"),
    Kind("whereabouts_unknown"),
    Kind("reported_to_police", may=("ref",), logs="R26"),
    Kind("report_refused", may=("told_by",)),
    Kind("absence_told", logs="R27"),
    Kind("review", may=("decision",)),
    Kind("meeting", may=("decision",)),
    Kind("serious_risk"),
    Kind("cse_low"),
    Kind("cse_assessed", may=("decision",), logs="R28"),
    Kind("carer_form_given"),
    Kind("carer_form_back", logs="R29"),
    Kind("photo"),
    # concerns
    Kind("concern_read"),
    Kind("council_answer", needs=("decision", "because", "told_by")),  # decisions 8
    Kind("disagreement", needs=("because",)),
    Kind("disagreement_settled", needs=("decision",), ends="disagreement", by=MANAGERS),
    Kind("strategy_wanted", needs=("sort",)),
    Kind("strategy_held", may=("decision",), ends="strategy_wanted"),
    Kind("abuse_told"),
    Kind("abuse_reported", needs=("ref",)),
    Kind("report_held_back", needs=("because",)),
    Kind("staff_allegation"),
    Kind("officer_told", may=("ref",)),
    Kind("fgm_done"),  # whether the role of whoever records it is regulated is known of them (decisions 8)
    Kind("fgm_reported", needs=("ref",), logs="R31"),
)
KINDS: Final = {kind.name: kind for kind in _ALL}
# Clocks without a fact of their own: somebody says that it was done (domain 3.4 "told", "held", "done").
LOGGED: Final = (
    "R15.service_manager", "R15.director", "R16.team_manager", "R16.service_manager", "R17", "R18", "R22",
    "R23.months_3", "R23.months_6",
)  # fmt: skip


def checked(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """What a note of this kind says, as it is kept. ValueError says what lacks or what is too much."""
    kind = KINDS.get(name)
    if kind is None:
        message = f"'{name}' is nothing that is noted: use one of {', '.join(KINDS)}"
        raise ValueError(message)
    said = {field: text.strip() for field, text in given.items() if text.strip()}
    for field in said:
        if field not in kind.fields:
            message = f"a note '{name}' says no '{field}': it can say {', '.join(kind.fields)}"
            raise ValueError(message)
    if lacks := [field for field in kind.needs if field not in said]:
        message = f"a note '{name}' needs {', '.join(f'{field} ({FIELDS[field]})' for field in lacks)}"
        raise ValueError(message)
    for field, text in said.items():
        if field in CHOICES and text not in CHOICES[field]:
            message = f"{field} '{text}': use one of {', '.join(CHOICES[field])}"
            raise ValueError(message)
        if len(text) > LONGEST:
            message = f"{field} is longer than {LONGEST} characters: say it shorter"
            raise ValueError(message)
    return said
