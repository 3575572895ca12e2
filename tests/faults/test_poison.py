"""A text that the program cannot handle: kept, tried again, then given to a person; nobody else notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.channels.base import Inbound
from flows import engine, events
from flows.model import Level, Service
from storage import alerts, contacts, conversations, inbox, page_codes
from storage.codes import Direction
from tests.faults import judging
from tests.faults.program import ANA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.judging import House
    from tests.faults.program import Program
    from tests.faults.provider import Provider

CHILD, OTHER = "+447700900120", "+447700900121"
POISON = "a text that is poison"
STEP = engine.step


@pytest.fixture
def ours(program: Program) -> Iterator[House]:
    with judging.house(program) as made:
        yield made


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(library: Any, conversation: Any, event: Any) -> Any:
        if isinstance(event, events.TextReceived) and event.text == POISON:
            raise ZeroDivisionError
        return STEP(library, conversation, event)

    monkeypatch.setattr(engine, "step", step)


def bring(ours: House, sid: str, address: str, text: str, at: datetime) -> None:
    ours.runner.accept(Inbound("sms", sid, address, text, None, at))


def came(ours: House, address: str) -> list[str | None]:
    with ours.database.transaction() as tx:
        return [one.external_id for one in judging.thread(tx, address) if one.direction is Direction.IN]


def waiting(ours: House) -> int:
    with ours.database.transaction() as tx:
        return inbox.waiting(tx)


def test_it_stays_holds_up_only_its_own_child_and_goes_to_a_person(
    ours: House, now: datetime, provider: Provider, poisoned: None
) -> None:
    bring(ours, "SM1", CHILD, "hello", now)
    bring(ours, "SM2", CHILD, POISON, now)
    bring(ours, "SM3", CHILD, "he raped me", now)
    bring(ours, "SM4", OTHER, "hello", now)
    assert came(ours, CHILD) == ["SM1"]
    assert came(ours, OTHER) == ["SM4"], "somebody else's text is handled at once"
    assert waiting(ours) == 2

    for failures, later in ((1, 0), (2, 31)):
        ours.settle(now + timedelta(seconds=later), provider)
        assert came(ours, CHILD) == ["SM1"], f"nothing overtakes it after {failures} failures"
        assert provider.to(ANA) == []
    ours.settle(now + timedelta(seconds=95), provider)

    assert came(ours, CHILD) == ["SM1", "SM2", "SM3"], "in the thread for a person to read, in the order they came"
    assert waiting(ours) == 0
    with ours.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
        assert contact is not None
        talk = conversations.latest(tx, contact.id)
        assert talk is not None
        assert talk.holder == "nobody", "open to a person"
        (raised,) = alerts.of(tx, talk.id)
        assert raised.level is Level.L3, "the words behind it were heard"
    assert any("Waymark L3" in text for text in provider.to(ANA))
    assert any("could not be handled" in text for text in provider.to(ANA))


def test_a_bug_that_is_mended_in_time_is_never_noticed(
    ours: House, now: datetime, provider: Provider, monkeypatch: pytest.MonkeyPatch, poisoned: None
) -> None:
    bring(ours, "SM1", CHILD, POISON, now)
    ours.settle(now, provider)
    monkeypatch.setattr(engine, "step", STEP)
    ours.settle(now + timedelta(seconds=31), provider)
    assert came(ours, CHILD) == ["SM1"]
    assert len(provider.to(CHILD)) == 1
    assert provider.to(ANA) == []


def test_what_cannot_even_be_given_to_a_person_still_wakes_one(
    ours: House, now: datetime, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.beginning.begin", begin)
    bring(ours, "SM1", CHILD, "hello", now)
    for seconds in (0, 31, 95, 400):
        ours.settle(now + timedelta(seconds=seconds), provider)
    assert waiting(ours) == 1, "it is not lost"
    assert [text for text in provider.to(ANA) if "could not be handled" in text] == provider.to(ANA)[:1]
    monkeypatch.undo()
    ours.settle(now + timedelta(hours=1), provider)
    assert came(ours, CHILD) == ["SM1"]
    assert waiting(ours) == 0


def test_a_text_of_the_staff_that_fails_opens_no_chat(
    ours: House, now: datetime, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_code(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(page_codes, "by_code", by_code)
    bring(ours, "SM1", ANA, "ABC234", now)
    for seconds in (0, 31, 95):
        ours.settle(now + timedelta(seconds=seconds), provider)
    with ours.database.transaction() as tx:
        assert contacts.known(tx, Service.TEXT_SAFE, "sms", ANA) is None
    assert len(provider.to(ANA)) == 1
