"""A look sees whatever those who take would find: nothing that is due waits because it was not seen."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

import pytest

from flows.model import Service
from storage import claiming, contacts, due, inbox, outbox, removals, timers
from storage.codes import Sending, Subject
from storage.due import Due
from storage.outbox import Draft
from tests.storage.invented import AT, CHILD, MINUTE, WORDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from storage.database import Database, Transaction

LATER: Final = AT + 10 * MINUTE
CHANNELS: Final = ("sms", "telegram")
NOTHING: Final = Due(timers=False, inbox=False, outbox=False, removals=False)


def a_timer(tx: Transaction) -> None:
    timers.add(tx, Subject.CONVERSATION, "c1", "idle", LATER, 3)


def a_timer_that_failed(tx: Transaction) -> None:
    timers.add(tx, Subject.CONVERSATION, "c1", "idle", AT, 3)
    timers.failed(tx, timers.due(tx, AT)[0].id, LATER)


def a_message(tx: Transaction) -> None:
    inbox.keep(tx, "sms", "SM1", CHILD, WORDS, LATER)


def a_message_that_failed(tx: Transaction) -> None:
    inbox.keep(tx, "sms", "SM1", CHILD, WORDS, AT)
    inbox.failed(tx, inbox.pending(tx, AT)[0].id, LATER)


def text(tx: Transaction, not_before: datetime = AT, expires: timedelta | None = None, *, again: bool = False) -> str:
    contact = contacts.find(tx, Service.TEXT_SAFE, "sms", CHILD, AT).id
    ends = None if expires is None else AT + expires
    draft = Draft(Sending.SAY, "sms", WORDS, not_before, contact=contact, expires_at=ends, repeat_in_doubt=again)
    return outbox.add(tx, draft, AT)


def a_text(tx: Transaction) -> None:
    text(tx, LATER)


def a_text_that_comes_too_late(tx: Transaction) -> None:
    outbox.failed(tx, text(tx, expires=10 * MINUTE), "throttled", AT + 60 * MINUTE)


def a_text_held_for_so_long(tx: Transaction) -> None:
    outbox.hold(tx, text(tx), LATER)


def a_text_whose_sender_died(tx: Transaction, *, again: bool = False) -> None:
    text(tx, LATER - outbox.LEASE, again=again)
    claiming.claim(tx, LATER - outbox.LEASE, 1, CHANNELS)


def a_page_whose_sender_died(tx: Transaction) -> None:
    a_text_whose_sender_died(tx, again=True)


def a_removal(tx: Transaction) -> None:
    contact = contacts.find(tx, Service.TEXT_SAFE, "telegram", "700900001", AT).id
    removals.keep(tx, contact, "telegram", "5", AT, LATER)


TAKEN: Final[dict[str, Callable[[Transaction, datetime], bool]]] = {
    "timers": lambda tx, now: bool(timers.due(tx, now)),
    "inbox": lambda tx, now: bool(inbox.pending(tx, now)),
    "outbox": lambda tx, now: bool(outbox.lost(tx, now, 1)) or bool(claiming.claim(tx, now, 1, CHANNELS)),
    "removals": lambda tx, now: removals.claim(tx, now, CHANNELS) is not None,
}
MADE: Final = [
    (a_timer, "timers"),
    (a_timer_that_failed, "timers"),
    (a_message, "inbox"),
    (a_message_that_failed, "inbox"),
    (a_text, "outbox"),
    (a_text_that_comes_too_late, "outbox"),
    (a_text_held_for_so_long, "outbox"),
    (a_text_whose_sender_died, "outbox"),
    (a_page_whose_sender_died, "outbox"),
    (a_removal, "removals"),
]


@pytest.mark.parametrize(("make", "kind"), MADE, ids=lambda one: getattr(one, "__name__", one))
def test_it_is_seen_from_the_moment_it_is_taken(
    database: Database, make: Callable[[Transaction], None], kind: str
) -> None:
    with database.transaction() as tx:
        assert due.look(tx, LATER) == NOTHING
        make(tx)
        assert due.look(tx, LATER - MINUTE) == NOTHING
        assert not any(take(tx, LATER - MINUTE) for take in TAKEN.values())
        there = due.look(tx, LATER)
        assert [one.name for one in fields(there) if getattr(there, one.name)] == [kind]
        assert there.any
        assert TAKEN[kind](tx, LATER)


def test_every_taker_is_looked_for() -> None:
    assert {one.name for one in fields(Due)} == TAKEN.keys() == {kind for _, kind in MADE}


def test_what_is_done_is_seen_no_more(database: Database) -> None:
    with database.transaction() as tx:
        a_timer(tx)
        a_message(tx)
        made = text(tx)
        a_removal(tx)
        timers.done(tx, timers.due(tx, LATER)[0].id)
        inbox.done(tx, inbox.pending(tx, LATER)[0].id, LATER)
        outbox.sent(tx, made, "SM2", LATER)
        taken = removals.claim(tx, LATER, CHANNELS)
        assert taken is not None
        removals.done(tx, taken.ids)
        assert due.look(tx, LATER) == NOTHING
