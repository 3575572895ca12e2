"""One language's phrases, compiled for a linear search. May not read files and may not see a text.

Every choice of words of every phrase gets a number (a *sign*); a word of a text is looked up once and carries the signs
it stands for. Each pattern hangs on its rarest step (the *anchor*), so that common words cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from flows.listening import normalise, respelling, spelling, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flows.listening.examples import Known
    from flows.listening.normalise import Reading
    from flows.model import Level

K = TypeVar("K")
V = TypeVar("V")
# The words that must follow a first word, and the signs they make together.
Rest: TypeAlias = tuple[tuple[str, ...], tuple[int, ...]]
# A word's signs, the word it was read as, whether it was so written, whether the language knows it.
Met: TypeAlias = tuple[frozenset[int], str, bool, bool]
# The patterns that begin at a word, by each of its signs.
Begun: TypeAlias = "tuple[tuple[Pattern, ...], ...]"

_COMMON_WEIGHT = 40
MOST_FILLERS = 3  # words between two steps of a phrase that speak of nothing
_LONGEST_STEM = 40  # letters; no stem is longer, and a word of thousands must not cost their square
_NO_SIGNS: frozenset[int] = frozenset()
# Words of grammar that a doubt or a "must not follow" asks for: they speak of nothing, and the weights learnt without them.
_NO_TOPIC = frozenset({"answering", "begins", "handing", "minders", "went"})
_MOST_BEGUN = 20_000  # sets of signs whose patterns are remembered


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of a lexicon file. `category` D01..D30, or empty for a cue; `cue` names it then (`now`, `past` ...).

    `keeps`: doubts that do not apply to it ("my sister" is no third person in D21). `hit` and `miss` are its proofs.
    `raised`: whether a row of `rules.yaml` may raise it; a punishment that comes every night is no graver for that.
    """

    id: str
    category: str
    level: Level
    cue: str
    phrases: tuple[str, ...]
    keeps: frozenset[str]
    note: str
    reviewed: str
    hit: tuple[str, ...]
    miss: tuple[str, ...]
    where: str
    raised: bool = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """A phrase as signs. `anchor`: which step to look for first; `before`: most words that can stand before it.

    `also`: the rarest sign beside the anchor, by which most phrases are told to be absent.
    """

    rule: int
    signs: tuple[int, ...]
    gaps: tuple[int, ...]
    anchor: int
    before: int
    also: int
    not_next: int
    at_start: bool
    at_end: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All that is known of one language, read-only. `accents`: they are told apart; `signed`: who reviewed it, or empty."""

    language: str
    signed: str
    accents: bool
    romanised: bool
    rules: tuple[Rule, ...]
    patterns: Mapping[int, tuple[Pattern, ...]]
    words: Mapping[str, frozenset[int]]
    stems: Mapping[str, frozenset[int]]
    compounds: Mapping[str, Mapping[str, tuple[Rest, ...]]]
    lists: Mapping[str, int]
    topics: Mapping[int, str]
    aliases: Mapping[str, str]
    common: frozenset[str]
    near: spelling.Neighbours
    speller: respelling.Speller | None
    topic_signs: frozenset[int]
    # Worked out once, of the file's own words and signs only: no other word of a child is remembered.
    met: dict[str, Met] = field(default_factory=dict, compare=False, repr=False)
    examples: list[Known] = field(default_factory=list, compare=False, repr=False)
    _begun: dict[frozenset[int], Begun] = field(default_factory=dict, compare=False, repr=False)

    def begun_by(self, signs: frozenset[int]) -> Begun:
        """The patterns whose anchor is one of a word's signs."""
        found = self._begun.get(signs)
        if found is None:
            if len(self._begun) >= _MOST_BEGUN:
                self._begun.clear()
            found = self._begun[signs] = tuple(self.patterns[sign] for sign in signs if sign in self.patterns)
        return found

    def stem_signs(self, word: str) -> tuple[frozenset[int], int]:
        """The signs of the longest stem (`threat*`) that a word begins with, and its length."""
        if self.stems:
            for end in range(min(len(word), _LONGEST_STEM), 2, -1):
                if word[:end] in self.stems:
                    return self.stems[word[:end]], end
        return _NO_SIGNS, 0


@dataclass(frozen=True, slots=True)
class Source:
    """A lexicon file as read: everything checked for shape, nothing compiled."""

    language: str
    signed: str
    strict_accents: bool
    romanised: bool
    lists: Mapping[str, tuple[str, ...]]
    aliases: Mapping[str, str]
    common: frozenset[str]
    rules: tuple[Rule, ...]
    speller: respelling.Speller | None = None


@dataclass(slots=True)
class _Compiler:
    """Numbers choices and gathers patterns; thrown away when the lexicon is built."""

    accents: bool
    common: frozenset[str]
    aliases: Mapping[str, str]
    numbers: dict[syntax.Choice, int] = field(default_factory=dict)
    lists: dict[str, syntax.Choice] = field(default_factory=dict)

    def word(self, form: str) -> str:
        spelt = form if self.accents else normalise.strip(form)
        return self.aliases.get(spelt, spelt)

    def number(self, choice: syntax.Choice) -> int:
        return self.numbers.setdefault(choice, len(self.numbers))

    def weight(self, choice: syntax.Choice) -> int:
        return sum(_COMMON_WEIGHT if parts[0] in self.common else 1 for parts in choice)


def build(source: Source, *, accents: bool) -> Lexicon:
    """Compile a file; `accents` says whether accented letters are told apart. Raises PhraseError naming the rule."""
    spelt = (lambda word: word) if accents else normalise.strip
    aliases = {spelt(short): spelt(long) for short, long in source.aliases.items()}
    common = frozenset(map(spelt, source.common))
    compiler = _Compiler(accents, common, aliases)
    for name, members in source.lists.items():
        compiler.lists[name] = _members(compiler, members)
        compiler.number(compiler.lists[name])
    by_anchor: dict[int, list[Pattern]] = defaultdict(list)
    for index, rule in enumerate(source.rules):
        for pattern in _patterns(compiler, index, rule):
            by_anchor[pattern.signs[pattern.anchor]].append(pattern)
    lists = {name: compiler.numbers[choice] for name, choice in compiler.lists.items()}
    topics = {sign: name for name, sign in lists.items() if name not in _NO_TOPIC}
    parts = {part for choice in compiler.numbers for parts in choice for part in parts if part[-1] != "*"}
    words, stems, compounds = _tables(compiler)
    return Lexicon(
        language=source.language,
        signed=source.signed,
        accents=accents,
        romanised=source.romanised,
        rules=source.rules,
        patterns={sign: tuple(patterns) for sign, patterns in by_anchor.items()},
        words=words,
        stems=stems,
        compounds=compounds,
        lists=lists,
        topics=topics,
        aliases=aliases,
        common=common,
        near=spelling.neighbours(filter(str.isalpha, parts)),
        speller=source.speller,
        topic_signs=frozenset(topics),
    )


def _members(compiler: _Compiler, members: tuple[str, ...]) -> syntax.Choice:
    """All ways to meet a list. A member with a gap is met here by its words side by side: a step is one run of words."""
    out: set[syntax.Alternative] = set()
    for member in members:
        for phrase in syntax.parse(f"({member})" if " " in member else member, compiler.lists, compiler.word):
            out |= syntax.run(phrase)
    return frozenset(out)


def _patterns(compiler: _Compiler, index: int, rule: Rule) -> list[Pattern]:
    out = []
    for text in rule.phrases:
        try:
            phrases = syntax.parse(text, compiler.lists, compiler.word)
        except syntax.PhraseError as error:
            message = f"{rule.where}: {rule.id}: {error}"
            raise syntax.PhraseError(message) from error
        out += [_pattern(compiler, index, phrase) for phrase in phrases]
    return out


def _pattern(compiler: _Compiler, index: int, phrase: syntax.Phrase) -> Pattern:
    signs = tuple(compiler.number(piece.choice) for piece in phrase.pieces)
    weights = [compiler.weight(piece.choice) for piece in phrase.pieces]
    anchor = weights.index(min(weights))
    rest = [at for at in range(len(signs)) if at != anchor] or [anchor]
    longest = [max(map(len, piece.choice)) + max(piece.gap, MOST_FILLERS) for piece in phrase.pieces]
    return Pattern(
        rule=index,
        signs=signs,
        gaps=tuple(piece.gap for piece in phrase.pieces),
        anchor=anchor,
        before=sum(longest[:anchor]) + phrase.pieces[anchor].gap + MOST_FILLERS if anchor else 0,
        also=signs[min(rest, key=weights.__getitem__)],
        not_next=compiler.number(phrase.not_next) if phrase.not_next else -1,
        at_start=phrase.at_start,
        at_end=phrase.at_end,
    )


def _tables(
    compiler: _Compiler,
) -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]], dict[str, dict[str, tuple[Rest, ...]]]]:
    """Single words, stems, and words that go on: by their first word, then by their second (`*` for any ending).

    Empties the compiler's numbers.
    """
    words: dict[str, set[int]] = defaultdict(set)
    stems: dict[str, set[int]] = defaultdict(set)
    compounds: dict[str, dict[str, dict[tuple[str, ...], list[int]]]] = defaultdict(lambda: defaultdict(dict))
    for choice, sign in _taken(compiler.numbers):
        for parts in choice:
            if len(parts) > 1:
                second = "*" if parts[1][-1] == "*" else parts[1]
                compounds[parts[0]][second].setdefault(parts[1:], []).append(sign)
                words[parts[0]].add(-1)
            elif parts[0].endswith("*"):
                stems[parts[0][:-1]].add(sign)
            else:
                words[parts[0]].add(sign)
    for word, signs in words.items():
        _add_stems(word, signs, stems)
    for stem in sorted(stems, key=len):
        _add_stems(stem, stems[stem], stems)
    # Words of one list carry the same signs: kept once, they take a third of the room.
    once: dict[frozenset[int], frozenset[int]] = {}
    both: dict[tuple[int, ...], tuple[int, ...]] = {}
    return (
        {word: once.setdefault(found := frozenset(signs - {-1}), found) for word, signs in _taken(words)},
        {stem: once.setdefault(found := frozenset(signs), found) for stem, signs in _taken(stems)},
        {
            word: {
                second: tuple((rest, both.setdefault(some := tuple(signs), some)) for rest, signs in _taken(rests))
                for second, rests in _taken(seconds)
            }
            for word, seconds in _taken(compounds)
        },
    )


def _taken(table: dict[K, V]) -> Iterator[tuple[K, V]]:
    """All of a table, which is empty after: what is made of it takes the room it leaves, not 4 MB more that nobody gives back."""
    for key in list(table):
        yield key, table.pop(key)


def _add_stems(word: str, signs: set[int], stems: Mapping[str, set[int]]) -> None:
    for end in range(3, len(word) + 1):
        signs |= stems.get(word[:end], set()) if word[:end] in stems else set()


def reading_of(readings: tuple[Lexicon, ...], reading: Reading) -> Lexicon:
    """The lexicon that tells accents apart for a text that writes them, else the one that does not."""
    return readings[0] if reading.accented else readings[-1]
