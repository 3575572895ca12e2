"""The answers of a question made ready to be found in a text: by number, and by every spelling of their labels and words.

May not read a text: that is `matching`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from flows import spelling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.model import Option


class Offer(NamedTuple):
    """The options of a step made ready: by number, and by every spelling of their labels and words."""

    options: tuple[Option, ...]
    numbers: Mapping[str, int]
    phrases: Mapping[tuple[str, ...], frozenset[int]]
    own: Mapping[tuple[str, ...], frozenset[int]]  # without what is said abroad
    longest: int
    joined: Mapping[str, frozenset[int]]  # without their spaces
    drawers: Mapping[tuple[int, str], tuple[tuple[str, ...], ...]]  # by words and first letter: no slip changes either


def number(option: Option, at: int) -> int:
    """What an option is answered with: its own number, else its place from 1."""
    return at + 1 if option.number is None else option.number


@lru_cache(maxsize=4096)
def ready(options: tuple[Option, ...]) -> Offer:
    """The offer of these options; worked out once for each list."""
    phrases: dict[tuple[str, ...], frozenset[int]] = {}
    for at, option in enumerate(options):
        for phrase in spelling.phrases(option.label, *option.words):
            phrases[phrase] = phrases.get(phrase, frozenset()) | {at}
    own = dict(phrases)  # what stands abroad is read as it is spelt: "event" is no Turkish yes
    for at, option in enumerate(options):
        for phrase in spelling.phrases(*option.abroad):
            phrases[phrase] = phrases.get(phrase, frozenset()) | {at}
    numbers = {str(number(option, at)): at for at, option in enumerate(options)}
    joined: dict[str, frozenset[int]] = {}
    drawers: dict[tuple[int, str], tuple[tuple[str, ...], ...]] = {}
    for phrase, ats in own.items():
        joined["".join(phrase)] = joined.get("".join(phrase), frozenset()) | ats
        drawer = len(phrase), phrase[0][:1]
        drawers[drawer] = (*drawers.get(drawer, ()), phrase)
    return Offer(options, numbers, phrases, own, max(map(len, phrases), default=0), joined, drawers)
