"""What a parent or carer is asked, and what an answer of theirs means. Pure. May not know anything that a child said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from flows import lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.lines import Node

FILE: Final = Path(__file__).parent / "library" / "parents.yaml"
_KEYS: Final = ("banner", "questions", "rows", "alarming")
_QUESTION: Final = ("text", "options", "several", "long")


@dataclass(frozen=True, slots=True)
class Question:
    """`options`: value -> words, empty where they write; `several`: more than one; `long`: room for more than a line."""

    text: str
    options: Mapping[str, str]
    several: bool = False
    long: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The file as values. `rows`: what becomes intelligence, by its kind; `alarming`: question -> the answers that page."""

    banner: str
    questions: Mapping[str, Question]
    rows: Question
    alarming: Mapping[str, frozenset[str]]


def load(path: Path = FILE) -> Form:
    """Read the file. Raises `lines.LoadError`, `file:line: what is wrong, and what to write instead`."""
    parts = lines.read(path).mapping(_KEYS, need=_KEYS)
    questions = {name: _question(node) for name, node in parts["questions"].mapping().items()}
    alarming = {}
    for name, node in parts["alarming"].mapping(questions).items():
        alarming[name] = frozenset(one.one_of(questions[name].options, "answer") for one in node.items())
    return Form(parts["banner"].text(), questions, _question(parts["rows"]), alarming)


def _question(node: Node) -> Question:
    parts = node.mapping(_QUESTION, need=("text",))
    listed = parts.get("options") or parts.get("several")
    options = {value: one.text() for value, one in listed.mapping().items()} if listed is not None else {}
    return Question(parts["text"].text(), options, "several" in parts, "long" in parts and parts["long"].flag())


def told(form: Form, name: str, value: str) -> str:
    """An answer in words: the options that were chosen, or what was written."""
    known = form.questions[name].options
    return ", ".join(known.get(one, one) for one in value.split(",")) if known else value
