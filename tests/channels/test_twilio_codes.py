"""Twilio's numbers, each to one reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import twilio_codes
from bot.channels.base import Reason, Status


@pytest.mark.parametrize(
    ("codes", "reason"),
    [
        ((21211, 21214, 21614, 21635, 30005, 30006), Reason.DEAD_NUMBER),
        ((21610,), Reason.OPTED_OUT),
        ((30003,), Reason.UNREACHABLE),
        ((30001, 30008), Reason.TRANSIENT),
        ((20429,), Reason.THROTTLED),
        ((30004, 30007), Reason.FILTERED),
        ((20003, 30002), Reason.ACCOUNT),
        ((63016,), Reason.WINDOW_CLOSED),
        ((30036,), Reason.EXPIRED),
    ],
)
def test_the_codes_that_matter(codes: tuple[int, ...], reason: Reason) -> None:
    assert {twilio_codes.reason(code) for code in codes} == {reason}
    assert {twilio_codes.reason(code, 400) for code in codes} == {reason}


def test_no_code_stands_for_two_reasons() -> None:
    codes = [code for codes in twilio_codes._CODES.values() for code in codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("http", "reason"),
    [
        (400, Reason.REJECTED),
        (401, Reason.ACCOUNT),
        (403, Reason.ACCOUNT),
        (404, Reason.ACCOUNT),
        (408, Reason.TRANSIENT),
        (422, Reason.REJECTED),
        (429, Reason.THROTTLED),
        (500, Reason.TRANSIENT),
        (599, Reason.TRANSIENT),
        (307, Reason.REJECTED),
        (None, Reason.UNKNOWN),
    ],
)
def test_a_code_that_is_new_to_us(http: int | None, reason: Reason) -> None:
    assert twilio_codes.reason(12345, http) is reason
    assert twilio_codes.reason(None, http) is reason


@given(st.integers() | st.none(), st.integers(min_value=100, max_value=999) | st.none())
def test_there_is_always_a_reason(code: int | None, http: int | None) -> None:
    assert twilio_codes.reason(code, http) in Reason


def test_statuses() -> None:
    assert twilio_codes.status("undelivered") is Status.FAILED
    assert twilio_codes.status("accepted") is Status.QUEUED
    assert twilio_codes.status("receiving") is None
    assert twilio_codes.status("") is None
