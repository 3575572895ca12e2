from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from storage import tables
from storage.keys import Sealed
from tests.storage.invented import AT

if TYPE_CHECKING:
    from storage.database import Database

_TIMER = {"subject": "alert", "subject_id": "x", "name": "n", "turn": 0, "rung": 0, "about": "", "failures": 0}


def test_times_come_back_in_utc_and_sort(database: Database) -> None:
    offsets = [timezone(timedelta(hours=hours)) for hours in (-5, 0, 9)]
    given = [AT.astimezone(zone) + timedelta(microseconds=number) for number, zone in enumerate(offsets)]
    with database.transaction() as tx:
        tx.execute(insert(tables.timers), [_TIMER | {"at": one, "due_at": one} for one in reversed(given)])
        back = list(tx.execute(select(tables.timers.c.at).order_by(tables.timers.c.at)).scalars())
    assert back == given
    assert all(one.utcoffset() == timedelta(0) for one in back)


def test_a_time_without_an_offset_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 16, 12, 0)  # noqa: DTZ001 - the point
    with database.transaction() as tx, pytest.raises(StatementError, match="without an offset"):
        tx.execute(insert(tables.timers), _TIMER | {"at": naive, "due_at": naive})


def test_only_sealed_bytes_go_into_a_sealed_column(database: Database) -> None:
    row = {"channel": "sms", "external_id": "1", "failures": 0, "received_at": AT, "retry_at": AT}
    with database.transaction() as tx:
        with pytest.raises(StatementError, match="only sealed bytes") as caught:
            tx.execute(insert(tables.inbox), row | {"payload": b"hello"})
        assert "hello" not in str(caught.value)
        tx.execute(insert(tables.inbox), row | {"payload": Sealed(b"sealed")})


def test_codes_are_stored_by_value_and_checked(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(insert(tables.timers), _TIMER | {"at": AT, "due_at": AT})
        assert tx.connection.exec_driver_sql("SELECT subject FROM timers").scalar() == "alert"
    with pytest.raises(IntegrityError), database.transaction() as tx:
        tx.connection.exec_driver_sql("UPDATE timers SET subject = 'ALERT'")
