"""Options named otherwise than by a number, a label or a word of their own: "one and three", "a and c", "all of them". Pure.

Nothing here may guess: one letter alone may be the beginning of a word, and what could be an option's own words names no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows import amounts, languages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flows.model import Option
    from flows.offering import Offer

# Values of options that contradict every other of their list; and one of whom they were with: "all of them" are people.
ALONE: Final = frozenset({"none", "no", "had_all"})
_BY_ONESELF: Final = "alone"

# English, as the labels are read from the top: every option, or both where there are two.
_ALL: Final = frozenset(
    {
        *("all", "all of them", "all of these", "all of those", "all of the above", "all the above", "all of it"),
        *("everything", "every one", "every one of them", "everyone of them", "all of em", "all them", "all these"),
        *("literally all of them", "literally everything", "basically all of them", "basically everything"),
        *("pretty much all of them", "pretty much everything", "all tbh", "all of them tbh", "everything tbh"),
    }
)
_BOTH: Final = frozenset({"both", "both of them", "both of these"})
_LETTERS: Final = "abcdefghi"
_FEWEST: Final = 2


def named(offer: Offer, said: Sequence[str], *, many: bool) -> tuple[int, ...]:
    """The options that all the words of a text name, by their places; none where anything else could be meant. `many`: to a
    question that takes several.
    """
    chosen = _by_number(offer, said)
    if many and not chosen:
        chosen = _by_letter(offer, said) or _all(offer, " ".join(said))
    exclusive = any(offer.options[at].value in ALONE for at in chosen)
    return () if len(chosen) > 1 and (exclusive or not many) else chosen


def least(options: Sequence[Option]) -> str:
    """Of several that are a yes the one that asks least of a child: the last before the "no"."""
    return options[-2].value


def _by_number(offer: Offer, said: Sequence[str]) -> tuple[int, ...]:
    """Numbers written out."""
    chosen = [offer.numbers.get(str(amounts.NUMBERED[one])) for one in said if one in amounts.NUMBERED]
    joined = all(one in amounts.NUMBERED or one in languages.AND for one in said)
    known = tuple(one for one in chosen if one is not None)
    return known if joined and len(known) == len(chosen) else ()


def _by_letter(offer: Offer, said: Sequence[str]) -> tuple[int, ...]:
    """Two letters or more, as options are lettered elsewhere. "A e c" may be three of them or an Italian's two."""
    letters = [one for one in said if one in _LETTERS and (len(one) == 1)]
    joined = all(one in letters or one in languages.AND for one in said)
    doubtful = any(one in languages.AND for one in letters[1:-1]) or len({*letters}) != len(letters)
    places = tuple(_LETTERS.index(one) for one in letters)
    if not joined or doubtful or len(places) < _FEWEST or max(places) >= len(offer.options):
        return ()
    return places


def _all(offer: Offer, said: str) -> tuple[int, ...]:
    """All of a list but what contradicts the rest; nothing where one of those is said by such a word too: "I had it all"."""
    alone = {at for at, option in enumerate(offer.options) if option.value in ALONE}
    taken = tuple(at for at in range(len(offer.options)) if at not in alone)
    if said in _BOTH:
        return taken if len(taken) == _FEWEST else ()
    own = {word for words, ats in offer.own.items() if ats & alone for word in words}
    people = any(one.value == _BY_ONESELF for one in offer.options)
    return taken if said in _ALL and not people and own.isdisjoint({"all", "everything"}) else ()
