"""What pure functions answered, kept for as long as somebody asks them the same again and again: a turn, a walk of a flow.

Nothing is kept outside `remembering`, and what was kept goes with it: `serve` opens one for each text, so no word a child sent
is held beyond its own turn. What is wrapped here may look at nothing but its arguments, and they may not change.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
R = TypeVar("R")

# Answers kept at once; a walk of ours has some ten thousand. What comes after is asked anew each time.
MOST: Final = 100_000

_known: ContextVar[dict[tuple[object, ...], tuple[object, object]] | None] = ContextVar("known", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within, `remembered` functions are asked each thing once. One inside another keeps its own."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """A function of texts and of objects that stay as they are: these are known again by identity, which costs nothing."""

    @wraps(function)
    def asked(*given: P.args, **named: P.kwargs) -> R:
        known = _known.get()
        if known is None or named:
            return function(*given, **named)
        key = (function, *(one if type(one) is str else id(one) for one in given))
        found = known.get(key)
        if found is None:
            # With what was given, so that no other object can come to have its identity.
            found = given, function(*given, **named)
            if len(known) < MOST:
                known[key] = found
        return cast("R", found[1])

    return asked


def made_once(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """What is made of lists of ours and codes, never of what a child wrote: kept for the process, `most` of them, and known again
    by identity. By what they hold, as `lru_cache` does, a list of a thousand words is read through each time it is asked for.
    """

    def kept(function: Callable[P, R]) -> Callable[P, R]:
        known: dict[tuple[object, ...], tuple[object, R]] = {}

        @wraps(function)
        def asked(*given: P.args, **named: P.kwargs) -> R:
            key = tuple(one if type(one) is str else id(one) for one in given)
            found = known.get(key)
            if found is None:
                if len(known) >= most:
                    known.clear()
                found = known[key] = given, function(*given, **named)
            return found[1]

        return asked

    return kept
