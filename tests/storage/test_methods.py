from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage import claiming, methods, outbox, people, rotation
from storage.codes import Method, Sending
from storage.database import Database
from storage.keys import Keys
from storage.outbox import Draft
from tests.storage.invented import AT, MINUTE

if TYPE_CHECKING:
    from storage.database import Transaction
    from storage.people import Person

PHONE, OTHER = "+447700900201", "+447700900202"


def ana(tx: Transaction, **more: str) -> Person:
    return people.add(tx, "Ana", "duty", AT, phone=PHONE, **more)


def sms(tx: Transaction, person: Person) -> methods.Way:
    return next(one for one in methods.of(tx, person.id) if one.kind is Method.SMS)


def test_a_number_is_texted_and_rung_and_counts_only_when_verified(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        assert methods.verified(tx, person.id) == frozenset()
        assert methods.reach(tx, person.id, "sms") is None
        assert methods.address(tx, person.id, "sms") == PHONE, "a page to an unproved number beats no page"
        assert methods.address(tx, person.id, "email") is None
        assert methods.known_of_all(tx) == {person.id: frozenset({"sms", "voice"})}
        assert methods.verified_of_all(tx) == {}


def test_a_texted_code_proves_the_number_for_calls_too_once(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx, email="ana@example.org")
        code = methods.ask(tx, sms(tx, person), AT)
        proved = methods.prove(tx, person.id, f" {code[:3].lower()}-{code[3:]} ", AT + MINUTE)
        assert {one.kind for one in proved} == {Method.SMS, Method.VOICE}
        assert {one.verified_by for one in proved} == {methods.CODE}
        assert methods.verified(tx, person.id) == {"sms", "voice"}, "the e-mail was not asked"
        assert methods.reach(tx, person.id, "voice") == PHONE
        assert methods.prove(tx, person.id, code, AT + MINUTE) == (), "once"


def test_a_code_dies_with_its_time_and_with_a_newer_one(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        old = methods.ask(tx, sms(tx, person), AT)
        assert methods.prove(tx, person.id, old, AT + methods.VALID) == ()
        new = methods.ask(tx, sms(tx, person), AT + methods.VALID)
        assert methods.prove(tx, person.id, old, AT + methods.VALID) == ()
        assert methods.prove(tx, person.id, new, AT + methods.VALID + MINUTE) != ()


def test_a_code_of_somebody_else_proves_nothing(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        ben = people.add(tx, "Ben", "backup", AT, phone=OTHER)
        code = methods.ask(tx, sms(tx, person), AT)
        methods.ask(tx, sms(tx, ben), AT)
        assert methods.prove(tx, ben.id, code, AT) == ()
        assert methods.verified_of_all(tx) == {}


def test_after_five_wrong_codes_the_right_one_is_worth_nothing(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        code = methods.ask(tx, sms(tx, person), AT)
        for _ in range(methods.MOST_TRIES):
            assert methods.prove(tx, person.id, "WRONG2", AT) == ()
        assert methods.prove(tx, person.id, code, AT) == ()


def test_the_right_code_of_one_way_is_no_wrong_one_of_another(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx, email="ana@example.org")
        codes = {
            one.kind: methods.ask(tx, one, AT) for one in methods.of(tx, person.id) if one.kind is not Method.VOICE
        }
        for _ in range(methods.MOST_TRIES - 1):
            methods.prove(tx, person.id, "WRONG2", AT)
        assert {one.kind for one in methods.prove(tx, person.id, codes[Method.SMS], AT)} == {Method.SMS, Method.VOICE}
        assert {one.kind for one in methods.prove(tx, person.id, codes[Method.EMAIL], AT)} == {Method.EMAIL}


def test_a_telephone_is_not_flooded_with_codes(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        way, at = sms(tx, person), AT
        methods.ask(tx, way, at)
        with pytest.raises(methods.TooSoon):
            methods.ask(tx, way, at + MINUTE)
        for _ in range(methods.MOST_A_DAY - 1):
            at += methods.WAIT
            methods.ask(tx, way, at)
        with pytest.raises(methods.TooSoon):
            methods.ask(tx, way, at + timedelta(hours=12))
        methods.ask(tx, way, at + timedelta(hours=24))


def test_a_verified_number_stays_in_use_until_the_new_one_is_verified(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx, proof=methods.INVENTED)
        new = methods.add(tx, person.id, "sms", OTHER, AT + MINUTE)
        assert methods.reach(tx, person.id, "sms") == PHONE
        assert methods.address(tx, person.id, "sms") == PHONE
        methods.vouch(tx, new, "b" * 26, AT + 2 * MINUTE)
        assert methods.reach(tx, person.id, "sms") == OTHER
        assert [one.address for one in methods.of(tx, person.id)] == [OTHER, PHONE], (
            "the call still goes to the old one"
        )
        assert methods.look(tx, new.id).verified_by == "b" * 26


def test_the_same_way_twice_is_one(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx)
        known = sms(tx, person)
        assert methods.add(tx, person.id, "sms", PHONE, AT + MINUTE) == known
        assert methods.add(tx, person.id, "sms", PHONE, AT + MINUTE, proof=methods.INVENTED).id == known.id
        assert methods.remove(tx, person.id, "sms")
        assert not methods.remove(tx, person.id, "sms")
        assert methods.verified(tx, person.id) == frozenset()


def test_whose_number_it_is_a_verified_one_before_another(database: Database) -> None:
    with database.transaction() as tx:
        people.add(tx, "Ada", "duty", AT, phone=PHONE)
        person = ana(tx, proof=methods.INVENTED)
        assert people.by_phone(tx, PHONE) == person
        assert methods.is_verified_phone(tx, person.id, PHONE)
        people.set_active(tx, person.id, on=False)
        found = people.by_phone(tx, PHONE)
        assert found is not None
        assert found.name == "Ada"
        assert not methods.is_verified_phone(tx, found.id, PHONE)


def test_a_code_goes_to_the_number_it_is_to_prove_and_a_page_does_not(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx, proof=methods.INVENTED)
        new = methods.add(tx, person.id, "sms", OTHER, AT)
        outbox.add(tx, Draft(Sending.PAGE, "sms", "L3", AT, staff=person.id), AT)
        outbox.add(tx, Draft(Sending.NOTICE, "sms", "code", AT, staff=person.id, method=new.id), AT)
        assert [one.address for one in claiming.claim(tx, AT, 2, ["sms"])] == [PHONE, OTHER]
        assert methods.remove(tx, person.id, "sms")
        outbox.add(tx, Draft(Sending.NOTICE, "sms", "code", AT, staff=person.id, method=new.id), AT)
        assert [one.address for one in claiming.claim(tx, AT, 2, ["sms"])] == [None]


def test_nothing_is_shown_but_what_it_is_known_by(database: Database) -> None:
    with database.transaction() as tx:
        person = ana(tx, email="ana.lee@example.org")
        assert {one.ending for one in methods.of(tx, person.id)} == {"...201", "a...@example.org"}
        assert PHONE not in repr(methods.of(tx, person.id))


def test_a_new_service_key_seals_every_way_anew(database_url: str) -> None:
    ring = Keys.new()
    old = Database(database_url, Keys.load(ring))
    if not old.is_current():
        old.migrate()
    with old.transaction() as tx:
        person = ana(tx, email="ana@example.org")
        methods.add(tx, person.id, "telegram", "700900201", AT)
        before = methods.of(tx, person.id)
    old.close()
    new = Database(database_url, Keys.load(Keys.load(ring).rotated()))
    with new.transaction() as tx:
        assert rotation.rewrap(tx) == (5, ()), "a name, and four ways"
        assert methods.of(tx, person.id) == before
        assert rotation.rewrap(tx) == (0, ())
    new.close()


def test_no_number_stands_in_the_clear(database: Database) -> None:
    with database.transaction() as tx:
        ana(tx)
        kept = tx.execute(text("SELECT * FROM methods")).all()
        assert len(kept) == 2
        assert b"7700900201" not in repr(kept).encode()
