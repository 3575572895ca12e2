"""The yearly public dataset on missing children: every property once, children and incidents side by side, adding up.

Nothing in it is of one child: what is small is hidden, and with it whatever would give it away (`flows.suppression`). May not
leave out a property because it looks bad, and the answer to a request under the Freedom of Information Act holds the same
tables grouped in the same way, so that the two cannot be played against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import counting
from flows import suppression

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from bot.filing.cells import Cell
    from flows.suppression import Table

HEADER: Final = ("from", "to", "table", "group", "individuals", "incidents")
FOI_HEADER: Final = ("question", "group", "individuals", "incidents")
INTERVIEWS: Final = (
    "return interview", "how it was held", "with whom", "engaged", "significant disclosure", "outcome of a disclosure",
)  # fmt: skip
ALL: Final = "all"
_WITHHELD: Final = "withheld: too few children to show"
_QUESTIONS: Final = {
    "age": "How old were the children when they last went missing?",
    "gender": "What was their gender, as recorded?",
    "ethnicity": "What was their ethnicity, as recorded?",
    "care": "Were they looked after by a council?",
    "times in the year": "How often did a child go missing in the year?",
    "kind": "Were they missing, or away without authorisation with their whereabouts known?",
    "duration": "How long was it until they were found or back?",
    "return interview offered": "Were they offered a return interview?",
    "return interview": "Was a return interview held?",
    "how it was held": "How was it held?",
    "within 72 hours": "Was it held within 72 hours of the return?",
    "within 2 working days": "Was it held within two working days?",
}
_NOTES: Final = (
    "A child is counted once in each table, in the group of their last episode of the year; an incident is one time missing.",
    "c: hidden. Numbers from 1 to 4 are not shown, nor a number from which one could be worked out.",
    "An interview is one held by a person; what a child wrote to the service with no person there is counted apart.",
)


def prepared(tables: Sequence[Table]) -> tuple[Table, ...]:
    """What may leave, once it is sure that every table counts the same. Raises DoesNotAddUp."""
    suppression.agree(tables)
    return suppression.protect(tables)


def rows(tables: Sequence[Table], first: date, last: date) -> Iterator[tuple[Cell, ...]]:
    """The dataset: the total, then every table with its own, which is the same."""
    yield first.isoformat(), last.isoformat(), ALL, *_total(tables[0])
    for one in tables:
        for line in _lines(one):
            yield first.isoformat(), last.isoformat(), one.name, *line


def interviews(tables: Sequence[Table], first: date, last: date) -> Iterator[tuple[Cell, ...]]:
    """What Recommendation 14 asks of an interview, for ours (001:322-333)."""
    return rows([one for one in tables if one.name in INTERVIEWS], first, last)


def foi(tables: Sequence[Table]) -> Iterator[tuple[Cell, ...]]:
    """The same, as answers to the questions that are asked; the notes stand last."""
    yield "How many children went missing, and how often?", *_total(tables[0])
    for one in tables:
        if one.name in _QUESTIONS:
            for line in _lines(one):
                yield _QUESTIONS[one.name], *line
    for note in _NOTES:
        yield "note", note, None, None


def _lines(table: Table) -> Iterator[tuple[Cell, ...]]:
    if table.withheld:
        yield _WITHHELD, suppression.HIDDEN, suppression.HIDDEN
    else:
        for line in table.lines:
            yield line.group, *line.shown
    yield _total(table)


def _total(table: Table) -> tuple[Cell, ...]:
    return table.total.group, *suppression.alone(table.total).shown


def options(flow_options: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What a child may choose of why they went, without "none of these"."""
    return {
        asked: tuple(dict.fromkeys(one for one in several if one != counting.NONE_OF_THESE))
        for asked, several in flow_options.items()
    }
