"""How finds become hits with a level: doubts cap, cues and age raise (domain 3.3, decisions 6). May not page anyone.

What raises is data (`rules.yaml`): a row names categories, the cues or further categories beside them, or an age.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.listening import doubt
from flows.model import Hit, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flows.listening.lexicon import Lexicon, Rule
    from flows.listening.scan import Find, Scan

_NEAR = 14  # words between a find and the cue that raises it


@dataclass(frozen=True, slots=True)
class Raise:
    """One row: hits of `categories` rise to `to` when a cue of `cues` or a hit of `beside` is near, or under an age."""

    id: str
    categories: frozenset[str]
    cues: frozenset[str]
    beside: frozenset[str]
    under: int | None
    to: Level
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of `rules.yaml`, the plain name of every category, and every cue name a lexicon may use."""

    rows: tuple[Raise, ...]
    names: Mapping[str, str]
    cues: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A find with its hit; `words` (start, end) is its place in words."""

    find: Find
    hit: Hit
    words: tuple[int, int]


def judge(scan: Scan, table: Table, age: int | None) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
    """Hits and suppressed hits of one lexicon, in the order of the text."""
    judged = [_first(scan, find) for find in scan.finds]
    kept = [one for one in judged if not doubt.hides(one.find, one.hit.doubt)]
    hits = [_raised(scan, table, one, kept, age) for one in kept]
    hidden = [replace(one.hit, level=Level.L0) for one in judged if doubt.hides(one.find, one.hit.doubt)]
    return _tidy(hits), _tidy(hidden)


def named(lexicon: Lexicon, rule: Rule) -> str:
    """The name by which a rule is known outside its file, its language before its id."""
    return f"{lexicon.language}.{rule.id}"


def _first(scan: Scan, find: Find) -> Judged:
    why = doubt.of(scan, find)
    rule = named(scan.lexicon, find.rule)
    if any(at in scan.corrected for at in find.used):
        rule += "~"
    reading = scan.reading
    start, end = min(reading.starts[find.start : find.end]), max(reading.ends[find.start : find.end])
    level = doubt.capped(find.rule.level, find.rule.category, why)
    return Judged(find, Hit(find.rule.category, level, start, end, rule, why), (find.start, find.end))


def _raised(scan: Scan, table: Table, one: Judged, all_of: list[Judged], age: int | None) -> Hit:
    if one.hit.doubt or not one.find.rule.raised:
        return one.hit
    for row in table.rows:
        if one.hit.category in row.categories and one.hit.level < row.to and _holds(scan, row, one, all_of, age):
            one = replace(one, hit=replace(one.hit, level=row.to, rule=f"{one.hit.rule}+{row.id}"))
    return one.hit


def _holds(scan: Scan, row: Raise, one: Judged, all_of: list[Judged], age: int | None) -> bool:
    if row.under is not None and (age is None or age >= row.under):
        return False
    if not row.cues and not row.beside:
        return row.under is not None
    first, last = one.words[0] - _NEAR, one.words[1] + _NEAR
    cued = any(first <= cue.start and cue.end <= last for name in row.cues for cue in scan.cues.get(name, ()))
    return cued or any(
        other is not one and other.hit.doubt is None and other.hit.category in row.beside for other in all_of
    )


def _tidy(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Each rule once for the same words; the strongest first where several begin together."""
    unique = {(hit.category, hit.start, hit.end, hit.doubt): hit for hit in sorted(hits, key=lambda hit: hit.level)}
    return tuple(sorted(unique.values(), key=lambda hit: (hit.start, -hit.level, hit.category, hit.rule)))
