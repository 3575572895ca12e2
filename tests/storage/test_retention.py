from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from flows.model import Answer, Service
from storage import (
    alerts,
    answers,
    cases,
    contacts,
    conversations,
    messages,
    outbox,
    people,
    registers,
    retention,
    tables,
    timers,
)
from storage.codes import Direction, Sending, Status, Subject
from storage.database import Erased
from tests.storage import invented
from tests.storage.invented import AT, CHILD, OTHER, WORDS

if TYPE_CHECKING:
    from storage.database import Database


def _page(alert: str, staff: str) -> outbox.Draft:
    return outbox.Draft(Sending.PAGE, "sms", "Waymark L3", AT, staff=staff, alert=alert)


def test_an_erased_child_cannot_be_read_again_and_still_counts(database: Database) -> None:
    with database.transaction() as tx:
        contact, talk = invented.chat(tx)
        other, other_talk = invented.chat(tx, OTHER)
        message = messages.add(tx, talk.id, Direction.IN, "sms", WORDS, AT)
        answers.add(tx, talk.id, Answer("q", None, WORDS, AT, "en"), "r1")
        alert = invented.alert(talk)
        alerts.add(tx, alert)
        timers.add(tx, Subject.CONVERSATION, talk.id, "idle", AT, 0)
        timers.add(tx, Subject.ALERT, alert.id, "climb", AT, 0)
        timers.add(tx, Subject.CONVERSATION, other_talk.id, "idle", AT, 0)
        waiting = outbox.add(tx, outbox.Draft(Sending.SAY, "sms", WORDS, AT, contact=contact.id), AT)
        ana = people.add(tx, "ana", "duty", AT, phone="+447700900100").id
        others = invented.alert(other_talk, id=alerts.new_id())
        alerts.add(tx, others)
        called, calls = (outbox.add(tx, _page(one, ana), AT) for one in (alert.id, others.id))
    with database.transaction() as tx:
        retention.erase(tx, contact.id, AT)
        with pytest.raises(Erased):
            messages.load(tx, message)
    reads = (conversations.peek, messages.of, answers.of, alerts.of)
    for read in reads:
        with database.snapshot() as tx, pytest.raises(Erased):
            read(tx, talk.id)
    with database.transaction() as tx:
        assert contacts.load(tx, contact.id).erased
        assert len(tx.execute(select(tables.messages)).all()) == 1
        assert tx.execute(select(tables.alerts.c.level)).scalar() == 3
        assert outbox.look(tx, waiting).status is Status.CANCELLED  # type: ignore[union-attr]
        assert outbox.look(tx, called).status is Status.CANCELLED  # type: ignore[union-attr]
        assert outbox.look(tx, calls).status is Status.WAITING  # type: ignore[union-attr]
        assert alerts.open_for(tx, talk.id) is None
        assert alerts.undecided(tx) == (others,)
        assert [one.subject_id for one in timers.due(tx, AT, 10)] == [other_talk.id]
        assert conversations.peek(tx, other_talk.id) == other_talk
        assert contacts.load(tx, other.id) == other
        again = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT)
        assert again.id != contact.id
        assert not again.opted_out


def test_stop_outlives_erasure(database: Database) -> None:
    with database.transaction() as tx:
        contact, _ = invented.chat(tx)
        contacts.opt_out(tx, contact.id)
        retention.erase(tx, contact.id, AT)
        assert contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT).opted_out


def test_the_case_goes_with_the_child_unless_it_is_held(database: Database) -> None:
    with database.transaction() as tx:
        contact = contacts.find(tx, Service.RETURN_INTERVIEW, "sms", CHILD, AT)
        case = cases.add(tx, "LA-0042", AT)
        cases.add_episode(tx, case.id, AT, None, {"from": "home"})
        cases.link(tx, case.id, contact.id)
        cases.hold(tx, case.id, on=True)
        with pytest.raises(retention.OnHold):
            retention.erase(tx, contact.id, AT)
        cases.hold(tx, case.id, on=False)
        retention.erase(tx, contact.id, AT)
        with pytest.raises(Erased):
            cases.load(tx, case.id)
        with pytest.raises(Erased):
            cases.episodes(tx, case.id)
        assert [*registers.children(tx)] == []
