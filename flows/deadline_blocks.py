"""What forbids asking a parent or carer for their view (R13, decisions 8), as `library/deadlines.yaml` says it.

May not name a question or a category, and lifts nothing: as long as an answer or a concern stands, so does its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import claims, conditions, lines, naming

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flows.conditions import Condition
    from flows.lines import Node
    from flows.script import Flow

FILE: Final = Path(__file__).parent / "library" / "deadlines.yaml"
_KEYS: Final = ("parent_blocks", "parent_categories")
_ROW: Final = ("name", "when")


@dataclass(frozen=True, slots=True)
class Blocks:
    """Reasons with the condition on the child's answers under which each stands, and categories that are reasons."""

    answers: tuple[tuple[str, Condition], ...]
    categories: frozenset[str]


def load(path: Path = FILE) -> Blocks:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(_KEYS, need=_KEYS)
    answers = tuple(_answer(row) for row in parts["parent_blocks"].items())
    return Blocks(answers, frozenset(parts["parent_categories"].words()))


def check(node: Node, flows: Iterable[Flow], known: Collection[str]) -> None:
    """LoadError for a question, an answer or a category that there is not: what it forbids would never be forbidden."""
    parts = node.mapping(_KEYS, need=_KEYS)
    steps = {key: step for flow in flows for key, step in flow.steps.items()}
    for row in parts["parent_blocks"].items():
        naming.check(row, _answer(row)[1], steps, {})
    for code in parts["parent_categories"].items():
        code.one_of(known, "category")


def standing(blocks: Blocks, answers: Mapping[str, object], categories: Collection[str]) -> tuple[str, ...]:
    """Why this adult is not to be contacted now, for `Facts.parent_blocks`; empty when nothing is known against it.

    `answers`: question -> value, as `facts.answered` gives them. `categories`: of every concern of the case.
    """
    said = (name for name, when in blocks.answers if conditions.holds(when, answers))
    return (*said, *sorted(blocks.categories.intersection(categories)))


def _answer(row: Node) -> tuple[str, Condition]:
    parts = row.mapping(_ROW, need=_ROW)
    return parts["name"].text(), claims.parsed(parts["when"])
