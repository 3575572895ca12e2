"""A number that names an option by its worth: where options say `range:`, "11", "im eleven" and "14yo" each are one.

Nothing here may guess: "nearly 13", "14 weeks", "he is 12" and "11pm" are none; behind an age "nearly 15" is more of it. Knows no
question, and of words only the English numbers and what says "soon" (`languages` has the others).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from flows import languages, offering, spelling
from flows.spelling import Sort

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flows.model import Option, Step
    from flows.spelling import Token

# Numbers that children write out. Ages: English only; elsewhere an age is two words or one that means something else ("once").
_COUNTED: Final = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen
"""
NUMBERED: Final[Mapping[str, int]] = MappingProxyType({one: worth for worth, one in enumerate(_COUNTED.split(), 1)})
NUMERALS: Final[Mapping[str, int]] = MappingProxyType({one: worth for one, worth in NUMBERED.items() if worth >= 5})  # noqa: PLR2004

# What says, behind an age, that it is the next one soon: "nearly 15", "15 in march".
_SOON: Final = frozenset(
    {
        *("nearly", "almost", "soon", "turning", "next", "tomorrow", "month", "week", "year", "bday", "birthday"),
        *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
        *("november", "december"),
    }
)
_BESIDE_IT: Final = frozenset(
    {"in", "on", "the", "be", "to", "about", "basically", "well", "like", "tho", "though", "lol"}
)

_ALREADY: Final = frozenset({"just", "turned"})  # "turned 14 in march"

_MOST_DIGITS = 3
_LEAD = 4  # words before the number: "i am only just 14"


class Amount(NamedTuple):
    """Which option, the tokens `at` (the number) to `end` (behind "years old"), and the number itself."""

    option: int
    at: int
    end: int
    worth: int


def read(options: Sequence[Option], numbers: Collection[str], found: Sequence[Token], at: int) -> Amount | None:
    """The amount that begins at a token; at the head of a text "i am" or "but" may stand before it.

    `numbers` are the numbers of the options themselves: those are chosen by number, never by worth.
    """
    if not any(option.span for option in options):
        return None
    start = _after_lead(found) if at == 0 else at
    worth = _worth(found[start]) if start < len(found) else None
    if worth is None or str(worth) in numbers:
        return None
    end = start + 1
    while end < len(found) and spelling.bare(found[end].text) in languages.YEARS:
        end += 1
    if end < len(found) and _is_no_age(found[end], tied=end == start + 1 and found[end].tied):
        return None
    spans = enumerate(option.span for option in options)
    return next(
        (Amount(which, start, end, worth) for which, span in spans if span and span[0] <= worth <= span[1]), None
    )


def said(step: Step, text: str) -> int | None:
    """The number itself that a text begins with, where it names one of the step's options by its worth."""
    numbers = offering.ready(step.options).numbers if step.options else ()
    found = read(step.options, numbers, spelling.tokens(text), 0)
    return None if found is None else found.worth


def soon(step: Step, told: str, text: str) -> int | None:
    """How old somebody is who says no more behind their age than which is the next one soon: 14 of "nearly 15", 13 of "14 in
    march". None where it is not one next to the age just told.
    """
    found = [spelling.bare(token.text) for token in spelling.tokens(text) if token.sort in (Sort.WORD, Sort.NUMBER)]
    numbers = [int(one) for one in found if one.isdecimal() and len(one) < _MOST_DIGITS]
    rest = {one for one in found if not one.isdecimal()}
    worth = said(step, told)
    more = rest - _SOON - _BESIDE_IT - languages.SELF - languages.YEARS
    if len(numbers) != 1 or worth is None or _SOON.isdisjoint(rest) or more:
        return None
    if numbers[0] == worth:
        return worth if _ALREADY & rest else worth - 1
    return worth if numbers[0] == worth + 1 else None


def _after_lead(found: Sequence[Token]) -> int:
    lead = 0
    before = languages.SELF | languages.BUT
    while lead < min(len(found), _LEAD) and spelling.bare(found[lead].text) in before:
        lead += 1
    return lead


def _worth(token: Token) -> int | None:
    if token.sort == Sort.NUMBER:
        return int(token.text) if len(token.text) <= _MOST_DIGITS and not token.signed else None
    return NUMERALS.get(spelling.bare(token.text))


def _is_no_age(after: Token, *, tied: bool) -> bool:
    return (tied and after.sort != Sort.SIGN) or spelling.bare(after.text) in languages.NO_AGE
