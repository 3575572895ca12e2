from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from flows import listening
from flows.listening import examples

if TYPE_CHECKING:
    from flows.listening.model import Model


def near(text: str, category: str, model: Model, locale: str = "en") -> list[str]:
    told = listening.telling(text, category, listening.Context(locale, 14), model)
    return [one.text for one in told.examples]


def test_the_nearest_examples_are_those_worded_most_like_it(model: Model) -> None:
    assert near("mum hasnt come back since tuesday and theres no bread left", "D09", model)[0] == (
        "mum hasnt come home since friday"
    )
    assert "mon oncle me touche la nuit" in near("la nuit mon oncle vient et me touche encore", "D05", model, "fr")


def test_they_are_known_where_the_reader_of_sentences_is_not_installed(model: Model) -> None:
    assert near("mum hasnt come back since tuesday", "D09", replace(model, sentences=None))


def test_each_is_of_another_entry_of_the_category_and_says_which(model: Model) -> None:
    told = listening.telling("my uncle keeps filming me when i sleep", "D05", listening.Context("en", 14), model)
    rules = {f"en.{rule.id}": rule for rule in model.lexicons["en"][0].rules}
    assert 1 <= len(told.examples) == len({one.rule for one in told.examples}) <= examples.MOST
    for one in told.examples:
        rule = rules[one.rule]
        assert rule.category == "D05"
        assert one.text in rule.hit
        assert (one.note, one.reviewed) == (rule.note, rule.reviewed)


@pytest.mark.parametrize(
    ("text", "category"), [("qwertz", "D05"), ("\U0001f62d", "D01"), ("he hits me", "D99"), ("", "D01")]
)
def test_what_is_like_nothing_is_said_to_be_like_nothing(text: str, category: str, model: Model) -> None:
    assert near(text, category, model) == []
