"""A play that was written for SMS says the same on WhatsApp; none of them writes to a child a day after their last text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.play import judge, script
from bot.window import NOTE

if TYPE_CHECKING:
    from bot.play.script import Play

PLAYS = {
    path.stem: play
    for path in sorted((Path(__file__).parents[1] / "conversations").glob("*.txt"))
    if (play := script.read(path)).channel == "sms"
}
# What we start on WhatsApp is the template; an officer's request names a telephone number, which is texted.
STARTED_BY_US = {name for name, play in PLAYS.items() if play.start in ("offer", "invite")}
REQUESTED = {name for name, play in PLAYS.items() if any(line.who == "request" for line in play.lines)}

_CODE = re.compile(r"(?<=Reply )\w{6} |\w{6} (?=NO to pass)")


def on(channel: str, play: Play) -> list[tuple[str, str]]:
    """What is not as written; the codes of pages are drawn by chance, which goes another way with one more text."""
    found = judge.perform(replace(play, channel=channel)).differences
    pairs = [(_CODE.sub("", one.wanted), _CODE.sub("", one.got)) for one in found]
    return [(wanted, got) for wanted, got in pairs if wanted != got]


@pytest.mark.parametrize("name", sorted(set(PLAYS) - STARTED_BY_US - REQUESTED))
def test_whatsapp_says_what_sms_says(name: str) -> None:
    assert on("whatsapp", PLAYS[name]) == []


def test_most_plays_can_be_carried_whole() -> None:
    assert len(set(PLAYS) - STARTED_BY_US - REQUESTED) >= 20


@pytest.mark.parametrize("name", sorted(STARTED_BY_US - REQUESTED))
def test_what_we_start_is_the_template(name: str) -> None:
    says = [
        one["text"] for one in judge.perform(replace(PLAYS[name], channel="whatsapp")).outcomes if one["kind"] == "say"
    ]
    assert says[0] == NOTE
