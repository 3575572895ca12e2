"""What can ever happen in a flow, from its conditions alone: which can hold, and which rows come too late to be taken.

May not run a flow (that is `walk`). A condition is tried over a few values of each of its names: every answer a question
offers, and for numbers those on both sides of each limit. With too many names to try them all it is taken to hold.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

from flows import conditions, naming
from flows.conditions import All, Any, In, Not, Order
from flows.model import SKIPPED, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flows.conditions import Condition
    from flows.model import Flow, Step

# More than this many combinations of values are not tried one by one.
MOST: Final = 60_000

_NUMBERS: Final[Mapping[str, tuple[int, ...]]] = {
    "level": (0, 1, 2, 3, 4),
    "age": (5, 9, 10, 12, 13, 15, 16, 17, 18),
    "alert_minutes": (0, 4, 5, 15, 60),
}


def can_hold(flow: Flow | None, wanted: Condition, but: Condition | None = None) -> bool:
    """Whether some values make `wanted` true, and `but` not. Without a flow: only names of the house are known."""
    both = wanted if but is None else All((wanted, Not(but)))
    values = list(_worlds(flow, (both,)))
    return not values or any(conditions.holds(both, world) for world in values)


def never_taken(rows: Sequence[Condition]) -> Iterator[int]:
    """Which of some rows, of which the first that holds is taken, is never the first."""
    for at, row in enumerate(rows):
        if not can_hold(None, row, Any(tuple(rows[:at])) if at else None):
            yield at


def one_always_holds(rows: Sequence[Condition]) -> bool:
    """Whether whatever happens one of the rows holds."""
    return not can_hold(None, Not(Any(tuple(rows))))


def _worlds(flow: Flow | None, over: tuple[Condition, ...]) -> Iterator[dict[str, object]]:
    names = sorted(frozenset().union(*map(conditions.names, over)))
    choices = [tuple(_values(flow, name, over)) for name in names]
    if prod(map(len, choices)) > MOST:
        return
    for values in product(*choices):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _values(flow: Flow | None, name: str, over: tuple[Condition, ...]) -> Iterator[object]:
    """None stands for what is not known; of the house everything is (`facts.names`)."""
    if flow is not None:
        yield None
    step = flow.steps.get(name) if flow is not None else None
    if step is not None and step.kind is not Kind.STATEMENT:
        yield from _answers(step)
    elif name in _NUMBERS:
        yield from _NUMBERS[name]
    else:
        closed = naming.KNOWN.get(name)
        named = {literal for one in over for about, literal in conditions.literals(one) if about == name}
        # What a name may be is open unless it is listed: then any other word stands for all others.
        yield from sorted(map(str, (closed or frozenset({"another"})) | named))
        yield from sorted({limit + by for one in over for limit in _limits(one, name) for by in (-1, 0, 1)})


def _answers(step: Step) -> Iterator[object]:
    yield SKIPPED if step.skippable or step.kind is Kind.FREE else None
    yield "unclear"
    if step.kind is Kind.SCALE:
        yield from range(1, 6)
    elif step.kind is Kind.FREE:
        yield "words"
    else:
        yield from (option.value for option in step.options)
        if step.kind is Kind.MULTI:
            yield tuple(option.value for option in step.options)


def _limits(condition: Condition, name: str) -> Iterator[int]:
    match condition:
        case Order(about, _, than) if about == name:
            yield than
        case Not(part):
            yield from _limits(part, name)
        case All(parts) | Any(parts):
            for part in parts:
                yield from _limits(part, name)
        case In(about, among) if about == name:
            yield from (literal for literal in among if isinstance(literal, int))
        case _:
            return
