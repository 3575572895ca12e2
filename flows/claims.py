"""What one file was found to say, with what still has to be checked once all files are known.

May not check anything that stands in another file: `loader` does, when it knows everything that there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows import conditions
from flows.model import Level

if TYPE_CHECKING:
    from flows.conditions import Condition
    from flows.lines import Node
    from flows.model import Block, Outcome, Step

KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Text:
    """One entry of the catalogue: its id (msgctxt), the English, and where it stands."""

    id: str
    english: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Something a file says that only all files together can show to be true. `sort`: step, block, trigger, category,
    condition. `about` is the word; for a condition, the condition.
    """

    node: Node
    sort: str
    about: str | Condition


@dataclass(slots=True)
class Script:
    """What was found in one file; grows while the file is read."""

    stem: str
    common: dict[str, str] = field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def keep_text(self, name: str, node: Node, english: str | None = None) -> str:
        """Note a catalogue entry; its text is given back."""
        text = node.text() if english is None else english
        self.texts.append(Text(f"{self.stem}.{name}", text, node.file, node.line))
        return text

    def claim(self, node: Node, sort: str, about: str | Condition) -> None:
        """Note what has to be checked when all is known."""
        self.claims.append(Claim(node, sort, about))


def key(node: Node) -> str:
    """A word that may be a key."""
    word = node.text()
    if KEY.fullmatch(word) and word not in conditions.KEYWORDS:
        return word
    raise node.error(f"'{word[:40]}' cannot be a key; write small letters, figures and _, beginning with a letter")


def condition(script: Script, node: Node) -> Condition:
    """A condition; its names are checked later."""
    found = parsed(node)
    script.claim(node, "condition", found)
    return found


def parsed(node: Node) -> Condition:
    """A condition whose names are not looked at."""
    written = node.text()
    try:
        return conditions.parse(written)
    except ValueError as error:
        raise node.error(f"not a condition: {error}; see flows/README.md, 'Conditions'") from None


def level(node: Node) -> Level:
    """L0 to L4."""
    return Level[node.one_of(Level.__members__, "level")]


def state(node: Node) -> str:
    """The name of a state."""
    word = node.text()
    if re.fullmatch(r"[A-Z][A-Z_]*", word):
        return word
    raise node.error(f"'{word[:40]}' cannot be a state; write capitals and _, as in ASKING")
