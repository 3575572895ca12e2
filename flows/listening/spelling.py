"""Misspelt words read as the lexicon's own words. May not read a word that people ordinarily write as a dangerous one.

A word is corrected only if it stands in no list of known words. One slip is allowed (a letter missing, added, swapped
or hit beside), two in long words; `r*pe`, `k1ll` and `nooooo` are read before any guess is made.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHORTEST = 4
_LOOSE = 6  # from this length any single slip counts, below only likely ones
_LONG = 8  # from this length two slips count
_LONGEST = 24
_MOST_SLIPS = 2

_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "8": "b", "9": "g"}
)
_LEET_L = str.maketrans({"1": "l", "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})
_RUN = re.compile(r"(.)\1{2,}")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_VOWELS = frozenset("aeiou")


def _beside() -> frozenset[tuple[str, str]]:
    pairs = set()
    for row, letters in enumerate(_ROWS):
        for column, letter in enumerate(letters):
            near = letters[column + 1 : column + 2]
            below = _ROWS[row + 1][max(0, column - 1) : column + 1] if row + 1 < len(_ROWS) else ""
            pairs |= {(letter, other) for other in near + below} | {(other, letter) for other in near + below}
    return frozenset(pairs)


_BESIDE = _beside()


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Every target word under each spelling it has with letters left out. One is the other only if it is the same one.

    `sums`: the sorted checksums of those spellings; `owners`: the place in `words` of each one's word; `letters`: all of
    theirs. Spellings that share a checksum are told apart by the cost of the slip. Six bytes an entry, where a table of strings
    takes ninety; at most 65,536 words.
    """

    words: tuple[str, ...]
    sums: array[int]
    owners: array[int]
    letters: frozenset[str]

    def of(self, word: str) -> set[str]:
        """The words that share a spelling with this one."""
        found: set[str] = set()
        if is_word(word) and sum(char not in self.letters for char in word) > _MOST_SLIPS:
            return found  # of another alphabet
        sums, owners, words, end = self.sums, self.owners, self.words, len(self.sums)
        for loss in _losses(word):
            checksum = crc32(loss.encode("utf-8", "replace"))
            at = bisect_left(sums, checksum)
            while at < end and sums[at] == checksum:
                found.add(words[owners[at]])
                at += 1
        return found


def neighbours(words: Iterable[str], shortest: int = SHORTEST - 1) -> Neighbours:
    """Index words of that many letters and more, and of letters alone, for `correct` and `slips`; about ten entries a word."""
    kept = tuple(word for word in sorted(words) if shortest <= len(word) <= _LONGEST)
    # One number an entry, not a pair: while it is sorted, a table of pairs would take three times the memory.
    table = sorted(
        crc32(loss.encode("utf-8", "replace")) << 32 | place
        for place, word in enumerate(kept)
        for loss in _losses(word)
    )
    return Neighbours(
        kept,
        array("I", (one >> 32 for one in table)),
        array("H", (one & 0xFFFFFFFF for one in table)),
        frozenset().union(*kept),
    )


def _losses(word: str) -> set[str]:
    out = {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}
    if len(word) >= _LONG:
        out |= {word[:a] + word[a + 1 : b] + word[b + 1 :] for a, b in combinations(range(len(word)), 2)}
    return out


@lru_cache(maxsize=8192)
def plain_readings(word: str) -> tuple[str, ...]:
    """Readings that need no guess: elongation taken back, digits and signs read as letters."""
    return tuple(_plain_readings(word))


def _plain_readings(word: str) -> Iterator[str]:
    if _RUN.search(word):
        yield _RUN.sub(r"\1\1", word)
        yield _RUN.sub(r"\1", word)
    if not word.isalpha() and any(char.isalpha() for char in word):
        yield word.translate(_LEET)
        yield word.translate(_LEET_L)
    if len(word) > SHORTEST and word[-1] == word[-2]:
        yield word.rstrip(word[-1]) + word[-1]
    for at in range(1, min(len(word), _LONGEST)):
        if word[at] == word[at - 1]:
            yield word[:at] + word[at + 1 :]


@lru_cache(maxsize=8192)
def correct(word: str, near: Neighbours, common: frozenset[str]) -> str | None:
    """The lexicon's word this one most likely is, or None. `word` must be unknown to the lexicon; pure, bounded."""
    if word in common or not SHORTEST - 1 <= len(word) <= _LONGEST:
        return None
    masked = not word.isalpha()
    if masked and any(char.isdigit() for char in word):
        return None
    best: tuple[int, str] | None = None
    for target in near.of(word):
        cost = _cost(word, target, masked=masked)
        if cost is not None and (best is None or (cost, target) < best):
            best = (cost, target)
    return best[1] if best else None


def is_word(word: str) -> bool:
    """Whether it is letters alone, with the signs that are no letters by themselves (vowels of India's scripts)."""
    return word.isalpha() or all(char.isalpha() or unicodedata.category(char)[0] == "M" for char in word)


def slips(word: str, near: Neighbours) -> Iterator[tuple[str, int]]:
    """Every target that is one slip away, or two from `_LONG` letters, and how many."""
    if len(word) > _LONGEST:
        return
    for target in near.of(word):
        far = distance(word, target)
        if 0 < far <= _allowed(word, target):
            yield target, far


def _allowed(word: str, target: str) -> int:
    return _MOST_SLIPS if min(len(word), len(target)) >= _LONG else 1


def is_certain(word: str, target: str) -> bool:
    """May a guess stand alone? Signs read as letters may, and a long word with a letter missing, doubled or swapped."""
    if not word.isalpha():
        return True
    if len(target) < _LOOSE or word[0] != target[0] or distance(word, target) > 1:
        return _RUN.search(word) is not None
    return len(word) < len(target) or sorted(word) == sorted(target) or set(word) == set(target)


def _cost(word: str, target: str, *, masked: bool) -> int | None:
    """How unlikely the slip is, None if it is no slip. One change below `_LONG` letters, two from there."""
    if len(target) < SHORTEST and len(word) >= len(target) and sorted(word) != sorted(target):
        return None
    slips = distance(word, target)
    if masked:
        return slips if slips == sum(not char.isalpha() for char in word) and len(word) == len(target) else None
    if slips > _allowed(word, target):
        return None
    if min(len(word), len(target)) < _LOOSE and not _likely(word, target):
        return None
    return slips * 4 + (word[0] != target[0]) * 2 + (len(word) != len(target))


def _likely(word: str, target: str) -> bool:
    """In a short word: two letters swapped, one doubled or left out (not the first), a neighbouring key, a vowel."""
    if sorted(word) == sorted(target):
        return True
    if len(word) != len(target):
        return word[0] == target[0] and word[-1] == target[-1]
    wrong, right = next((a, b) for a, b in zip(word, target, strict=True) if a != b)
    return word[0] == target[0] and ((wrong, right) in _BESIDE or {wrong, right} <= _VOWELS)


def distance(word: str, target: str) -> int:
    """Damerau-Levenshtein distance with adjacent swaps; both at most `_LONGEST` letters."""
    before: list[int] = []
    row = list(range(len(target) + 1))
    for i, char in enumerate(word, 1):
        older, before = before, row
        row = [i]
        for j, other in enumerate(target, 1):
            cheapest = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == target[j - 2] and word[i - 2] == other:
                cheapest = min(cheapest, older[j - 2] + 1)
            row.append(cheapest)
    return row[-1]
