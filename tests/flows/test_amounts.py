"""An age that is told in two texts: "14", and "nearly 15" behind it."""

from __future__ import annotations

import pytest

from flows import amounts, asides, loader, matching, walk
from flows.model import Answer

STEP = loader.load().flows["text_safe"].steps["ts_age"]


@pytest.mark.parametrize(
    "text",
    ["nearly 15", "im nearly 15", "well almost 15", "15 next month", "15 in march", "turning 15 soon", "15 soon lol"],
)
def test_the_next_age_soon_is_more_of_the_one_told(text: str) -> None:
    assert amounts.soon(STEP, "im 14", text) == 14


@pytest.mark.parametrize(
    ("told", "text"),
    [
        *(
            ("14", text)
            for text in ("nearly 18", "15", "nearly 15 and hes 30", "nearly there", "hes nearly 15", "soon")
        ),
        *(("14", text) for text in ("15 men on the bus", "nearly 15 he hits me")),
        ("2", "nearly 15"),
        ("skip", "nearly 15"),
    ],
)
def test_what_says_more_or_something_else_is_none(told: str, text: str) -> None:
    assert amounts.soon(STEP, told, text) is None


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("nearly 14", 13),
        ("14 next week", 13),
        ("im 14 in march", 13),
        ("turned 14 in march", 14),
        ("just 14 last", None),
    ],
)
def test_the_age_just_told_may_be_the_next_one_itself(text: str, worth: int | None) -> None:
    assert amounts.soon(STEP, "im 14", text) == worth


@pytest.mark.parametrize(
    ("before", "then", "worth"),
    [
        ("13", "nearly 13", 12),
        ("13", "sorry im 12", 12),
        ("13", "12", 12),
        ("16", "no i lied im 12", 12),
        ("13", "actually 12 not 13", 12),
        ("2", "im 12", 12),
        # Nobody is made older by it, and what says more or may be meant for another question is none.
        *(
            ("13", text, None)
            for text in ("sorry im 16", "nearly 14", "turned 13 in march", "8", "my sister is 9", "12 men")
        ),
        ("2", "im 14", None),
        ("2", "nearly 13", None),
    ],
)
def test_a_younger_age_put_right_is_the_age(before: str, then: str, worth: int | None) -> None:
    value = matching.match(STEP, before).value
    assert asides.younger_age(STEP, Answer("ts_age", value, before, walk.NOON, "en"), then) == worth
