"""A form, read without loss."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import forms
from bot.channels.base import Malformed

WORD = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(WORD, WORD), max_size=20))
def test_what_was_written_is_read(fields: list[tuple[str, str]]) -> None:
    form = forms.read(urlencode(fields).encode())
    assert [(name.decode(), value.decode()) for name, value in form.fields] == fields
    assert set(form) == {name for name, _ in fields}
    for name, _ in fields:
        assert form.getlist(name) == [value for other, value in fields if other == name]


@pytest.mark.parametrize(
    ("body", "name", "values"),
    [
        (b"a=1&a=2&b=", "a", ["1", "2"]),
        (b"a=1&b=", "b", [""]),
        (b"a=1&b", "b", [""]),
        (b"a=x=y", "a", ["x=y"]),
        (b"a=%2B+%zz%", "a", ["+ %zz%"]),
        (b"a=1;b=2", "a", ["1;b=2"]),
        (b"&&a=1&", "a", ["1"]),
    ],
)
def test_odd_forms(body: bytes, name: str, values: list[str]) -> None:
    assert forms.read(body).getlist(name) == values


def test_the_first_of_a_field_given_twice_is_kept() -> None:
    assert forms.read(b"From=one&From=two").get("From") == "one"
    assert forms.read(b"From=one").get("Body") == ""


def test_a_thousand_fields_and_no_more() -> None:
    assert len(forms.read(b"&".join([b"a=1"] * forms.MAX_FIELDS)).fields) == forms.MAX_FIELDS
    with pytest.raises(Malformed, match="too_many_fields"):
        forms.read(b"&".join([b"a=1"] * (forms.MAX_FIELDS + 1)))


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"a\0b", "a\ufffdb"),
        (b"caf\xe9", "caf\ufffd"),
        (b"\xed\xa0\xbd\xed\xb8\x9f", "\U0001f61f"),
        (b"x\xed\xa0\xbd", "x\ufffd"),
        (b"\xed\xb8\x9fx", "\ufffdx"),
        (b"\xff\0\xfe", "\ufffd\ufffd\ufffd"),
    ],
)
def test_what_may_be_kept(raw: bytes, text: str) -> None:
    assert forms.keepable(raw) == text


@given(st.binary())
def test_anything_kept_can_be_stored(raw: bytes) -> None:
    text = forms.keepable(raw)
    assert "\0" not in text
    assert text.encode().decode() == text
