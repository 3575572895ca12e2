"""A text costs what Twilio's own calculator says, on texts made to straddle the ends of segments."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import graphemes, segments
from bot.channels.segments import GSM_7, UCS_2, Segments

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
GSM = "abcXYZ 019@\u00a3\u00e9\n\r\f^{}\\[~]|\u20ac\u03a9"
PIECES = (
    *"aZ 7?\u00e9",
    "\r\n",
    *"\u20ac^|[",
    *"\u1ea1\u0111\u01b0\u0639\u0628\u0915\u093f\u4f60\uac00\uac01",
    *"\u1100\u1161\u11a8\u0e33\u0600\u0301\u200d\ufe0f\u200b\u202e\ufeff\x00\x1b",
    "\U0001f600",
    "\U0001f44d\U0001f3fd",
    "\U0001f3fd",
    FAMILY,
    "\U0001f1ec\U0001f1e7",
    "\U0001f1fb",
    "\u2764\ufe0f",
    "1\ufe0f\u20e3",
    "e\u0301\u0323",
    "\ud83d",
    "\ude00",
)


def _texts(number: int) -> Iterator[str]:
    rng = random.Random(20261116)
    for _ in range(number):
        if rng.random() < 0.3:
            yield "".join(
                rng.choices(GSM, k=rng.choice((0, 1, 152, 153, 154, 159, 160, 161, 305, 306, 307, rng.randrange(700))))
            )
        else:
            few = rng.sample(PIECES, rng.randint(1, 6))
            yield "".join(rng.choices(few, k=rng.randrange(220)))


def test_five_thousand_texts_cost_what_twilios_calculator_says(node_modules: Path) -> None:
    texts = list(_texts(5000))
    answer = subprocess.run(
        ["node", str(Path(__file__).with_name("calculator.js"))],
        input=json.dumps(texts),
        env={**os.environ, "NODE_PATH": str(node_modules)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    theirs = [Segments(*row) for row in json.loads(answer.stdout)]
    wrong = [
        (ascii(text), ours, his)
        for text, his in zip(texts, theirs, strict=True)
        if (ours := segments.count(text)) != his
    ]
    assert wrong == []
    assert {cost.encoding for cost in theirs} == {GSM_7, UCS_2}
    # Where characters move whole, counting UTF-16 units alone goes wrong: the texts must reach that.
    assert any(cost.encoding == UCS_2 and cost.segments != _by_units_alone(cost.units) for cost in theirs)


def _by_units_alone(units: int) -> int:
    return 1 if units <= 70 else -(-units // 67)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", Segments(GSM_7, 0, 1)),
        ("a" * 160, Segments(GSM_7, 160, 1)),
        ("a" * 161, Segments(GSM_7, 161, 2)),
        ("a" * 306, Segments(GSM_7, 306, 2)),
        ("a" * 307, Segments(GSM_7, 307, 3)),
        ("\u20ac" * 80, Segments(GSM_7, 160, 1)),
        ("a" * 159 + "{", Segments(GSM_7, 161, 2)),
        ("\u1ea1" * 70, Segments(UCS_2, 70, 1)),
        ("\u1ea1" * 71, Segments(UCS_2, 71, 2)),
        ("\u1ea1" * 134, Segments(UCS_2, 134, 2)),
        ("\u1ea1" * 135, Segments(UCS_2, 135, 3)),
        ("a" * 69 + "`", Segments(UCS_2, 70, 1)),
        ("\U0001f600" * 35, Segments(UCS_2, 70, 1)),
        ("a" * 63 + FAMILY, Segments(UCS_2, 71, 2)),
    ],
)
def test_the_limits_of_each_encoding(text: str, cost: Segments) -> None:
    assert segments.count(text) == cost


@given(st.text(st.characters()))
def test_clusters_lose_nothing(text: str) -> None:
    assert "".join(graphemes.clusters(text)) == text


@given(st.text(st.characters(), max_size=400), st.text(st.characters(), max_size=20))
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert segments.count(text).segments <= segments.count(text + more).segments
