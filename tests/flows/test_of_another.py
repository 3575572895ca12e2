"""Whether whoever answers our first text tells of the child; at the gate "he" may also be who is beside them."""

from __future__ import annotations

import pytest

from flows import doubting, of_another

TELLS = (
    *("shes dead", "no shes dead", "sorry she passed away", "jade died", "he died last year", "she killed herself"),
    *("shes in hospital", "hes gone missing again", "she doesnt live here any more", "she ran away again"),
    *("shes in prison", "she has changed number", "he overdosed"),
)
BESIDE = ("hes asleep", "hes gone to work", "shes downstairs", "hes not here", "shes in the shower", "he left")
OF_ONESELF = ("my phone died", "hes hurting me", "im dead lol", "she ran at me", "1", "yes")


@pytest.mark.parametrize("text", TELLS)
def test_whoever_tells_of_a_child_is_understood_at_the_gate_too(text: str) -> None:
    said = doubting.words(text)
    assert of_another.is_told(said, stranger=False)
    assert of_another.is_told(said, stranger=False, at_gate=True)


@pytest.mark.parametrize("text", BESIDE)
def test_who_is_beside_a_child_is_told_of_nobody_at_the_gate(text: str) -> None:
    assert not of_another.is_told(doubting.words(text), stranger=False, at_gate=True)


@pytest.mark.parametrize("text", OF_ONESELF)
def test_who_speaks_of_themselves_tells_of_nobody_else(text: str) -> None:
    assert not of_another.is_told(doubting.words(text), stranger=False)


@pytest.mark.parametrize("text", ["im not her but shes in trouble", "this is her sister shes asleep"])
def test_who_says_to_be_somebody_else_is_believed_at_the_gate(text: str) -> None:
    assert of_another.is_told(doubting.words(text), stranger=True, at_gate=True)
