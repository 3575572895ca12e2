"""Text as it is compared, never as it is kept: the same letters and digits whatever keyboard they came from.

Nothing here may change a stored word, guess a meaning or know a language. Every function is total on any `str` (NULs,
lone surrogates, 100,000 characters) and linear in its length.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# CPython sorts combining marks by insertion, so a long run of them costs its square. Thirty is the limit of Unicode's
# stream-safe text (UAX 15), far above what any language writes.
MARKS_IN_A_ROW = 30

KEYCAP_TEN = "\U0001f51f"

# Letters and marks by category that nobody sees: joiners of graphemes, fillers and variation selectors.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180b\u180c\u180d\u180f") | {
    chr(point) for block in (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)) for point in block
}
# What this Unicode has no letter for, as an emoji of next year: nothing is known that it could be compared as.
_UNFOLDED = frozenset({"Cn", "Co", "Cs"})
_ASCII_CONTROLS = dict.fromkeys((*range(0x20), 0x7F), " ")


def plain(text: str) -> str:
    """The form in which texts are compared: idempotent, in NFKC, case folded, single spaces, ASCII digits.

    Digits of every script, keycaps, circled and bracketed digits become ASCII; zero-width and bidi controls go; other
    controls are spaces. The rule is that of `dependencies.md`, SMS text: a digit is an answer however it was typed.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII_CONTROLS).casefold().split())
    folded = unicodedata.normalize("NFKC", _bounded("".join(map(piece, text))))
    return " ".join(folded.split())


@lru_cache(maxsize=8192)
def piece(char: str) -> str:
    """What one character is compared as: nothing, a space, an ASCII number, or its folded letters (1 to 18 of them)."""
    if unseen(char):
        return ""
    category = unicodedata.category(char)
    if category == "Cc" or category[0] == "Z":
        return " "
    if category in _UNFOLDED:
        return char
    return number(char) or "".join(c for c in _folded(char) if not unseen(c))


def number(char: str) -> str:
    """The ASCII digits that this one character stands for ("\u0663" -> "3", "\u2469" -> "10"), or "" if none."""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    if char == KEYCAP_TEN:
        return "10"
    amount = unicodedata.numeric(char, None) if unicodedata.category(char) == "No" else None
    return str(int(amount)) if amount is not None and amount.is_integer() else ""


def unseen(char: str) -> bool:
    """Whether a character only steers how others are shown: format controls, enclosing marks, variation selectors."""
    return char in _UNSEEN or unicodedata.category(char) in {"Cf", "Me"}


def _folded(char: str) -> str:
    """Unicode's NFKC_Casefold of one character: twice, since compatibility letters may unfold to capitals."""
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", char).casefold())
    return unicodedata.normalize("NFKC", once.casefold())


def _bounded(text: str) -> str:
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= MARKS_IN_A_ROW:
            kept.append(char)
    return "".join(kept)
