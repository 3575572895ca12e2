"""Who may turn a switch, what is kept of it, and what it changes for a child."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bot import switching
from bot.clicks import NotPossible
from storage import audit, people, switches
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keys.load(Keys.new()))
    if not made.is_current():
        made.migrate()
    yield made
    made.close()


def test_a_managers_turn_is_audited_and_shown(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "service_manager", AT)
        switching.turn(tx, mel, "closed", on=True, at=AT, until=AT + HOUR)
        assert switching.told(tx, AT, LONDON) == [
            "closed is on since Mon 16 Nov 12:00, by Mel, until Mon 16 Nov 13:00",
        ]
        switching.turn(tx, mel, "closed", on=False, at=AT + HOUR / 2)
        assert switching.told(tx, AT + HOUR / 2, LONDON) == []
    with database.transaction() as tx:
        lines = [(one.who, one.what, *one.about) for one in audit.about(tx, "closed")]
        assert lines == [
            (mel.id, "switch.on", "closed", "until:20261116T1300Z"),
            (mel.id, "switch.off", "closed"),
        ]


@pytest.mark.parametrize("role", ["duty", "backup", "worker"])
def test_nobody_else_may(database: Database, role: str) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", role, AT)
        with pytest.raises(NotPossible, match="no manager"):
            switching.turn(tx, ana, "closed", on=True, at=AT)
        assert not switches.on(tx, "closed", AT)


def test_what_cannot_be_turned_says_why(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT)
        with pytest.raises(NotPossible, match="closed, flood"):
            switching.turn(tx, mel, "pages", on=False, at=AT)
        with pytest.raises(NotPossible, match="passed"):
            switching.turn(tx, mel, "closed", on=True, at=AT, until=AT)
