"""The examples of the phrase files that a text is worded most like: what a person can compare it with where no phrase fits, only
weights (detection.md, "The alert explains"). Nothing is judged by them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows.listening import levels, normalise, statistical
from flows.listening.scan import scan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.listening.lexicon import Lexicon
    from flows.listening.scan import Scan

MOST: Final = 2
# Of one. Of 600 disclosures in English one in nine has an example so near, of 600 everyday texts one in eighteen: an example that
# is nothing like the text would only make it look graver.
_ALIKE: Final = 0.22
_NAMED: Final = 1.3  # how much nearer an example of the category is that was named


@dataclass(frozen=True, slots=True)
class Example:
    """`text` as it stands beside the entry `rule`, whose `note` says what it is about; `reviewed`: by whom, or empty."""

    text: str
    language: str
    rule: str
    category: str
    note: str
    reviewed: str


@dataclass(frozen=True, slots=True)
class Known:
    """All examples of a lexicon with their words, and how rare each word, pair of words and list is among them."""

    examples: tuple[tuple[Example, Mapping[str, float]], ...]
    rare: Mapping[str, float]


def closest(made: Scan, category: str) -> tuple[Example, ...]:
    """At most `MOST` examples of the scan's language, the nearest first, each of another entry; none that is not alike. Of any
    category, those of `category` before others as near: what no phrase found is named by a guess, and here it shows where that is
    a poor one.
    """
    known = _known(made.lexicon)
    mine = _weighted(_words(made), known.rare)
    found = [(_alike(mine, words), one) for one, words in known.examples]
    near = [(alike * (_NAMED if one.category == category else 1.0), one) for alike, one in found if alike >= _ALIKE]
    out: list[Example] = []
    for _, example in sorted(near, key=lambda one: -one[0]):
        if len(out) < MOST and all(example.rule != one.rule and example.text != one.text for one in out):
            out.append(example)
    return tuple(out)


def _known(lexicon: Lexicon) -> Known:
    """Worked out once: it is of the files alone, and takes a tenth of a second."""
    if not lexicon.examples:
        every = [
            (rule, text, _words(scan(normalise.read(text), lexicon))) for rule in lexicon.rules for text in rule.hit
        ]
        common = Counter(name for _, _, words in every for name in words)
        rare = {name: math.log(1 + len(every) / many) for name, many in common.items()}
        made = tuple(
            (
                Example(text, lexicon.language, levels.named(lexicon, rule), rule.category, rule.note, rule.reviewed),
                _weighted(words, rare),
            )
            for rule, text, words in every
        )
        lexicon.examples.append(Known(made, rare))
    return lexicon.examples[0]


def _words(made: Scan) -> dict[str, float]:
    """Words, pairs of words and lists. Runs of letters make much alike that means nothing of the kind ("warm", "self harm")."""
    found = statistical.features(made, 0, len(made.signs))
    return {name: amount for name, amount in found.items() if not name.startswith(statistical.LETTERS)}


def _weighted(words: Mapping[str, float], rare: Mapping[str, float]) -> dict[str, float]:
    """What many examples share says little of any; a word that none has is of the text all the same, and sets it apart."""
    unknown = max(rare.values(), default=1.0)
    weights = {name: amount * rare.get(name, unknown) for name, amount in words.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {name: weight / length for name, weight in weights.items()}


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[name] for name, weight in one.items() if name in other)
