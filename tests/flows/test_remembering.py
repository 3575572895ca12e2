"""Pure functions are asked each thing once within `remembering`, and nothing is kept outside it."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Protocol

from flows import matching, offering, remembering, spelling
from flows.remembering import remembered
from tests.library import SOURCE

if TYPE_CHECKING:
    import pytest


class Thing:
    """Something that is known again by being itself."""


class Loud(Protocol):
    """What `counted` gives."""

    def __call__(self, thing: Thing, text: str) -> str: ...


def counted() -> tuple[Loud, list[str]]:
    """A remembered function, and what it was asked."""
    asked: list[str] = []

    @remembered
    def loud(thing: Thing, text: str) -> str:
        asked.append(text)
        return f"{text}!"

    return loud, asked


def test_the_same_is_asked_once_and_another_thing_or_text_again() -> None:
    loud, asked = counted()
    one, other = Thing(), Thing()
    with remembering.remembering():
        said = [loud(one, "yes"), loud(one, "yes"), loud(one, "no"), loud(other, "yes")]
        assert loud(one, text="yes") == "yes!"  # by name: asked again
    assert said == ["yes!", "yes!", "no!", "yes!"]
    assert asked == ["yes", "no", "yes", "yes"]


def test_nothing_is_kept_outside_or_afterwards() -> None:
    loud, asked = counted()
    thing = Thing()
    loud(thing, "yes")
    loud(thing, "yes")
    with remembering.remembering():
        loud(thing, "yes")
    loud(thing, "yes")
    assert asked == ["yes"] * 4
    gone = weakref.ref(thing)
    del thing
    assert gone() is None


def test_what_is_known_by_identity_lives_as_long_as_it_is_known() -> None:
    @remembered
    def name(thing: Thing) -> int:
        return id(thing)

    with remembering.remembering():
        # Were a thing let go, the next would be born in its place and be taken for it.
        assert len({name(Thing()) for _ in range(100)}) == 100


def test_a_full_memory_asks_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    @remembered
    def loud(text: str) -> str:
        asked.append(text)
        return text

    monkeypatch.setattr(remembering, "MOST", 1)
    with remembering.remembering():
        assert [loud("a"), loud("b"), loud("b"), loud("a")] == ["a", "b", "b", "a"]
    assert asked == ["a", "b", "b"]


def test_the_drawers_of_a_question_miss_no_word_that_is_a_slip_away() -> None:
    """What is looked up by words and first letter is what comparing with every phrase finds."""
    steps = {step.key: step for flow in SOURCE.flows.values() for step in flow.steps.values() if step.options}
    for step in steps.values():
        offer = offering.ready(step.options)
        for text in slipped(tuple(offer.phrases)):
            found = spelling.tokens(text)
            typed = [spelling.bare(token.text) for token in found if token.sort == spelling.Sort.WORD]
            if len(typed) != len(found) or not typed or len(typed) > offer.longest + 1:
                continue
            near = {at for phrase, ats in offer.phrases.items() if spelling.near(typed, phrase) for at in ats}
            closest = matching._closest(step, offer, found)
            assert (closest is not matching.UNCLEAR) == (len(near) == 1), (step.key, text)


def slipped(phrases: tuple[tuple[str, ...], ...]) -> list[str]:
    """Each phrase without a letter, with one too many, two swapped, a key held, its spaces lost, another word added."""
    texts = []
    for phrase in phrases:
        said = " ".join(phrase)
        texts += [said[1:], said[:-1], said[:2] + said[3:], said[:1] + said[2:3] + said[1:2] + said[3:]]
        texts += [said + said[-1] * 3, said[:2] + "x" + said[2:], "".join(phrase), f"{said} please", f"x{said}"]
    return texts
