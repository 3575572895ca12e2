"""Words written as one ("hitsme") read as the words they are. May not part a word that any list knows.

Bounded: a word of at most `_LONGEST` letters is parted into at most `_MOST` known words, the fewest that do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows.listening import spelling

if TYPE_CHECKING:
    from flows.listening.lexicon import Lexicon
    from flows.listening.normalise import Reading

_SHORTEST, _LONGEST, _MOST = 6, 40, 8
_PIECE: Final = 12  # letters of the longest word looked for
_PARTED: Final = 20  # words of one text that are parted
_SURE_STEM: Final = 5
# Words of fewer than three letters that people run together with others; any other pair of letters is chance.
_SMALL: Final = frozenset({
    "i", "me", "my", "im", "he", "is", "it", "to", "in", "us", "up", "on", "of", "so", "no", "do", "we",
    "be", "at", "an", "as", "if",
})  # fmt: skip
# Without one of these it is a compound ("downhill"), and its parts say nothing.
_PEOPLE: Final = frozenset({"me", "my", "im", "us", "he", "him", "his", "she", "her", "they", "mum", "dad", "uncle"})
_WHOM: Final = frozenset({"me", "us"})
# What begins an ordinary word far more often than a sentence: "the" + "rapist".
_NEVER_FIRST: Final = frozenset({"the", "as", "an", "be", "in", "up", "on", "un", "re", "over", "under", "out"})


def spaced(reading: Reading, lexicon: Lexicon) -> Reading:
    """The reading with run-together words parted; the same one where there are none."""
    parted = {at: pieces for at, form in enumerate(reading.plain) if (pieces := _pieces(form, lexicon))}
    if not parted or len(parted) > _PARTED:
        return reading
    forms: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[int] = []
    quoted: list[bool] = []
    for at, form in enumerate(reading.forms):
        pieces = parted.get(at, (form,))
        begin, end = reading.starts[at], reading.ends[at]
        whole = end - begin != len(form)  # something inside was dropped, so places inside are not known
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            forms.append(piece)
            starts.append(begin)
            ends.append(end if whole or last else begin + len(piece))
            begin = begin if whole else begin + len(piece)
            breaks.append(0 if number else reading.breaks[at])
            quoted.append(reading.quoted[at])
    plain = tuple(piece for at, form in enumerate(reading.plain) for piece in parted.get(at, (form,)))
    return replace(
        reading, forms=tuple(forms), plain=plain, starts=tuple(starts), ends=tuple(ends), breaks=tuple(breaks),
        quoted=tuple(quoted),
    )  # fmt: skip


def _pieces(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    """The known words a word is made of, or nothing if it is a word, a slip of one, or no such words are found."""
    if not (_SHORTEST <= len(word) <= _LONGEST and word.isascii() and word.isalpha()) or _known(word, lexicon):
        return ()
    if word[-2:] in _WHOM and _known(word[:-2], lexicon):
        return word[:-2], word[-2:]
    if lexicon.stem_signs(word)[1] >= _SURE_STEM or any(_known(one, lexicon) for one in spelling.plain_readings(word)):
        return ()
    if spelling.correct(word, lexicon.near, lexicon.common):
        return ()
    return _fewest(word, lexicon)


def _fewest(word: str, lexicon: Lexicon) -> tuple[str, ...]:
    best: list[tuple[str, ...] | None] = [(), *([None] * len(word))]
    for end in range(1, len(word) + 1):
        for begin in range(max(0, end - _PIECE), end):
            before, piece = best[begin], word[begin:end]
            if before is None or len(before) >= _MOST or not _is_piece(piece, begin, lexicon):
                continue
            shorter = best[end]
            if shorter is None or len(before) + 1 < len(shorter):
                best[end] = (*before, piece)
    found = best[len(word)] or ()
    return found if len(found) > 1 and not _PEOPLE.isdisjoint(found) else ()


def _is_piece(piece: str, begin: int, lexicon: Lexicon) -> bool:
    if len(piece) < 3:  # noqa: PLR2004 - the words of `_SMALL`
        return piece in _SMALL
    return not (begin == 0 and piece in _NEVER_FIRST) and _known(piece, lexicon)


def _known(word: str, lexicon: Lexicon) -> bool:
    return word in lexicon.words or word in lexicon.common or word in lexicon.aliases
