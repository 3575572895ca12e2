"""A play that we start says the neutral template first on WhatsApp. Other channels: `tests/test_conversations.py`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.play import judge, script
from bot.window import NOTE

_PLAYS = [script.read(path) for path in sorted((Path(__file__).parents[1] / "conversations").glob("*.txt"))]


def _leaves(play: script.Play) -> bool:
    """Whether what we start is said: it may be stopped before, or never arrive."""
    return next((line.who for line in play.lines if line.who in ("bot", "child")), None) == "bot"


STARTED_BY_US = [
    play for play in _PLAYS if play.channel == "sms" and play.start in ("offer", "invite") and _leaves(play)
]


def test_there_are_plays_that_we_start() -> None:
    assert STARTED_BY_US


@pytest.mark.parametrize("play", STARTED_BY_US, ids=lambda play: Path(play.path).stem)
def test_what_we_start_is_the_template(play: script.Play, sqlite_url: str) -> None:
    outcomes = judge.perform(replace(play, channel="whatsapp"), sqlite_url).outcomes
    assert next(one["text"] for one in outcomes if one["kind"] == "say") == NOTE
