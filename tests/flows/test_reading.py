from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import reading

COUNTED = """
a 1 | the 1 | safe 1 | phone 1 | lives 1 | asked 1 | used 1 | shared 1 | texts 1 | friends 1 | school 1 | you're 1
people 2 | wanted 2 | little 2 | someone 2 | being 2 | going 2 | police 2 | badly 2 | safely 2 | trouble 2 | didn't 2 | needed 2
worried 2 | science 2 | lion 2 | doctor 2 | person 2 | private 2 | minutes 2 | places 2 | boxes 2 | question 2
anyone 3 | another 3 | family 3 | computer 3 | medicine 3 | tomorrow 3 | together 3 | idea 3 | emergency 4 | activity 4
"""


@pytest.mark.parametrize("row", [one.strip() for one in COUNTED.replace("\n", "|").split("|") if one.strip()])
def test_syllables(row: str) -> None:
    word, count = row.split()
    assert reading.syllables(word) == int(count)


def test_a_number_is_one_short_word() -> None:
    assert reading.measure("Call 0800 1111 now.") == reading.Measure(sentences=1, words=3, syllables=3)


def test_sentences_end_with_their_signs_and_not_within_a_word() -> None:
    assert reading.measure("Is it OK? Yes. We text at 4.30 then: go!").sentences == 4


def test_the_formula_is_flesch_kincaid() -> None:
    # 9 words, 1 sentence, 9 syllables: 0.39 * 9 + 11.8 * 1 - 15.59
    assert reading.grade("We can help you if you want us to.") == pytest.approx(-0.28)


def test_long_words_and_long_sentences_need_older_readers() -> None:
    plain = reading.grade("Did anyone hurt you?")
    assert plain < 6
    assert reading.grade("Did any individual perpetrate physical violence against you?") > 12
    assert reading.grade("We text you and you text us and then " * 4 + "we stop.") > plain


@given(st.text())
def test_any_text_has_a_grade(text: str) -> None:
    assert reading.grade(text) >= 0.39 + 11.8 - 15.59 - 1e-9
