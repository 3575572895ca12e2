"""Whether whoever talks with a returned child is independent of police, of the placement and of those the child may wish to
talk about (000:184; 003:1532, 1744). May not choose anybody: the child does (003:1748).
"""

from __future__ import annotations

from dataclasses import dataclass

# Free of the police, the placement and the child's own case (003:1341, 1748).
FREE = frozenset(
    {
        "liaison_officer",
        "other_social_worker",
        "youth_worker",
        "teacher",
        "school_nurse",
        "voluntary",
        "advocate",
        "mentor",
    }
)
# Allowed where the child picked this very person, never otherwise (003:1344, 1748).
IF_CHOSEN = frozenset({"allocated_social_worker", "police_officer"})
NEVER = frozenset({"placement_staff", "carer", "family"})
RELATIONS = FREE | IF_CHOSEN | NEVER


@dataclass(frozen=True, slots=True)
class Independence:
    """`value`: yes, no, or chosen_by_child (allowed, and told apart in every count). `warning`: what to put right."""

    value: str
    warning: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the talk counts as an independent interview."""
        return self.value != "no"


def of(relation: str, *, chosen_by_child: bool) -> Independence:
    """How independent somebody in this relation to the child is. ValueError for a relation that is not known."""
    if relation in FREE:
        return Independence("yes")
    if relation in IF_CHOSEN:
        if chosen_by_child:
            return Independence("chosen_by_child")
        return Independence("no", "only if the child asks for this person: offer somebody else first")
    if relation in NEVER:
        return Independence("no", "not independent of where the child lives: somebody else must hold the interview")
    message = f"'{relation}' is no relation: use one of {', '.join(sorted(RELATIONS))}"
    raise ValueError(message)
