"""An age that is told in two texts: "14", and "nearly 15" behind it."""

from __future__ import annotations

import pytest

from flows import amounts, loader

STEP = loader.load().flows["text_safe"].steps["ts_age"]


@pytest.mark.parametrize(
    "text",
    ["nearly 15", "im nearly 15", "well almost 15", "15 next month", "15 in march", "turning 15 soon", "15 soon lol"],
)
def test_the_next_age_soon_is_more_of_the_one_told(text: str) -> None:
    assert amounts.nearly(STEP, "im 14", text)


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
    assert not amounts.nearly(STEP, told, text)
