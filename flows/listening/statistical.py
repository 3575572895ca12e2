"""The second detector: two small linear models over letters, words and word lists. One asks for a person to read; the
other, fitted to what is graver and with a threshold of its own, pages.

That it pages is more than `detection.md` recommends, and measured: of 4,795 grave disclosures in English by writers whom neither
part had learnt from, the phrases paged 42 %, and with these weights 60 %, for two hard harmless texts in a hundred more. May
not lower anything, and reads no pickle: weights are whole numbers in an `.npz` beside the lexicons, made by
`tests/listening/train.py`. A text is hashed to features the same way there and here. What the phrases found at a level that
matters is not among the features: it would be right on every text the phrases were written from.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from dataclasses import dataclass
from itertools import chain, pairwise, repeat
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flows.listening import script
from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from flows.listening.scan import Scan
    from flows.model import Hit

FEATURES: Final = 2  # counts up whenever `features` names or weighs them otherwise: weights fit one way of doing so
BUCKETS: Final = 3 << 19  # most of them used: with a third as many two of a hundred disclosures fewer are heard
KINDS: Final = 1 << 13  # buckets of the categories, which are told by words and lists alone
LENGTH: Final = 3.0  # every text of a few words is as long as every other, so that length alone says nothing
_ENOUGH: Final = 40  # features; one word by itself has fewer, and says less: a name or a code is nobody's disclosure
_SIZES: Final = (3, 4, 5)
_MOST_HASHES: Final = 1 << 16  # of a kind that are remembered
WINDOW, _STEP = 40, 25  # words; longer texts are judged piece by piece

# How much one feature of a kind counts before training: letters least, because they are many.
_LETTERS, _WORD, _PAIR, _NEAR, _LIST, _LISTS, _RULE = 0.25, 1.0, 0.8, 0.6, 1.0, 0.35, 1.0
_STEM, _STEMS = 5, ((1, 0.5), (2, 0.4), (3, 0.3))  # letters of a stem; how far apart two stand, and what a pair counts
# How far the threshold sinks from which a person is asked to read, for each share of the words guessed above what a slip or two
# make of a text: a garbled disclosure says less of itself, and whoever can hardly write is the last not to be read. What pages
# stays as sure as it must be.
_GUESSED: Final = np.array([10.0, 0.0], np.float32)
_SLIPS: Final = 0.15
LETTERS: Final = "g"  # what the names of runs of letters begin with
_KIND: Final = frozenset("wlc")  # features that tell the category: words, lists, faint finds


class WeightsError(ValueError):
    """The weights are not those that were trained; the message says which file and what to do."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`heads`: one row a bucket, a column for "a person must read this" (L2 and higher) and one for "now" (L3 and higher);
    `kinds`: one column a category; scales turn whole numbers into log-odds.

    `thresholds`: for each language it was trained in, the log-odds from which a person is asked to read, and is paged.
    """

    heads: NDArray[np.int8]
    scales: NDArray[np.float32]
    biases: NDArray[np.float32]
    kinds: NDArray[np.int8]
    kinds_scale: NDArray[np.float32]
    thresholds: Mapping[str, NDArray[np.float32]]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far above each threshold the most telling piece of a text is, in log-odds; the category of that which is above."""

    read: float
    page: float
    category: str


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A piece of a text. `sums`: its log-odds, a column a head; `named`: its words and lists, which tell its category."""

    first: int
    last: int
    sums: NDArray[np.float32]
    named: tuple[Mapping[str, float], ...]


def load(path: Path) -> Weights | None:
    """The weights, or None where none were trained. Raises WeightsError if they are not what the seal says."""
    if not path.exists():
        return None
    held = unsealed(path)
    if (len(held["heads"]), len(held["kinds"]), int(held["features"])) != (BUCKETS, KINDS, FEATURES):
        message = f"{path.name}: weights of another version of this file: run python -m tests.listening.train"
        raise WeightsError(message)
    return Weights(
        heads=held["heads"],
        scales=held["scales"],
        biases=held["biases"],
        kinds=held["kinds"],
        kinds_scale=held["kinds_scale"],
        thresholds=dict(zip(map(str, held["languages"]), held["thresholds"], strict=True)),
        categories=tuple(str(code) for code in held["categories"]),
    )


def unsealed(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file that was made by training. Raises WeightsError if they are not what the seal says."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as data:
        held = {name: data[name] for name in data.files}
    if seal(held) != str(held.get("seal", "")):
        message = f"{path.name}: not the weights that were trained: restore it, or run python -m tests.listening.train"
        raise WeightsError(message)
    return held


def seal(held: Mapping[str, NDArray[np.generic]]) -> str:
    """SHA-256 over every array but the seal itself, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(held.keys() - {"seal"}):
        digest.update(f"{name} {held[name].dtype.str} {held[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(held[name]).tobytes())
    return digest.hexdigest()


def judge(weights: Weights, scan: Scan, hits: Iterable[Hit], begin: int, end: int) -> Verdict:
    """Judge the words `begin` to `end` piece by piece; each number is that of its own most telling piece."""
    return most_telling(weights, scan, windows(weights, scan, hits, begin, end))


def windows(weights: Weights, scan: Scan, hits: Iterable[Hit], begin: int, end: int) -> list[Window]:
    """The words `begin` to `end`, in pieces that overlap where they are many, and what the weights say of each."""
    rules = rule_features(hits)
    out = []
    for first in range(begin, max(begin + 1, end - WINDOW + _STEP), _STEP):
        last = min(first + WINDOW, end)
        letters, words, lists = _features(scan, first, last)
        lists.update(rules)
        buckets, amounts = _vector(letters, words, lists)
        sums = (amounts @ weights.heads.take(buckets, 0)) * weights.scales + weights.biases
        out.append(Window(first, last, sums, (words, lists)))
    return out


def most_telling(weights: Weights, scan: Scan, found: Iterable[Window]) -> Verdict:
    """What the most telling of the pieces says; of no pieces, nothing."""
    bars = thresholds(weights.thresholds, scan)
    read = page = float("-inf")
    telling: tuple[Mapping[str, float], ...] = ()
    paging: tuple[Mapping[str, float], ...] = ()
    for window in found:
        sums = window.sums - bars
        if sums[0] > read:
            read, telling = float(sums[0]), window.named
        if sums[1] > page:
            page, paging = float(sums[1]), window.named
    # What asks for nobody is of no category.
    return Verdict(read, page, _nearest(weights, paging if page > 0 else telling) if max(read, page) > 0 else "")


def thresholds(each: Mapping[str, NDArray[np.float32]], scan: Scan) -> NDArray[np.float32]:
    """The log-odds from which a person is asked to read this text, and is paged."""
    found = each[scan.lexicon.language]
    return found - _GUESSED * np.float32(scan.guessed - _SLIPS) if scan.guessed else found


def said(scan: Scan, first: int, last: int) -> list[int]:
    """The places of the words. Children laugh when they tell: faces say nothing here, neither for nor against."""
    return [at for at in range(first, last) if scan.words[at] and not script.is_mood(scan.words[at][0])]


def words_of(scan: Scan, places: Iterable[int]) -> list[str]:
    """Words as the lexicon reads them, misspellings put right."""
    return [scan.corrected.get(at, scan.words[at]) for at in places]


def kinds(weights: Weights, parts: Iterable[Mapping[str, float]]) -> NDArray[np.float32]:
    """How near a window's words and lists are to each of `weights.categories`."""
    buckets, amounts = kind_vector({name: amount for found in parts for name, amount in found.items()})
    sums: NDArray[np.float32] = np.einsum("i,ij->j", amounts, weights.kinds[buckets], dtype=np.float32)
    return sums * weights.kinds_scale


def _nearest(weights: Weights, parts: Iterable[Mapping[str, float]]) -> str:
    return weights.categories[int(kinds(weights, parts).argmax())]


def features(scan: Scan, first: int, last: int) -> dict[str, float]:
    """What is known of the words `first` to `last` (not included), each feature with its weight before training."""
    letters, words, lists = _features(scan, first, last)
    return {f"{LETTERS}{some}": _LETTERS for some in letters} | words | lists


def _features(scan: Scan, first: int, last: int) -> tuple[dict[str, None], dict[str, float], dict[str, float]]:
    """As `features`, in three parts: runs of letters (they are most, and all weigh the same), words, names of lists."""
    places = said(scan, first, last)
    words = words_of(scan, places)
    line = f" {' '.join(words)} "
    letters = dict.fromkeys([line[at : at + size] for size in _SIZES for at in range(len(line) - size + 1)])
    out = dict.fromkeys(["w" + word for word in words], _WORD)
    out.update(dict.fromkeys([f"b{a} {b}" for a, b in pairwise(words)], _PAIR))
    out.update(dict.fromkeys([f"s{a} {b}" for a, b in zip(words, words[2:], strict=False)], _NEAR))
    stems = [word[:_STEM] for word in words]  # "hits me", "hitting me" and "hitted me" say the same
    for apart, weight in _STEMS:
        out.update(dict.fromkeys([f"{apart}{a} {b}" for a, b in zip(stems, stems[apart:], strict=False)], weight))
    named, topics = scan.lexicon.topics, scan.lexicon.topic_signs
    present = sorted({named[sign] for at in places for sign in scan.signs[at] & topics})
    lists = dict.fromkeys([f"l{name}" for name in present], _LIST)
    lists.update(dict.fromkeys([f"p{a}{b}" for at, a in enumerate(present) for b in present[at + 1 :]], _LISTS))
    return letters, out, lists


def rule_features(hits: Iterable[Hit]) -> dict[str, float]:
    """What the phrases found that alone asks for nobody."""
    faint = {f"c{hit.category}": _RULE for hit in hits if hit.level < Level.L2}
    return {"t": _RULE} | faint if faint else {}


def vector(found: Mapping[str, float], most: int = BUCKETS) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and amounts, in the order in which a text gives its features: the same on every machine."""
    buckets = np.fromiter(map(_hashed, found), np.int64, len(found)) % most
    return buckets, _scaled(np.fromiter(found.values(), np.float32, len(found)))


def _vector(
    letters: Mapping[str, None], words: Mapping[str, float], lists: Mapping[str, float]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """As `vector`, of the three parts of `_features` one after the other."""
    size = len(letters) + len(words) + len(lists)
    hashed = [zlib.crc32(name.encode("utf-8", "replace")) for name in words]
    buckets = chain(map(_RUNS.__getitem__, letters), hashed, map(_NAMES.__getitem__, lists))
    amounts = chain(repeat(_LETTERS, len(letters)), words.values(), lists.values())
    return np.fromiter(buckets, np.int64, size) % BUCKETS, _scaled(np.fromiter(amounts, np.float32, size))


def _scaled(amounts: NDArray[np.float32]) -> NDArray[np.float32]:
    length = LENGTH * min(1.0, math.sqrt(len(amounts) / _ENOUGH))
    return amounts * np.float32(length / max(1e-6, float(np.sqrt(amounts @ amounts))))


def _hashed(name: str) -> int:
    return zlib.crc32(name.encode("utf-8", "replace"))


class _Hashes(dict[str, int]):
    """What comes again and again in every text, and costs a third of hashing it to look up: runs of three to five letters,
    and names of lists. Nothing else is remembered: words and pairs of words are a child's.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __missing__(self, name: str) -> int:
        if len(self) >= _MOST_HASHES:
            self.clear()
        found = self[name] = _hashed(self.kind + name)
        return found


_RUNS: Final = _Hashes(LETTERS)
_NAMES: Final = _Hashes("")


def kind_vector(found: Mapping[str, float]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """As `vector`, of the features that tell the category."""
    return vector({name: amount for name, amount in found.items() if name[0] in _KIND}, KINDS)
