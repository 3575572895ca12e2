"""What somebody holds of one child keeps no other child waiting. PostgreSQL: on SQLite there is one writer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.channels.base import Inbound
from bot.play import script
from bot.play.stage import Stage
from bot.ticker import Ticker
from storage import alerts, engines, tables, timers
from tests.bot.test_telephone import CHECK_IN, PAGED, say

if TYPE_CHECKING:
    from collections.abc import Iterator

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
