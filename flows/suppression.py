"""Tables of counts that may be published: no small number is shown, and none can be worked out from what is.

A table counts children (individuals) and times missing (incidents) by one property, and adds up to the same totals as every
other. A line in which either is below `LEAST` is hidden as a whole; if what is hidden could be told from the total, more
lines are hidden, smallest first; if even that is not enough, the table is withheld. A nought is shown: nobody stands behind
it. May not count anything itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LEAST: Final = 5
HIDDEN: Final = "c"


@dataclass(frozen=True, slots=True)
class Line:
    """One group of a table. `hidden`: its two numbers may not be shown."""

    group: str
    individuals: int
    incidents: int
    hidden: bool = False

    @property
    def shown(self) -> tuple[int | str, int | str]:
        """What may stand in the two cells."""
        return (HIDDEN, HIDDEN) if self.hidden else (self.individuals, self.incidents)


@dataclass(frozen=True, slots=True)
class Table:
    """A property with its groups in their order. `withheld`: too few children to show anything but that it was counted."""

    name: str
    lines: tuple[Line, ...]
    withheld: bool = False

    @property
    def total(self) -> Line:
        """What the groups add up to."""
        return Line("total", sum(one.individuals for one in self.lines), sum(one.incidents for one in self.lines))


class DoesNotAddUp(ValueError):
    """Two tables of the same children have different totals; the message names the second."""


def agree(tables: Sequence[Table]) -> None:
    """That every table counts the same children and the same incidents (domain H8). Raises DoesNotAddUp."""
    for one in tables[1:]:
        if one.total != tables[0].total:
            raise DoesNotAddUp(f"table '{one.name}' does not add up to what '{tables[0].name}' does")


def protect(tables: Iterable[Table]) -> tuple[Table, ...]:
    """The tables with everything hidden that must be."""
    return tuple(_protected(one) for one in tables)


def _protected(table: Table) -> Table:
    lines = [replace(one, hidden=_small(one.individuals) or _small(one.incidents)) for one in table.lines]
    total = table.total
    if _small(total.individuals) or _small(total.incidents):
        return _withheld(table)
    while not _is_safe([one for one in lines if one.hidden]):
        place = _next(lines)
        if place is None:
            return _withheld(table)
        lines[place] = replace(lines[place], hidden=True)
    return replace(table, lines=tuple(lines))


def _small(number: int) -> bool:
    return 0 < number < LEAST


def _withheld(table: Table) -> Table:
    return replace(table, lines=tuple(replace(one, hidden=True) for one in table.lines), withheld=True)


def _is_safe(hidden: Sequence[Line]) -> bool:
    """Whether nobody who takes the shown lines from the total learns a small number: several are hidden, and together they
    are so many that one alone might be all that is allowed to be known.
    """
    if not hidden:
        return True
    most = [
        sum(numbers) - (len(hidden) - 1)
        for numbers in zip(*((h.individuals, h.incidents) for h in hidden), strict=True)
    ]
    return len(hidden) > 1 and min(most) >= LEAST


def _next(lines: Sequence[Line]) -> int | None:
    """The smallest line that is still shown; one with nobody in it would hide nothing."""
    shown = [
        (one.individuals, one.incidents, place) for place, one in enumerate(lines) if not one.hidden and one.incidents
    ]
    return min(shown)[-1] if shown else None


def alone(line: Line) -> Line:
    """A total, hidden when it is itself too small."""
    return replace(line, hidden=_small(line.individuals) or _small(line.incidents))
