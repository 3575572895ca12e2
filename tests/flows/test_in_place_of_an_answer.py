"""What a child writes where an answer was asked for: it is filed with the answer, and read by a person where it may be harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows import deadline_blocks, effects, engine, events, facts, loader, walk
from flows.model import Heard, Level, Privacy

if TYPE_CHECKING:
    from flows.model import Conversation

SOURCE = loader.load()
LIBRARY = walk.library(SOURCE, SOURCE.flows["return_interview"])


def asked(question: str) -> Conversation:
    begun = walk.begun(LIBRARY.flow, "full", {})
    return replace(
        begun,
        state="ASKING",
        begun=True,
        privacy=Privacy.ALONE,
        step=question,
        last_inbound_at=walk.NOON,
        order=(question,),
    )


def told(c: Conversation, *texts: str) -> tuple[Conversation, list[Level]]:
    levels: list[Level] = []
    for number, text in enumerate(texts):
        at = walk.NOON + timedelta(minutes=2 * number + 1)
        c, done = engine.step(LIBRARY, c, events.TextReceived(at, text, f"m{number}", listen=Heard))
        levels += [one.concern.level for one in done if isinstance(one, effects.RaiseConcern)]
    return c, levels


@pytest.mark.parametrize(("last", "value"), [("3", 3), ("0", None), ("skip", None), ("its a flat", "its a flat")])
def test_the_words_before_the_answer_stand_before_it(last: str, value: object) -> None:
    c, _ = told(asked("home_feel"), "we live with my nan", last)
    answer = c.answers["home_feel"]
    assert (answer.value, answer.said, answer.messages) == (value, f"we live with my nan\n{last}", ("m0", "m1"))
    assert not c.unread


@pytest.mark.parametrize("question", ["not_ok", "pressured", "other_child", "hurt_self", "hurt_now", "avoid_person"])
def test_words_that_answer_no_question_about_harm_are_read_by_a_person(question: str) -> None:
    c, levels = told(asked(question), "the one with the hat", "him from before")
    assert c.answers[question].unclear
    assert max(levels, default=Level.L0) == Level.L2


def test_nothing_said_by_a_word_is_what_it_is_by_a_nought() -> None:
    first, _ = told(asked("not_ok"), "skip")
    c, levels = told(replace(first, step="pressured"), "skip it")
    assert (c.answers["not_ok"].value, c.answers["pressured"].value, levels) == (None, None, [Level.L1])


@pytest.mark.parametrize("texts", [("skip",), ("not with my dad", "only my nan")])
def test_who_did_not_say_that_we_may_ask_the_family_is_asked_first(texts: tuple[str, ...]) -> None:
    c, _ = told(asked("no_parent"), *texts)
    assert "no_parent" in deadline_blocks.standing(deadline_blocks.load(), facts.answered(c), ())
