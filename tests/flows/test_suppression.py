"""No small number can be read in a published table, nor worked out by anybody who knows how it was hidden."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import suppression
from flows.suppression import LEAST, Line, Table


def table(*numbers: tuple[int, int], name: str = "age") -> Table:
    return Table(name, tuple(Line(str(place), one, other) for place, (one, other) in enumerate(numbers)))


def hidden(*numbers: tuple[int, int]) -> str:
    (found,) = suppression.protect([table(*numbers)])
    return "withheld" if found.withheld else "".join("c" if line.hidden else "." for line in found.lines)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (((50, 60), (20, 30)), ".."),
        (((50, 60), (0, 0)), ".."),
        (((50, 60), (3, 30), (20, 25), (30, 40)), ".cc."),  # one alone would be the rest of the total
        (((50, 60), (4, 4), (4, 5), (30, 40)), ".cc."),
        (((50, 60), (1, 1), (1, 1), (30, 40)), ".ccc"),  # two of which each can only be one
        (((50, 60), (2, 3)), "cc"),
        (((5, 5), (0, 0)), ".."),
        (((3, 9), (0, 0)), "withheld"),
        (((2, 2), (2, 2)), "withheld"),
        (((1, 1), (1, 1), (1, 1), (1, 1), (1, 1)), "withheld"),
        (((20, 21), (0, 7), (0, 3), (30, 40)), "ccc."),
    ],
)
def test_what_is_hidden(numbers: tuple[tuple[int, int], ...], expected: str) -> None:
    assert hidden(*numbers) == expected


def test_a_total_that_is_small_is_hidden_too() -> None:
    assert suppression.alone(Line("total", 4, 9)).shown == ("c", "c")
    assert suppression.alone(Line("total", 5, 9)).shown == (5, 9)
    assert suppression.alone(Line("total", 0, 0)).shown == (0, 0)


def test_tables_of_the_same_children_add_up_to_the_same() -> None:
    suppression.agree([table((5, 6), (7, 9)), table((12, 15), name="care")])
    with pytest.raises(suppression.DoesNotAddUp, match="'care'"):
        suppression.agree([table((5, 6), (7, 9)), table((12, 14), name="care")])


_LINES = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 9)).map(lambda held: (held[0], held[0] + held[1])),
    min_size=1,
    max_size=6,
)


@given(_LINES)
def test_nobody_who_knows_the_total_learns_a_small_number(numbers: list[tuple[int, int]]) -> None:
    (found,) = suppression.protect([table(*numbers)])
    for shown, held in zip(found.lines, numbers, strict=True):
        assert shown.hidden or not any(0 < number < LEAST for number in held)
    if found.withheld:
        return
    for column in (0, 1):
        of_hidden = [held[column] for shown, held in zip(found.lines, numbers, strict=True) if shown.hidden]
        # What is left when the shown lines are taken away: one of the hidden ones may be all but one each of the others.
        if any(0 < number < LEAST for number in of_hidden):
            assert len(of_hidden) > 1
            assert sum(of_hidden) - (len(of_hidden) - 1) >= LEAST


@given(_LINES)
def test_nothing_is_hidden_without_need_and_nobody_is_lost(numbers: list[tuple[int, int]]) -> None:
    (found,) = suppression.protect([table(*numbers)])
    assert found.total == table(*numbers).total
    if not any(0 < number < LEAST for held in numbers for number in held):
        total = found.total
        assert found.withheld is (0 < total.individuals < LEAST)
        assert found.withheld or not any(line.hidden for line in found.lines)
