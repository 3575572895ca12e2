"""What a short answer says beside its question: names of others are read by a person there; what is told counts as ever."""

from __future__ import annotations

import pytest

from bot import app
from flows import concerns, matching
from flows.listening import explain
from flows.model import WEIGHED, Guard, Heard, Hit, Level

NAMES = {"D02": "suicide", "D05": "sexual abuse", "D08": "physical abuse", "D21": "another child at risk"}


def heard(*hits: Hit) -> Heard:
    return Heard(hits, reason=explain.sentence(hits, (), NAMES, None, ()))


def hit(level: Level, doubt: str | None = WEIGHED, category: str = "D21") -> Hit:
    return Hit(category, level, 0, 5, doubt or "en.hits-me", doubt)


def answered(question: str, text: str, *hits: Hit) -> Heard:
    step = app.source().flows["return_interview"].steps[question]
    return concerns.in_answer(heard(*hits), step, matching.match(step, text), text, app.source().categories)


@pytest.mark.parametrize(
    ("question", "text", "category", "guess", "counts"),
    [
        # Who was there names others, and the weights hear them in any name.
        ("with", "my sister n her bf", "D21", Level.L3, Level.L2),
        ("planned", "2 innit", "D21", Level.L3, Level.L2),
        ("with", "my sister n her bf and then he hit us", "D21", Level.L3, Level.L3),
        ("before_story", "my sister n her bf", "D21", Level.L3, Level.L3),
        # An option's own words are it.
        ("planned", "i planned it innit", "D02", Level.L2, Level.L0),
        ("planned", "planned with my bf", "D05", Level.L2, Level.L2),
        # What is told of the child counts, in however few words.
        ("planned", "i planned to overdose", "D02", Level.L3, Level.L3),
        ("planned", "i planned to jump", "D02", Level.L2, Level.L2),
        ("planned", "had to strip", "D05", Level.L2, Level.L2),
        ("planned", "i had to sleep with him", "D05", Level.L3, Level.L3),
        ("with", "boyfriend and his mates used me", "D05", Level.L3, Level.L3),
        ("did", "he filmed me", "D05", Level.L3, Level.L3),
        ("safe_now", "no he is here", "D05", Level.L3, Level.L3),
    ],
)  # fmt: skip
def test_a_guess_counts_by_what_was_asked(question: str, text: str, category: str, guess: Level, counts: Level) -> None:
    found = answered(question, text, hit(guess, category=category))
    assert max((one.level for one in found.hits), default=Level.L0) is counts


def test_held_down_a_guess_is_for_a_person_to_read_and_locks_nothing() -> None:
    less = answered("with", "my sister n her bf", hit(Level.L3))
    assert [one.level for one in less.hits] == [Level.L2]
    assert less.reason.startswith("A person should read this: another child at risk")
    category = app.source().categories["D21"]
    assert concerns.guard_of([(less.hits[0], Level.L2)], {"D21": category}) is Guard.NONE


def test_beside_an_option_a_guess_is_nothing() -> None:
    assert answered("planned", "i planned it innit", hit(Level.L2)) == Heard()


def test_a_phrase_stays_what_it_is() -> None:
    said = heard(hit(Level.L3, None, "D08"), hit(Level.L3))
    found = answered("with", "my sister n her bf", *said.hits)
    assert found.hits[0] == said.hits[0]
    assert found.reason.startswith("Likely harm: ")
