"""A worker whose name no key opens: a child reads no id of the staff, and is not left with somebody who may not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import bindparam, update

from storage import conversations, people, tables, waits
from storage.codes import Bar
from storage.keys import Sealed
from tests.desk.test_chats import disclosed, said, taken, train

if TYPE_CHECKING:
    from tests.desk.at_desk import AtDesk


@pytest.fixture(autouse=True)
def trained(desk: AtDesk) -> None:
    train(desk)


def spoil(desk: AtDesk) -> None:
    row = tables.staff.c.id == bindparam("row")
    change = update(tables.staff).where(row).values(name=Sealed(b"\x00" * 60))
    desk.do(lambda tx: tx.execute(change, {"row": desk.people["worker"].id}))


def test_a_child_reads_the_service_where_a_name_cannot_be_read(desk: AtDesk) -> None:
    chat = disclosed(desk)
    spoil(desk)
    path = taken(desk)
    assert desk.post(f"{path}/say", "worker", text="I am here with you").status_code == 303
    texts = said(desk, chat)
    assert texts[-1] == "I am here with you"
    assert any("Waymark, a real person" in one for one in texts), texts
    assert not any("unreadable" in one or desk.people["worker"].id in one for one in texts)


def test_the_same_press_sends_once_where_a_name_cannot_be_read(desk: AtDesk) -> None:
    chat = disclosed(desk)
    path = taken(desk)
    spoil(desk)
    for _ in range(2):
        desk.post(f"{path}/say", "worker", text="I am here with you")
    assert said(desk, chat).count("I am here with you") == 1
    desk.post(f"{path}/say", "worker", text="07700")
    answer = desk.post(f"{path}/say", "worker", text="900123 any time")
    assert "held" in answer.headers["location"]


def test_whose_name_becomes_unreadable_goes_on_with_the_child(desk: AtDesk) -> None:
    chat = disclosed(desk)
    path = taken(desk)
    spoil(desk)
    assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == "worker one"
    assert 'name="text"' in desk.get(path, "worker").text
    assert desk.post(f"{path}/say", "worker", text="I am here with you").status_code == 303
    assert said(desk, chat)[-1] == "I am here with you"
    assert desk.post(f"{path}/queue", "worker").status_code == 303
    assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == "nobody"
    assert desk.read(people.unreadable) == (desk.people["worker"].id,)


def test_whose_name_cannot_be_read_is_kept_from_a_child_who_says_that_it_was_them(desk: AtDesk) -> None:
    chat = disclosed(desk)
    taken(desk)
    spoil(desk)
    desk.child_says("you touched me when you came to my room, stop touching me")
    assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == "nobody"
    assert desk.people["worker"].id in desk.read(lambda tx: waits.barred_for(tx, chat, Bar.CONFLICT))
