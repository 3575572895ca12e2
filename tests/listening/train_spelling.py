"""Counts which words are written after which: `python -m tests.listening.train_spelling [language ...]`. Deterministic.

Reads the same training rows as `train`, never the evaluation half, and writes `flows/library/listening/<language>.spelling.npz`.
The weights are trained on what is read with it: train them after it.
"""

from __future__ import annotations

import sys
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from flows.listening import normalise, respelling, spelling, statistical
from tests.listening import train

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

LANGUAGES: Final = tuple(sorted(train.THRESHOLDS.keys() - {"zh"}))
OFTEN: Final = 2  # what stands less often is no word that another is read as
PAIRED: Final = 2
# Of English there are 70,000 rows, of each other language some 9,000: a word that stands once is a slip here, and a word there.
MANY_ROWS: Final = "en"
MEANT: Final = 3  # in many rows, so often a word must stand before another is read as it
SHORTEST: Final = (
    2,
    3,
)  # letters of such a word, in many rows and in some: of three letters nearly all are a slip away from one


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


def save(
    path: Path,
    counts: Mapping[str, int],
    once: Iterable[str],
    pairs: Mapping[tuple[str, str], int],
    near: spelling.Neighbours,
) -> None:
    """Write what `respelling.load` reads: the same bytes for the same counts. `near`: the words that another is read as."""
    sums: Counter[int] = Counter()
    for (before, word), often in pairs.items():
        sums[respelling.paired(before, word)] += often
    words = sorted(counts)
    places = {word: place for place, word in enumerate(words)}
    held = {
        "words": np.array("\n".join(words)),
        "counts": np.array([counts[word] for word in words], np.uint32),
        "once": np.array(respelling.checksums(once), np.uint32),
        "sums": np.array(near.sums, np.uint32),
        "owners": np.array([places[near.words[owner]] for owner in near.owners], np.uint16),
        "pairs": np.array(sorted(sums), np.uint32),
        "times": np.array([min(sums[one], 0xFFFF) for one in sorted(sums)], np.uint16),
    }
    np.savez_compressed(path, allow_pickle=False, seal=np.array(statistical.seal(held)), **held)


def main() -> None:
    """Count and write."""
    for language in sys.argv[1:] or LANGUAGES:
        words, pairs = counted(language)
        many = language == MANY_ROWS
        kept = {word: times for word, times in words.items() if times >= OFTEN and (not word or spelling.is_word(word))}
        once = () if many else (word for word in words.keys() - kept.keys() if spelling.is_word(word))
        beside = {pair: times for pair, times in pairs.items() if times >= PAIRED and kept.keys() >= set(pair)}
        path = train.LIBRARY / f"{language}.spelling.npz"
        meant = (word for word in kept if word and (not many or kept[word] >= MEANT))
        save(path, kept, once, beside, spelling.neighbours(meant, SHORTEST[not many]))
        print(f"{language}: {len(kept)} words, {len(beside)} pairs -> {path.name}")  # noqa: T201 - a command for people


if __name__ == "__main__":
    main()
