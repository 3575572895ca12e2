"""The English a child reads is the English that was decided, to the letter: every prompt stands in prompts.tsv."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import i18n
from bot.channels import segments
from tests.library import SOURCE
from tests.locales.gaps import LONGEST

PROMPTS = dict(
    line.split("\t") for line in Path(__file__).with_name("prompts.tsv").read_text("utf-8").splitlines() if line
)
VALUES = {"persona": "Robin", **{key: number.number for key, number in SOURCE.numbers.items()}}
STEPS = {key: step for flow in SOURCE.flows.values() for key, step in flow.steps.items()}

# Not a prompt of its own: the words of `ok_start` with the three answers of the easy path (decisions 1).
DERIVED = {"ok_start_easy": "You can skip any question: send 0. OK to start? 1 Yes 2 No 3 Not sure"}


def said(key: str) -> str:
    open_gaps = {name: f"{{{name}}}" for name in LONGEST} | VALUES
    return i18n.fill(i18n.compose(STEPS[key], SOURCE.common), open_gaps)


def test_every_prompt_is_there_and_no_other() -> None:
    assert set(STEPS) == set(PROMPTS) | set(DERIVED)


@pytest.mark.parametrize(("key", "prompt"), [*PROMPTS.items(), *DERIVED.items()])
def test_prompt_to_the_letter(key: str, prompt: str) -> None:
    assert said(key) == prompt


@pytest.mark.parametrize("key", STEPS)
def test_one_text_message_with_the_longest_names(key: str) -> None:
    filled = i18n.fill(i18n.compose(STEPS[key], SOURCE.common), LONGEST | VALUES | {"persona": "Robinette"})
    counted = segments.count(filled)
    assert (counted.encoding, counted.segments) == ("GSM-7", 1), filled
    assert counted.units <= 160
