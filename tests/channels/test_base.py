"""The closed list: every reason says what may be done about it."""

from __future__ import annotations

import pytest

from bot.channels.base import Reason, SendFailed

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
