"""Words no list knows, read as the words that people write at such a place. May not touch a word that somebody writes.

`spelling.correct` sees one word and knows the phrases' own words only. Here a word in a sentence is read together with those
beside it (a noisy channel: how likely the slip, times how likely the words in this order), so that "he thrrew me otu" is
heard. Counts come from our own labelled rows, made by `tests/listening/train_spelling.py`: of every language but Chinese, which
has no words that a slip would spoil.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from flows.listening import spelling, statistical

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BEGIN: Final = ""  # stands before the first word
MOST: Final = 60  # words read otherwise in one text: a longer one is no slip of the finger
_BEAM: Final = 8
# Only where so many words, and two at least, are nobody's: one strange word is a name or a thing we have no row about. And only
# where so many are known: they tell which is meant, and another language is not a misspelt one. In English, which is read beside
# every language, the phrases' own lists must know them; elsewhere these know few everyday words, and what is written counts.
_GARBLED, _KNOWN = 0.25, 0.35
_ENGLISH: Final = "en"
# Log-odds: a slip, a word that nobody has written yet, and the least that words in an order count. Chosen on rows whose
# writers the counts had not seen: they restore three garbled words in five that no list knows.
_SLIP, _NEW, _FLOOR = -4.0, -27.0, 1e-9
_PAIRED: Final = 0.6  # how much of a word's likelihood comes from the word before it


@dataclass(frozen=True, slots=True, eq=False)
class Speller:
    """What is written in `language`, and after what. `counts`: how often each word stands; `once`: sorted checksums of words that
    no other is read as; `pairs` and `times`: those of two words side by side, and how often; `total`: all words.
    """

    language: str
    counts: Mapping[str, int]
    once: array[int]
    near: spelling.Neighbours
    pairs: array[int]
    times: array[int]
    total: int

    def knows(self, word: str) -> bool:
        """Whether somebody has written it."""
        return word in self.counts or _place(self.once, _checksum(word)) >= 0

    def follows(self, before: str, word: str) -> float:
        """The logarithm of how likely a word is after another."""
        here = self.counts.get(word, 0)
        after = self._paired(before, word) / max(1, self.counts.get(before, 0))
        return log(_PAIRED * after + (1 - _PAIRED) * here / self.total + _FLOOR)

    def _paired(self, before: str, word: str) -> int:
        at = _place(self.pairs, paired(before, word))
        return self.times[at] if at >= 0 else 0


def _place(sums: array[int], checksum: int) -> int:
    at = bisect_left(sums, checksum)
    return at if at < len(sums) and sums[at] == checksum else -1


def _checksum(text: str) -> int:
    return crc32(text.encode("utf-8", "replace"))


def paired(before: str, word: str) -> int:
    """The checksum under which two words side by side are counted."""
    return _checksum(f"{before} {word}")


def checksums(words: Iterable[str]) -> list[int]:
    """Those of words, sorted."""
    return sorted(map(_checksum, words))


def load(path: Path, language: str) -> Speller | None:
    """The counts of a language, or None where none were made. Raises WeightsError if they are not what the seal says."""
    if not path.exists():
        return None
    held = statistical.unsealed(path)
    words = str(held["words"]).split("\n")
    sums, pairs, once = (_numbers("I", held[name]) for name in ("sums", "pairs", "once"))
    owners, times = (_numbers("H", held[name]) for name in ("owners", "times"))
    counts = dict(zip(words, held["counts"].tolist(), strict=True))
    return Speller(
        language,
        counts,
        once,
        spelling.Neighbours(tuple(words), sums, owners, frozenset().union(*words)),
        pairs,
        times,
        sum(counts.values()),
    )


def _numbers(kind: str, held: NDArray[np.generic]) -> array[int]:
    numbers = array(kind)
    numbers.frombytes(held.astype(np.dtype(kind)).tobytes())
    return numbers


def respelt(words: Sequence[str], unknown: Collection[int], speller: Speller) -> dict[int, str]:
    """Place -> the word meant there, for those of `unknown` that are a slip away from a likelier one. Linear in the words."""
    doubtful = [at for at in unknown if not speller.knows(words[at]) and spelling.is_word(words[at])]
    least = max(2, len(words) * _GARBLED)
    if not least <= len(doubtful) <= MOST:
        return {}
    beside = speller.language == _ENGLISH
    if len(unknown if beside else doubtful) > len(words) * (1 - _KNOWN):
        return {}
    out: dict[int, str] = {}
    for first, last in _runs(doubtful):
        before = words[first - 1] if first else BEGIN
        read = _likeliest(words[first:last], before, words[last] if last < len(words) else None, speller)
        out |= {at: word for at, word in zip(range(first, last), read, strict=True) if word != words[at]}
    return out if beside or len(out) >= least else {}


def _runs(places: list[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring places together: (first, last), last not included."""
    first = places[0]
    for at, following in zip(places, [*places[1:], -1], strict=True):
        if following != at + 1:
            yield first, at + 1
            first = following


def _likeliest(words: Sequence[str], before: str, after: str | None, speller: Speller) -> tuple[str, ...]:
    paths: dict[str, tuple[float, tuple[str, ...]]] = {before: (0.0, ())}
    for word in words:
        reached = {read: _best(paths, read, odds, speller) for read, odds in _ways(word, speller.near).items()}
        paths = dict(sorted(reached.items(), key=lambda way: (-way[1][0], way[0]))[:_BEAM])
    if after is not None:
        paths = {last: (odds + speller.follows(last, after), read) for last, (odds, read) in paths.items()}
    return max(paths.values(), key=lambda way: way[0])[1]


def _ways(word: str, near: spelling.Neighbours) -> dict[str, float]:
    """What a word may be meant as, with the log-odds of such a slip; itself, if it is a new one."""
    return {target: _SLIP * slips for target, slips in spelling.slips(word, near)} | {word: _NEW - log(_FLOOR)}


def _best(
    paths: Mapping[str, tuple[float, tuple[str, ...]]], word: str, odds: float, speller: Speller
) -> tuple[float, tuple[str, ...]]:
    """The likeliest way to this word."""
    come = ((so_far + speller.follows(last, word), read) for last, (so_far, read) in paths.items())
    so_far, read = max(come, key=lambda way: way[0])
    return so_far + odds, (*read, word)
