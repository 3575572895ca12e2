"""Counts which words are written after which: `python -m tests.listening.train_spelling`. Deterministic.

Reads the same training rows as `train`, never the evaluation half, and writes `flows/library/listening/en.spelling.npz`. The
weights are trained on what is read with it: train them after it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from flows.listening import normalise, respelling, spelling, statistical
from tests.listening import train

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LANGUAGES: Final = ("en",)  # those with rows enough; elsewhere too few words stand often enough to be told from slips
OFTEN: Final = 2  # a word that stands less often may be a slip itself
PAIRED: Final = 2
MEANT: Final = 3  # so often a word must stand before another is read as it


def counted(language: str) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How often each word stands, and each after each, in the rows of a language."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for spoken, text, *_ in train.lines():
        if spoken == language:
            row = [respelling.BEGIN, *normalise.read(text).plain]
            words.update(row)
            pairs.update(pairwise(row))
    return words, pairs


def save(path: Path, counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> None:
    """Write what `respelling.load` reads: the same bytes for the same counts."""
    sums: Counter[int] = Counter()
    for (before, word), often in pairs.items():
        sums[respelling.paired(before, word)] += often
    words = sorted(counts)
    places = {word: place for place, word in enumerate(words)}
    near = spelling.neighbours((word for word in words if word and counts[word] >= MEANT), shortest=2)
    held = {
        "words": np.array("\n".join(words)),
        "counts": np.array([counts[word] for word in words], np.uint32),
        "sums": np.array(near.sums, np.uint32),
        "owners": np.array([places[near.words[owner]] for owner in near.owners], np.uint16),
        "pairs": np.array(sorted(sums), np.uint32),
        "times": np.array([min(sums[one], 0xFFFF) for one in sorted(sums)], np.uint16),
    }
    np.savez_compressed(path, allow_pickle=False, seal=np.array(statistical.seal(held)), **held)


def main() -> None:
    """Count and write."""
    for language in LANGUAGES:
        words, pairs = counted(language)
        kept = {word: times for word, times in words.items() if times >= OFTEN and (word.isalpha() or not word)}
        beside = {pair: times for pair, times in pairs.items() if times >= PAIRED and kept.keys() >= set(pair)}
        path = train.LIBRARY / f"{language}.spelling.npz"
        save(path, kept, beside)
        print(f"{language}: {len(kept)} words, {len(beside)} pairs -> {path.name}")  # noqa: T201 - a command for people


if __name__ == "__main__":
    main()
