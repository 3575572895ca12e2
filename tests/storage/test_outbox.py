from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from flows.model import Service
from storage import claiming, contacts, conversations, methods, outbox, people, tables
from storage.codes import Sending, Status
from storage.keys import Sealed
from storage.outbox import Draft
from tests.storage import invented
from tests.storage.invented import AT, CHILD, MINUTE, OTHER, WORDS

if TYPE_CHECKING:
    from storage.database import Database, Transaction

LATER = AT + outbox.LEASE + MINUTE


def say(tx: Transaction, address: str = CHILD, text: str = WORDS, **changes: object) -> str:
    contact = contacts.find(tx, Service.TEXT_SAFE, "sms", address, AT)
    draft = Draft(Sending.SAY, "sms", text, AT, contact=contact.id)
    return outbox.add(tx, replace(draft, **changes), AT)  # type: ignore[arg-type]


def claimed(tx: Transaction, now: object = AT, limit: int = 10) -> list[str]:
    return [one.id for one in claiming.claim(tx, now, limit, ["sms", "voice", "email"])]  # type: ignore[arg-type]


def test_a_claimed_row_has_its_address_and_text_and_is_leased(database: Database) -> None:
    with database.transaction() as tx:
        made = say(tx, alert="a1", serial=3, rung=1)
        (one,) = claiming.claim(tx, AT, 10, ["sms"])
        assert (one.id, one.address, one.text, one.alert, one.serial, one.rung) == (made, CHILD, WORDS, "a1", 3, 1)
        assert one.attempts == 1
        assert claimed(tx) == []
        outbox.sent(tx, made, "SM1", AT)
        assert claimed(tx, LATER) == []
        assert tx.execute(select(tables.outbox.c.text)).scalar() is None


def test_other_channels_and_times_to_come_wait(database: Database) -> None:
    with database.transaction() as tx:
        made = say(tx, not_before=AT + MINUTE)
        assert claimed(tx) == []
        assert outbox.next_at(tx) == AT + MINUTE
        assert claiming.claim(tx, AT + MINUTE, 10, ["telegram"]) == ()
        assert claimed(tx, AT + MINUTE) == [made]


def test_texts_of_one_child_leave_in_their_order_one_at_a_time(database: Database) -> None:
    with database.transaction() as tx:
        first, second, other = say(tx), say(tx), say(tx, OTHER)
        assert claimed(tx) == [first, other]
        assert claimed(tx) == []
        outbox.failed(tx, first, "throttled", AT + MINUTE)
        assert claimed(tx) == []
        assert claimed(tx, AT + MINUTE) == [first]
        outbox.sent(tx, first, None, AT)
        assert claimed(tx, AT) == [second]


def test_a_text_planned_for_tomorrow_does_not_hold_up_an_answer_today(database: Database) -> None:
    with database.transaction() as tx:
        tomorrow, today = say(tx, not_before=AT + 1440 * MINUTE), say(tx)
        assert claimed(tx) == [today]
        assert outbox.look(tx, tomorrow).status is Status.WAITING  # type: ignore[union-attr]


def test_one_that_can_never_leave_holds_nobody_up(database: Database) -> None:
    with database.transaction() as tx:
        late, failing, doubtful, last = say(tx, expires_at=AT), say(tx), say(tx), say(tx)
        assert claimed(tx) == [failing]
        outbox.failed(tx, failing, "dead_number")
        assert claimed(tx) == [doubtful]
        outbox.in_doubt(tx, doubtful)
        assert claimed(tx) == [last]
        assert outbox.lost(tx, AT, 5) == (late,)
        assert [outbox.strand(tx, late, AT), outbox.expire(tx, late, AT), outbox.expire(tx, late, AT)] == [
            False,
            True,
            False,
        ]
        assert outbox.lost(tx, AT, 5) == ()


def test_pages_go_first_then_children_then_notices(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", AT, phone="+447700900100", email="ana@example.org")
        note = outbox.add(tx, Draft(Sending.NOTICE, "email", "L2 amber-heron", AT, staff=ana.id), AT)
        text = say(tx)
        page = outbox.add(tx, Draft(Sending.PAGE, "voice", "L4 amber-heron", AT, staff=ana.id), AT)
        found = claiming.claim(tx, AT, 10, ["sms", "voice", "email"])
        assert [(one.id, one.address) for one in found] == [
            (page, "+447700900100"),
            (text, CHILD),
            (note, "ana@example.org"),
        ]


def test_a_number_changed_meanwhile_is_used_and_who_left_is_not_reached(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", AT, phone="+447700900100")
        outbox.add(tx, Draft(Sending.PAGE, "sms", "L3", AT, staff=ana.id, repeat_in_doubt=True), AT)
        methods.add(tx, ana.id, "sms", "+447700900101", AT + MINUTE)
        assert claiming.claim(tx, AT, 1, ["sms"])[0].address == "+447700900101"
        people.set_active(tx, ana.id, on=False)
        assert claiming.claim(tx, LATER, 1, ["sms"])[0].address is None


def test_a_sender_that_died_is_in_doubt_and_only_what_may_repeat_goes_again(database: Database) -> None:
    with database.transaction() as tx:
        once, again = say(tx), say(tx, OTHER, repeat_in_doubt=True)
        assert claimed(tx) == [once, again]
        assert outbox.lost(tx, AT, 5) == ()
        assert claimed(tx, LATER) == [again]
        assert outbox.lost(tx, LATER, 5) == (once,)
        assert [outbox.expire(tx, once, LATER), outbox.strand(tx, once, LATER)] == [False, True]
        assert outbox.lost(tx, LATER, 5) == ()
        assert outbox.look(tx, once).status is Status.IN_DOUBT  # type: ignore[union-attr]
        assert outbox.look(tx, again).attempts == 2  # type: ignore[union-attr]


def test_a_report_never_goes_back(database: Database) -> None:
    reports = (Status.SENT, Status.UNDELIVERED, Status.DELIVERED)
    with database.transaction() as tx:
        for order in permutations(reports):
            made = say(tx)
            outbox.sent(tx, made, "SM1", AT)
            for report in order:
                outbox.status(tx, made, report, "30003" if report is Status.UNDELIVERED else None)
            assert outbox.look(tx, made).status is Status.DELIVERED  # type: ignore[union-attr]
        assert not outbox.status(tx, "unknown", Status.SENT)
        late = say(tx)
        outbox.status(tx, late, Status.DELIVERED)
        outbox.sent(tx, late, "SM2", AT)
        assert outbox.look(tx, late).status is Status.DELIVERED  # type: ignore[union-attr]


def test_what_has_not_left_can_be_cancelled(database: Database) -> None:
    with database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", AT, phone="+447700900100")
        leaving = outbox.add(tx, Draft(Sending.PAGE, "sms", "L3", AT, staff=ana.id, alert="a1"), AT)
        assert claimed(tx) == [leaving]
        waiting = outbox.add(tx, Draft(Sending.PAGE, "sms", "L3", AT, staff=ana.id, alert="a1"), AT)
        other = outbox.add(tx, Draft(Sending.PAGE, "sms", "L3", AT, staff=ana.id, alert="a2"), AT)
        text = say(tx)
        assert outbox.cancel_pages(tx, "a1") == 1
        assert not outbox.cancel(tx, leaving)
        assert outbox.cancel(tx, other)
        assert outbox.cancel_for(tx, outbox.look(tx, text).contact or "") == 1  # type: ignore[union-attr]
        assert {outbox.look(tx, one).status for one in (waiting, other, text)} == {Status.CANCELLED}  # type: ignore[union-attr]
        assert claimed(tx) == []


def test_a_draft_goes_to_exactly_one(database: Database) -> None:
    with database.transaction() as tx, pytest.raises(ValueError, match="one contact or"):
        outbox.add(tx, Draft(Sending.SAY, "sms", WORDS, AT), AT)


def test_two_senders_never_hold_the_same_row(database: Database) -> None:
    with database.transaction() as tx:
        made = [say(tx, f"+4477009000{number:02d}") for number in range(6)]
    second: list[str] = []
    with database.transaction() as one:
        first = claimed(one, AT, 3)
        if database.postgresql:
            with database.transaction() as two:
                second = claimed(two, AT, 6)
    if not database.postgresql:
        with database.transaction() as two:
            second = claimed(two, AT, 6)
    assert sorted(first + second) == sorted(made)


def hurt(tx: Transaction, made: str) -> bytes:
    """A text that no key opens; returns it as it was."""
    is_it = tables.outbox.c.id == made
    whole: bytes = tx.execute(select(tables.outbox.c.text).where(is_it)).scalar_one()
    tx.execute(update(tables.outbox).where(is_it).values(text=Sealed(bytes(len(whole)))))
    return whole


def mended(tx: Transaction, made: str, whole: bytes) -> None:
    tx.execute(update(tables.outbox).where(tables.outbox.c.id == made).values(text=Sealed(whole)))


def test_one_that_no_key_opens_leaves_in_its_turn_or_not_at_all(database: Database) -> None:
    with database.transaction() as tx:
        first, second = say(tx, expires_at=AT + 240 * MINUTE), say(tx)
        whole = hurt(tx, first)
        (one,) = claiming.claim(tx, AT, 10, ["sms"])
        assert (one.id, one.sealed, one.text, one.address) == (first, True, "", None)
        outbox.failed(tx, first, outbox.SEALED, AT + MINUTE)
        assert outbox.sealed(tx) == 1
        assert claimed(tx) == [second], "who follows does not wait"
        outbox.failed(tx, second, "transient", AT + MINUTE)
        mended(tx, first, whole)
        assert claimed(tx, AT + MINUTE) == [first], "nothing has left since: it is its turn"
        outbox.failed(tx, first, outbox.SEALED, AT + 2 * MINUTE)
        assert claimed(tx, AT + MINUTE) == [second]
        outbox.sent(tx, second, "SM2", AT + MINUTE)
        third = say(tx)
        assert claimed(tx, AT + 2 * MINUTE) == [third]
        assert claimed(tx, AT + 200 * MINUTE) == []
        assert tx.execute(select(tables.outbox.c.text).where(tables.outbox.c.id == first)).scalar_one(), "it is kept"


def test_one_that_opens_again_after_the_child_wrote_stays(database: Database) -> None:
    with database.transaction() as tx:
        contact, talk = invented.chat(tx)
        made = say(tx, contact=contact.id)
        assert claiming.claim(tx, AT, 1, ["sms"])[0].sealed is False
        outbox.failed(tx, made, outbox.SEALED, AT)
        conversations.save(tx, replace(talk, last_inbound_at=AT + MINUTE))
        assert claimed(tx, AT + 2 * MINUTE) == []
