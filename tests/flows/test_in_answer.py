"""What a short answer says beside its question: the weights alone may raise less there, phrases never less."""

from __future__ import annotations

import pytest

from bot import app
from flows import concerns, matching
from flows.listening import explain
from flows.model import WEIGHED, Guard, Heard, Hit, Level

NAMES = {"D08": "physical abuse", "D21": "another child at risk"}


def heard(*hits: Hit) -> Heard:
    return Heard(hits, reason=explain.sentence(hits, (), NAMES, None, ()))


def hit(level: Level, doubt: str | None = WEIGHED, category: str = "D21") -> Hit:
    return Hit(category, level, 0, 5, doubt or "en.hits-me", doubt)


@pytest.mark.parametrize(
    ("question", "text", "most"),
    [
        ("planned", "just did it", Level.L0),
        ("planned", "i planned it innit", Level.L0),
        ("planned", "i planned it with the man", Level.L2),
        ("planned", "2 innit", Level.L2),
        ("with", "my boyfriend he made me", Level.L2),
        ("with", "my sister n her bf", Level.L2),
        ("with", "my sister n her bf and then he hit us", Level.L4),
        # What is told freely may be told in four words: there a guess pages.
        ("did", "he filmed me", Level.L4),
        ("before_story", "just did it", Level.L4),
        ("hurt_self", "just did it", Level.L4),
        ("safe_now", "no he is here", Level.L4),
    ],
)
def test_what_the_weights_may_raise_is_the_questions_to_say(question: str, text: str, most: Level) -> None:
    step = app.source().flows["return_interview"].steps[question]
    assert concerns.weights_may(step, matching.match(step, text), text) is most


def test_held_down_a_guess_is_for_a_person_to_read_and_locks_nothing() -> None:
    less = concerns.at_most(heard(hit(Level.L3)), Level.L2)
    assert [one.level for one in less.hits] == [Level.L2]
    assert less.reason.startswith("A person should read this: another child at risk")
    category = app.source().categories["D21"]
    assert concerns.guard_of([(less.hits[0], Level.L2)], {"D21": category}) is Guard.NONE


def test_beside_an_option_a_guess_is_nothing() -> None:
    assert concerns.at_most(heard(hit(Level.L2)), Level.L0) == Heard()


@pytest.mark.parametrize("most", [Level.L0, Level.L2])
def test_a_phrase_stays_what_it_is(most: Level) -> None:
    said = heard(hit(Level.L3, None, "D08"), hit(Level.L3))
    assert concerns.at_most(said, most).hits[0] == said.hits[0]
    assert concerns.at_most(said, most).reason.startswith("Likely harm: ")
