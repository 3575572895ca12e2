"""How old a reader must be for an English sentence: syllables counted by rule, and the Flesch-Kincaid grade of a stem.

May not judge another language: the formula was fitted to English. The counter is ours, because a dictionary of syllables
is a download (domain 2.10); where the rules below miss a word that a text needs, the word goes into `_EXCEPTIONS`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORD: Final = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*|[0-9]+(?:[ ][0-9]+)*")
_SENTENCE: Final = re.compile(r"[.!?:]+(?=\s|$)")
_VOWELS: Final = re.compile(r"[aeiouy]+")
# Two vowels side by side that are said apart: "idea", "being", "going", "science".
_APART: Final = re.compile(r"ia(?!l$)|io(?!n)|iu|[aeou]ing|eo(?!u)|ua[lt]|iet")
# A last e that is not said, with the plural and past of such words; "ed" is said after t and d, "es" after a hiss.
_SILENT: Final = re.compile(r"(?<=[^aeiouy])e$|(?<=[^aeioutdy])ed$|(?<=[^aeiouyscxz])es$|(?<=[^aeiou]e)ly$")
_SAID_LE: Final = re.compile(r"[^aeiouy]le$")

# English that follows no rule above, as far as texts for children use it.
_EXCEPTIONS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("people", "someone", "something", "sometimes", "really", "trouble", "safer", "maybe"), 2),
    **dict.fromkeys(
        ("science", "lion", "somewhere", "didn't", "doesn't", "isn't", "wasn't", "couldn't", "wouldn't", "haven't"), 2
    ),
    **dict.fromkeys(("anyone", "everyone", "area", "idea", "anywhere"), 3),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What the formula is made of."""

    sentences: int
    words: int
    syllables: int

    @property
    def grade(self) -> float:
        """Flesch-Kincaid: the school year (United States) whose pupils read this with ease; age is about 5 more."""
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59


def measure(stem: str) -> Measure:
    """Count a stem. A number is one short word; a text without a word counts as one of one syllable."""
    words = _WORD.findall(stem)
    pieces = [piece for piece in _SENTENCE.split(stem) if _WORD.search(piece)]
    return Measure(max(1, len(pieces)), max(1, len(words)), max(1, sum(map(syllables, words))))


def grade(stem: str) -> float:
    """The grade of a stem: the question without its numbered answers, or a whole statement (domain 2.10)."""
    return measure(stem).grade


def syllables(word: str) -> int:
    """How many syllables an English word has; never fewer than one."""
    plain = word.lower()
    if plain in _EXCEPTIONS:
        return _EXCEPTIONS[plain]
    if plain.isdigit() or not plain.isascii():
        return 1
    plain = plain.partition("'")[0]
    said = plain if _SAID_LE.search(plain) else _shortened(plain)
    groups = len(_VOWELS.findall(said))
    return max(1, groups + len(_APART.findall(said)))


def _shortened(word: str) -> str:
    found = _SILENT.search(word)
    if found is None:
        return word
    # "safely": the e before the ending is silent, the ending is said.
    return word[: found.start() - 1] + word[found.start() :] if found.group() == "ly" else word[: found.start()]
