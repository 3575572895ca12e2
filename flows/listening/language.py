"""Which language a text is in: the child's choice, then the script, then py3langid among the service's languages.

May not judge what is said. No tool knows romanised Urdu, Arabic or Greek, so Latin text that is not confidently known
is read with every romanised lexicon too (detection.md).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from flows.listening import script

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Languages that are none of the service's but near enough to be taken for one; finding one means "unknown".
_STRANGERS: Final = frozenset({
    "de", "it", "nl", "ru", "bg", "sr", "hr", "cs", "sk", "hu", "lt", "lv", "fi", "sv", "da", "no", "sw", "id", "tl",
    "ha", "yo", "ig", "om", "rw", "ln", "ml", "ta", "te", "si", "ne", "my", "ja", "ko", "he", "ka", "hy",
})  # fmt: skip
# Ours that py3langid has no name for: left out, so that whoever asks shares one model.
_NAMELESS: Final = frozenset({"ar-latn", "ckb", "kmr", "prs", "ti"})
_BY_SCRIPT: Final[Mapping[str, tuple[str, ...]]] = {
    "han": ("zh",), "greek": ("el",), "cyrillic": ("uk",), "devanagari": ("hi",), "bengali": ("bn",),
    "gurmukhi": ("pa",), "gujarati": ("gu",), "ethiopic": ("am", "ti"), "arabic": ("ar", "fa", "ur", "ps", "ckb"),
}  # fmt: skip
_OTHER_LETTERS: Final = frozenset(code for codes in _BY_SCRIPT.values() for code in codes)
WRITTEN: Final = frozenset({*_BY_SCRIPT, "latin"})  # the scripts of the service's languages
# Letters that only one of several languages of a script writes.
_TELLTALE: Final = {"ckb": "ڕڵۆێ", "ps": "ټډړښځڅڼې", "ur": "ٹڈڑںےہھ", "ti": "ቐቑቒቓቕቖኸኹኺኻኽኾ"}
# The same, and endings, where a child is to be answered in it: Amharic too writes ኸ, and other languages write Cyrillic.
_ITS_OWN: Final[Mapping[str, Iterable[str]]] = _TELLTALE | {"ti": "ኣቐቑቒቓቕቖ", "am": ("ኝ", "ች", "ዬ", "ኛል"), "uk": "іїєґ"}
_SURE = 0.55
_CLEAR = 0.9  # what a language needs to be taken for certain among others of its script
FAMILIAR = 0.6  # share of words a lexicon must know for its language to be taken as read
_FEW_WORDS = 3
_LIKELY, _HALF = 0.35, 0.4  # what the child's own language needs, to be believed of an odd text


@dataclass(frozen=True, slots=True)
class Identifier:
    """py3langid kept to the languages that matter. Nothing is loaded before the first text that needs it."""

    languages: frozenset[str]

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Languages with their share of belief, best first. The first call takes about a second and 60 MB."""
        words = "".join(char for char in text[:600] if not script.is_mood(char))  # a face is no letter of any language
        return [(label, float(share)) for label, share in _loaded(self.languages).rank(words)]


def identifier(languages: frozenset[str]) -> Identifier:
    """For the service's languages and those that could be taken for them."""
    return Identifier((languages | _STRANGERS) - _NAMELESS)


@lru_cache(maxsize=1)
def _loaded(languages: frozenset[str]) -> LanguageIdentifier:
    """The model, keeping only the columns needed (20 MB less)."""
    inner = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    inner.set_languages(sorted(languages & set(inner.labels)))
    inner.nb_ptc = np.ascontiguousarray(inner.nb_ptc)
    inner._full_model = None  # noqa: SLF001 - frees the columns of the languages left out
    return inner


@dataclass(frozen=True, slots=True)
class Guess:
    """The languages to read a text in, the child's own first. `sure` False: nobody knows what language this is. `likely`: those
    to weigh it as, where others of its script are read beside them; empty: all. `clear`: the one that the words themselves tell
    beyond doubt, whatever the child's own is.
    """

    languages: tuple[str, ...]
    romanised: bool
    sure: bool
    likely: tuple[str, ...] = ()
    clear: str | None = None


def scripts(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    if text.isascii():
        letters = sum(map(str.isalpha, text))
        return Counter(latin=letters) if letters else Counter()
    return Counter(map(script.of, filter(str.isalpha, text)))


def guess(text: str, chosen: str, familiar: float, words: int, known: Identifier, offered: frozenset[str]) -> Guess:
    """Decide. `chosen`: the child's language; `familiar`: share of the words that English or it knows (0..1)."""
    counts = scripts(text)
    if not counts:
        return Guess((chosen,), romanised=False, sure=True)
    main = counts.most_common(1)[0][0]
    if main == "latin":
        return _latin(text, chosen, familiar, words, known, offered)
    candidates = tuple(code for code in _BY_SCRIPT.get(main, ()) if code in offered)
    if not candidates:
        return Guess((chosen,), romanised=False, sure=False)
    evident = _of_script(text, chosen, candidates, known)
    languages = tuple(dict.fromkeys((*((chosen,) if chosen in candidates else ()), *evident)))
    latin = ("en",) if counts["latin"] else ()
    clear = _clear(text, candidates, words, known)
    return Guess(languages + latin, romanised=False, sure=True, likely=(languages[0], evident[0], *latin), clear=clear)


def _clear(text: str, candidates: tuple[str, ...], words: int, known: Identifier) -> str | None:
    """Which of the languages of a script a text is in beyond doubt: by letters that it alone writes, else by py3langid."""
    told = [code for code in candidates if any(letter in text for letter in _ITS_OWN.get(code, ""))]
    if told:
        return told[0] if len(told) == 1 else None
    best, share = known.rank(text)[0]
    if best not in candidates or "ti" in candidates:  # which py3langid takes for Amharic
        return None
    alone = len(candidates) == 1
    return best if share >= (_SURE if alone else _CLEAR) and (alone or words >= _FEW_WORDS) else None


def _of_script(text: str, chosen: str, candidates: tuple[str, ...], known: Identifier) -> tuple[str, ...]:
    """The likeliest language of a script first, then the others of it: their words overlap, so all are read.

    A text in letters that only the child's own language writes is read in that one alone.
    """
    if len(candidates) == 1:
        return candidates
    told = [code for code in candidates if any(letter in text for letter in _TELLTALE.get(code, ""))]
    if told == [chosen]:
        return (chosen,)
    ranked = [code for code, _ in known.rank(text) if code in candidates]
    return tuple(dict.fromkeys((*told, *ranked, *candidates)))


def _latin(text: str, chosen: str, familiar: float, words: int, known: Identifier, offered: frozenset[str]) -> Guess:
    if familiar >= FAMILIAR or words < _FEW_WORDS:
        # A few words may be any language's in Roman letters, unless every one of them is known.
        clear = chosen if words >= _FEW_WORDS else None
        return Guess((chosen,), romanised=words < _FEW_WORDS and familiar < 1, sure=True, clear=clear)
    ranked = known.rank(text)
    best, share = ranked[0]
    likely = tuple(code for code, _ in ranked if code in offered)[:2]
    if best in offered and share >= _SURE:
        # Whoever writes Urdu in Roman letters may not be able to read it in its own.
        clear = best if share >= _CLEAR and best not in _OTHER_LETTERS else None
        return Guess((best,), romanised=best == "en", sure=True, clear=clear)
    sure = best == chosen and (share >= _LIKELY or familiar >= _HALF)
    return Guess(tuple(dict.fromkeys((chosen, *likely))), romanised=True, sure=sure)
