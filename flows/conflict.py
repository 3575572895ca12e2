"""A concern about somebody in trust, who may be one of us (D22): who must not hear of it, and which ladder is left. Pure.

A machine cannot read off a child's words whether "the night staff" works here. So it errs to the child's side, and in two
steps that differ in what they cost. *Kept away* from this child and this alert: everybody it could be - whoever is named,
whoever holds the chat, the worker the child had before - and everybody above them whom they answer to (domain 3.3, D22).
*Access ends*: only who is named beside the words that made the concern; a name elsewhere may be whom the child turns to.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flows.model import Category, Concern, Hit, Ladder, OnDuty

MANAGERS: Final = ("manager", "service_manager")
# Code points between a name and the words that made the concern, within which one speaks of the other.
NEAR: Final = 16
# Names that are words: "he will" names nobody. They count with a capital inside a sentence only, for access hangs on it.
_WORDS: Final = frozenset(
    [
        "amber",
        "april",
        "art",
        "august",
        "autumn",
        "basil",
        "bill",
        "black",
        "brown",
        "chase",
        "christian",
        "daisy",
        "dawn",
        "dean",
        "don",
        "drew",
        "duke",
        "earl",
        "faith",
        "frank",
        "gene",
        "grace",
        "grant",
        "gray",
        "green",
        "guy",
        "heath",
        "holly",
        "hope",
        "hunter",
        "iris",
        "ivy",
        "jack",
        "jade",
        "jasmine",
        "jay",
        "jean",
        "jet",
        "joy",
        "june",
        "king",
        "lance",
        "lee",
        "lily",
        "long",
        "love",
        "mark",
        "mason",
        "may",
        "mercy",
        "miles",
        "misty",
        "nick",
        "norm",
        "olive",
        "page",
        "pat",
        "pearl",
        "penny",
        "pierce",
        "pip",
        "prince",
        "queen",
        "ray",
        "reed",
        "rich",
        "rob",
        "robin",
        "rock",
        "rod",
        "rose",
        "ruby",
        "rusty",
        "sage",
        "sandy",
        "sky",
        "stone",
        "storm",
        "sue",
        "summer",
        "sunny",
        "ted",
        "terry",
        "tiger",
        "trinity",
        "viola",
        "violet",
        "wade",
        "ward",
        "white",
        "will",
        "willow",
        "winter",
        "wood",
        "young",
    ]
)
# Shorter parts of a name are words of a language.
_SHORTEST: Final = 3
_CALL_AFTER: Final = 3
# After the last manager of a ladder that has no service manager.
_LAST_AFTER: Final = 15


def in_trust(categories: Mapping[str, Category]) -> frozenset[str]:
    """The codes of concerns that may be about one of us, as the library marks them."""
    return frozenset(code for code, one in categories.items() if one.conflict)


def is_one(concern: Concern, text: str, names: Iterable[str], codes: frozenset[str]) -> bool:
    """Whether a concern may be about one of us: it is about somebody in trust, or has one of our names beside it.

    A child who says a worker's name to them ("Rosa, my dad hit me") is taken so as well: they get a manager instead.
    """
    return bool(codes & set(concern.categories)) or bool(_beside(text, names, concern.evidence))


def named(text: str, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Which of these people stand in a text, and where; by any part of their name, whole and in any case."""
    found = {name: tuple(_places(text, name)) for name in names}
    return {name: places for name, places in found.items() if places}


def accused(text: str, names: Iterable[str], evidence: Iterable[Hit], codes: frozenset[str]) -> tuple[str, ...]:
    """Who is named beside the words about somebody in trust."""
    return _beside(text, names, [hit for hit in evidence if hit.category in codes])


def _beside(text: str, names: Iterable[str], hits: Iterable[Hit]) -> tuple[str, ...]:
    grave = [hit for hit in hits if hit.level >= Level.L2]
    standing = named(text, names).items()
    return tuple(name for name, places in standing if any(_near(place, hit) for place in places for hit in grave))


def ladder(whole: Ladder) -> Ladder:
    """The same ladder with the managers alone: the first of them at once, the others as long after as they were.

    From L3 on each is called three minutes after the text, where the ladder had no call for them.
    """
    kept = [rung for rung in whole.rungs if set(rung.roles) & set(MANAGERS)]
    if not kept:
        return whole
    if not any(MANAGERS[-1] in rung.roles for rung in kept):
        # Every other manager may be in somebody's line: the last rung is whoever answers for all.
        last = kept[-1]
        kept.append(replace(last, after_minutes=last.after_minutes + _LAST_AFTER, roles=(MANAGERS[-1],)))
    first = min(rung.after_minutes for rung in kept)
    rungs = [replace(one, after_minutes=one.after_minutes - first, roles=_managers(one.roles)) for one in kept]
    called = {one.roles for one in rungs if one.method == "voice"}
    if whole.level >= Level.L3:
        more = [one for one in rungs if one.roles not in called]
        rungs += [replace(one, after_minutes=one.after_minutes + _CALL_AFTER, method="voice") for one in more]
    return replace(whole, rungs=tuple(sorted(rungs, key=lambda one: one.after_minutes)))


def tiers(people: Iterable[OnDuty]) -> tuple[tuple[OnDuty, ...], ...]:
    """Whom to page of those who may hear of it, best first: managers; without one anybody, in a manager's place."""
    there = tuple(people)
    managers = tuple(one for one in there if one.role in MANAGERS)
    return managers, tuple(replace(one, role=MANAGERS[0]) for one in there)


def _managers(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role for role in roles if role in MANAGERS)


def _places(text: str, name: str) -> Iterator[int]:
    for part in {name, *re.split(r"[\s-]+", name)}:
        if len(part) >= _SHORTEST:
            found = re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE)
            yield from (match.start() for match in found if _is_name(match))


def _is_name(match: re.Match[str]) -> bool:
    return match[0].casefold() not in _WORDS or (match.start() > 0 and match[0][0].isupper())


def _near(place: int, hit: Hit) -> bool:
    return hit.start - NEAR <= place <= hit.end + NEAR
