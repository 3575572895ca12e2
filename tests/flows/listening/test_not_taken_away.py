"""What words that often mean nothing, or deny, may not take from what is told with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows.model import Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.model import Heard


def undoubted(heard: Heard) -> Level:
    return max((hit.level for hit in heard.hits if hit.doubt is None), default=Level.L0)


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("no he wont stop hitting me", Level.L3),
        ("no they never stop beating me", Level.L3),
        ("no i cant stop cutting myself", Level.L2),
        ("no i cant do this i wanna die", Level.L3),
        ("no i cant keep going i want to kill myself", Level.L3),
        ("no thanks i want to die", Level.L3),
    ],
)
def test_a_no_in_front_denies_nothing_that_never_stops(text: str, level: Level, hear: Callable[..., Heard]) -> None:
    assert undoubted(hear(text)) >= level


@pytest.mark.parametrize("text", ["no i dont cut myself", "no im not gonna kill myself", "im not saying i want to die"])
def test_what_a_child_denies_of_themselves_is_denied(text: str, hear: Callable[..., Heard]) -> None:
    assert all(hit.doubt == "negated" for hit in hear(text).hits)
