"""Words and phrases of a worker's text, as they are compared. Pure; holds no word of any language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from flows import digits

if TYPE_CHECKING:
    from collections.abc import Iterable

Phrases: TypeAlias = tuple[tuple[str, ...], ...]

_APOSTROPHES: Final = dict.fromkeys(map(ord, "\u2019\u2018\u02bc\u0060\u00b4\uff07"), "'")
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
