"""The same message as a hurried child sends it. Seeded by the text itself: the same change comes every time.

Only the spelling and the sending change, never what is said. Chinese has no spaces and no case, so some changes leave
it as it was; a change is judged on the texts it changed.
"""

from __future__ import annotations

import random
import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EVERY: Final = 8  # characters for each typo
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_EMOJI: Final = ("😭", "🥺", "😔", "💔", "😅", "🙃", "🙏", "😩", "😂", "💀")
_AFTER_PUNCTUATION: Final = re.compile(r"([.,!?;:…،؛؟।።፣。，！？])\s+")


def typo(text: str, chance: random.Random) -> str:
    """One slip of the finger somewhere in the text."""
    places = [at for at, char in enumerate(text) if char.isalpha()]
    return _slip(text, chance.choice(places), chance) if places else text


def typos(text: str, chance: random.Random) -> str:
    """One slip in every eight characters, at least one."""
    for begin in range(max(0, (len(text) // EVERY - 1) * EVERY), -1, -EVERY):  # from the end: places stay true
        places = [at for at in range(begin, min(len(text), begin + EVERY)) if text[at].isalpha()]
        if places:
            text = _slip(text, chance.choice(places), chance)
    return text


def _slip(text: str, at: int, chance: random.Random) -> str:
    """A letter left out, doubled, changed for its neighbour, or two letters swapped: equally often."""
    before, letter, after = text[:at], text[at], text[at + 1 :]
    kind = chance.randrange(4)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + letter + letter + after
    if kind == 2 and after and after[0].isalpha():
        return before + after[0] + letter + after[1:]
    return before + _neighbour(letter, text, chance) + after


def _neighbour(letter: str, text: str, chance: random.Random) -> str:
    """The key beside it, for the letters of a Latin keyboard; else another letter of the same text."""
    for row in _ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            return chance.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
    return chance.choice(sorted({char for char in text if char.isalpha() and char != letter}) or [letter])


def shouted(text: str, chance: random.Random) -> str:
    """All capitals; Greek capitals carry no accent."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if char != "\u0301") if _greek(text) else text
    return plain.upper()


def _greek(text: str) -> bool:
    return any("\u0370" <= char <= "\u03ff" for char in text)


def mixed(text: str, chance: random.Random) -> str:
    """EvErY oThEr letter a capital, and the rest small."""
    return "".join(char.upper() if at % 2 == 0 else char.lower() for at, char in enumerate(text))


def emoji(text: str, chance: random.Random) -> str:
    """One after every third word and one at the end, some of them laughing as children's are."""
    words = text.split(" ")
    for at in range(3, len(words), 3):
        words[at] = f"{chance.choice(_EMOJI)} {words[at]}"
    return " ".join(words) + " " + chance.choice(_EMOJI) * chance.randint(1, 3)


def tight(text: str, chance: random.Random) -> str:
    """No space after punctuation."""
    return _AFTER_PUNCTUATION.sub(r"\1", text)


# Letters as an Arabic keyboard has them, and without the small marks of Sorani and Pashto.
_ARABIC: Final = str.maketrans("یکە", "يكه")
_UNMARKED: Final = {
    "ckb": str.maketrans("ێۆڕڵ", "یورل"),
    "ps": str.maketrans("ټډړښڅۍې", "تدرشچيي"),
    "ar": str.maketrans("أإآةى", "اااهي"),
}
_LATIN: Final = frozenset({"el", "es", "fr", "pl", "pt", "ro", "so", "sq", "tr", "vi"})


def unmarked(text: str, language: str, chance: random.Random) -> str:
    """As it is typed where a keyboard lacks the letters: no accents and marks, or only some, Arabic letters for their likes."""
    some = 1.0 if chance.random() < 0.6 else 0.5
    if language in _LATIN:
        return "".join(_bare(char) if chance.random() < some else char for char in text)
    if language in _UNMARKED:
        text = "".join(char.translate(_UNMARKED[language]) if chance.random() < some else char for char in text)
    return text.translate(_ARABIC) if language in {"ckb", "fa", "ps", "ur"} and chance.random() < 0.5 else text


def _bare(char: str) -> str:
    plain = "".join(one for one in unicodedata.normalize("NFD", char) if unicodedata.category(one) != "Mn")
    return plain.translate({ord("đ"): "d", ord("Đ"): "D", ord("ł"): "l", ord("Ł"): "L", ord("ı"): "i"})


def halves(text: str) -> tuple[str, ...]:
    """Cut at the space nearest the middle, or in the middle where there is none."""
    middle = len(text) // 2
    at = min((at for at, char in enumerate(text) if char == " "), key=lambda at: abs(at - middle), default=middle)
    first, second = text[:at].strip(), text[at:].strip()
    return (first, second) if first and second else (text,)


_KINDS: Final[Mapping[str, Callable[[str, random.Random], str]]] = {
    "one typo": typo,
    "a typo in every 8 characters": typos,
    "shouted": shouted,
    "mixed case": mixed,
    "emoji": emoji,
    "no space after punctuation": tight,
}
SPLIT: Final = "split over two texts"
ONE_TYPO: Final = "one typo"
KINDS: Final = (*_KINDS, SPLIT)


def sent(kind: str, text: str) -> tuple[str, ...]:
    """The text or texts that arrive; `(text,)` where this change leaves it as it was. Raises KeyError."""
    if kind == SPLIT:
        return halves(text)
    return (_KINDS[kind](text, random.Random(f"{kind}\n{text}")),)
