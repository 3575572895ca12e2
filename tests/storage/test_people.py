from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from flows.model import OnDuty
from storage import people
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Database

HOUR = timedelta(hours=1)


def test_people_are_found_by_name_and_number(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "Ana Lee", "duty", AT, phone="+447700900100", locale="vi")
        assert people.by_name(tx, " ana  LEE ") == ana
        assert people.by_phone(tx, "+447700900100") == ana
        assert people.by_phone(tx, "+447700900101") is None
        assert people.load(tx, ana.id) == ana
        people.set_active(tx, ana.id, on=False)
        assert people.by_phone(tx, "+447700900100") is None
        assert [(one.name, one.active) for one in people.everyone(tx)] == [("Ana Lee", False)]
        with pytest.raises(people.NameTaken):
            people.add(tx, "ana lee", "backup", AT)


def test_an_unknown_role_is_refused(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(ValueError, match="boss"):
        people.add(tx, "ana", "boss", AT)


def test_a_shift_begins_on_its_first_instant_and_is_over_on_its_last(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", AT)
        ben = people.add(tx, "ben", "worker", AT)
        people.add_shift(tx, ana.id, "duty", AT, AT + HOUR)
        people.add_shift(tx, ana.id, "duty", AT - HOUR, AT + MINUTE)
        people.add_shift(tx, ben.id, "backup", AT, AT + 2 * HOUR)
        assert people.on_duty(tx, AT) == (OnDuty("ben", "backup"), OnDuty("ana", "duty"))
        assert people.on_duty(tx, AT + HOUR - MINUTE / 60) == (OnDuty("ben", "backup"), OnDuty("ana", "duty"))
        assert people.on_duty(tx, AT + HOUR) == (OnDuty("ben", "backup"),)
        assert people.on_duty(tx, AT - 2 * HOUR) == ()
        people.set_active(tx, ben.id, on=False)
        assert people.on_duty(tx, AT + HOUR) == ()
        assert [one.name for one in people.shifts(tx, AT, AT + HOUR)] == ["ana", "ana", "ben"]
        with pytest.raises(ValueError, match="after it starts"):
            people.add_shift(tx, ana.id, "duty", AT, AT)
