"""Words as children type them: where they stand in a text, and when two spellings are the same word.

Nothing here knows a question, a command or a language. Linear in the length of the text; two words are compared in the
length of the shorter. Nothing may be changed in what is stored: a `Token` points into the text as it came.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from flows import digits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Dropped inside words, so that "don't", "don’t" and "dont" are one.
APOSTROPHES = frozenset("'`\u2018\u2019\u02bc\u02bb\u02b9")

# Words in a phrase from which two of them may have a slip, and letters in a word from which one may stand for another.
LONG_PHRASE, WRONG_LETTER_FROM = 5, 5

# Letters from which a word, or a phrase, may have a slip.
SHORTEST = 4

# Letters that differ between keyboards but not to a reader; None: not written by everybody.
_SAME = str.maketrans(
    {
        **dict(zip("đłıøŧħ", "dliøth", strict=True)),
        **dict(zip("ىیېۍێ", "ييييي", strict=True)),
        **dict(zip("ٱةەکڪ", "اههكك", strict=True)),
        **dict.fromkeys((chr(point) for point in (0x0640, 0x0670, *range(0x064B, 0x0656))), None),
        **dict.fromkeys((chr(point) for point in range(0x0300, 0x0370)), None),
    },
)
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")


class Sort(StrEnum):
    """What a token is. A sign is an emoji, or anything this Unicode does not know: it may mean something."""

    WORD = "word"
    NUMBER = "number"
    SIGN = "sign"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or emoji as compared. `text[start:end]` is how it was typed, `gap` what stood before it."""

    text: str
    sort: Sort
    start: int
    end: int
    gap: str

    @property
    def tied(self) -> bool:
        """Whether nothing at all stands between this and the token before: "2nite", "4pm"."""
        return not self.gap

    @property
    def signed(self) -> bool:
        """Whether a number is negative, a fraction or money by what stands before it: "-1", ".5", "£2"."""
        before, earlier = self.gap[-1:], self.gap[-2:-1]
        if before in _DASHES or before in {"+", "."}:
            return earlier in {" ", "("}
        return before != "" and unicodedata.category(before) == "Sc"


@lru_cache(maxsize=64)
def tokens(text: str) -> tuple[Token, ...]:
    """All words, numbers and emoji of `text` in order; punctuation and spaces are the gaps between them."""
    # Kept for a moment, because a text is asked about by every command, every option and the open question in one turn.
    return tuple(_tokens(text))


@lru_cache(maxsize=64)
def folded(text: str) -> str:
    """Words and emoji without punctuation, accents or doubled spaces: "Tiếng  Việt!" and "tieng viet" are one."""
    return " ".join(filter(None, (bare(token.text) for token in tokens(text))))


def phrases(*spelled: str) -> Iterator[tuple[str, ...]]:
    """The words of each, as they are typed with accents and without; once where that is the same."""
    for text in spelled:
        exact = tuple(token.text for token in tokens(text))
        yield from {exact, tuple(map(bare, exact))} - {()}


@lru_cache(maxsize=8192)
def bare(word: str) -> str:
    """A compared form without accents, tones and vowel points, which phones leave out. Indic vowel signs stay."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_SAME))


def one_slip(typed: str, meant: str) -> str | None:
    """How `typed` became of `meant` by one slip: "" (equal), "swap", "wrong", "missing", "extra"; else None."""
    if typed == meant:
        return ""
    if abs(len(typed) - len(meant)) > 1:
        return None
    at = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    if len(typed) < len(meant):
        return "missing" if typed[at:] == meant[at + 1 :] else None
    if len(typed) > len(meant):
        return "extra" if typed[at + 1 :] == meant[at:] else None
    if typed[at + 1 :] == meant[at + 1 :]:
        return "wrong"
    return "swap" if typed[at : at + 2] == meant[at : at + 2][::-1] and typed[at + 2 :] == meant[at + 2 :] else None


def close(typed: str, meant: str, shortest: int = SHORTEST) -> bool:
    """Whether one slip of the thumb parts two words, and no meaning can.

    Only scripts with capitals (elsewhere one sign is a syllable, or a "not"), only from `shortest` letters, never the
    first letter ("mother" is not "other", "unsafe" not "safe"), no other letter in a word of four ("note", "nope"), and
    never an "m" more or less: Turkish puts its "not" there (biliyorum, bilmiyorum).
    """
    if min(len(typed), len(meant)) < shortest or typed[0] != meant[0]:
        return False
    slip = one_slip(typed, meant)
    if slip == "wrong" and len(meant) < WRONG_LETTER_FROM:
        return False
    longer, shorter = (typed, meant) if slip == "extra" else (meant, typed)
    if slip in {"missing", "extra"} and longer.count("m") != shorter.count("m"):
        return False
    return slip is not None and all(char.upper() != char for char in typed + meant)


def near(typed: Sequence[str], meant: Sequence[str], shortest: int = SHORTEST) -> bool:
    """Whether two phrases are the same but for spaces, held keys, or one slip in one word (in two, from five words)."""
    if sum(map(len, typed)) < shortest:
        return False
    if "".join(typed) == "".join(meant):
        return True
    if len(typed) != len(meant):
        return False
    slips = [pair for pair in zip(typed, meant, strict=True) if pair[0] != pair[1] and not held(*pair)]
    return len(slips) <= slips_allowed(meant) and all(close(a, b, shortest) for a, b in slips)


def slips_allowed(meant: Sequence[str]) -> int:
    """How many words of a phrase may have a slip: one, from five words two."""
    return 1 if len(meant) < LONG_PHRASE else 2


def held(typed: str, meant: str) -> bool:
    """Whether a key was held down: "stoppp" is "stop". Only a run of three, or a longer end, was held: not "stoop"."""
    if len(typed) <= len(meant) or typed[:1] != meant[:1]:
        return False
    runs, ought = _runs(typed), _runs(meant)
    if [char for char, _ in runs] != [char for char, _ in ought]:
        return False
    pairs = list(zip((count for _, count in runs), (count for _, count in ought), strict=True))
    return all(n == m or n > max(m, 2) for n, m in pairs[:-1]) and pairs[-1][0] >= pairs[-1][1]


def _runs(word: str) -> list[tuple[str, int]]:
    return [(char, sum(1 for _ in same)) for char, same in groupby(word)]


def _tokens(text: str) -> Iterator[Token]:
    gap = " "  # before the first word there is always a gap
    chars = ((char, at) for at, typed in enumerate(text) for char in digits.piece(typed) if char not in APOSTROPHES)
    for sort, group in groupby(chars, key=lambda pair: _sort(pair[0])):
        pairs = list(group)
        seen = "".join(char for char, _ in pairs)
        if sort == Sort.GAP:
            gap += seen
        elif sort != Sort.WORD or not all(unicodedata.category(char)[0] == "M" for char in seen):
            yield _token(sort, seen, gap, (pairs[0][1], pairs[-1][1] + 1))
            gap = ""


def _token(sort: str, seen: str, gap: str, span: tuple[int, int]) -> Token:
    if sort == Sort.WORD:
        return Token(digits.plain(seen), Sort.WORD, *span, gap)
    if sort == Sort.NUMBER and not (seen == "3" and gap.endswith("<")):  # a heart is no three
        return Token(seen, Sort.NUMBER, *span, gap)
    return Token(seen[0], Sort.SIGN, *span, gap)


@lru_cache(maxsize=8192)
def _sort(char: str) -> str:
    """The sort of one compared character; an emoji is a sort of its own, so that two of a kind are one token."""
    category = unicodedata.category(char)
    if char in "0123456789":
        return Sort.NUMBER
    if category[0] in "LMN":
        return Sort.WORD
    return char if category in {"So", "Cs", "Co", "Cn"} else Sort.GAP
