from __future__ import annotations

from storage import ids, words


def test_no_word_stands_twice_or_reads_like_another_kind() -> None:
    assert len(set(words.FIRST)) == len(words.FIRST)
    assert len(set(words.SECOND)) == len(words.SECOND)
    assert not set(words.FIRST) & set(words.SECOND)
    assert all(word.isascii() and word.islower() and word.isalpha() for word in words.FIRST + words.SECOND)


def test_a_reference_is_two_words_and_a_number_only_when_most_are_taken() -> None:
    assert words.reference().count("-") == 1
    assert words.reference(3).rsplit("-", 1)[1].isdigit()


def test_ids_rise_and_fit_their_column() -> None:
    made = [ids.new() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == 2000
    assert {len(one) for one in made} == {26}
