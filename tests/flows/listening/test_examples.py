from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from flows import listening
from flows.listening import examples, normalise
from flows.listening.scan import scan

if TYPE_CHECKING:
    from flows.listening.model import Model


def near(text: str, category: str, model: Model, locale: str = "en") -> list[str]:
    told = listening.telling(text, category, listening.Context(locale, 14), model)
    return [one.text for one in told.examples]


def test_the_nearest_examples_are_those_worded_most_like_it(model: Model) -> None:
    assert near("we played football then he locked me in and wont let me leave", "D01", model) == [
        "dont know these people and they wont let me leave",
        "hes got a knife wont let me out",
    ]
    assert near("كل ليلة رجال يجون البيت", "D10", model, "ar") == ["كل ليلة رجال مختلف"]


def test_they_are_known_where_the_reader_of_sentences_is_not_installed(model: Model) -> None:
    assert near("he gives me vapes if i stay with him", "D06", replace(model, sentences=None))


def test_each_is_of_another_entry_and_says_which(model: Model) -> None:
    told = listening.telling(
        "they took photos of me asleep and showed everyone", "D07", listening.Context("en", 14), model
    )
    rules = {f"en.{rule.id}": rule for rule in model.lexicons["en"][0].rules}
    assert len(told.examples) == len({one.rule for one in told.examples}) == examples.MOST
    for one in told.examples:
        rule = rules[one.rule]
        assert one.text in rule.hit
        assert (one.language, one.category, one.note, one.reviewed) == ("en", rule.category, rule.note, rule.reviewed)


def test_those_of_the_category_that_was_named_come_first_among_equals(model: Model) -> None:
    made = scan(normalise.read("they took photos of me asleep and showed everyone"), model.lexicons["en"][-1])
    categories = {examples.closest(made, named)[0].category for named in ("D05", "D07")}
    assert categories == {"D05", "D07"}


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("warm", "en"),
        ("i like dogs and i went to school today and ate pizza", "en"),
        ("under the cover with me", "en"),  # of a disclosure, but nothing by itself
        ("amar mama amake chuye", "en"),  # in a language that is guessed
        ("my uncle says i sleep in his bed now and he unscrewed the lamp", "en"),
        ("\U0001f62d", "en"),
        ("", "en"),
    ],
)
def test_what_is_like_nothing_is_said_to_be_like_nothing(text: str, locale: str, model: Model) -> None:
    assert near(text, "D05", model, locale) == []
