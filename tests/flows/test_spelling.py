"""Tokens point into the text as typed, and two spellings are one word only where no meaning can part them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import language_names, languages, spelling
from flows.spelling import Sort

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("ab1２'’ \u200b\u0301\ufe0f\u20e3👍🏽\ud800\x00-.")


def test_the_parts_of_a_text() -> None:
    found = spelling.tokens("1\ufe0f\u20e3 Don’t 2nite <3 👍🏽👍🏽 -1")
    assert [(token.text, token.sort) for token in found] == [
        ("1", Sort.NUMBER),
        ("dont", Sort.WORD),
        ("2", Sort.NUMBER),
        ("nite", Sort.WORD),
        ("3", Sort.SIGN),
        ("👍", Sort.SIGN),
        ("👍", Sort.SIGN),
        ("1", Sort.NUMBER),
    ]
    assert found[3].tied
    assert not found[2].tied
    assert found[-1].signed


@pytest.mark.parametrize("text", ["-1", "x -1", "(-1)", ".5", "£2", "−1", "+44"])
def test_a_number_with_a_sign_is_no_option(text: str) -> None:
    assert spelling.tokens(text)[-1].signed


@pytest.mark.parametrize("text", ["1", "- 1", "1-3", "1.3", "#1", "(1)", "1.", "...1"])
def test_a_number_with_decoration_stays_a_number(text: str) -> None:
    assert not spelling.tokens(text)[-1].signed


@given(ANY_TEXT)
def test_tokens_stand_where_they_were_typed(text: str) -> None:
    found = spelling.tokens(text)
    ends = [0, *(token.end for token in found)]
    assert all(0 <= token.start < token.end <= len(text) for token in found)
    # One typed character may hold two words ("½"), so the next may begin where the last did, never before.
    assert all(token.start >= before - 1 for token, before in zip(found, ends, strict=False))


@given(ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert spelling.folded(spelling.folded(text)) == spelling.folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tiếng Việt", "tieng viet"),
        ("العربية", "العربيه"),
        ("فارسی", "فارسي"),
        ("Français", "FRANCAIS"),
        ("Română", "romana"),
    ],
)
def test_letters_that_phones_leave_out(one: str, other: str) -> None:
    assert spelling.folded(one) == spelling.folded(other)


def test_indic_vowel_signs_are_no_accents() -> None:
    assert spelling.bare("हिन्दी") == "हिन्दी"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("freinds", "friends"), ("freind", "friend"), ("scool", "school"), ("hoome", "home"), ("wodker", "worker")],
)
def test_one_slip(typed: str, meant: str) -> None:
    assert spelling.close(typed, meant)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", "not"),
        ("no", "now"),
        ("note", "nope"),
        ("mother", "other"),
        ("unsafe", "safe"),
        ("biliyorum", "bilmiyorum"),
        ("istiyorum", "istemiyorum"),
        ("感觉不好", "感觉很好"),
        ("نمیخواهم", "میخواهم"),
        ("prison", "person"),
    ],
)
def test_words_that_mean_something_else(typed: str, meant: str) -> None:
    assert not spelling.close(typed, meant)
    assert not spelling.close(meant, typed)


@pytest.mark.parametrize(
    ("typed", "slip"),
    [
        ("person", ""),
        ("pesron", "swap"),
        ("perzon", "wrong"),
        ("peson", "missing"),
        ("perrson", "extra"),
        ("pardon", None),
    ],
)
def test_the_kinds_of_slip(typed: str, slip: str | None) -> None:
    assert spelling.one_slip(typed, "person") == slip


@given(st.text("abm", max_size=8), st.text("abm", max_size=8))
def test_one_slip_is_an_edit_distance_of_at_most_one(typed: str, meant: str) -> None:
    assert (spelling.one_slip(typed, meant) is not None) == (_distance(typed, meant) <= 1)


def _distance(a: str, b: str) -> int:
    """The textbook table (insert, delete, replace, swap of neighbours), as a second opinion."""
    table = [[i + j if 0 in (i, j) else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            best = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if min(i, j) > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                best = min(best, table[i - 2][j - 2] + 1)
            table[i][j] = best
    return table[-1][-1]


@pytest.mark.parametrize("typed", ["stoppp", "stopp", "stooop", "ssstop"])
def test_a_held_key(typed: str) -> None:
    assert spelling.held(typed, "stop")


@pytest.mark.parametrize("typed", ["stoop", "stop", "stp", "stops", ""])
def test_no_held_key(typed: str) -> None:
    assert not spelling.held(typed, "stop")


def test_no_language_is_called_as_another() -> None:
    names = [(spelling.folded(name), locale) for locale, called in language_names.NAMES.items() for name in called]
    assert all(language_names.OWN_NAMES[name] == locale for name, locale in names)
    assert "" not in language_names.OWN_NAMES


def test_the_lists_of_words_are_folded_as_they_are_compared() -> None:
    for words in (languages.AND, languages.MARKS, languages.COMMON):
        assert "" not in words
        assert all(spelling.folded(word) == word for word in words)
