"""Looking for a lexicon's patterns in the words of a text. May not judge what a find means.

Sets of reached places instead of backtracking: the cost of one pattern at one place is bounded by its length, and a
rule that was found `MOST_FINDS` times is not looked for again, so that a repeated text costs no more than a long one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flows.listening import respelling, script, spelling
from flows.listening.lexicon import MOST_FILLERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.listening.lexicon import Lexicon, Met, Pattern, Rule
    from flows.listening.normalise import Reading

MOST_FINDS = 3
MOST_CORRECTED = 300
SURE_STEM = 5  # a stem this long is no chance: the word is not taken for another
_NONE: frozenset[int] = frozenset()
_STRONG = 2
# Of the words: fewer are names and slang, and every text has them; where more are nobody's it is another language.
_GUESSED, _FOREIGN = 0.2, 0.65


@dataclass(frozen=True, slots=True)
class Find:
    """A rule met at words `start` to `end` (not included); `used` are the words that its steps took."""

    rule: Rule
    start: int
    end: int
    used: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Scan:
    """A text as one lexicon reads it. `words`: as it spells them; `corrected[i]`: the word that word i was taken for;
    `respelt[i]`: the same, only where the words beside it told.
    """

    reading: Reading
    lexicon: Lexicon
    signs: tuple[frozenset[int], ...]
    words: tuple[str, ...]
    corrected: dict[int, str]
    known: int
    finds: tuple[Find, ...]
    cues: dict[str, tuple[Find, ...]]
    respelt: dict[int, str]

    @property
    def guessed(self) -> float:
        """The share of words that nobody writes and that were read as others; 0 where they are few: then no more is guessed than
        is in every text.
        """
        plain, speller = self.reading.plain, self.lexicon.speller
        if speller is None:
            return 0.0
        guessed = sum(word != form and not speller.knows(form) for word, form in zip(self.words, plain, strict=True))
        return guessed / len(plain) if max(2, len(plain) * _GUESSED) <= guessed <= len(plain) * _FOREIGN else 0.0

    def stands(self, name: str, at: int) -> bool:
        """Whether word `at` is in the file's list `name`."""
        return self.lexicon.lists.get(name, -1) in self.signs[at]


@dataclass(slots=True)
class _Search:
    reading: Reading
    lexicon: Lexicon
    signs: list[frozenset[int]] = field(default_factory=list)
    corrected: dict[int, str] = field(default_factory=dict)
    respelt: dict[int, str] = field(default_factory=dict)
    compounds: dict[int, dict[int, tuple[int, ...]]] = field(default_factory=dict)
    memo: dict[str, Met] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    topics: dict[int, set[int]] = field(default_factory=dict)
    known: int = 0
    unknown: list[int] = field(default_factory=list)
    present: set[int] = field(default_factory=set)
    filler: int = -1


def scan(reading: Reading, lexicon: Lexicon, *, respell: bool = True) -> Scan:
    """All finds of a lexicon in a text, entries and cues apart. `respell`: whether it may be that language, garbled."""
    search = _Search(reading, lexicon, filler=lexicon.lists.get("fillers", -1))
    _look_up(search, reading.forms if lexicon.accents else reading.plain)
    if respell and lexicon.speller is not None:
        _respell(search, lexicon.speller)
    for at, following in enumerate(map(lexicon.compounds.get, search.words[:-1])):
        if following:
            for rest, signs in (*following.get(search.words[at + 1], ()), *following.get("*", ())):
                _compound(search, at, rest, signs)
    search.present.update(*search.signs)
    finds: list[Find] = []
    cues: dict[str, list[Find]] = {}
    for find in _finds(search):
        if find.rule.cue:
            cues.setdefault(find.rule.cue, []).append(find)
        else:
            finds.append(find)
    return Scan(
        reading, lexicon, _with_topics(search), tuple(search.words), search.corrected, search.known, tuple(finds),
        {name: tuple(found) for name, found in cues.items()}, search.respelt,
    )  # fmt: skip


def _with_topics(search: _Search) -> tuple[frozenset[int], ...]:
    """The signs of every word; a list's entry of several words ("key worker") is a sign of its first word too."""
    return tuple(signs | search.topics[at] if at in search.topics else signs for at, signs in enumerate(search.signs))


def _look_up(search: _Search, forms: tuple[str, ...]) -> None:
    memo = search.memo
    for at, form in enumerate(forms):
        found = memo.get(form)
        if found is None:
            found = memo[form] = search.lexicon.met.get(form) or _met(search, form)
        signs, word, sure, known = found
        search.signs.append(signs)
        search.words.append(word)
        search.known += known
        if not sure:
            search.corrected[at] = word
        if not known:
            search.unknown.append(at)


def _respell(search: _Search, speller: respelling.Speller) -> None:
    """What nobody writes is read as what is written at such a place too: this adds signs and takes none away."""
    forms = search.reading.plain
    search.respelt = respelling.respelt(forms, search.unknown, speller)
    for at, word in search.respelt.items():
        signs, meant, *_ = search.lexicon.met.get(word) or _met(search, word)
        search.signs[at] |= signs
        search.words[at] = search.corrected[at] = meant


def _met(search: _Search, form: str) -> Met:
    """As `_resolve`, and whether it is a word of the language: a face is a word of every list and of no language."""
    lexicon = search.lexicon
    signs, word, sure = _resolve(search, form)
    known = sure and (bool(signs) or word in lexicon.common) and not script.is_mood(form[0])
    if word == form and (form in lexicon.words or form in lexicon.common):
        lexicon.met[form] = signs, word, sure, known
    return signs, word, sure, known


def _resolve(search: _Search, form: str) -> tuple[frozenset[int], str, bool]:
    """Signs of a word, the word it was read as, and whether that is how it was written."""
    lexicon = search.lexicon
    word = lexicon.aliases.get(form, form)
    if word in lexicon.words or word in lexicon.common:
        return lexicon.words.get(word) or lexicon.stem_signs(word)[0], word, True
    for reading in spelling.plain_readings(word):
        other = lexicon.aliases.get(reading, reading)
        if other in lexicon.words or other in lexicon.common:
            return lexicon.words.get(other, _NONE), other, other in lexicon.common
    stems, length = lexicon.stem_signs(word)
    if length >= SURE_STEM or len(search.memo) > MOST_CORRECTED:
        return stems, word, True
    near = spelling.correct(word, lexicon.near, lexicon.common)
    return (stems | lexicon.words.get(near, _NONE), near, False) if near else (stems, word, True)


def _compound(search: _Search, at: int, rest: tuple[str, ...], signs: tuple[int, ...]) -> None:
    end = at + 1 + len(rest)
    if _same(search.words, at + 1, rest) and _STRONG not in search.reading.breaks[at + 1 : end]:
        lengths = search.compounds.setdefault(at, {})
        for sign in signs:
            lengths[sign] = (*lengths.get(sign, ()), end - at)
        search.present.update(signs)
        named = search.lexicon.topic_signs.intersection(signs)
        if named:
            search.topics.setdefault(at, set()).update(named)


def _same(words: list[str], at: int, rest: tuple[str, ...]) -> bool:
    if at + len(rest) > len(words):
        return False
    for word, part in zip(words[at : at + len(rest)], rest, strict=True):
        if word != part and not (part[-1] == "*" and word.startswith(part[:-1])):
            return False
    return True


def _finds(search: _Search) -> Iterator[Find]:
    counts: dict[int, int] = {}
    tried: set[tuple[int, int]] = set()
    for at, pattern in _likely(search):
        if counts.get(pattern.rule, 0) >= MOST_FINDS:
            continue
        find = _around(search, pattern, at, tried)
        if find is not None:
            counts[pattern.rule] = counts.get(pattern.rule, 0) + 1
            yield find


def _likely(search: _Search) -> Iterator[tuple[int, Pattern]]:
    """The patterns with an anchor in the text, all of whose signs stand somewhere in it, with the place of the anchor."""
    lexicon, present = search.lexicon, search.present
    fit: dict[frozenset[int], list[Pattern]] = {}
    for at, signs in enumerate(search.signs):
        found = fit.get(signs)
        if found is None:
            begun = lexicon.begun_by(signs)
            found = [one for some in begun for one in some if one.also in present and present.issuperset(one.signs)]
            fit[signs] = found
        for one in found:
            yield at, one
        for sign in search.compounds.get(at, ()):
            for one in lexicon.patterns.get(sign, ()):
                if one.also in present and present.issuperset(one.signs):
                    yield at, one


def _around(search: _Search, pattern: Pattern, at: int, tried: set[tuple[int, int]]) -> Find | None:
    """The pattern begun at any place from which it can reach its anchor at `at`."""
    for start in range(at, max(-1, at - pattern.before - 1), -1):
        key = (id(pattern), start)
        if key in tried or not _meets(search, pattern.signs[0], start):
            continue
        tried.add(key)
        if pattern.at_start and not (start == 0 or search.reading.breaks[start]):
            continue
        find = _from(search, pattern, start)
        if find is not None:
            return find
    return None


def _meets(search: _Search, sign: int, at: int) -> bool:
    return sign in search.signs[at] or sign in search.compounds.get(at, ())


def _from(search: _Search, pattern: Pattern, start: int) -> Find | None:
    reached: dict[int, tuple[int, ...]] = {start: ()}
    for step, (sign, gap) in enumerate(zip(pattern.signs, pattern.gaps, strict=True)):
        following: dict[int, tuple[int, ...]] = {}
        for place, used in reached.items():
            for at in (place,) if step == 0 else _places(search, place, gap):
                _step(search, sign, at, used, following)
        if not following:
            return None
        reached = following
    for end, used in reached.items():
        if _ends_well(search, pattern, end) and not _is_guess(search, used):
            return Find(search.lexicon.rules[pattern.rule], start, end, used)
    return None


def _step(search: _Search, sign: int, at: int, used: tuple[int, ...], into: dict[int, tuple[int, ...]]) -> None:
    if sign in search.signs[at] and at + 1 not in into:
        into[at + 1] = (*used, at)
    for length in search.compounds.get(at, {}).get(sign, ()):
        into.setdefault(at + length, (*used, *range(at, at + length)))


def _places(search: _Search, place: int, gap: int) -> Iterator[int]:
    """Where the next step may stand: here, after fillers, or after up to `gap` other words of the same sentence."""
    fillers = 0
    for at in range(place, min(place + gap + MOST_FILLERS + 1, len(search.signs))):
        if search.reading.breaks[at] == _STRONG:
            return
        yield at
        if search.filler in search.signs[at] and fillers < MOST_FILLERS:
            fillers += 1
        elif at - place - fillers >= gap:
            return


def _is_guess(search: _Search, used: tuple[int, ...]) -> bool:
    """A find of one word stands only if that word was written, or misses or swaps a letter of a long one."""
    if len(used) > 1 or used[0] not in search.corrected:
        return False
    return not spelling.is_certain(search.reading.plain[used[0]], search.corrected[used[0]])


def _ends_well(search: _Search, pattern: Pattern, end: int) -> bool:
    if end >= len(search.signs):
        return True
    if pattern.at_end and not search.reading.breaks[end]:
        return False
    return pattern.not_next < 0 or not _meets(search, pattern.not_next, end)
