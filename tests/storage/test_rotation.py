from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage import cases, claiming, contacts, conversations, inbox, outbox, people, rotation, tables
from storage.codes import Sending
from storage.database import Database
from storage.keys import Keys
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
    text = keys.rotated()
    both = Database(database.url.render_as_string(hide_password=False), Keys.load(text))
    with both.transaction() as tx:
        assert rotation.rewrap(tx) == 8
        assert rotation.rewrap(tx) == 0
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
