"""A worker's day in a real browser: next, a child on the page at the same time, words both ways, and every page judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import clicks
from bot.channels.base import Inbound
from flows.model import Service
from storage import contacts, conversations, leases, messages, people, sessions, training
from storage.codes import Direction
from storage.training import Training
from tests.browser.serving import Program
from tests.browser.test_desk import hired, pictures, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.people import Person
    from tests.browser.chromium import Profile, Tab

CHILD, OTHER = "+447700900123", "+447700900124"


@pytest.fixture
def served(migrated_file: Path, tmp_path: Path) -> Iterator[Program]:
    file = tmp_path / "desk.db"
    file.write_bytes(migrated_file.read_bytes())
    made = Program(f"sqlite:///{file}").start()
    yield made
    made.close()


def on(program: Program, name: str, role: str) -> Person:
    """Somebody trained, and on a shift where their role has any."""
    who, _ = hired(program, name, role)
    now = program.visiting.clock()

    def work(tx: Any) -> None:
        training.record(tx, Training(who.id, date(2099, 1, 1), date(2099, 1, 1)), who.id, now)
        if role != "supervisor":
            people.add_shift(tx, who.id, role, now - timedelta(hours=1), now + timedelta(hours=8))

    program.committer.submit(work)
    return who


def texts(program: Program, *said: str, address: str = CHILD) -> str:
    for number, words in enumerate(said):
        at = program.visiting.clock()
        program.visiting.runner.accept(Inbound("sms", f"{address}-{number}-{at.timestamp()}", address, words, None, at))

    def work(tx: Any) -> str:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", address)
        assert contact is not None
        return conversations.of_contact(tx, contact.id)[-1].id

    found: str = program.read(work)
    return found


def ours(program: Program) -> list[str]:
    """What left for the child."""
    thread = program.read(lambda tx: messages.of(tx, texts(program)))
    return [one.text for one in thread if one.direction is Direction.OUT]


def taken(program: Program, tab: Tab) -> None:
    tab.go(f"{program.desk_address}chats")
    tab.press("button", "Next child")
    tab.until("location.pathname.startsWith('/chats/')")


def with_a_child(program: Program, tab: Tab) -> str:
    """Ann, a volunteer, has taken a child who asked for a person. The chat."""
    ann = on(program, "ann", "worker")
    chat = texts(program, "hi", "1", "PERSON")
    signed_in(program, tab, ann)
    taken(program, tab)
    return chat


def test_a_child_and_a_worker_write_both_ways(served: Program, person: Profile) -> None:
    on(served, "mel", "manager")
    tab = person.tab()
    with_a_child(served, tab)
    tab.sees("The child was told your name")
    tab.type("I'm here. Take your time.")
    tab.sees("25 characters, 1 text")
    texts(served, "can you see this")
    tab.sees("can you see this")
    assert tab.run("document.querySelector('#text').value") == "I'm here. Take your time.", "what is typed stays"
    tab.press("button", "Send")
    tab.sees("Written.")
    assert "I'm here. Take your time." in ours(served)
    tab.type("My number is 07700 900199")
    tab.press("button", "Send")
    tab.sees("A supervisor was asked to look")
    assert not any("07700" in one for one in ours(served))
    tab.press("button", "Take back and change")
    tab.until("document.querySelector('#text').value.includes('07700')")
    assert tab.errors == []


@pytest.mark.parametrize("beside", ["", "likes music"])
def test_half_a_sentence_from_before_a_stop_is_held_and_taken_back_it_may_leave(
    served: Program, person: Profile, beside: str
) -> None:
    tab = person.tab()
    with_a_child(served, tab)
    tab.type("I was just going to say")
    texts(served, "STOP")
    tab.sees("The child sent STOP")
    if beside:
        tab.press("summary", "Write a note")
        tab.type(beside, into="#note-text")
        tab.press("button", "Keep the note")
        tab.sees("Noted, for colleagues only.")
    tab.press("button", "Send")
    tab.sees("Held, not sent: the child sent STOP after you opened this page")
    tab.press("button", "Take back and change")
    tab.until("document.querySelector('#text').value.includes('just going')")
    assert "I was just going to say" not in ours(served)
    tab.press("button", "Send")
    tab.sees("Written.")
    assert "I was just going to say" in ours(served)
    assert tab.errors == []


_FROM_END = """(() => { const at = document.querySelector("#thread");
  return Math.round(at.scrollHeight - at.clientHeight - at.scrollTop); })()"""


def test_the_newest_words_are_seen_but_by_who_reads_further_up(served: Program, person: Profile) -> None:
    tab = person.tab()
    with_a_child(served, tab)
    texts(served, *(f"my bus is late again, number {one}, and nobody waits for me here" for one in range(12)))
    tab.sees("number 11")
    for size in ((360, 740), (1000, 1400), (740, 360)):
        tab.look(size, dark=False)
        tab.until(f"{_FROM_END} < 2")
    texts(served, "and now it rains")
    tab.sees("and now it rains")
    tab.until(f"{_FROM_END} < 2")
    tab.run("document.querySelector('#thread').scrollTop = 0")
    tab.until(f"{_FROM_END} > 200")
    texts(served, "are you there")
    tab.sees("are you there")
    assert tab.run("document.querySelector('#thread').scrollTop") == 0


def test_two_presses_take_one_child_and_send_once(served: Program, person: Profile) -> None:
    ann = on(served, "ann", "worker")
    texts(served, "hi", "1", "PERSON")
    texts(served, "hi", "1", "PERSON", address=OTHER)
    tab = person.tab()
    signed_in(served, tab, ann)
    tab.go(f"{served.desk_address}chats")
    tab.run(TWICE)
    tab.until("location.pathname.startsWith('/chats/')")
    tab.type("I'm here.")
    tab.run(TWICE)
    tab.sees("Written.")
    held = served.read(lambda tx: leases.by(tx, ann.id))
    assert len(held) == 1
    assert [one.text for one in served.read(lambda tx: messages.of(tx, held[0].conversation))].count("I'm here.") == 1


# Both presses stand in one task of the page: no answer can come between them.
TWICE = "for (const _ of [1, 2]) document.querySelector('main form button.govuk-button').click(); true"


def test_what_is_typed_outlives_the_network_and_the_chat(served: Program, person: Profile) -> None:
    sam = on(served, "sam", "supervisor")
    tab = person.tab()
    chat = with_a_child(served, tab)
    tab.type("You can take your time.")
    tab.offline(off=True)
    tab.press("button", "Send")
    tab.sees("What you typed is still here")
    assert tab.run("document.querySelector('#text').value") == "You can take your time."
    tab.offline(off=False)
    tab.press("button", "Send")
    tab.sees("Written.")
    assert ours(served).count("You can take your time.") == 1
    tab.type("I have to tell you")
    tab.run("document.querySelectorAll('details').forEach((one) => one.open = true); true")
    tab.type("half a note", into="#note-text")
    tab.type("half a worry", into="#because")

    def step_in(tx: Any) -> None:
        clicks.step_in(tx, served.runner, sam, chat, served.visiting.clock())

    served.committer.submit(step_in)
    tab.sees("You do not have this chat")
    assert kept(tab) == ["I have to tell you", "half a note", "half a worry"]


def kept(tab: Tab) -> list[str]:
    """What was given back, to be copied."""
    found: list[str] = tab.run("[...document.querySelectorAll('#main textarea[readonly]')].map((one) => one.value)")
    return found


def with_half_a_note(program: Program, tab: Tab) -> Person:
    """Ann, with a child, has typed a text and a note, and sent neither."""
    chat = with_a_child(program, tab)
    tab.type("You can take")
    tab.press("summary", "Write a note")
    tab.type("likes music", into="#note-text")
    ann: Person = program.read(lambda tx: people.by_name(tx, conversations.load(tx, chat).holder))
    return ann


def test_who_is_signed_out_is_given_back_their_own_words_alone(served: Program, person: Profile) -> None:
    tab = person.tab()
    ann = with_half_a_note(served, tab)
    texts(served, "can you see this")
    tab.sees("can you see this")
    served.committer.submit(lambda tx: sessions.end_of(tx, ann.id))
    tab.sees("You are signed out")
    assert kept(tab) == ["You can take", "likes music"]
    assert "can you see this" not in tab.run("document.documentElement.outerHTML")
    tab.press("a", "Go to the start")
    tab.until("location.pathname === '/sign-in'")


def test_who_goes_takes_what_they_typed_along(served: Program, person: Profile) -> None:
    tab = person.tab()
    with_half_a_note(served, tab)
    tab.press("a", "Chats")
    tab.until("location.pathname === '/chats'")
    assert tab.dialogs == ["beforeunload"], "asked before a link"
    tab.back()
    tab.type("You can take")
    tab.press("button", "Hand back to the bot")
    tab.sees("Handed back to the bot.")
    assert kept(tab) == ["You can take"]
    tab.press("a", "Go on")
    tab.until("location.pathname === '/chats'")
    assert len(tab.dialogs) == 1
    assert tab.errors == []


SEND = "document.querySelector('form:has(#text) button').click()"
BOX = "document.querySelector('#text').value"


def box(tab: Tab, which: str = "#text") -> str:
    return str(tab.run(f"document.querySelector('{which}').value"))


def test_what_is_typed_outlives_every_other_button_of_the_page(served: Program, person: Profile) -> None:
    on(served, "mel", "manager")
    tab = person.tab()
    with_a_child(served, tab)
    tab.type("Shall we meet at noon")
    tab.press("button", "Send")
    tab.sees("Held, not sent")
    tab.type("You can take")
    tab.press("summary", "Write a note")
    tab.type("likes music", into="#note-text")
    for opens, chooses, presses, says in (
        ("Replies ready to send", "There is no hurry", "Send this reply", "Written."),
        ("Raise a concern", "L3: likely serious harm", "Raise it", "Raised. Whoever is on duty"),
        ("", "", "Ask for an interpreter", "An interpreter is asked for."),
    ):
        if opens:
            tab.press("summary", opens)
            tab.press("label", chooses)
        if presses == "Raise it":
            tab.run("document.querySelector('#about').value = '-'")
            tab.type("she stopped in a word", into="#because")
        tab.press("button", presses)
        tab.sees(says)
        assert (box(tab), box(tab, "#note-text")) == ("You can take", "likes music")
    assert box(tab, "#because") == ""
    tab.press("button", "Keep the note")
    tab.sees("Noted, for colleagues only.")
    assert (box(tab), box(tab, "#note-text")) == ("You can take", "")
    tab.press("button", "End the chat")
    tab.sees("an alert of this chat is not decided".capitalize())
    tab.press("button", "Take back and change")
    tab.until(f"{BOX}.startsWith('Shall we')")
    assert box(tab) == "Shall we meet at noon\nYou can take"
    assert [error for error in tab.errors if "409" not in error] == []
    assert ours(served)[-1].startswith("There is no hurry")


def test_words_typed_while_others_are_on_their_way_are_sent_after_them_or_given_back(
    served: Program, person: Profile
) -> None:
    tab = person.tab()
    with_a_child(served, tab)
    slow = {"latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}
    tab.ask("Network.emulateNetworkConditions", offline=False, **slow)
    for words in ("First words.", "Second words."):
        tab.type(words)
        tab.press("button", "Send")
    tab.sees("On its way: Second words.")
    tab.type("Third")
    tab.until("!document.body.innerText.includes('On its way')")
    tab.sees("Written.")
    assert box(tab) == "Third"
    assert ours(served)[-2:] == ["First words.", "Second words."]
    tab.offline(off=True)
    tab.press("button", "Send")
    tab.sees("What you typed is still here")
    assert box(tab) == "Third"
    tab.run(f"{BOX} = 'Third'; {SEND}; {BOX} = 'Fourth'; {SEND}; {BOX} = 'Fifth'; true")
    tab.until(f"{BOX} === 'Third\\nFourth\\nFifth'")


def test_who_hands_a_chat_back_reads_that_it_was_done(served: Program, person: Profile) -> None:
    """The page hears that the chat is theirs no more while the answer to their own press is on its way."""
    tab = person.tab()
    chat = with_a_child(served, tab)
    tab.run(
        """const was = window.fetch;
        window.fetch = async (...asked) => {
            const answer = await was(...asked);
            if (asked[1]?.method) await new Promise((go) => setTimeout(go, 2500));
            return answer;
        }"""
    )
    tab.press("button", "Hand back to the bot")
    tab.sees("Handed back to the bot.")
    assert tab.run("location.pathname") == "/chats"
    assert served.read(lambda tx: conversations.load(tx, chat)).holder == "bot"


def test_without_a_script_everything_but_live_works(served: Program, person: Profile) -> None:
    tab = person.tab(script=False)
    with_a_child(served, tab)
    tab.type("I'm here.")
    tab.press("button", "Send")
    tab.sees("Written.")
    tab.press("summary", "Replies ready to send")
    tab.press("label", "There is no hurry")
    tab.press("button", "Send this reply")
    tab.sees("There is no hurry. You can stop at any time.")
    tab.press("button", "Hand back to the bot")
    tab.sees("Handed back")


def test_the_pages_of_a_worker_and_a_supervisor(served: Program, person: Profile, axe: str) -> None:
    ann, sam, mel = on(served, "ann", "worker"), on(served, "sam", "supervisor"), on(served, "mel", "manager")
    on(served, "dev", "worker")
    tab = person.tab()
    signed_in(served, tab, ann)
    pictures(tab, axe, f"{served.desk_address}chats", "chats-none")
    pictures(tab, axe, f"{served.desk_address}practice", "practice")
    pictures(tab, axe, f"{served.desk_address}practice/tells", "practice-child", lambda: tab.press("summary"))
    chat = texts(served, "hi", "عربي", "1", "1")
    texts(served, "بابا بيضربني كل ليلة")
    texts(served, "hi", "1", "PERSON", address=OTHER)
    taken(served, tab)
    tab.type("Who is he? Ring me on 07700 900199")
    tab.press("button", "Send")
    tab.sees("Held, not sent")
    tab.type("You did nothing wrong. I'll text you again at 4")
    tab.press("button", "Send")
    tab.sees("Promised to the child")
    address = f"{served.desk_address}chats/{chat}"
    pictures(tab, axe, address, "chat")
    pictures(
        tab,
        axe,
        address,
        "chat-open",
        lambda: tab.run("document.querySelectorAll('details').forEach((one) => one.open = true); true"),
    )
    pictures(tab, axe, f"{served.desk_address}chats", "chats")
    signed_in(served, tab, sam)
    pictures(tab, axe, f"{served.desk_address}chats", "chats-supervisor")
    pictures(tab, axe, address, "chat-supervisor")
    del mel
