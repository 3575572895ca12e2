"""The corpus is what its README says. A failure names file and line, never the words: held lines are not to be read."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.listening import measure

if TYPE_CHECKING:
    from tests.listening.measure import Row

HALVES = ("held", "train")
LANGUAGES = 24
CATEGORIES = {f"D{number:02d}" for number in range(1, 31)}
WITHOUT_MINIMUM = {"D18", "D19", "D25", "D27", "D30"}  # mostly L1 by their nature; they have lines, not two above L1
PASSES = {"held": re.compile(r"held-[a-z]"), "train": re.compile(r"train-[a-z](-[a-z][0-9]+)?")}
EVERY = [(half, language) for half in HALVES for language in measure.languages(half)]


def where(row: Row, half: str) -> str:
    return f"{half}/{row.language}.tsv:{row.line}"


def same(text: str) -> str:
    """As the eye reads it: no case, no marks around it, one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[\w']+", folded))


@pytest.mark.parametrize("half", HALVES)
def test_every_language_is_there(half: str) -> None:
    assert len(measure.languages(half)) == LANGUAGES
    assert measure.languages(half) == measure.languages("held")


@pytest.mark.parametrize(("half", "language"), EVERY)
def test_enough_of_both_kinds(half: str, language: str) -> None:
    disclosed = [row for row in measure.rows(half, language) if row.level]
    harmless = [row for row in measure.rows(half, language) if not row.level]
    least = (400, 600) if language == measure.ENGLISH else (60, 60)
    assert (len(disclosed), len(harmless)) >= least
    assert len(harmless) >= least[1]


@pytest.mark.parametrize(("half", "language"), EVERY)
def test_every_category_has_its_lines(half: str, language: str) -> None:
    counted = Counter(row.category for row in measure.rows(half, language) if row.level)
    least = 11 if language == measure.ENGLISH else 2
    assert {category for category in CATEGORIES if counted[category] < least} == set()


@pytest.mark.parametrize("half", HALVES)
def test_every_category_is_there_at_the_level_a_person_must_read(half: str) -> None:
    found = {row.category for row in measure.rows(half, measure.ENGLISH) if row.level >= measure.HEARD}
    assert CATEGORIES - found <= WITHOUT_MINIMUM


@pytest.mark.parametrize(("half", "language"), EVERY)
def test_labels_are_whole(half: str, language: str) -> None:
    wrong = [
        where(row, half)
        for row in measure.rows(half, language)
        if row.category not in (CATEGORIES if row.level else {""})
        or not row.text.strip()
        or not row.note.strip()
        or not PASSES[half].fullmatch(row.source)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", measure.languages("held"))
def test_a_text_stands_once_and_in_one_half(language: str) -> None:
    ranked = sorted(
        ((same(row.text), where(row, half)) for half in HALVES for row in measure.rows(half, language)),
    )
    assert [(first[1], second[1]) for first, second in pairwise(ranked) if first[0] == second[0]] == []


@functools.cache
def learnt() -> frozenset[str]:
    """Every text the weights are fitted to, beside the training half."""
    rows = (measure.ROOT / "tests" / "flows" / "listening" / "rows").glob("*.tsv")
    return frozenset(
        same(line.split("\t")[0]) for path in rows for line in path.read_text(encoding="utf-8").splitlines()[1:]
    )


@functools.cache
def ruled() -> str:
    """Every word of the phrase files, their examples with them."""
    return same(" ".join(path.read_text(encoding="utf-8") for path in sorted(measure.LIBRARY.glob("*.yaml"))))


@pytest.mark.parametrize("language", measure.languages("held"))
def test_no_held_sentence_was_learnt_from(language: str) -> None:
    """Two hands may write the same few words: four are too few to tell in a row, and seven in a phrase file."""
    told = [(len(same(row.text).split()), same(row.text), where(row, "held")) for row in measure.rows("held", language)]
    assert [line for words, text, line in told if words > 4 and text in learnt()] == []
    assert [line for words, text, line in told if words > 7 and f" {text} " in ruled()] == []
