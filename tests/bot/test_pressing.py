"""Buttons: what a text carries, and that an old one, a forged one or a changed text never answers what was not asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from bot import app
from bot.channels.base import Button, Inbound, Outgoing, Sent
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Guard, Level, Privacy, Service
from storage import alerts, contacts, conversations, messages, people
from storage.codes import Direction
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Conversation

AT: Final = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CHILD, OTHER = "700900111", "700900112"
SECOND = timedelta(seconds=5)


class Chat:
    """A child on Telegram: what they are shown, and what they do."""

    name = "telegram"

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.ticker = Ticker(runner, {"telegram": self})
        self.shown: list[Outgoing] = []
        self.now, self.number = AT, 0

    def send(self, outgoing: Outgoing) -> Sent:
        self.shown.append(outgoing)
        return Sent(f"{len(self.shown)}")

    def parse(self, arrived: object) -> None:
        del arrived

    def does(self, text: str | None, whose: str = CHILD, media: str | None = None, **more: Any) -> list[str]:
        """The child's text or press; what is said back."""
        self.now, self.number = self.now + SECOND, self.number + 1
        before = len(self.shown)
        self.runner.accept(Inbound("telegram", str(self.number), whose, text, media, self.now, **more))
        while self.ticker.round(self.now).any:
            pass
        return [one.text for one in self.shown[before:]]

    def presses(self, part: str, number: str, **more: Any) -> list[str]:
        """Press the button of the last text that has `part` in it."""
        under = next(one for one in reversed(self.shown) if part in one.text)
        return self.does(number, pressed=under.message, **more)

    @property
    def talk(self) -> Conversation:
        with self.runner.house.committer.database.transaction() as tx:
            contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", CHILD)
            assert contact is not None
            (talk,) = conversations.of_contact(tx, contact.id)
            return talk

    @property
    def said(self) -> list[str]:
        talk = self.talk.id
        with self.runner.house.committer.database.transaction() as tx:
            return [one.text for one in messages.of(tx, talk) if one.direction is Direction.IN]


@pytest.fixture
def chat(database_url: str) -> Iterator[Chat]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    with database.transaction() as tx:
        person = people.add(tx, "Ana", "duty", AT, phone="+447700900002")
        people.add_shift(tx, person.id, "duty", AT - timedelta(days=1), AT + timedelta(days=3))
    settings = Settings(draft_locales="allow", telegram_text_safe=True)
    yield Chat(Runner(app.furnish(committer, settings)))
    committer.close()
    database.close()


GATE, SAFE, MENU, AGE = "OK to text now?", "are you safe right now?", "What would help most?", "How old are you?"
OLD_HELP = "3 I need help fast (Hi, it's Robin. OK to text now?)"
LATER = "OK, no problem. Text any time."


def to_menu(chat: Chat, age: str | None) -> None:
    """As far as the question of age, and past it where one is given."""
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.presses(SAFE, "1")
    if age is not None:
        chat.presses(AGE, age)


def test_each_answer_is_a_button_and_a_statement_has_none(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    assert [one.buttons for one in chat.shown] == [
        (Button("Yes, only I can see this", "1"), Button("Not now", "2"), Button("I need help fast", "3")),
        (),
        (),
        (Button("Yes", "1"), Button("No", "2"), Button("Not sure", "3")),
    ]
    (age,) = chat.presses(SAFE, "1")
    assert AGE in age
    assert chat.shown[-1].buttons[-1] == Button("Skip", "0")


def test_buttons_are_in_the_language_of_the_text(chat: Chat) -> None:
    chat.does("hi")
    chat.does("Tiếng Việt")
    first = chat.shown[-1]
    assert first.buttons
    assert all(f"{one.number} {one.label}" in first.text for one in first.buttons)
    assert first.buttons[0].label != "Yes, only I can see this"


def test_a_pressed_button_is_the_number_and_typing_still_works(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    assert AGE in chat.does("1")[0]
    assert chat.said == ["hi", "1", "1"]


def test_a_button_pressed_twice_answers_once(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    assert chat.presses(GATE, "1") == []
    assert chat.talk.step == "safe_now"
    assert "safe_now" not in chat.talk.answers
    assert chat.said == ["hi", "1"]


@pytest.mark.parametrize(("part", "number"), [(AGE, "1"), (MENU, "2")])
def test_a_second_tap_is_no_word_of_the_childs(chat: Chat, part: str, number: str) -> None:
    to_menu(chat, age=None if part == AGE else "3")
    chat.presses(part, number)
    before = chat.talk
    assert chat.presses(part, number) == []
    assert chat.talk == before
    assert (before.guard, before.level < Level.L3) == (Guard.NONE, True)


@pytest.mark.parametrize(
    ("part", "number"), [(GATE, "1"), (SAFE, "1"), (AGE, "1"), (AGE, "0"), (MENU, "2"), (MENU, "3")]
)
def test_an_old_button_is_never_listened_to_as_the_childs_words(chat: Chat, part: str, number: str) -> None:
    to_menu(chat, age="3")
    chat.presses(MENU, "1")
    before = chat.talk
    chat.now += timedelta(minutes=2)
    chat.presses(part, number)
    chat.does("ok")  # nor together with the next of them
    talk = chat.talk
    assert (talk.guard, talk.quiet, talk.privacy) == (Guard.NONE, False, before.privacy)
    assert talk.level == (Level.L2 if part == MENU else Level.L0)


def test_an_old_not_now_is_taken_at_its_word(chat: Chat) -> None:
    to_menu(chat, age="2")
    assert chat.presses(GATE, "2") == [LATER]
    assert (chat.talk.privacy, chat.talk.quiet, chat.talk.level) == (Privacy.OTHERS, False, Level.L0)
    assert chat.said[-1] == "2 Not now (Hi, it's Robin. OK to text now?)"
    assert chat.presses(GATE, "2") == []
    assert GATE in chat.does("hello")[0]
    assert MENU not in "".join(chat.presses(GATE, "2"))


def test_who_changes_their_mind_and_back_is_not_taken_for_a_second_tap(chat: Chat) -> None:
    chat.does("hi")
    gate = chat.shown[-1].message
    assert SAFE in chat.does("1", pressed=gate)[-1]
    assert chat.does("2", pressed=gate) == [LATER]
    assert GATE in chat.does("1", pressed=gate)[0]


def test_an_old_not_now_is_answered_once_while_a_person_is_awaited_and_then_all_is_silent(chat: Chat) -> None:
    to_menu(chat, age="2")
    chat.does("PERSON")
    assert chat.presses(GATE, "2") == [LATER]
    assert chat.talk.privacy is Privacy.OTHERS
    before = len(chat.shown)
    for _ in range(20):
        chat.now += timedelta(minutes=1)
        while chat.ticker.round(chat.now).any:
            pass
    assert len(chat.shown) == before


def test_an_old_not_now_after_a_disclosure_says_nothing_more(chat: Chat) -> None:
    to_menu(chat, age="2")
    chat.does("my dad hits me every night")
    assert chat.presses(GATE, "2") == []
    talk = chat.talk
    assert (talk.privacy, talk.guard) == (Privacy.OTHERS, Guard.LOCK)


def test_help_that_is_asked_for_by_the_same_button_again_is_heard_again(chat: Chat) -> None:
    to_menu(chat, age="2")
    chat.presses(GATE, "3")
    chat.presses(GATE, "3")
    assert chat.said.count(OLD_HELP) == 1
    chat.now += timedelta(minutes=2)
    chat.presses(GATE, "3")
    assert chat.said.count(OLD_HELP) == 2


def test_an_old_button_that_asks_for_help_is_taken_at_its_word(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.presses(SAFE, "1")
    assert chat.talk.step == "ts_age"
    assert chat.presses(GATE, "3")[0].startswith("999 is fastest.")
    talk = chat.talk
    assert talk.level is Level.L4
    with chat.runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk.id)
        assert alert is not None
        assert alert.level is Level.L4


def test_after_half_an_hour_an_old_no_to_being_safe_reaches_a_person_and_answers_nothing(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.now += timedelta(minutes=31)
    chat.presses(SAFE, "2")
    assert chat.talk.level >= Level.L3
    assert "safe_now" not in chat.talk.answers


@pytest.mark.parametrize("message", ["0" * 26, "f" * 26])
def test_a_button_of_nowhere_answers_nothing(chat: Chat, message: str) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    assert SAFE in chat.does("1", pressed=message)[0]
    assert chat.talk.step == "safe_now"


def test_a_button_of_somebody_elses_chat_answers_nothing(chat: Chat) -> None:
    chat.does("hi", whose=OTHER)
    theirs = chat.shown[-1].message
    chat.does("hi")
    assert GATE in chat.does("1", pressed=theirs)[0]
    assert chat.talk.step == "gate"


def test_a_number_no_button_has_is_unclear(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.presses(SAFE, "77")
    assert chat.talk.step == "safe_now"
    assert "safe_now" not in chat.talk.answers


def test_a_changed_text_is_heard_and_answers_nothing(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    assert SAFE in chat.does("1", edited=True)[0]
    assert chat.talk.step == "safe_now"
    assert chat.does("my dad hits me every night", edited=True)
    assert chat.talk.level >= Level.L3


@pytest.mark.parametrize(("words", "step"), [("0", "ts_age"), ("back", "ts_age"), ("skip", "ts_age")])
def test_a_changed_text_does_not_move_the_open_question(chat: Chat, words: str, step: str) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.presses(SAFE, "1")
    chat.does(words, edited=True)
    assert chat.talk.step == step
    assert step not in chat.talk.answers


def test_a_changed_text_can_still_say_stop(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.does("STOP", edited=True)
    assert chat.talk.opted_out


def test_an_old_button_while_a_person_holds_the_chat_is_for_that_person(chat: Chat) -> None:
    chat.does("hi")
    chat.presses(GATE, "1")
    chat.does("PERSON")
    answers = dict(chat.talk.answers)
    chat.presses(GATE, "2")
    assert dict(chat.talk.answers) == answers
    assert chat.said[-1] == "2 Not now (Hi, it's Robin. OK to text now?)"
    assert chat.talk.privacy is Privacy.OTHERS
