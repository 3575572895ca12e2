"""What is known of scripts: which letters are one letter to a reader, which characters mean nothing. Pure tables."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TypeAlias

Columns: TypeAlias = tuple[list[str], list[int], list[int], list[int], list[bool]]

# Letters that keyboards of neighbouring languages use for one another (Arabic, Persian, Urdu, Pashto, Kurdish).
_ARABIC = {
    "ي": "ی", "ى": "ی", "ې": "ێ", "ۍ": "ی", "ئ": "ی", "ك": "ک", "ګ": "گ", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا",
    "ؤ": "و", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۂ": "ه", "ۃ": "ه",
}  # fmt: skip
# Ethiopic rows that sound alike and are typed for one another; each row has seven forms.
_ETHIOPIC_ROWS = ((0x1210, 0x1200), (0x1280, 0x1200), (0x1220, 0x1230), (0x12D0, 0x12A0), (0x1340, 0x1338))
_ETHIOPIC = {chr(row + form): chr(like + form) for row, like in _ETHIOPIC_ROWS for form in range(7)}
_ETHIOPIC |= {"ሃ": "ሀ", "ሓ": "ሀ", "ኃ": "ሀ", "ኣ": "አ", "ዓ": "አ"}
_OTHER = {"ё": "е", "ґ": "г", "ँ": "ं", "ঁ": "ং", "ਂ": "ੰ"}
_UNIFIED = _ARABIC | _ETHIOPIC | _OTHER

# Harakat, tatweel, nukta: written or left out at will.
DROPPED = frozenset("ـ়਼઼़ًٌٍَُِّْٰٕٔ")
STROKES = str.maketrans({"ı": "i", "đ": "d", "ł": "l", "ø": "o", "ð": "d", "ħ": "h", "ß": "ss", "æ": "ae", "œ": "oe"})

_THINGS = frozenset("🔪🔫🗡💊💉🩸🍆🍑🍒💣🪓🚔🚓🚨🚬🍃🌿🍁❄🥶🏥🤰💍✈🪢🧨")

_RANGES = (
    (0x0000, 0x024F, "latin"),
    (0x1E00, 0x1EFF, "latin"),
    (0x0300, 0x036F, "latin"),
    (0x1F000, 0x1FAFF, "emoji"),
    (0x2600, 0x27BF, "emoji"),
    (0x0370, 0x03FF, "greek"), (0x1F00, 0x1FFF, "greek"), (0x0400, 0x052F, "cyrillic"), (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x06FF, "arabic"), (0x0750, 0x077F, "arabic"), (0xFB50, 0xFDFF, "arabic"), (0xFE70, 0xFEFF, "arabic"),
    (0x0900, 0x097F, "devanagari"), (0x0980, 0x09FF, "bengali"), (0x0A00, 0x0A7F, "gurmukhi"),
    (0x0A80, 0x0AFF, "gujarati"), (0x1200, 0x139F, "ethiopic"), (0x3040, 0x30FF, "kana"), (0xAC00, 0xD7AF, "hangul"),
    (0x3400, 0x4DBF, "han"), (0x4E00, 0x9FFF, "han"), (0x20000, 0x3134F, "han"),
)  # fmt: skip


def fold(char: str) -> str:
    """One character as it is compared: NFKC, casefold, and the letter its look-alikes are read as."""
    if char < "\x80":
        return char.lower()
    folded = unicodedata.normalize("NFKC", char).casefold()
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    return "".join(_UNIFIED.get(part, part) for part in folded if part not in DROPPED)


@lru_cache(maxsize=8192)
def of(char: str) -> str:
    """The script of a letter: `latin`, `arabic`, `han` ...; `other` for one no lexicon can read."""
    code = ord(char)
    return next((name for low, high, name in _RANGES if low <= code <= high), "other")


def is_alone(char: str) -> bool:
    """Chinese characters and emoji are words of their own (Chinese is matched by substring)."""
    return of(char) in {"han", "emoji"}


def is_mood(char: str) -> bool:
    """An emoji that says how something is meant, not what there is: a knife or a pill is a word of the sentence."""
    return of(char) == "emoji" and char not in _THINGS


def has_accents(word: str) -> bool:
    """Latin and Greek words lose their accents when compared; Cyrillic й and Indic signs are letters, not accents."""
    return of(word[0]) in {"latin", "greek"}


def merge(forms: list[str], starts: list[int], ends: list[int], breaks: list[int], quoted: list[bool]) -> Columns:
    """Join what spacing tore apart: spelled-out letters (`k i l l`), the Persian verb prefix (`می خواهم`)."""
    if not any(len(form) == 1 or form in _PREFIXES for form in forms):
        return forms, starts, ends, breaks, quoted
    out: Columns = ([], [], [], [], [])
    at = 0
    while at < len(forms):
        last = _run(forms, breaks, at)
        out[0].append("".join(forms[at:last]))
        out[1].append(starts[at])
        out[2].append(ends[last - 1])
        out[3].append(breaks[at])
        out[4].append(quoted[at])
        at = last
    return out


_PREFIXES = frozenset({"می", "نمی"})
_SPELLED = 4  # fewer single letters in a row are words of their own: "u r a"


def _run(forms: list[str], breaks: list[int], at: int) -> int:
    if forms[at] in _PREFIXES and at + 1 < len(forms) and not breaks[at + 1]:
        return at + 2
    last = at
    while (
        last < len(forms) and len(forms[last]) == 1 and "a" <= forms[last] <= "z" and (last == at or not breaks[last])
    ):
        last += 1
    return last if last - at >= _SPELLED else at + 1
