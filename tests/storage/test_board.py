"""What the board asks storage for, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.model import Level
from storage import alerts, board
from tests.storage import invented
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database


def test_a_silent_child_stands_once_by_the_highest_level_and_by_what_is_to_be_decided(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx, last_inbound_at=AT)
        decided = invented.alert(talk, id=alerts.new_id(), level=Level.L4)
        alerts.add(tx, decided)
        alerts.save(tx, replace(decided, state="decided", serial=2))
        waits = invented.alert(talk, id=alerts.new_id(), level=Level.L3, opened_at=AT + MINUTE)
        alerts.add(tx, waits)
        found = board.silent(tx, AT - MINUTE, AT + 60 * MINUTE)
    assert [(one.alert, one.level) for one in found] == [(waits.id, Level.L4)]
