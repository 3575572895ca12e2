"""The closed lists: every reason says what may be done about it, and a status never goes back."""

from __future__ import annotations

from itertools import permutations

import pytest

from bot.channels.base import Reason, SendFailed, Status

RETRY = {Reason.UNREACHABLE, Reason.TRANSIENT, Reason.THROTTLED, Reason.ACCOUNT, Reason.UNKNOWN}
OURS = {Reason.FILTERED, Reason.ACCOUNT, Reason.REJECTED, Reason.UNKNOWN}


@pytest.mark.parametrize("reason", Reason)
def test_what_may_be_done_about_a_reason(reason: Reason) -> None:
    failed = SendFailed(reason, code="1")
    assert failed.retry == reason.retry == (reason in RETRY)
    assert failed.ours == reason.ours == (reason in OURS)
    assert failed.in_doubt == reason.in_doubt == (reason is Reason.IN_DOUBT)
    assert str(failed) == f"{reason} 1"


def test_what_is_in_doubt_or_hopeless_is_not_sent_again_of_itself() -> None:
    assert not {Reason.IN_DOUBT, Reason.DEAD_NUMBER, Reason.OPTED_OUT, Reason.REJECTED, Reason.EXPIRED} & RETRY


@pytest.mark.parametrize("order", list(permutations(Status)))
def test_reports_in_any_order_end_at_the_same_status(order: tuple[Status, ...]) -> None:
    known: Status | None = None
    for status in (*order, *order):
        if status.supersedes(known):
            known = status
    assert known is Status.READ


def test_a_receipt_outweighs_a_failure_and_never_the_other_way() -> None:
    assert Status.DELIVERED.supersedes(Status.FAILED)
    assert not Status.FAILED.supersedes(Status.DELIVERED)
    assert not Status.SENT.supersedes(Status.FAILED)
    assert not Status.SENT.supersedes(Status.SENT)
