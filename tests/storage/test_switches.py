from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage import people, switches
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database

HOUR = timedelta(hours=1)


def test_a_switch_is_off_until_somebody_turns_it_on_and_ends_by_itself(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT).id
        assert not switches.on(tx, "closed", AT)
        switches.turn(tx, "closed", on=True, by=mel, at=AT, until=AT + HOUR)
        assert switches.on(tx, "closed", AT + HOUR - MINUTE)
        assert not switches.on(tx, "flood", AT)
        assert [(one.name, one.by, one.until) for one in switches.shown(tx, AT)] == [("closed", mel, AT + HOUR)]
        assert not switches.on(tx, "closed", AT + HOUR)
        assert switches.shown(tx, AT + HOUR) == ()


def test_without_a_time_it_stays_until_it_is_turned_off(database: Database) -> None:
    with database.transaction() as tx:
        mel = people.add(tx, "Mel", "manager", AT).id
        switches.turn(tx, "flood", on=True, by=mel, at=AT, until=AT + MINUTE)
        switches.turn(tx, "flood", on=True, by=mel, at=AT)
        assert switches.on(tx, "flood", AT + 1000 * HOUR)
        switches.turn(tx, "flood", on=False, by=mel, at=AT + HOUR, until=AT + 2 * HOUR)
        assert not switches.on(tx, "flood", AT + HOUR)


def test_there_is_no_other_switch(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(ValueError, match="silence"):
        switches.on(tx, "silence", AT)
