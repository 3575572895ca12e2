"""A worker reads in the thread what became of their words: nothing that did not leave or arrive looks like sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.desk import chats
from bot.desk.said import DONE, UNSENT
from bot.visiting import Post, Visiting
from flows import events
from flows.model import Privacy, changed
from storage import conversations, messages, outbox, training, visits
from storage.codes import Status
from storage.training import Training
from tests.desk.at_desk import NOON, seen
from tests.desk.test_chats import IN_DATE, OTHER, taken, train, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.desk.at_desk import AtDesk

WORDS = "I read what you wrote."


@pytest.fixture(autouse=True)
def trained(here: AtDesk) -> None:
    train(here)


def written(desk: AtDesk) -> tuple[str, str]:
    """The page of a chat, and the sending of what its worker has just written there."""
    waiting(desk)
    path = taken(desk)
    desk.post(f"{path}/say", "worker", text=WORDS)
    chat = path.rpartition("/")[2]
    last = desk.read(lambda tx: messages.of(tx, chat))[-1]
    return path, desk.read(lambda tx: outbox.of_message(tx, last.id))[0].id


def live(desk: AtDesk, path: str) -> str:
    """What an open page of the chat compares."""
    return str(desk.read(lambda tx: chats.version(tx, path.rpartition("/")[2])))


def held(tx: Any, one: str) -> None:
    outbox.hold(tx, one, NOON)


def refused(tx: Any, one: str) -> None:
    outbox.failed(tx, one, "opted_out")


def unopened(tx: Any, one: str) -> None:
    outbox.failed(tx, one, outbox.SEALED, NOON)


def came_back(tx: Any, one: str) -> None:
    outbox.sent(tx, one, "x", NOON)
    outbox.status(tx, one, Status.UNDELIVERED, "unreachable")


def test_the_page_says_who_may_be_reading_and_no_older_answer(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    chat = path.rpartition("/")[2]
    page = seen(here.get(path, "worker"))
    assert "The child said: not now" not in page
    assert "Yes, only I can see this " in page.partition("What they have answered")[2]
    before = live(here, path)

    def not_alone(tx: Any) -> None:
        c = conversations.load(tx, chat)
        conversations.save(tx, changed(c, privacy=Privacy.OTHERS))

    here.do(not_alone)
    page = seen(here.get(path, "worker"))
    assert "The child said: not now, or that somebody is there. Whoever is with them may read" in page
    assert "only I can see this" not in page.partition("What they have answered")[2]
    assert live(here, path) != before, "an open page shows it too"
    here.post(f"{path}/stranger", "worker")
    page = seen(here.get(path, "worker"))
    assert "Somebody else may be reading" in page
    assert "The child said: not now" not in page, "one warning, the graver"


def test_after_a_long_silence_nobody_has_said_who_is_reading(here: AtDesk) -> None:
    waiting(here)
    path = taken(here)
    assert "Nobody has said yet who is reading" not in seen(here.get(path, "worker"))
    here.tick(minutes=20)
    here.post("/here", "worker")
    assert "Yes, only I can see this" in seen(here.get(path, "worker"))
    here.tick(minutes=20)
    here.post("/here", "worker")
    silent = seen(here.get(path, "worker"))
    assert "Nobody has said yet who is reading" in silent
    assert "Yes, only I can see this" not in silent.partition("What they have answered")[2]
    here.child_says("are you still there")
    assert "Nobody has said yet who is reading" in seen(here.get(path, "worker"))


def test_a_worker_is_told_that_the_child_knows_their_name_only_where_it_was_sent(desk: AtDesk) -> None:
    train(desk)
    person = desk.hire("dev", "worker")
    desk.do(lambda tx: training.record(tx, Training(person.id, IN_DATE, IN_DATE), person.id, desk.now))
    for text in ("hi", "2", "PERSON"):
        desk.child_says(text)
    given = desk.post("/chats/next", "worker").headers["location"]
    path = given.partition("?")[0]
    assert given.endswith("done=taken_untold")
    assert desk.post("/chats/next", "worker").headers["location"] == given, "the same press again"
    assert desk.post(f"{path}/take", "supervisor").headers["location"].endswith("done=taken_untold")
    over = desk.post(f"{path}/transfer", "supervisor", to="dev").headers["location"]
    assert over == "/chats?done=handed_over_untold"
    waiting(desk, OTHER)
    given = desk.post("/chats/next", "worker").headers["location"]
    assert given.endswith("done=taken")
    over = desk.post(f"{given.partition('?')[0]}/transfer", "worker", to="supervisor one").headers["location"]
    assert over == "/chats?done=handed_over"


def test_a_name_that_waits_for_whatsapps_window_is_not_told(here: AtDesk) -> None:
    for text in ("hi", "1", "PERSON"):
        here.child_says(text, channel="whatsapp")
    here.tick(hours=24)
    assert here.post("/chats/next", "worker").headers["location"].endswith("done=taken_untold")


@pytest.mark.parametrize(
    ("happens", "says", "blocked"),
    [
        (held, "waits until the child writes: not sent", ""),
        (unopened, "does not open: not sent", "Our last text does not open"),
        (refused, "did not arrive", "The network refuses our texts"),
        (came_back, "did not arrive", "The last text did not arrive"),
        (outbox.in_doubt, "may not have arrived", ""),
        (outbox.cancel, "not sent", ""),
    ],
)
def test_words_that_did_not_arrive_are_not_shown_as_sent(
    desk: AtDesk, happens: Callable[[Any, str], object], says: str, blocked: str
) -> None:
    train(desk)
    path, one = written(desk)
    version = live(desk, path)
    desk.do(lambda tx: happens(tx, one))
    page = desk.get(path, "worker")
    assert f'<strong class="desk-unsent">{says}</strong></p>\n<p lang="en" dir="auto">{WORDS}</p>' in page.text
    assert ("We cannot text back" in seen(page)) is (happens in {refused, came_back})
    assert blocked in seen(page)
    assert live(desk, path) != version, "an open page is told"


def test_words_on_their_way_say_so_until_they_left(here: AtDesk) -> None:
    path, one = written(here)
    before = here.get(path, "worker").text.count("on its way")
    here.do(lambda tx: outbox.sent(tx, one, "x", here.now))
    page = here.get(path, "worker").text
    assert WORDS in page
    assert page.count("on its way") == before - 1


def test_a_child_whose_telephone_refuses_us_is_not_said_to_have_sent_stop(here: AtDesk) -> None:
    path, one = written(here)
    chat = path.rpartition("/")[2]

    def bounced(tx: Any) -> None:
        refused(tx, one)
        here.runner.handle(tx, conversations.load(tx, chat), events.SendBounced(here.now, "opted_out"))

    here.do(bounced)
    page = seen(here.get(path, "worker"))
    assert "we are blocked" in page
    assert "The child sent STOP" not in page


def test_who_lets_us_in_again_on_telegram_is_neither_said_to_be_blocked_nor_to_have_sent_stop(here: AtDesk) -> None:
    said = {"address": "700900123", "channel": "telegram"}
    for text in ("hi", "1", "PERSON"):
        chat = here.child_says(text, **said)
    path = taken(here)
    here.post(f"{path}/say", "worker", text=WORDS)
    last = here.read(lambda tx: messages.of(tx, chat))[-1]
    (row,) = here.read(lambda tx: outbox.of_message(tx, last.id))

    def bounced(tx: Any) -> None:
        refused(tx, row.id)
        here.runner.handle(tx, conversations.load(tx, chat), events.SendBounced(here.now, "opted_out"))

    here.do(bounced)
    assert "We cannot text back." in seen(here.get(path, "worker"))
    here.child_says("sorry i blocked you by accident", **said)
    page = seen(here.get(path, "worker"))
    assert "We cannot text back." not in page
    assert "The child blocked us, or sent STOP." in page
    assert here.read(lambda tx: conversations.contact_of(tx, chat)).opted_out
    here.child_says("HI", **said, opt_in=True)
    assert "sent STOP" not in seen(here.get(path, "worker"))
    assert not here.read(lambda tx: conversations.contact_of(tx, chat)).opted_out


def test_nothing_says_sent_before_anything_left(here: AtDesk) -> None:
    path, _ = written(here)
    assert DONE["sent"] in seen(here.get(f"{path}?done=sent", "worker"))
    assert not DONE["sent"].startswith("Sent")


def test_a_worker_is_told_that_the_child_left_the_page(desk: AtDesk) -> None:
    train(desk)
    token = visits.new_token()
    name = visits.address(desk.database.keys, token)
    for text in ("hi", "1", "PERSON"):
        chat = desk.child_says(text, name, "web")
    desk.do(lambda tx: visits.begin(tx, token, desk.now, conversation=chat))
    path = taken(desk)
    gone = "The child is not on the page any more"
    assert gone not in seen(desk.get(path, "worker"))
    version = live(desk, path)
    desk.do(lambda tx: visits.end(tx, token))
    assert live(desk, path) != version, "an open page is told"
    assert gone in seen(desk.get(path, "worker"))
    desk.do(lambda tx: visits.begin(tx, visits.new_token(), desk.now, conversation=chat))
    assert gone not in seen(desk.get(path, "worker")), "they came back with a code"
    desk.tick(minutes=31)
    assert gone in seen(desk.get(path, "supervisor")), "a page that asks for nothing any more"


def test_when_the_child_pressed_exit_stands_among_what_was_written(desk: AtDesk) -> None:
    train(desk)
    page = Visiting(desk.runner, desk.database, lambda: desk.now)
    token = asyncio.run(page.post(None, Post("hi")))[0]
    for text in ("1", "PERSON"):
        asyncio.run(page.post(token, Post(text)))
    path = taken(desk)
    version = live(desk, path)
    desk.tick(minutes=3)
    chat = asyncio.run(page.leave(token, pressed=True))
    assert path.endswith(f"/{chat}")
    assert live(desk, path) != version, "an open page is told"
    desk.tick(minutes=1)
    desk.post(f"{path}/say", "worker", text=WORDS)
    said = f'<p class="desk-quiet">The child left the page (Exit) at <time datetime="{(NOON + timedelta(minutes=3)).isoformat()}"'
    text = desk.get(path, "worker").text
    assert text.index(">PERSON<") < text.index(said) < text.index(WORDS)


def test_a_page_that_went_blank_is_no_exit(here: AtDesk) -> None:
    page = Visiting(here.runner, here.database, lambda: here.now)
    token, _ = asyncio.run(page.post(None, Post("PERSON")))
    path = taken(here)
    assert asyncio.run(page.leave(token)) == path.rpartition("/")[2]
    assert "(Exit)" not in seen(here.get(path, "worker"))


def test_every_state_has_its_words() -> None:
    assert set(UNSENT) == {outbox.HELD, outbox.SEALED, *Status} - {Status.SENT, Status.DELIVERED, Status.READ}
