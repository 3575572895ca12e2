from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from flows.model import Service
from storage import contacts, conversations, tables
from storage.keys import SealBroken
from tests.storage import invented
from tests.storage.invented import AT, CHILD, OTHER

if TYPE_CHECKING:
    from storage.database import Database


def test_one_number_in_two_services_is_two_contacts_that_nothing_joins(database: Database) -> None:
    with database.transaction() as tx:
        safe, talk = invented.chat(tx, CHILD, Service.TEXT_SAFE)
        interview, _ = invented.chat(tx, CHILD, Service.RETURN_INTERVIEW)
        assert safe.id != interview.id
        assert safe.reference != interview.reference
        rows = tx.execute(select(tables.addresses)).all()
        assert len({row.fingerprint for row in rows}) == 2
        assert len({row.address for row in rows}) == 2
        for table in (tables.contacts, tables.addresses):
            one, two = tx.execute(select(table)).all()
            shared = {cell for cell in one if isinstance(cell, (str, bytes))} & {
                cell for cell in two if isinstance(cell, (str, bytes))
            }
            assert shared <= {"sms"}
        sealed = tx.data_key(safe.id).seal("words", "messages", "1")
        with pytest.raises(SealBroken):
            tx.data_key(interview.id).open(sealed, "messages", "1")
        assert conversations.latest(tx, interview.id) != talk
        assert invented.found(tx, Service.TEXT_SAFE, "sms", CHILD, AT) == (safe, talk)


def test_an_address_is_known_again_in_its_channel_only(database: Database) -> None:
    with database.transaction() as tx:
        first = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        assert contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT) == first
        assert contacts.find(tx, Service.TEXT_SAFE, "whatsapp", CHILD, AT).id != first.id
        assert contacts.find(tx, Service.TEXT_SAFE, "sms", OTHER, AT).id != first.id
        assert contacts.by_reference(tx, f" {first.reference.upper()} ") == first
        assert contacts.by_reference(tx, "nobody-here") is None


def test_a_contact_has_several_addresses_and_each_belongs_to_one(database: Database) -> None:
    with database.transaction() as tx:
        child = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        contacts.add_address(tx, child, "telegram", "1234", AT)
        assert contacts.find(tx, Service.TEXT_SAFE, "telegram", "1234", AT) == child
        assert contacts.addresses(tx, child.id) == (("sms", CHILD), ("telegram", "1234"))
        other = contacts.find(tx, Service.TEXT_SAFE, "sms", OTHER, AT)
    with pytest.raises(IntegrityError), database.transaction() as tx:
        contacts.add_address(tx, other, "sms", CHILD, AT)


def test_two_first_texts_at_once_make_one_contact(database: Database) -> None:
    found: list[str] = []
    ready = threading.Barrier(4, timeout=10)

    def first_text() -> None:
        ready.wait()
        with database.transaction() as tx:
            found.append(contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT).id)

    threads = [threading.Thread(target=first_text) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_code_word_is_known_again_and_stands_nowhere(database: Database) -> None:
    with database.transaction() as tx:
        child = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        other = contacts.find(tx, Service.TEXT_SAFE, "sms", OTHER, AT)
        assert not contacts.is_code_word(tx, child.id, "Pineapple")
        contacts.set_code_word(tx, child.id, "Pineapple")
        contacts.set_code_word(tx, other.id, "Pineapple")
        assert contacts.is_code_word(tx, child.id, "  pineAPPLE ")
        assert not contacts.is_code_word(tx, child.id, "pineapple juice")
        assert contacts.load(tx, child.id).has_code_word
        one, two = tx.execute(select(tables.contacts.c.code_word)).scalars()
        assert one != two


def test_stop_is_kept_and_only_undone_by_a_clear_wish(database: Database) -> None:
    with database.transaction() as tx:
        child = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        contacts.opt_out(tx, child.id)
        assert contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT).opted_out
        contacts.opt_out(tx, child.id, out=False)
        assert not contacts.load(tx, child.id).opted_out
