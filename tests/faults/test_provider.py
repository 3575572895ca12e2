"""Whatever the provider does with a text: it leaves once it can, in order, and who must know is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.channels.base import Inbound
from storage.codes import Direction
from tests.faults import judging
from tests.faults.program import ANA
from tests.faults.provider import BROKEN, BUSY, HANG, NO_SUCH_NUMBER, RESET, TOOK_AND_RESET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.judging import House
    from tests.faults.program import Program
    from tests.faults.provider import Provider

CHILD = "+447700900130"


@pytest.fixture
def ours(program: Program, provider: Provider) -> Iterator[House]:
    """Through the real channel; the provider is given up on after a fifth of a second."""
    provider.hang = 0.6
    with judging.house(program, timeout=0.2) as made:
        yield made


def bring(ours: House, sid: str, text: str, at: datetime) -> None:
    ours.runner.accept(Inbound("sms", sid, CHILD, text, None, at))


def pass_time(ours: House, since: datetime, seconds: int) -> None:
    """Everything that falls due in these seconds, each in its own."""
    for second in range(0, seconds + 1, 5):
        while ours.ticker.round(since + timedelta(seconds=second)).any:
            pass


@pytest.mark.parametrize("act", [BUSY, BROKEN, RESET, TOOK_AND_RESET, HANG])
def test_it_leaves_in_the_end_and_in_order(ours: House, provider: Provider, act: str) -> None:
    now = datetime.now(UTC)
    provider.will.extend([act, act])
    bring(ours, "SM1", "hello", now)
    bring(ours, "SM2", "1", now)
    pass_time(ours, now, 40)
    with ours.database.transaction() as tx:
        said = [one.text for one in judging.thread(tx, CHILD) if one.direction is Direction.OUT]
    assert list(dict.fromkeys(provider.to(CHILD))) == said
    assert provider.duplicates() == (2 if act == TOOK_AND_RESET else 0), "in doubt: once more rather than never"
    assert provider.met[act] == 2


def test_a_dead_number_is_told_to_whoever_answers_for_the_child(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    provider.will.append(NO_SUCH_NUMBER)
    bring(ours, "SM1", "hello", now)
    pass_time(ours, now, 10)
    assert provider.to(CHILD) == [], "what nobody can receive is not tried again"
    assert len([text for text in provider.to(ANA) if "do not reach the child" in text]) == 1


def test_a_page_goes_on_while_the_provider_asks_us_to_wait_an_hour(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    provider.retry_after = "3600"
    provider.always = BUSY
    bring(ours, "SM1", "hes got a knife wont let me out", now)
    pass_time(ours, now, 10)
    provider.always = "fine"
    pass_time(ours, now, 40)
    assert any("Waymark L4" in text for text in provider.to(ANA))


def test_a_provider_that_is_down_for_hours_loses_no_page_and_says_nothing_late(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    provider.always = BROKEN
    bring(ours, "SM1", "he raped me", now)
    for minute in range(0, 260, 4):
        ours.ticker.round(now + timedelta(minutes=minute))
    provider.always = "fine"
    pass_time(ours, now + timedelta(minutes=260), 60)
    assert any("Waymark L3" in text for text in provider.to(ANA))
    assert provider.to(CHILD) == [], "an answer that comes hours late comes out of nowhere"
    assert any("do not reach the child" in text for text in provider.to(ANA))
