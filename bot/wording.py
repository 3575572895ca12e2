"""How a step becomes the one message a child reads, and how its gaps are filled. Pure; knows no language and no channel.

May not choose a text and may not translate one. No error raised here carries the text it is about.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Final

from flows.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.model import Option, Step

# Tags of questions whose text says itself how to skip it, or which add that the child's own words are fine.
SKIP_UNSAID, OWN_WORDS = "skip_unsaid", "own_words"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_FORMATTER: Final = Formatter()


def compose(step: Step, common: Mapping[str, str], *, easier: bool = False) -> str:
    """Say `step` in full, its gaps still open: `{stem} 1 {label} 2 {label} 0 Skip. {after}` (domain 3.1).

    `common`: texts of `shared.common` by key, in the step's language. `easier`: with the stem for being asked again, if
    the step has one.
    """
    said = [(step.easier if easier else "") or step.text]
    said += [f"{number(option, at)} {option.label}" for at, option in enumerate(step.options, 1)]
    said += _skip(step, common)
    composed = " ".join(said)
    if not step.after:
        return composed
    return f"{composed}. {step.after}" if len(said) > 1 else f"{composed} {step.after}"


def number(option: Option, position: int) -> int:
    """The number that chooses an option: its own, or its place counted from 1."""
    return position if option.number is None else option.number


def _skip(step: Step, common: Mapping[str, str]) -> list[str]:
    if step.kind is Kind.STATEMENT or not step.skippable or SKIP_UNSAID in step.tags:
        return []
    if step.kind is not Kind.FREE:
        return [f"0 {common['skip']}"]
    return [common[OWN_WORDS], common["skip_free"]] if OWN_WORDS in step.tags else [common["skip_free"]]


class BadPlaceholder(ValueError):
    """A placeholder is a bare name in braces, such as {name}; nothing else may stand in braces."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put `values` into the `{name}` gaps of `template`; what is put in is never read as a template again.

    Bare names only: no attributes, indexes, conversions or format codes, so no text can reach into an object
    (BadPlaceholder). KeyError with the name alone for one that is not in `values`. `{{` and `}}` are braces.
    """
    return "".join(literal + (values[name] if name else "") for literal, name in _pieces(template))


def placeholders(template: str) -> frozenset[str]:
    """The names `fill` will ask for. BadPlaceholder as there."""
    return frozenset(name for _, name in _pieces(template) if name)


def _pieces(template: str) -> list[tuple[str, str]]:
    """Split into (text, name of the gap after it or "")."""
    try:
        parsed = list(_FORMATTER.parse(template))
    except ValueError:
        raise BadPlaceholder from None
    pieces = []
    for literal, name, spec, conversion in parsed:
        if name is not None and (spec or conversion or not _NAME.fullmatch(name)):
            raise BadPlaceholder
        pieces.append((literal, name or ""))
    return pieces
