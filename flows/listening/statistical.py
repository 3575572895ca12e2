"""The second detector: a small linear model over letters, raising to "a person should read this" and never further.

May not lower anything, may not page, and reads no pickle: weights are whole numbers in an `.npz` beside the lexicons.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SIZES = (2, 3, 4, 5)
BUCKETS = 1 << 15
_MOST_LETTERS = 600


@dataclass(frozen=True, slots=True)
class Weights:
    """One column of whole-number weights for "disclosure" and one a category; `scale` turns them back to log-odds."""

    table: NDArray[np.int8]
    bias: NDArray[np.float32]
    scale: float
    threshold: float
    categories: tuple[str, ...]


def load(path: Path) -> Weights | None:
    """The weights, or None where none were trained."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as data:
        return Weights(
            table=data["table"],
            bias=data["bias"],
            scale=float(data["scale"]),
            threshold=float(data["threshold"]),
            categories=tuple(str(code) for code in data["categories"]),
        )


def grams(forms: Sequence[str]) -> NDArray[np.int64]:
    """Buckets of all letter sequences of a text: the same text gives the same buckets on every machine."""
    line = f" {' '.join(forms)} "[:_MOST_LETTERS].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    found = {
        zlib.crc32(line[at : at + size].encode()) % BUCKETS
        for size in SIZES
        for at in range(len(line) - size + 1)
        if line[at : at + size].strip()
    }
    return np.fromiter(sorted(found), dtype=np.int64, count=len(found))


def judge(weights: Weights, forms: Sequence[str]) -> tuple[float, str]:
    """Log-odds that the text discloses something, above the threshold when positive, and the nearest category."""
    buckets = grams(forms)
    sums = weights.table[buckets].sum(axis=0, dtype=np.int64) * weights.scale / max(1.0, float(len(buckets))) ** 0.5
    scores = sums + weights.bias
    return float(scores[0]) - weights.threshold, weights.categories[int(scores[1:].argmax())]
