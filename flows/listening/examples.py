"""The examples of the phrase files that a text is worded most like: what a person can compare it with where no phrase fits, only
weights (detection.md, "The alert explains"). Nothing is judged by them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows.listening import normalise, statistical
from flows.listening.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.listening.scan import Scan

MOST: Final = 2
_ALIKE: Final = 0.12  # of one; below it two texts have little more than "he" and "me" in common


@dataclass(frozen=True, slots=True)
class Example:
    """`text` as it stands beside the entry `rule`, whose `note` says what it is about; `reviewed`: by whom, or empty."""

    text: str
    rule: str
    note: str
    reviewed: str


def closest(scans: Iterable[Scan], category: str) -> tuple[Example, ...]:
    """At most `MOST` examples of a category, the nearest first, each of another entry; none that is not alike at all."""
    found: list[tuple[float, Example]] = []
    for made in scans:
        examples = [
            (Example(text, f"{made.lexicon.language}.{rule.id}", rule.note, rule.reviewed), _features(text, made))
            for rule in made.lexicon.rules
            if rule.category == category
            for text in rule.hit
        ]
        common = Counter(name for _, features in examples for name in features)
        rare = {name: math.log(1 + len(examples) / many) for name, many in common.items()}
        mine = _weighted(statistical.features(made, 0, len(made.signs)), rare)
        found += [(_alike(mine, _weighted(features, rare)), example) for example, features in examples]
    out: dict[str, Example] = {}
    for alike, example in sorted(found, key=lambda one: -one[0]):
        if alike >= _ALIKE and len(out) < MOST:
            out.setdefault(example.rule, example)
    return tuple(out.values())


def _features(text: str, made: Scan) -> Mapping[str, float]:
    read = scan(normalise.read(text), made.lexicon)
    return statistical.features(read, 0, len(read.signs))


def _weighted(features: Mapping[str, float], rare: Mapping[str, float]) -> dict[str, float]:
    """What many examples share says little of any; what none has is of a text all the same, and makes it less like each."""
    weights = {name: amount * rare.get(name, 1.0) for name, amount in features.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {name: weight / length for name, weight in weights.items()}


def _alike(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[name] for name, weight in one.items() if name in other)
