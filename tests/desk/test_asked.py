"""What a worker asks others for, and what they do with it: an interpreter, held words, the end of a turn."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING, Any

import pytest

from bot import noticing
from bot.channels.base import Inbound
from bot.ticker import Ticker
from storage import conversations, held_words, interpreters, tasks, waits
from storage.codes import Bar
from storage.interpreters import Interpreter
from tests.desk.at_desk import CHILD, seen
from tests.desk.test_chats import disclosed, said, taken, train, waiting

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk


@pytest.fixture(autouse=True)
def trained(desk: AtDesk) -> None:
    train(desk)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Who is told that an interpreter is asked for, and in which words."""
    found: list[tuple[str, str]] = []
    notice = noticing.notice

    def heard(tx: Transaction, house: House, to: str, text: str, at: datetime, *more: Any) -> None:
        if "interpreter" in text:
            found.append((to, text))
        notice(tx, house, to, text, at, *more)

    monkeypatch.setattr(noticing, "notice", heard)
    return found


def test_an_interpreter_is_asked_for_once_and_who_must_find_one_is_told(
    desk: AtDesk, told: list[tuple[str, str]]
) -> None:
    for text in ("hi", "عربي", "1", "1"):
        desk.child_says(text)
    chat = desk.child_says("PERSON")
    everyday = Interpreter("", "ar", "Tolk", "+447700900220", "4711", frozenset(range(7)), time(8), time(20))
    desk.do(lambda tx: interpreters.add(tx, everyday, desk.now))
    path = taken(desk)
    for _ in range(3):
        desk.post(f"{path}/interpreter", "worker")
    ((who, text),) = told
    assert who == "duty one"
    assert text.endswith("an interpreter is asked for, within half an hour. Language: Arabic. Please open the desk.")
    desk.tick(minutes=20)
    desk.post(f"{path}/interpreter", "worker")
    assert [one.what for one in desk.read(lambda tx: tasks.of(tx, chat))].count("interpreter") == 1
    desk.tick(minutes=11)
    desk.post(f"{path}/interpreter", "worker")
    assert len(told) == 2, "it is late: it is asked for again"
    page = seen(desk.get(path, "duty"))
    assert "Interpreters by telephone now, for Arabic." in page
    assert "PIN 4711" in page
    assert "Somebody interprets now" in page
    desk.post(f"{path}/hand-back", "worker")
    assert not [one for one in desk.read(tasks.undone) if one.what == "interpreter"], "nobody speaks with them any more"


def test_who_is_kept_from_a_child_hears_of_no_interpreter(desk: AtDesk, told: list[tuple[str, str]]) -> None:
    chat = waiting(desk)
    path = taken(desk)
    desk.do(lambda tx: waits.bar(tx, chat, desk.people["duty"].id, Bar.CONFLICT, desk.now))
    desk.post(f"{path}/interpreter", "worker")
    assert [who for who, _ in told] == ["backup one"]


def test_words_from_before_a_stop_leave_no_more(desk: AtDesk) -> None:
    chat = disclosed(desk)
    path = taken(desk)
    desk.post(f"{path}/say", "worker", text="Who is he?")
    words = desk.read(lambda tx: held_words.of(tx, chat))[0]
    desk.tick(minutes=1)
    desk.child_says("STOP")
    page = desk.get(path, "supervisor")
    assert "The child sent STOP after this." in seen(page)
    assert f"{words.id}/send" not in page.text
    assert desk.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 409
    assert "Who is he?" not in said(desk, chat)
    desk.post(f"{path}/words/{words.id}/back", "worker")
    assert desk.read(lambda tx: held_words.of(tx, chat)) == ()


def test_words_to_a_child_who_once_sent_stop_and_came_back_are_sent(desk: AtDesk) -> None:
    desk.child_says("hi")
    desk.child_says("STOP")
    desk.tick(minutes=60)
    chat = disclosed(desk)
    path = taken(desk)
    read = re.search('name="stop" value="(.*?)"', desk.get(path, "worker").text)
    desk.post(f"{path}/say", "worker", text="Who is he?", stop=read[1] if read else "")
    words = desk.read(lambda tx: held_words.of(tx, chat))[0]
    desk.tick(minutes=1)
    desk.child_says("are you there")
    assert "The child sent STOP after this." not in seen(desk.get(path, "supervisor"))
    assert desk.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 303
    assert "Who is he?" in said(desk, chat)


def test_words_begun_before_a_stop_are_given_back_to_whoever_typed_them(
    desk: AtDesk, told: list[tuple[str, str]]
) -> None:
    chat = waiting(desk)
    path = taken(desk)
    read = re.search('name="stop" value="(.*?)"', desk.get(path, "worker").text)
    desk.child_says("STOP")
    answer = desk.post(f"{path}/say", "worker", text="I was going to say something kind", stop=read[1] if read else "")
    assert answer.headers["location"].endswith("done=words_stopped")
    assert "something kind" not in said(desk, chat)
    assert not told, "nobody else need look at it"
    page = desk.get(path, "worker")
    assert "the child sent STOP after this page was opened" in seen(page)
    marks = re.findall('name="stop" value="(.+?)"', page.text)
    assert len(marks) == 2
    words = desk.read(lambda tx: held_words.of(tx, chat))[0]
    assert desk.post(f"{path}/words/{words.id}/send", "supervisor", why=words.reasons).status_code == 409
    desk.post(f"{path}/words/{words.id}/back", "worker")
    answer = desk.post(f"{path}/say", "worker", text="I read that you want no texts", stop=marks[0])
    assert answer.headers["location"].endswith("done=sent")
    assert "I read that you want no texts" in said(desk, chat)


def test_a_page_on_which_an_earlier_stop_stood_lets_nothing_out_after_the_next(desk: AtDesk) -> None:
    chat = waiting(desk)
    path = taken(desk)
    desk.child_says("STOP")
    read = re.search('name="stop" value="(.+?)"', desk.get(path, "worker").text)
    assert read
    desk.tick(seconds=10)
    desk.runner.accept(Inbound("sms", "again", CHILD, "START", None, desk.now, opt_in=True))
    desk.tick(seconds=10)
    desk.child_says("STOP")
    answer = desk.post(f"{path}/say", "worker", text="I was going to say something kind", stop=read[1])
    assert answer.headers["location"].endswith("done=words_stopped")
    assert "something kind" not in said(desk, chat)[-1]


def test_who_signs_in_again_before_anybody_looked_keeps_their_child(desk: AtDesk) -> None:
    chat = waiting(desk)
    path = taken(desk)
    desk.ask("POST", "/sign-out", desk.tokens["worker"], form={"form": desk.mark(desk.tokens["worker"])})
    desk.tokens.clear()
    desk.tick(seconds=3)
    assert desk.post(f"{path}/say", "worker", text="I am here").status_code == 303
    desk.tick(seconds=1)
    Ticker(desk.runner, {}).fire_due(desk.now)
    assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == "worker one"


def test_who_signs_out_leaves_their_child_to_others_at_once_unless_they_sit_at_another_screen(desk: AtDesk) -> None:
    chat = waiting(desk)
    taken(desk)
    first, second = desk.tokens["worker"], desk.sign_in("worker")
    for token, holder in ((second, "worker one"), (first, "nobody")):
        desk.ask("POST", "/sign-out", token, form={"form": desk.mark(token)})
        Ticker(desk.runner, {}).fire_due(desk.now)
        assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == holder
    assert [one.conversation for one in desk.read(waits.queue)] == [chat]


def test_a_chat_handed_back_under_a_lock_is_said_to_be_in_the_queue(desk: AtDesk) -> None:
    chat = disclosed(desk)
    path = taken(desk)
    answer = desk.post(f"{path}/hand-back", "worker")
    assert answer.headers["location"].endswith("done=queued")
    assert desk.read(lambda tx: conversations.peek(tx, chat)).holder == "nobody"


def test_a_worry_is_as_long_as_its_form_says(desk: AtDesk) -> None:
    waiting(desk)
    path = taken(desk)
    worry = {"level": "L2", "about": "-"}
    assert desk.post(f"{path}/worry", "worker", **worry, because="y" * 501).status_code == 409
    assert desk.post(f"{path}/worry", "worker", **worry, because="y" * 500).status_code == 303
