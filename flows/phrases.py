"""Words and phrases of a worker's text, as they are compared. Pure; holds no word of any language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from flows import digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Phrases: TypeAlias = tuple[tuple[str, ...], ...]

_APOSTROPHES: Final = dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u0060\u00b4\uff07"), "'")
# What may stand before a sentence begins.
FILLERS: Final = frozenset(
    ("and", "but", "or", "ok", "okay", "so", "well", "hi", "hey", "sorry", "please", "now", "just", "also", "then")
)
# Words that may stand in a gap of a form, and that may follow its end: a kiss, a name.
_GAPS: Final = {"..": 2, "...": 3, "*": 100}
_AFTER: Final = 1
# What is no space and no punctuation of any script: the vowel signs of Indic scripts are parts of words.
WORD: Final = re.compile(
    r"[^\s!-&(-/:-@\[-`{-~\u00a1\u00ab\u00bb\u00bf\u0589\u060c\u061b\u061f\u0964\u1360-\u1368\u2010-\u2027\u3001\u3002]+"
)


def compared(text: str) -> str:
    """The form in which words are looked for: apostrophes of every keyboard are one."""
    return digits.plain(text.translate(_APOSTROPHES))


def split(plain: str) -> tuple[str, ...]:
    """The words of a compared text."""
    return tuple(WORD.findall(plain))


def stands(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a phrase stands in the words, one after the other; the last word of a phrase may end in any way (`*`)."""
    if not phrase:
        return False
    length, last = len(phrase), phrase[-1].removesuffix("*")
    for at in range(len(words) - length + 1):
        here = words[at : at + length]
        if here[:-1] == phrase[:-1] and (here[-1] == last or (phrase[-1].endswith("*") and here[-1].startswith(last))):
            return True
    return False


def without(words: tuple[str, ...], fine: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The words without the phrases that ask nothing; a gap stays, so that nothing new is joined over it."""
    left = list(words)
    for phrase in sorted(fine, key=len, reverse=True):
        for at in range(len(left) - len(phrase) + 1):
            if tuple(left[at : at + len(phrase)]) == phrase:
                left[at : at + len(phrase)] = [""] * len(phrase)
    return tuple(left)


def begin(words: tuple[str, ...]) -> int:
    """Where a sentence begins, past what is said before one does."""
    return next((at for at, word in enumerate(words) if word not in FILLERS), 0)


@dataclass(frozen=True, slots=True)
class Form:
    """How a sentence is built: one of each part after the other, with at most so many words before it. `unless`: what must not
    stand in the sentence; `after`: how many words may follow its end. A part without phrases is any word.
    """

    parts: tuple[tuple[int, Phrases], ...]
    begins: bool
    after: int | None
    unless: Phrases

    def words(self, sentence: tuple[str, ...], whole: tuple[str, ...]) -> tuple[str, ...]:
        """The words from where the form begins to where it ends; nothing: the sentence is not built so. `whole`: the sentence
        with the phrases that ask nothing, which the first is without.
        """
        if any(stands(one, whole) for one in self.unless):
            return ()
        starts = range(begin(sentence) + 1) if self.begins else range(len(sentence))
        return next((sentence[at:end] for at in starts for end in self._ends(sentence, at)), ())

    def _ends(self, sentence: tuple[str, ...], at: int) -> tuple[int, ...]:
        ends = {at}
        for gap, phrases in self.parts:
            ends = {
                here + len(one)
                for end in ends
                for here in range(end, min(end + gap, len(sentence) - 1) + 1)
                for one in phrases or ((sentence[here],),)
                if stands(one, sentence[here : here + len(one)])
            }
        return tuple(sorted(one for one in ends if self.after is None or one >= len(sentence) - self.after))


def form(text: str, sets: Mapping[str, Phrases]) -> Form:
    """A form as it is written in `composer.yaml`. Raises `KeyError` for a set that is not there."""
    built, _, unless = text.partition(" unless ")
    signs = built.split()
    parts: list[tuple[int, Phrases]] = []
    gap = 0
    for sign in signs:
        if sign in _GAPS:
            gap = _GAPS[sign]
        elif sign not in ("^", "$"):
            parts.append((gap, () if sign == "_" else _part(sign, sets)))
            gap = 0
    return Form(
        tuple(parts),
        signs[0] == "^",
        gap + _AFTER if signs[-1] == "$" else None,
        _part(unless, sets) if unless else (),
    )


def _part(sign: str, sets: Mapping[str, Phrases]) -> Phrases:
    return sets[sign[1:-1]] if sign.startswith("<") else ((sign,),)
