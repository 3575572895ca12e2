"""The compared form of a text: digits of every script, nothing unseen, the same when taken twice, and never slow."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import digits

ANY_TEXT = st.text(st.characters(exclude_categories=())) | st.text("\u200b\u0301\u0345\ufe0f\u20e3aİß1\ud800\x00ﷺ½²")


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("1", "1"),
        ("１", "1"),
        ("1\ufe0f\u20e3", "1"),
        ("\U0001f51f", "10"),
        ("①", "1"),
        ("❶", "1"),
        ("⑴", "1"),
        ("⒈", "1"),
        ("⑩", "10"),
        ("٣", "3"),
        ("۳", "3"),
        ("३", "3"),
        ("৩", "3"),
        ("੩", "3"),
        ("૩", "3"),
        ("፩", "1"),
        ("𝟚", "2"),
        ("²", "2"),
        ("Ｙｅｓ", "yes"),
        ("YES", "yes"),
        ("y\u200be\u202es", "yes"),
        ("\ufeffyes\u2069", "yes"),
        ("yes\x00no", "yes no"),
        ("  a\t\r\n b ", "a b"),
        ("ＳＴＲＡẞＥ", "strasse"),
        ("Tiếng Việt", unicodedata.normalize("NFC", "tiếng việt")),
    ],
)
def test_what_is_compared(typed: str, compared: str) -> None:
    assert digits.plain(typed) == compared


def test_every_decimal_digit_of_unicode_is_its_ascii_digit() -> None:
    scripts = [chr(point) for point in range(sys.maxunicode + 1) if unicodedata.category(chr(point)) == "Nd"]
    assert len(scripts) > 600
    assert all(digits.plain(char) == str(unicodedata.decimal(char)) for char in scripts)


def test_each_character_alone_is_compared_the_same_twice() -> None:
    once = {text for char in map(chr, range(sys.maxunicode + 1)) if (text := digits.plain(char)) != char}
    assert len(once) > 1000
    assert all(digits.plain(text) == text for text in once)


@given(ANY_TEXT)
def test_plain_twice_is_plain_once(text: str) -> None:
    once = digits.plain(text)
    assert digits.plain(once) == once


@given(ANY_TEXT)
def test_nothing_unseen_is_left(text: str) -> None:
    assert not any(digits.unseen(char) or unicodedata.category(char) == "Cc" for char in digits.plain(text))


@given(st.text(st.characters(codec="ascii")))
def test_the_short_way_for_ascii_is_the_long_way(text: str) -> None:
    assert digits.plain(text) == " ".join("".join(map(digits.piece, text)).split())


def test_a_heap_of_marks_is_bounded_and_does_not_change_twice() -> None:
    heap = "a" + "\u0316\u0301" * 50_000
    once = digits.plain(heap)
    assert len(once) <= digits.MARKS_IN_A_ROW + 1
    assert digits.plain(once) == once
