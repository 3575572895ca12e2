from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from flows.model import Answer, Level, Privacy, Service
from storage import cases, contacts, conversations, tables
from storage.codes import Holder
from storage.database import Erased
from tests.storage import invented
from tests.storage.invented import AT, CHILD, MINUTE

if TYPE_CHECKING:
    from storage.database import Database


def test_a_conversation_is_found_by_address_and_saved_whole(database: Database) -> None:
    with database.transaction() as tx:
        contact, nothing = invented.found(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        assert nothing is None
        talk = conversations.start(tx, contact.id, invented.conversation())
    said = Answer("safe_now", ("a", "b"), "a & b", AT, "vi", messages=("m1",))
    grown = replace(talk, turn=4, level=Level.L3, privacy=Privacy.ALONE, answers={"safe_now": said}, holder="rosa")
    with database.transaction() as tx:
        assert conversations.load(tx, talk.id) == talk
        conversations.save(tx, grown)
    with database.transaction() as tx:
        assert invented.found(tx, Service.TEXT_SAFE, "sms", CHILD, AT) == (contact, grown)
        row = tx.execute(select(tables.conversations)).one()
        assert (row.level, row.turn, row.holder, row.state) == (3, 4, Holder.PERSON, "GATE")
        assert conversations.contact_of(tx, talk.id) == contact


def test_what_an_index_holds_is_written_whenever_it_has_changed_and_only_then(database: Database) -> None:
    asked = select(tables.conversations.c.state, tables.conversations.c.holder, tables.conversations.c.turn)
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
    waiting = replace(talk, turn=5, state="WAITING", holder="rosa")
    back = replace(waiting, turn=6, state="GATE", holder="bot")
    for one in (replace(talk, turn=4), waiting, replace(waiting, turn=7, holder="sam"), back):
        with database.transaction() as tx:
            conversations.load(tx, talk.id)
            conversations.save(tx, one)
            holder = Holder.BOT if one.holder == "bot" else Holder.PERSON
            assert tx.execute(asked).one() == (one.state, holder, one.turn)
    with database.transaction() as tx:
        # Twice in one transaction, and without having been read in it.
        for one in (waiting, back, waiting):
            conversations.save(tx, one)
            assert tx.execute(asked).one()[0] == one.state
        tx.execute(tables.conversations.update().values(state="LOCKED"))
    with database.transaction() as tx:
        conversations.load(tx, talk.id)
        conversations.save(tx, replace(waiting, turn=8))
        assert tx.execute(asked).one() == ("LOCKED", Holder.PERSON, 8), "what stands is not written again"


def test_the_latest_conversation_is_the_one_that_goes_on(database: Database) -> None:
    with database.transaction() as tx:
        contact, first = invented.chat(tx)
        second = conversations.start(tx, contact.id, invented.conversation(started_at=AT + MINUTE))
        assert invented.found(tx, Service.TEXT_SAFE, "sms", CHILD, AT)[1] == second
        assert conversations.of_contact(tx, contact.id) == (first, second)


def test_conversations_are_listed_by_case(database: Database) -> None:
    with database.transaction() as tx:
        case = cases.add(tx, "c-1", AT)
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        talk = conversations.start(tx, contact.id, invented.conversation(), case.id)
        _, other = invented.chat(tx)
        assert conversations.of_case(tx, case.id) == (talk.id,)
        assert conversations.case_of(tx, talk.id) == case.id
        assert conversations.case_of(tx, other.id) is None


def test_an_unknown_id_is_an_error(database: Database) -> None:
    with pytest.raises(NoResultFound), database.transaction() as tx:
        conversations.load(tx, "nothing")


def test_a_conversation_sealed_under_a_destroyed_key_is_gone(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        tx.execute(tables.contacts.update().values(data_key=None))
    with pytest.raises(Erased), database.transaction() as tx:
        conversations.load(tx, talk.id)
