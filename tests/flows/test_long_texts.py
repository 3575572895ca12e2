"""No text may hold up the dialogue: four times the words cost about four times as much, not sixteen, wherever the child stands.

CPU time of a length is compared with that of its fourth part, measured in turn, so that a busier machine changes nothing.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from flows import doubting, engine, events, walk
from flows.model import Guard, Heard, Privacy
from tests.library import SOURCE

if TYPE_CHECKING:
    from flows.model import Conversation

LIBRARY: Final = walk.library(SOURCE, SOURCE.flows["text_safe"])
NEW: Final = walk.begun(LIBRARY.flow, "M", {})
AT: Final = walk.NOON + timedelta(minutes=5)
ALONE: Final = replace(NEW, begun=True, privacy=Privacy.ALONE, last_inbound_at=walk.NOON)
WORDS: Final = 2_000
TIMES: Final = 4
BOUND: Final = 8.0  # linear gives 4, quadratic 16
ROUNDS: Final = 3
ENOUGH: Final = 0.05  # CPU seconds; what takes less may cost what it likes

PLACES: Final = {
    "the offer": NEW,
    "the gate": replace(ALONE, step="ok_now", shown="ok_now", state="GATE", privacy=Privacy.UNKNOWN),
    "whether they are safe": replace(ALONE, step="safe_now", shown="safe_now", state="CHAT"),
    "somebody is there": replace(ALONE, privacy=Privacy.OTHERS, state="PAUSED"),
    "nobody asks": replace(ALONE, guard=Guard.LOCK, holder="nobody", shown="safe_now"),
    "locked, and somebody is there": replace(ALONE, guard=Guard.LOCK, holder="nobody", privacy=Privacy.OTHERS),
    "a person has it": replace(ALONE, holder="Ann", state="HELD"),
}
REPEATED: Final = (
    "999 ", "1 ", "yes ", "no ", "no thanks ", "please ", "im alone now ", "hes gone ", "hes here ", "call me ", "not her ",
    "no im ok ", "forget it ", "he hits me forget it ", "wrong number ", "stop ", "what do i do ", "help ", "ok ", "but ",
    "sorry ", "idk ", "are you a bot ", "dont tell my mum ", "im 14 ", "english ", "sara ", "😭", "a",
)  # fmt: skip


def cost(c: Conversation, text: str) -> float:
    """CPU seconds of a text."""
    event = events.TextReceived(AT, text, "m1", listen=Heard)
    begun = time.process_time()
    engine.step(LIBRARY, c, event)
    return time.process_time() - begun


@pytest.mark.parametrize("text", REPEATED)
@pytest.mark.parametrize("place", PLACES)
def test_twice_the_words_cost_about_twice_as_much(place: str, text: str) -> None:
    c = PLACES[place]
    rounds = [(cost(c, text * WORDS), cost(c, text * (WORDS // TIMES))) for _ in range(ROUNDS)]
    long, short = (min(one) for one in zip(*rounds, strict=True))
    assert long < max(ENOUGH, BOUND * short)


def test_who_tells_a_lot_and_wishes_to_say_no_more_is_asked_no_more() -> None:
    told = "we went to the park and then to the shop and it was raining all day " * 8
    assert doubting.ends(doubting.words(f"{told} i dont want to talk about it"))
    assert not doubting.ends(doubting.words(f"{told} he said i dont want to talk about it"))
