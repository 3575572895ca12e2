from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from flows.model import Service
from storage import cases, contacts, offers, tables
from tests.storage.invented import AT, CHILD, MINUTE

if TYPE_CHECKING:
    from storage.database import Database


def test_a_code_opens_its_offer_once_and_in_time(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT)
        child = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        made, code = offers.offer(tx, case.id, child, "sms", AT, AT + MINUTE)
        late, late_code = offers.offer(tx, case.id, child, "sms", AT, AT)
        offers.attach(tx, made.id, "c1")
        assert offers.looks_like_code(f" {code.lower()} ")
        assert not offers.looks_like_code("hi")
        assert tx.execute(select(tables.offers.c.code).limit(1)).scalar() != code.encode()
        assert offers.redeem(tx, late_code, AT) is None
        found = offers.redeem(tx, code.lower(), AT)
        assert found is not None
        assert (found.id, found.case, found.contact, found.conversation) == (made.id, case.id, child.id, "c1")
        assert offers.redeem(tx, code, AT) is None
        assert offers.redeem(tx, "333333", AT) is None
        assert [one.id for one in offers.of_case(tx, case.id)] == [made.id, late.id]


def test_requests_are_one_at_a_time_and_keep_no_reference_in_the_clear(database: Database) -> None:
    with database.transaction() as tx:
        child = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        offers.request(tx, child, "officer", "CAD-77", AT, accepted=False)
        assert not offers.has_open_request(tx, child.id)
        made = offers.request(tx, child, "officer", "CAD-77", AT, accepted=True, language="vi", age_band="13-15")
        assert offers.has_open_request(tx, child.id)
        assert offers.requests(tx, child.id)[1] == made
        assert all(b"CAD" not in held for held in tx.execute(select(tables.requests.c.case_reference)).scalars())
        offers.close_requests(tx, child.id, AT)
        assert not offers.has_open_request(tx, child.id)


def test_neither_crosses_into_the_other_store(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "LA-0042", AT)
        safe = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        interview = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        with pytest.raises(ValueError, match="return-interview contact"):
            offers.offer(tx, case.id, safe, "sms", AT, AT)
        with pytest.raises(ValueError, match="text-safe contact"):
            offers.request(tx, interview, "officer", "CAD-77", AT, accepted=True)
