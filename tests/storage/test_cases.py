from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from flows.model import Service
from storage import cases, contacts, registers, tables
from tests.storage.invented import AT, CHILD, MINUTE

if TYPE_CHECKING:
    from storage.database import Database


def test_a_case_is_made_once_and_found_by_either_name(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT, {"birth_date": "2012-02-29", "looked_after": 1})
        assert cases.add(tx, " la-0042 ", AT) == case
        assert cases.find(tx, case.reference) == case
        assert cases.find(tx, "LA-0042") == case
        assert cases.find(tx, "LA-0043") is None
        assert [*registers.children(tx)] == [case.id]
        assert b"2012" not in tx.execute(select(tables.cases.c.details)).scalar_one()


def test_details_grow_and_stay(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT, {"age": 13})
        assert cases.load(tx, case.id).details.get("worker") is None
        changed = cases.set_details(tx, case.id, {"worker": "Rosa", "age": 14})
        assert changed.details == {"child_ref": "LA-0042", "age": 14, "worker": "Rosa"}
        assert cases.load(tx, case.id).details.get("worker") == "Rosa"


def test_a_case_belongs_to_a_return_interview_contact_only(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT)
        safe = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        interview = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        with pytest.raises(cases.WrongStore):
            cases.link(tx, case.id, safe.id)
        cases.link(tx, case.id, interview.id)
        assert cases.of_contact(tx, interview.id) == case.id
        assert cases.of_contact(tx, safe.id) is None


def test_episodes_stand_in_their_order_and_end(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT)
        second = cases.add_episode(tx, case.id, AT, None, {"from": "home"})
        first = cases.add_episode(tx, case.id, AT - 1440 * MINUTE, AT - 1000 * MINUTE)
        ended = replace(second, returned_at=AT + MINUTE)
        cases.save_episode(tx, ended)
        assert cases.episodes(tx, case.id) == (first, ended)
