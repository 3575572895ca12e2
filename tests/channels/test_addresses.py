"""Numbers as people write them."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import addresses
from bot.channels.addresses import NotAPhone


@pytest.mark.parametrize(
    "written",
    [
        "07700 900123",
        "07700900123",
        "+447700900123",
        "0044 7700 900 123",
        "(07700) 900-123",
        "+44 (0)7700 900123",
        "٠٧٧٠٠٩٠٠١٢٣",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert addresses.e164(written) == "+447700900123"


def test_a_number_of_another_country() -> None:
    assert addresses.e164("+1 500 555 0006") == "+15005550006"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("116000", "short"),
        ("116 000", "short"),
        ("+44116000", "short"),
        ("999", "short"),
        ("111", "short"),
        ("", "unreadable"),
        ("Waymark", "unreadable"),
        ("\ud83d\0", "unreadable"),
        ("1" * 10_000, "unreadable"),
        ("07700 900123 ext. 5", "impossible"),
        ("+1 500 555", "impossible"),
        ("+4477009001234567", "impossible"),
    ],
)
def test_what_cannot_be_texted(written: str, code: str) -> None:
    with pytest.raises(NotAPhone) as refused:
        addresses.e164(written)
    assert refused.value.code == code


@given(st.text(st.characters()))
def test_anything_else_is_a_number_or_none(written: str) -> None:
    with suppress(NotAPhone):
        assert re.fullmatch(r"\+[0-9]{5,15}", addresses.e164(written))
