"""How the gaps of a text are filled. Pure; knows no language and no channel.

May not choose a text and may not translate one. No error raised here carries the text it is about.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_FORMATTER: Final = Formatter()


class BadPlaceholder(ValueError):
    """A placeholder is a bare name in braces, such as {name}; nothing else may stand in braces."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put `values` into the `{name}` gaps of `template`; what is put in is never read as a template again.

    Bare names only: no attributes, indexes, conversions or format codes, so no text can reach into an object
    (BadPlaceholder). KeyError with the name alone for one that is not in `values`. `{{` and `}}` are braces.
    """
    return "".join([literal + (values[name] if name else "") for literal, name in pieces(template)])


def placeholders(template: str) -> frozenset[str]:
    """The names `fill` will ask for. BadPlaceholder as there."""
    return frozenset(gaps(template))


def gaps(template: str) -> list[str]:
    """The gaps in their order, one that stands twice named twice. BadPlaceholder as in `fill`."""
    return [name for _, name in pieces(template) if name]


def read_back(template: str, text: str) -> dict[str, str]:
    """What stands in the gaps of a text that was made from `template`; nothing where it was made from another one.

    Each gap ends where the words after it first come, the last one where they end the text: linear in the text. A value that
    holds those words itself is read short, or nothing is read.
    """
    between, names = [""], list[str]()
    for literal, name in pieces(template):
        between[-1] += literal
        if name:
            names.append(name)
            between.append("")
    at, found = len(between[0]), dict[str, str]()
    if not text.startswith(between[0]) or not (names or text == between[0]):
        return {}
    for place, (name, literal) in enumerate(zip(names, between[1:], strict=True), 1):
        last = place == len(names)
        end = len(text) - len(literal) if last else text.find(literal, at + 1)
        if (
            end <= at
            or text[end : end + len(literal)] != literal
            or found.setdefault(name, text[at:end]) != text[at:end]
        ):
            return {}
        at = end + len(literal)
    return found


@lru_cache(maxsize=4096)
def pieces(template: str) -> tuple[tuple[str, str], ...]:
    """Split into (text, name of the gap after it or ""). BadPlaceholder as in `fill`. Templates are the catalogue's."""
    try:
        parsed = list(_FORMATTER.parse(template))
    except ValueError:
        raise BadPlaceholder from None
    found = []
    for literal, name, spec, conversion in parsed:
        if name is not None and (spec or conversion or not _NAME.fullmatch(name)):
            raise BadPlaceholder
        found.append((literal, name or ""))
    return tuple(found)
