"""One question as it is sent: stem, numbered answers, the way to skip, what stands after. The same for every channel.

May not know a language: the few words it adds are handed in. Placeholders stay; whoever sends fills them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import offering
from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.model import Option, Step

# The tag of a question that may be skipped though its text has no room to say so (domain 3.1: every question can be).
SKIP_UNSAID: Final = "skip_unsaid"


def composed(step: Step, common: Mapping[str, str], *, easier: bool = False) -> str:
    """The text of `step`. `common` has `skip` ("Skip") and `skip_free` ("0 to skip.") in the step's language.

    `easier`: with the stem in easier words that is used when it is asked again, if the step has one.
    """
    parts = [step.easier if easier and step.easier else step.text]
    parts += [f"{number} {option.label}" for number, option in numbered(step)]
    if step.skippable and SKIP_UNSAID not in step.tags:
        if step.kind is Kind.FREE:
            parts.append(common["skip_free"])
        elif step.kind is not Kind.STATEMENT:
            parts.append(f"0 {common['skip']}")
    return " ".join(parts) + (f". {step.after}" if step.after else "")


def numbered(step: Step) -> tuple[tuple[int, Option], ...]:
    """The options with the number a child sends for each."""
    return tuple((offering.number(one, at), one) for at, one in enumerate(step.options))
