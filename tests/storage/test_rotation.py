from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage import (
    audit,
    cases,
    claiming,
    contacts,
    conversations,
    draft_languages,
    inbox,
    interpreters,
    outbox,
    people,
    rotation,
    tables,
)
from storage.codes import Sending
from storage.database import Database
from storage.interpreters import Interpreter
from storage.keys import Keys, Sealed
from tests.storage import invented
from tests.storage.invented import AT, CHILD, WORDS

if TYPE_CHECKING:
    import pytest


def test_after_a_rotation_the_old_key_is_needed_no_more(database: Database, keys: Keys) -> None:
    with database.transaction() as tx:
        contact, talk = invented.chat(tx)
        case = cases.add(tx, "LA-0042", AT, {"worker": "Rosa"})
        ana = people.add(tx, "ana", "duty", AT, phone="+447700900100", email="ana@example.org")
        kept = inbox.keep(tx, "sms", "SM1", CHILD, WORDS, AT)
        outbox.add(tx, outbox.Draft(Sending.PAGE, "sms", "L3", AT, staff=ana.id), AT)
        outbox.add(tx, outbox.Draft(Sending.SAY, "sms", WORDS, AT, contact=contact.id), AT)
        draft_languages.turn_on(tx, "vi", ana.id, "no interpreter answers", AT)
        week = Interpreter("", "vi", "Line", "+447700900199", "1234", frozenset(range(7)), time(8), time(8))
        rings = interpreters.add(tx, week, AT)
    text = keys.rotated()
    both = Database(database.url.render_as_string(hide_password=False), Keys.load(text))
    with both.transaction() as tx:
        assert rotation.rewrap(tx) == (10, ())
        assert rotation.rewrap(tx) == (0, ())
    both.close()
    pepper, _, new = text.split(";")
    alone = Database(database.url.render_as_string(hide_password=False), Keys.load(f"{pepper};{new}"))
    with alone.transaction() as tx:
        assert conversations.peek(tx, talk.id) == talk
        assert contacts.addresses(tx, contact.id) == (("sms", CHILD),)
        assert cases.load(tx, case.id) == case
        assert people.by_name(tx, "ana") == ana
        assert inbox.take(tx, kept or 0).payload == WORDS  # type: ignore[union-attr]
        assert [one.text for one in claiming.claim(tx, AT, 10, ["sms"])] == ["L3", WORDS]
        assert [one.reason for one in draft_languages.shown(tx)] == ["no interpreter answers"]
        assert interpreters.everyone(tx) == (rings,)
    alone.close()


def test_what_another_process_does_meanwhile_stands(
    database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as tx:
        contact, _ = invented.chat(tx)
    both = Database(database.url.render_as_string(hide_password=False), Keys.load(keys.rotated()))
    opened = Keys.open_bytes

    def erased(ring: Keys, sealed: bytes, *place: str) -> bytes:
        tx.execute(update(tables.contacts).values(data_key=None))
        return opened(ring, sealed, *place)

    monkeypatch.setattr(Keys, "open_bytes", erased)
    with both.transaction() as tx:
        rotation.rewrap(tx)
        assert tx.execute(select(tables.contacts.c.data_key).where(tables.contacts.c.id == contact.id)).scalar() is None
    both.close()


def test_another_pepper_is_known_by_the_chain_or_by_a_number(database: Database, keys: Keys) -> None:
    url = database.url.render_as_string(hide_password=False)
    service = keys.rotated().split(";")[1]
    other = Database(url, Keys.load(f"{Keys.new().split(';')[0]};{service}"))
    with other.snapshot() as tx:
        assert rotation.misfit(tx) == "", "nothing is there yet"
    with database.transaction() as tx:
        invented.chat(tx)
    with database.snapshot() as ours, other.snapshot() as theirs:
        assert (rotation.misfit(ours), rotation.misfit(theirs)) == ("", rotation.WRONG_PEPPER)
    with database.transaction() as tx:
        for what in ("case.opened", "case.noted"):
            audit.record(tx, AT, "bot", what, "A" * 26)
    with other.snapshot() as tx:
        assert rotation.misfit(tx) == rotation.WRONG_PEPPER
    with database.transaction() as tx:
        tx.execute(update(tables.audit).where(tables.audit.c.number == 1).values(link=b"changed"))
        assert rotation.misfit(tx) == "", "one line or number that was changed says nothing about the ring"
    other.close()


def test_an_old_copy_of_the_ring_is_told_by_what_was_sealed_since(database: Database, keys: Keys) -> None:
    """It opens all that is old, and nobody who came since: people are told, and everybody else is answered."""
    url = database.url.render_as_string(hide_password=False)
    with database.transaction() as tx:
        people.add(tx, "ana", "duty", AT)
    newer = Database(url, Keys.load(keys.rotated()))
    for name, lacks in (("ben", False), ("cat", True)):
        with newer.transaction() as tx:
            people.add(tx, name, "backup", AT)
            assert not rotation.lacks(tx)
        with database.snapshot() as tx:
            assert rotation.lacks(tx) is lacks, "one value may have been changed; two name one key"
            assert rotation.misfit(tx) == ""
    with database.transaction() as tx:
        people.set_active(tx, people.unreadable(tx)[0], on=False)
        assert not rotation.lacks(tx), "of whoever has left nothing is missed"
    newer.close()


def test_what_no_key_opens_is_passed_over_and_named(database: Database, keys: Keys) -> None:
    with database.transaction() as tx:
        people.add(tx, "ana", "duty", AT)
        ben = people.add(tx, "ben", "duty", AT)
        row = tables.staff.c.id == ben.id
        tx.execute(update(tables.staff).where(row).values(name=Sealed(b"\x00" * 60)))
        assert rotation.is_done(tx), "nothing is left that could be sealed anew"
    both = Database(database.url.render_as_string(hide_password=False), Keys.load(keys.rotated()))
    with both.transaction() as tx:
        assert not rotation.is_done(tx)
        assert rotation.rewrap(tx) == (1, (f"staff {ben.id}",))
        assert rotation.is_done(tx)
        assert [one.name for one in people.everyone(tx)] == ["ana", f"{people.UNREADABLE}{ben.id}"]
    both.close()
