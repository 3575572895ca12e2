"""A child whom no key opens keeps nobody from the children beside them, and is seen to be there."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from bot import answering
from bot.channels.base import Pressed
from bot.ticker import Ticker
from storage import conversations, people, tables
from storage.keys import Sealed
from tests.desk.at_desk import CHILD, seen
from tests.desk.test_chats import taken, train, waiting

if TYPE_CHECKING:
    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk

OTHER = "+447700900188"
GRAVE = ("hi", "1", "he hits me every night and i am scared")


@pytest.fixture(autouse=True)
def trained(desk: AtDesk) -> None:
    train(desk)


def lose(desk: AtDesk, chat: str) -> str:
    """The key of a child is gone; returns their two words."""

    def work(tx: Transaction) -> str:
        contact = conversations.contact_of(tx, chat)
        change = update(tables.contacts).where(tables.contacts.c.id == contact.id)
        tx.execute(change.values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))
        return contact.reference

    return str(desk.do(work))


def test_who_waits_beside_them_is_taken(desk: AtDesk) -> None:
    lost, good = waiting(desk), waiting(desk, OTHER)
    name = lose(desk, lost)
    board = desk.get("/board", "duty")
    assert board.status_code == 200
    assert name in seen(board)
    assert desk.get("/chats", "duty").status_code == desk.get("/chats", "supervisor").status_code == 200
    assert desk.get(f"/chats/{lost}", "duty").status_code == 409
    assert desk.post("/chats/next", "worker").headers["location"].startswith(f"/chats/{good}")


def test_whoever_has_them_may_have_another(desk: AtDesk) -> None:
    lost = waiting(desk)
    taken(desk)
    good = waiting(desk, OTHER)
    lose(desk, lost)
    assert desk.get("/chats", "worker").status_code == 200
    assert desk.post("/chats/next", "worker").headers["location"].startswith(f"/chats/{good}")


def _wrong_code(desk: AtDesk, staff: str, tx: Transaction) -> bool:
    return answering.by_code(tx, desk.house, people.load(tx, staff), "347CDF", desk.now)


def test_whoever_is_called_for_another_child_takes_that_one(desk: AtDesk) -> None:
    lost = desk.alert()
    good = desk.alert(*GRAVE, address=OTHER)
    for minutes in range(60):
        Ticker(desk.runner, {}).fire_due(desk.now + timedelta(minutes=minutes))
    name = lose(desk, lost.conversation)
    assert name in seen(desk.get("/board", "duty"))
    rows = select(tables.pages.c.outbox_id, tables.pages.c.staff_id).where(tables.pages.c.alert_id == good.id)
    called = desk.read(lambda tx: tx.execute(rows).all())
    assert called
    for outbox, staff in called:
        pressed = Pressed(outbox_id=outbox, page=None, keys="", at=desk.now)
        assert desk.do(partial(answering.by_call, house=desk.house, pressed=pressed)).words
        assert desk.do(partial(_wrong_code, desk, staff))


def test_a_manager_agrees_to_the_number_of_another(desk: AtDesk) -> None:
    """Reviews, records and the verdicts of everybody stand on one page each: one child may not close it."""
    lost, good = desk.alert(), desk.alert(*GRAVE, address=OTHER)
    interview = desk.interview("1", "1", "1", address="+447700900155")
    for alert in (lost, good):
        assert desk.post(f"/alerts/{alert.id}/judge", "duty", verdict="false_alarm").status_code == 303
        assert desk.post(f"/alerts/{alert.id}/reveal", "duty", because="the police ask for it").status_code == 303
    names = [lose(desk, lost.conversation), lose(desk, interview)]
    reviews = desk.get("/reviews", "manager")
    assert names[0] in seen(reviews)
    assert "no key opens it" in seen(reviews)
    agreed = {re.search(rf'href="/alerts/{good.id}".*?(/reveals/\w+/agree)', reviews.text, re.DOTALL)[1]}  # type: ignore[index]
    assert [desk.post(path, "manager").headers["location"] for path in agreed] == ["/reviews?done=agreed"]
    assert names[1] in seen(desk.get("/records", "manager"))
    assert desk.get("/verdicts/export", "manager").status_code == 200


def test_their_number_and_a_chat_that_is_to_be_ended_are_shown(desk: AtDesk) -> None:
    waiting(desk)
    chat = taken(desk)
    assert desk.post(f"{chat}/misuse", "worker", because="orders pizza").status_code == 303
    name = lose(desk, chat.rpartition("/")[2])
    overseeing = desk.get("/overseeing", "supervisor")
    assert name in seen(overseeing)
    assert "no key opens it" in seen(overseeing)
    assert name in seen(desk.post("/number", "duty", number=CHILD))
    assert desk.post("/audit", "manager", about=name).status_code == 200
