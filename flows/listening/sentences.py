"""The third detector: a small transformer that reads the words of a text in their order. May not lower what phrases found.

Letters and words that are added up know neither who did it nor to whom. This is multilingual-e5-small (Wang and others 2024,
MIT), taught with our rows by `tests/listening/train_sentences.py`. Its log-odds and those of the sums of `statistical.py` are
added, and both together decide: at the same everyday alarms that hears more than either, though now and then not what the sums
alone would have heard. It needs onnxruntime, which the extra `sentences` installs, and costs some ten milliseconds a text: no
disclosure missed comes before speed. It is not asked where the sums are so far below that nothing it says could matter. Without
it the sums judge by themselves, and `waymark doctor` says so.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flows.listening import statistical
from flows.listening.statistical import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from flows.listening.scan import Scan
    from flows.listening.statistical import Weights
    from flows.model import Hit

LONGEST: Final = 62  # pieces of words that are read at once
MOST: Final = 8  # stretches of one text that are read, the most telling by the sums: ten thousand letters have eighty
BLOCK: Final = 32  # numbers of a word's row that share a scale: two bytes of scale, then two numbers a byte
_BYTES: Final = 2 + BLOCK // 2
GAP: Final = "\u2581"  # what stands for the space before a word
_MOST_LETTERS: Final = 16  # of a piece
_UNKNOWN: Final = -40.0  # how unlikely a letter is that no piece has
_RESPELT: Final = "en"  # the one language whose misspellings are put right before they are read
MARKED: Final = 5  # words that are shown to a manager
# More than it says of any text: of 534,000, our rows and the same garbled, it says 5.88 that one must be read, and 4.92 that it
# pages. Where the sums leave more than that to be said it is not asked: half of what is written all day.
MOST_TOLD: Final = np.array([6.0, 5.1], np.float32)
_AT_ONCE: Final = 8  # texts: more take megabytes each, and are no faster
_LEAST_LOST, _SHARE_LOST = 0.1, 0.35  # what a word must be worth to be shown, and beside that which is worth most
_JOINERS: Final = "\u200c\u200d"  # invisible, and part of how Persian and Kurdish are spelled


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """`pieces`: parts of words and their places; `scores`: how likely each is; `words`: a row of bytes for each.
    `thresholds`: for each language the log-odds from which a person is asked to read, and is paged; `share`: what the sums count
    beside its own log-odds.
    """

    pieces: Mapping[str, int]
    scores: NDArray[np.float32]
    words: NDArray[np.uint8]
    begin: tuple[int, ...]
    end: tuple[int, ...]
    unknown: int
    session: Any
    thresholds: Mapping[str, NDArray[np.float32]]
    share: float
    categories: tuple[str, ...]


def load(path: Path) -> Reader | None:
    """What `sentences.npz` and the two files beside it hold; None where there are none, or nothing to run them. Raises
    WeightsError if they are not what the seal says.
    """
    if not path.exists():
        return None
    try:
        import onnxruntime  # noqa: PLC0415 - an extra, and a third of a second for commands that listen to nobody
    except ModuleNotFoundError as missing:
        if missing.name != "onnxruntime":
            raise
        return None
    held = statistical.unsealed(path)
    graph, words = path.with_suffix(".onnx"), path.with_suffix(".words.npy")
    for other in (graph, words):
        with other.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != str(held[other.suffixes[0][1:]]):
                message = f"{other.name}: not the weights that were trained: restore it"
                raise statistical.WeightsError(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # 10 MB less, and no slower for one short text
    return Reader(
        pieces={piece: at for at, piece in enumerate(held["pieces"].tobytes().decode().split("\n"))},
        scores=held["scores"],
        words=np.load(words, mmap_mode="r", allow_pickle=False),
        begin=tuple(map(int, held["begin"])),
        end=tuple(map(int, held["end"])),
        unknown=int(held["unknown"]),
        session=onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"]),
        thresholds=dict(zip(map(str, held["languages"]), held["thresholds"], strict=True)),
        share=float(held["share"]),
        categories=tuple(map(str, held["categories"])),
    )  # fmt: skip


def judge(
    reader: Reader, weights: Weights, text: str, scan: Scan, hits: Iterable[Hit], span: tuple[int, int]
) -> Verdict:
    """Judge the words of `span` stretch by stretch, as `statistical.judge` does, with the sums and the reader's log-odds added
    up, and what both say of the category. `text`: that of the scan. What is too long to be read whole is judged by its sums where
    they tell least.
    """
    thresholds = statistical.thresholds(reader.thresholds, scan)
    summed = statistical.windows(weights, scan, hits, *span)
    summed.sort(key=lambda window: -float(window.sums.max()))
    read = page = -math.inf
    category = ""
    for window in summed[:MOST]:
        above = reader.share * window.sums - thresholds
        if (above < -MOST_TOLD).all():
            continue
        for told in odds(reader, words_of(text, scan, statistical.said(scan, window.first, window.last))):
            now, ring = (told[:2] + above).tolist()
            if max(now, ring) > max(read, page):
                category = reader.categories[int((told[2:] + statistical.kinds(weights, window.named)).argmax())]
            read, page = max(read, now), max(page, ring)
    rest = statistical.most_telling(weights, scan, summed[MOST:])
    if max(rest.read, rest.page) > max(read, page):
        category = rest.category
    read, page = max(read, rest.read), max(page, rest.page)
    return Verdict(read, page, category if max(read, page) > 0 else "")


def words_of(text: str, scan: Scan, places: Iterable[int]) -> tuple[str, ...]:
    """The words at `places` as they are read. English as its lexicon reads it, misspellings put right; others as they stand,
    in small letters: what stands without a space between (Chinese) is one word.
    """
    return tuple("".join(words) for words in _joined(text, scan, places))


def _joined(text: str, scan: Scan, places: Iterable[int]) -> list[list[str]]:
    """As `words_of`, before what belongs together is put together: one for each place, in groups."""
    places = list(places)
    if scan.lexicon.language == _RESPELT:
        return [[word] for word in statistical.words_of(scan, places)]
    starts, ends = scan.reading.starts, scan.reading.ends
    out: list[list[str]] = []
    for before, at in zip([-1, *places], places, strict=False):
        word = scan.respelt.get(at) or _small(text[starts[at] : ends[at]])
        if before >= 0 and ends[before] == starts[at]:
            out[-1].append(word)
        else:
            out.append([word])
    return out


def _small(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).lower()
    if plain.isascii():
        return plain
    return "".join(char for char in plain if char in _JOINERS or unicodedata.category(char) != "Cf")


def odds(reader: Reader, words: Iterable[str]) -> list[NDArray[np.float32]]:
    """The log-odds that a person must read this, that one is paged, and for each category how near it is: of the words, in parts
    where they have more than `LONGEST` pieces. Raises ArithmeticError for what is no number.
    """
    return [_told(reader, [[*reader.begin, *part, *reader.end]])[0] for part in _parts(reader, words)]


def _parts(reader: Reader, words: Iterable[str]) -> Iterator[list[int]]:
    part: list[int] = []
    for word in words:
        pieces = cut(reader, word[: LONGEST * _MOST_LETTERS])[:LONGEST]
        if len(part) + len(pieces) > LONGEST:
            yield part
            part = []
        part += pieces
    yield part


def _told(reader: Reader, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Of texts that are equally long."""
    rows = unpacked(reader.words[[piece for one in texts for piece in one]]).reshape(len(texts), len(texts[0]), -1)
    told: NDArray[np.float32] = reader.session.run(None, {"x": rows})[0]
    if not np.isfinite(told).all():
        message = "the reader of sentences says what is no number"
        raise ArithmeticError(message)
    return told


def telling(reader: Reader, text: str, scan: Scan, places: Sequence[int], *, pages: bool) -> tuple[int, ...]:
    """Which of the words at `places` it relies on, by the head that `pages` or the one that asks for a reader: where they are
    left out it is far less sure. At most `MARKED`; of what is written without spaces the whole.
    """
    groups = _joined(text, scan, places)
    cuts = [cut(reader, "".join(words)[: LONGEST * _MOST_LETTERS]) for words in groups]
    whole = [*reader.begin, *[piece for pieces in cuts for piece in pieces][:LONGEST]]
    tried, at = [[*whole, *reader.end]], len(reader.begin)
    for pieces in cuts:
        until = min(at + len(pieces), len(whole))
        tried.append([*whole[:at], *whole[until:], *reader.end])
        at = until
    told = _told_each(reader, tried, int(pages))
    lost = [told[0] - one for one in told[1:]]
    least = max(_LEAST_LOST, _SHARE_LOST * max(lost, default=0.0))
    most = sorted((group for group in range(len(groups)) if lost[group] >= least), key=lambda group: -lost[group])
    begins = list(accumulate(map(len, groups), initial=0))
    return tuple(at for group in sorted(most[:MARKED]) for at in range(begins[group], begins[group + 1]))


def _told_each(reader: Reader, texts: Sequence[Sequence[int]], head: int) -> list[float]:
    """One of the log-odds of every text; those equally long together."""
    out = [0.0] * len(texts)
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    for _, alike in groupby(order, key=lambda at: len(texts[at])):
        places = list(alike)
        for first in range(0, len(places), _AT_ONCE):
            some = places[first : first + _AT_ONCE]
            for at, one in zip(some, _told(reader, [texts[at] for at in some]), strict=True):
                out[at] = float(one[head])
    return out


def unpacked(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Rows of words as numbers, from blocks of a scale and of halves of bytes."""
    blocks = rows.reshape(len(rows), -1, _BYTES)
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[..., 2:] & 15, blocks[..., 2:] >> 4], axis=2).astype(np.float32) - 8
    return np.asarray((halves * scales).reshape(len(rows), -1), np.float32)


def cut(reader: Reader, word: str) -> tuple[int, ...]:
    """A word in its likeliest pieces (Kudo 2018); a letter no piece has is the unknown one."""
    text, pieces, scores = GAP + word, reader.pieces, reader.scores
    best, came = [0.0] + [-math.inf] * len(text), [(0, 0)] * (len(text) + 1)
    for at in range(len(text)):
        for end in range(at + 1, min(len(text), at + _MOST_LETTERS) + 1):
            piece = pieces.get(text[at:end])
            if piece is None and end > at + 1:
                continue
            score = best[at] + (_UNKNOWN if piece is None else float(scores[piece]))
            if score > best[end]:
                best[end], came[end] = score, (reader.unknown if piece is None else piece, at)
    out, at = [], len(text)
    while at > 0:
        piece, at = came[at]
        out.append(piece)
    return tuple(reversed(out))
