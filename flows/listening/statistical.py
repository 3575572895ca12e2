"""The second detector: a small linear model over letters, words and word lists, that can only ask for a person to read.

May not lower anything, may not page, and reads no pickle: weights are whole numbers in an `.npz` beside the lexicons,
made by `tests/listening/train.py`. A text is hashed to features the same way there and here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from flows.listening.scan import Scan
    from flows.model import Hit

BUCKETS = 1 << 16
_SIZES = (3, 4, 5)
_WINDOW, _STEP = 40, 25  # words; longer texts are judged piece by piece, so that length alone says nothing

# How much one feature of a kind counts before training: letters least, because they are many.
_LETTERS, _WORD, _PAIR, _LIST, _LISTS, _RULE = 0.25, 0.5, 0.4, 1.0, 0.35, 1.5


@dataclass(frozen=True, slots=True)
class Weights:
    """Column 0 of `table` is "disclosure", the others one category each; `scale` turns whole numbers into log-odds.

    `thresholds`: for each language it was trained in, the log-odds from which a person is asked to read.
    """

    table: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: float
    thresholds: Mapping[str, float]
    categories: tuple[str, ...]


def load(path: Path) -> Weights | None:
    """The weights, or None where none were trained."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as data:
        return Weights(
            table=data["table"],
            scale=data["scale"],
            bias=float(data["bias"]),
            thresholds=dict(zip(map(str, data["languages"]), map(float, data["thresholds"]), strict=True)),
            categories=tuple(str(code) for code in data["categories"]),
        )


def judge(weights: Weights, scan: Scan, hits: Iterable[Hit], begin: int) -> tuple[float, str]:
    """How far above the threshold the most telling piece of a text is (log-odds), and the nearest category.

    `begin`: the first word of the text itself, after the words of earlier texts.
    """
    rules = rule_features(hits)
    threshold = weights.thresholds[scan.lexicon.language]
    best: tuple[float, str] = (float("-inf"), "D27")
    for first in range(begin, max(begin + 1, len(scan.signs) - _WINDOW + _STEP), _STEP):
        found = features(scan, first, min(first + _WINDOW, len(scan.signs))) | rules
        buckets, amounts = vector(found)
        sums = np.einsum("i,ij->j", amounts, weights.table[buckets], dtype=np.float32) * weights.scale
        margin = float(sums[0]) + weights.bias - threshold
        if margin > best[0]:
            best = (margin, weights.categories[int(sums[1:].argmax())])
    return best


def features(scan: Scan, first: int, last: int) -> dict[str, float]:
    """What is known of the words `first` to `last` (not included), each feature with its weight before training."""
    words = scan.reading.plain[first:last]
    line = f" {' '.join(words)} "
    out = {f"g{line[at : at + size]}": _LETTERS for size in _SIZES for at in range(len(line) - size + 1)}
    out |= {f"w{word}": _WORD for word in words}
    out |= {f"b{a} {b}": _PAIR for a, b in pairwise(words)}
    named = scan.lexicon.topics
    present = sorted({named[sign] for signs in scan.signs[first:last] for sign in signs & named.keys()})
    out |= {f"l{name}": _LIST for name in present}
    out |= {f"p{a}{b}": _LISTS for at, a in enumerate(present) for b in present[at + 1 :]}
    return out


def rule_features(hits: Iterable[Hit]) -> dict[str, float]:
    """What the phrases found, low or doubtful as it may be."""
    out: dict[str, float] = {}
    for hit in hits:
        out |= {f"t{level}": _RULE for level in range(1, hit.level + 1)}
        out[f"c{hit.category}"] = _RULE
    return out


def vector(found: dict[str, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and amounts: the same text gives the same numbers on every machine."""
    names = sorted(found)
    buckets = np.fromiter((zlib.crc32(name.encode("utf-8", "replace")) % BUCKETS for name in names), dtype=np.int64)
    return buckets, np.fromiter((found[name] for name in names), dtype=np.float32)
