"""The machine's clock is set back, and forward: no timer is lost, none fires twice, and the ladder goes on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.channels.base import Inbound
from flows.model import Service
from storage import alerts, audit, contacts, conversations
from tests.faults import judging
from tests.faults.program import ANA, BEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Alert
    from tests.faults.judging import House
    from tests.faults.program import Program
    from tests.faults.provider import Provider

CHILD = "+447700900140"
HOUR = timedelta(hours=1)


@pytest.fixture
def ours(program: Program) -> Iterator[House]:
    with judging.house(program) as made:
        yield made


def bring(ours: House, sid: str, text: str, at: datetime) -> None:
    ours.runner.accept(Inbound("sms", sid, CHILD, text, None, at))


def alert(ours: House) -> Alert:
    with ours.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
        assert contact is not None
        talk = conversations.latest(tx, contact.id)
        assert talk is not None
        (only,) = alerts.of(tx, talk.id)
        assert audit.verify(tx) is None
        return only


def test_set_back_an_hour_while_a_page_waits_for_its_answer(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    bring(ours, "SM1", "hes got a knife wont let me out", now)
    ours.settle(now, provider)
    assert any("L4" in text for text in provider.to(ANA))
    before = alert(ours)

    back = now - HOUR
    bring(ours, "SM2", "please", back)
    bring(ours, "SM3", "he has a gun", back + timedelta(seconds=1))
    ours.settle(back + timedelta(seconds=2), provider)
    assert len(provider.to(CHILD)) >= 2, "the child is answered by whatever clock there is"
    assert alert(ours).level is before.level

    ours.settle(now + timedelta(minutes=6), provider)
    assert any("L4" in text for text in provider.to(BEN)), "the ladder went on once its time came"
    assert provider.duplicates() == 0


def test_set_forward_two_hours_everything_due_fires_once(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    bring(ours, "SM1", "hes got a knife wont let me out", now)
    ours.settle(now, provider)
    forward = now + 2 * HOUR
    ours.settle(forward, provider)
    rung = Counter(provider.to(BEN))
    assert rung, "the next rung was reached"
    assert max(rung.values()) == 1
    ours.settle(forward, provider)
    assert Counter(provider.to(BEN)) == rung, "what fired does not fire again"
    ours.settle(now, provider)
    assert Counter(provider.to(BEN)) == rung, "nor when the clock is put right"
    bring(ours, "SM2", "are you there", now + timedelta(minutes=1))
    ours.settle(now + timedelta(minutes=1), provider)
    assert alert(ours).state == "raised"


def test_a_text_that_came_before_the_clock_was_set_back_is_not_handled_again(ours: House, provider: Provider) -> None:
    now = datetime.now(UTC)
    bring(ours, "SM1", "hello", now)
    bring(ours, "SM1", "hello", now - HOUR)
    ours.settle(now - HOUR, provider)
    ours.settle(now, provider)
    assert len(provider.to(CHILD)) == 1
