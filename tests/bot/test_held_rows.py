"""What somebody holds of one child keeps no other child waiting. PostgreSQL: on SQLite there is one writer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot import again
from bot.channels.base import Inbound
from bot.play import script
from bot.play.stage import Stage
from bot.ticker import Ticker
from storage import alerts, engines, tables, timers
from storage.errors import StoreUnavailable, Trouble
from tests.bot.phones import Phone, talk
from tests.bot.test_telephone import CHECK_IN, PAGED, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from storage.claiming import Outgoing as Claimed
    from storage.database import Transaction

OTHER = "+447700900188"


@pytest.fixture
def stage(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setitem(engines._LIMITS, "lock_timeout", "50ms")
    with Stage(script.parse(CHECK_IN), database_url) as made:
        yield made


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_ladder_of_one_child_climbs_while_another_is_held(stage: Stage) -> None:
    say(stage, *PAGED)
    for number, text in enumerate(PAGED):
        stage.runner.accept(Inbound("sms", f"o{number}", OTHER, text, None, stage.now))

    def both(tx: Transaction) -> list[tuple[str, str]]:
        asked = select(tables.alerts.c.id, tables.conversations.c.contact_id).join(
            tables.conversations, tables.conversations.c.id == tables.alerts.c.conversation_id
        )
        return [(row[0], row[1]) for row in tx.execute(asked.order_by(tables.alerts.c.opened_at))]

    (first, who), (second, _) = stage.committer.submit(both)
    with stage.database.transaction() as tx:
        tx.lock_contact(who)
        for minutes in range(12):
            Ticker(stage.runner, {}).fire_due(stage.now + timedelta(minutes=minutes))
    with stage.database.snapshot() as tx:
        assert len(alerts.pages(tx, second)) > len(alerts.pages(tx, first))
        assert timers.of(tx, first)


TELEGRAM = ("5001", "5002")


def contact_of(stage: Stage, address: str) -> str:
    with stage.database.transaction() as tx:
        return tx.contact_of(talk(tx, address, "telegram").id)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_text_that_left_is_marked_as_sent_though_its_child_is_held_and_no_other_waits(stage: Stage) -> None:
    for address in TELEGRAM:
        stage.runner.accept(Inbound("telegram", address, address, "hi", None, stage.now))
    held, telegram = contact_of(stage, TELEGRAM[0]), Phone("telegram")
    ticker = Ticker(stage.runner, {"telegram": telegram})
    with stage.database.transaction() as tx:
        tx.lock_contact(held)
        while ticker.send_pending(stage.now):
            pass
    assert [one.to for one in telegram.sent] == [*TELEGRAM]
    for minutes in (2, 5, 10):
        ticker.round(stage.now + timedelta(minutes=minutes))
    assert [one.to for one in telegram.sent] == [*TELEGRAM], "nobody reads it twice"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_text_that_cannot_be_looked_at_now_goes_back_and_the_others_leave(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in TELEGRAM:
        stage.runner.accept(Inbound("telegram", address, address, "hi", None, stage.now))
    looked = again.is_old

    def held(one: Claimed, now: datetime) -> bool:
        if one.contact == first:
            raise StoreUnavailable(trouble=Trouble.HELD)
        return looked(one, now)

    first, phone = contact_of(stage, TELEGRAM[0]), Phone("telegram")
    ticker = Ticker(stage.runner, {"telegram": phone})
    with monkeypatch.context() as patch:
        patch.setattr(again, "is_old", held)
        ticker.send_pending(stage.now)
    assert [one.to for one in phone.sent] == [TELEGRAM[1]]
    ticker.send_pending(stage.now + timedelta(seconds=5))
    assert [one.to for one in phone.sent] == [TELEGRAM[1], TELEGRAM[0]]
