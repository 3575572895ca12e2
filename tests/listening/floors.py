"""The floors of the held half: under them the build fails. May write `floors.toml`, and only when a person asks.

A floor is what was reached, less a margin for a trade of a few lines; a ceiling is what was reached and the same margin.
While a language hears less than it must, its false alarms may rise as far as they are allowed at all: that is the trade.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.listening import measure
from tests.listening.gates import FALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.listening.gates import Fall
    from tests.listening.measure import Rates, Result

PATH: Final = Path(__file__).parent / "floors.toml"
RECALL: Final = ("heard", "paged", "category")
ALARMS: Final = ("false_heard", "false_paged")
MARGIN: Final = {measure.ENGLISH: 0.01, "pooled": 0.01}
SMALL: Final = 0.03  # two lines of a language's seventy
SLACK: Final = 0.5  # points more that a change of spelling may cost
MUST_HEAR: Final = {measure.ENGLISH: 0.95, "pooled": 0.92}
MUST_HEAR_EACH: Final = 0.84
ALLOWED: Final = {"false_heard": 0.20, "false_paged": 0.08}  # of hard negatives

_HEAD: Final = """\
# Floors of the half of the corpus that no rule was written against. Under a floor, or over a ceiling, the build fails.
# Written by `python -m tests.listening.report --floors`; a floor goes down only with the reason in the commit.
# Who wrote that half, and what the numbers cannot say: corpus/README.md. Levels: of a child of 14, by the words alone.
# heard: L2 to L4 heard at L2 or above. paged: L3 and L4 heard at L3 or above.
# category: disclosures that are heard, under a name that is the right one.
# false_*: harmless lines of the hard kind, heard or paged.
# languages: with the reader of sentences, which is an extra; alone: without it.
#
# What must be reached:
#   English            heard 0.95, critical (L4) heard 0.99, paged 0.85 with at most 0.08 false_paged, false_heard 0.20
#   others, pooled     heard 0.92, paged 0.85
#   each other         heard 0.84, paged 0.72
#   change of spelling at most 3 points of heard lost
# What is reached stands in every line beside its floor. A language that hears less than it must may have as many false
# alarms as are allowed at all (0.20 heard, 0.08 paged); one that hears enough is held to what it has reached.
"""


def read() -> dict[str, Any]:
    """`languages`, `alone` (without the reader of sentences) and `spelling`, each name -> measure -> {least or most, reached}."""
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


def text(results: list[Result], alone: list[Result], falls: Iterable[tuple[str, Fall, Fall]]) -> str:
    """The whole file, from what was measured."""
    parts = (*_languages("languages", results), *_languages("alone", alone), *_falls(falls))
    return "\n".join([_HEAD, *parts]) + "\n"


def named(results: list[Result]) -> dict[str, Rates]:
    """English, `pooled`, which is all the others, and each of the others."""
    of = {code: measure.rates(found) for code, found in measure.grouped(results, lambda one: one.row.language).items()}
    first = {measure.ENGLISH: of.pop(measure.ENGLISH)} if measure.ENGLISH in of else {}
    return {**first, "pooled": measure.rates(measure.others(results)), **of}


def _languages(table: str, results: list[Result]) -> Iterator[str]:
    for name, rates in named(results).items():
        margin = MARGIN.get(name, SMALL)
        short = rates.heard.rate < MUST_HEAR.get(name, MUST_HEAR_EACH)
        yield f"[{table}.{name}]"
        for key in RECALL:
            rate = getattr(rates, key).rate
            yield f"{key} = {{ least = {max(0.0, math.floor(1000 * (rate - margin)) / 1000)}, reached = {rate:.3f} }}"
        for key in ALARMS:
            rate = getattr(rates, key).rate
            most = max(ALLOWED[key] if short else 0.0, math.ceil(1000 * (rate + margin)) / 1000)
            yield f"{key} = {{ most = {min(1.0, most)}, reached = {rate:.3f} }}"
        yield ""


def _falls(falls: Iterable[tuple[str, Fall, Fall]]) -> Iterator[str]:
    yield "# Points of heard recall that a change of spelling costs the disclosures it alters."
    yield "[spelling]"
    for kind, english, others in falls:
        for where, found in (("en", english), ("pooled", others)):
            points = 100 * found.points
            most = max(100 * FALL, math.ceil(10 * (points + SLACK)) / 10)
            yield f'"{kind}, {where}" = {{ most = {most}, reached = {points:.1f} }}'
