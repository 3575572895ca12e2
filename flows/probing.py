"""After a disclosure nobody asks: what in a worker's text does, in whatever language it is. Pure.

May not hold a text (that is `composer`). Words are the lists of `library/composer.yaml`; a question mark needs none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flows import canned
from flows.listening import language as identifying
from flows.phrases import WORD, begin, compared, split, stands, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.composer import Rules
    from flows.phrases import Phrases

# Also the Greek mark, which is a semicolon once it is compared, and signs that stand for one.
_ASKS: Final = re.compile(r"[?\u061f\u1367\u00bf\u203d\u2753\u2754]|(?<=[\u0370-\u03ff\u1f00-\u1fff]);")
_SENTENCES: Final = re.compile(r"(?<=[.!\u0964\u06d4\u1362])\s+|(?<=[?\u061f\u1367\u3002!])")
# Words a question may have beside a phrase that may ask, where nobody has listed what must not stand there.
_BESIDE: Final = 2
# Letters below which nobody can tell a language, and the share of belief from which one is taken for it.
_LETTERS: Final = 12
_LIKELY: Final = 0.55
# What the identifier calls several of ours by one name.
_VARIANTS: Final = {"zh": ("zh-Hans", "zh-Hant"), "fa": ("fa", "prs")}


def found(text: str, locale: str, rules: Rules) -> Iterator[tuple[str, str]]:
    """Why a compared text asks, or may, as reason and words."""
    asked = [one for one in sentences(text) if _is_asked(one, rules) and not _is_known(one, rules)]
    yield from (("leading", one) for one in asked if not may_ask(one, rules))
    spoken = _languages(text, locale, rules)
    # Nobody has written down how such a language asks: a person who reads it looks first.
    yield from (("unknown_language", one) for one in dict.fromkeys(spoken) if one not in rules.leading)
    said = " ".join(one for one in sentences(text) if not (_is_asked(one, rules) and _is_known(one, rules)))
    # Of all languages: what a text looks like is a guess, and "ne" is "what" in Turkish and "not" in Kurdish.
    fine = tuple(phrase for phrases in rules.fine.values() for phrase in phrases)
    words = without(split(said), fine)
    for language, listed in rules.leading.items():
        for one in listed:
            # What is written like no English word is looked for in every text, whatever it is taken for.
            if language not in spoken and (one[-1].endswith("?") or " ".join(one).isascii()):
                continue
            if one[0] in said if language in rules.parts else _stands(one, said, words, fine):
                yield "leading", " ".join(one)
                break
    spaced = _unspaced(said)
    yield from (("leading", one[0]) for one in rules.leading["en"] if len(one) == 1 and one[0] in spaced)


def _languages(text: str, locale: str, rules: Rules) -> tuple[str, ...]:
    """Those to read a text in: English, the chat's own, and what it looks like; a script or language of no list among them."""
    own = next((one for one in (locale, locale.partition("-")[0]) if one in rules.leading), locale)
    counts = identifying.scripts(text)
    main = counts.most_common(1)[0][0] if counts else "latin"
    if main not in identifying.WRITTEN:
        return "en", own, main
    if counts.total() < _LETTERS:
        return "en", own
    listed = frozenset(one.partition("-")[0] for one in rules.leading)
    best, share = identifying.identifier(listed).rank(text)[0]
    if share < _LIKELY:
        return "en", own
    like = _VARIANTS.get(best, (best,))
    return ("en", *like) if best == "en" and own not in rules.leading else ("en", own, *like)


def is_read_as_english(text: str, locale: str, rules: Rules) -> bool:
    """Whether a text may be English: not what looks like the chat's own language, in which "he" and "her" mean something else."""
    _, own, *like = _languages(text, locale, rules)
    return own == "en" or own not in like


def sentences(text: str) -> list[str]:
    """Those of a compared text. A question mark by itself belongs to the sentence before it."""
    made: list[str] = []
    for piece in filter(None, _SENTENCES.split(text)):
        if made and not WORD.search(piece):
            made[-1] += f" {piece}"
        else:
            made.append(piece)
    return made


def _questions(text: str) -> list[str]:
    return [one for one in sentences(text) if _ASKS.search(one)]


def _is_asked(sentence: str, rules: Rules) -> bool:
    """Whether it has a question mark, or begins as an English question does: whoever texts leaves the mark out."""
    if _ASKS.search(sentence):
        return True
    words = split(sentence)
    begun = begin(words)
    return any(words[at : at + len(one)] == one for one in rules.opens for at in range(begun + 1))


def _is_known(asked: str, rules: Rules) -> bool:
    """Whether it is a question of a ready reply, or one of another language that may ask, with a word or two."""
    words = split(asked)
    return words in _ready_questions() or any(
        language != "en" and _asks_no_more(one, words, language, rules)
        for language, listed in rules.may_ask.items()
        for one in listed
    )


def _asks_no_more(one: tuple[str, ...], words: tuple[str, ...], language: str, rules: Rules) -> bool:
    """Whether nothing is asked beside it, as in "do you want to tell me who?". Where words are not parted by spaces a whole
    clause is one, and nothing may stand beside it.
    """
    if not stands(one, words) or len(words) > len(one) + (0 if language in rules.parts else _BESIDE):
        return False
    rest = without(words, (one,))
    return not any(stands(lead, rest) for lead in rules.leading.get(language, ()))


def may_ask(asked: str, rules: Rules) -> bool:
    """Whether a sentence asks how the child is and what they need, and names nobody and nothing that was done."""
    words = split(asked)
    asks = without(without(words, rules.fine["en"]), rules.may_ask["en"])
    about = (*rules.about, *rules.sets["people"], *rules.sets["act"])
    return any(stands(one, words) for one in rules.may_ask["en"]) and not any(stands(one, asks) for one in about)


@lru_cache(maxsize=1)
def _ready_questions() -> frozenset[tuple[str, ...]]:
    """What the replies ask that may be sent as they stand after a disclosure, in every language."""
    texts = (text for reply in canned.fitting(locked=True) for text in reply.texts.values())
    return frozenset(split(one) for text in texts for one in _questions(compared(text)))


def _stands(phrase: tuple[str, ...], text: str, words: tuple[str, ...], fine: Phrases) -> bool:
    """Whether a phrase is there and asks. One that asks beside a question mark does so where a sentence begins or ends with it
    too, unless it has two of them.
    """
    bare = (*phrase[:-1], phrase[-1].rstrip("?"))
    if bare == phrase or _ASKS.search(text):
        return stands(bare, words)
    return not phrase[-1].endswith("??") and any(_at_an_end(bare, without(split(one), fine)) for one in sentences(text))


def _at_an_end(phrase: tuple[str, ...], words: tuple[str, ...]) -> bool:
    begun = begin(words)
    return phrase in (words[begun : begun + len(phrase)], words[-len(phrase) :])


def _unspaced(text: str) -> frozenset[str]:
    """Words of three letters or more that are written letter by letter: "w h a t", "w.h.a.t"."""
    runs = [re.sub(r"[\W_]+", "", run) for run in re.findall(r"(?<!\w)(?:\w[\s.*_-]+){2,}\w(?!\w)", text)]
    # A single letter or figure that happens to stand beside it is in the run too.
    return frozenset(
        run[at:end] for run in runs for at in range(len(run)) for end in range(at + 3, min(at + 6, len(run)) + 1)
    )
