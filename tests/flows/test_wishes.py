"""What is a wish for a call behind a "no", and what is none."""

from __future__ import annotations

import pytest

from flows import doubting, matching
from flows.matching import Reading
from flows.model import Kind, Option, Step

CALL = Option("phone", "A worker on the phone", ("call", "call me", "ring me", "ring", "can u call me", "just call me"))
STEP = Step(key="asked", kind=Kind.CHOICE, block="block", line=1, text="?", options=(CALL,), skippable=True)


def wishes(text: str) -> bool:
    found = matching.match(STEP, text)
    if found.kind is Reading.UNCLEAR:
        found = matching.match(STEP, " ".join(doubting.without_no(doubting.words(text))))
    return found.kind in (Reading.ANSWER, Reading.BESIDE)


@pytest.mark.parametrize(
    "text", ["no calls", "no call", "no ring me", "call me a liar if u want but he hits me", "ring ring lol"]
)
def test_who_wants_no_call_gets_none(text: str) -> None:
    assert not wishes(text)


@pytest.mark.parametrize(
    "text", ["no can u call me", "no ring me instead", "no just call me", "call me tomorrow", "ring me"]
)
def test_who_wants_a_call_is_heard(text: str) -> None:
    assert wishes(text)
