"""Counts which words are written after which: `python -m tests.listening.train_spelling`. Deterministic.

Reads the same training rows as `train`, never the evaluation half, and writes `flows/library/listening/en.spelling.npz`. The
weights are trained on what is read with it: train them after it.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Final

from flows.listening import normalise, respelling
from tests.listening import train

LANGUAGES: Final = ("en",)  # those with rows enough; elsewhere too few words stand often enough to be told from slips
OFTEN: Final = 2  # a word that stands less often may be a slip itself
PAIRED: Final = 2


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


def main() -> None:
    """Count and write."""
    for language in LANGUAGES:
        words, pairs = counted(language)
        kept = {word: times for word, times in words.items() if times >= OFTEN and (word.isalpha() or not word)}
        beside = {pair: times for pair, times in pairs.items() if times >= PAIRED and kept.keys() >= set(pair)}
        path = train.LIBRARY / f"{language}.spelling.npz"
        respelling.save(path, kept, beside)
        print(f"{language}: {len(kept)} words, {len(beside)} pairs -> {path.name}")  # noqa: T201 - a command for people


if __name__ == "__main__":
    main()
