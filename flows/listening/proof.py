"""Does every entry hit what it says it hits, and miss what it says it misses? Run by the tests and `waymark check`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.listening import doubt, normalise
from flows.listening.scan import scan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.listening.lexicon import Lexicon, Rule
    from flows.listening.model import Model


def failures(model: Model) -> tuple[str, ...]:
    """One line for every example that does not hold: `file:line: entry: what: how to mend it`."""
    lexicons = [lexicon for readings in model.lexicons.values() for lexicon in readings[:1]]
    return tuple(line for lexicon in (*lexicons, *model.romanised) for line in _of(lexicon))


def _of(lexicon: Lexicon) -> Iterator[str]:
    for rule in lexicon.rules:
        for example in rule.hit:
            if not _hits(lexicon, rule, example):
                yield f"{rule.where}: {rule.id}: does not hit {example!r}: widen a phrase or change the example"
        for example in rule.miss:
            if _hits(lexicon, rule, example):
                yield f"{rule.where}: {rule.id}: hits {example!r}, which it must miss: narrow a phrase"


def _hits(lexicon: Lexicon, rule: Rule, example: str) -> bool:
    read = scan(normalise.read(example), lexicon)
    return any(find.rule.id == rule.id and not doubt.hides(find, doubt.of(read, find)) for find in read.finds)
