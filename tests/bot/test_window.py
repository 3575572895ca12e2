"""WhatsApp's day of free words, followed from the child's last text to what leaves, on both databases."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot import app, clicks, window
from bot.channels.base import Inbound, Reason, SendFailed, Sent
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from flows.model import Privacy, Service
from storage import contacts, messages, outbox, people, tables
from storage.codes import Sending, Status
from storage.commit import Committer
from storage.database import Database
from storage.errors import StoreUnavailable, Trouble
from storage.keys import Keys
from storage.outbox import Draft
from tests.bot.phones import Ground, Phone, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Outgoing

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CHILD = "+447700900001"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class WhatsApp(Phone):
    """`instead`: a template goes in place of what was written."""

    instead: bool = False

    def send(self, outgoing: Outgoing) -> Sent:
        """As any provider does."""
        return replace(super().send(outgoing), instead=self.instead)


@dataclass
class Place(Ground):
    phone: WhatsApp
    pager: Phone
    texts: int = 0

    def text(self, words: str, at: datetime) -> None:
        self.texts += 1
        self.runner.accept(Inbound("whatsapp", f"SM{self.texts}", CHILD, words, None, at))
        self.rounds(at)

    def ana(self, words: str, at: datetime) -> None:
        with self.database.transaction() as tx:
            ana = people.by_name(tx, "Ana")
            assert ana is not None
            clicks.say(tx, self.runner, ana, talk(tx, CHILD, "whatsapp").id, words, at)
        self.rounds(at)

    def held(self) -> list[str]:
        """What a worker wrote and waits; that they are here again is the catalogue's."""
        with self.database.transaction() as tx:
            contact = contacts.known(tx, Service.TEXT_SAFE, "whatsapp", CHILD)
            assert contact is not None
            waiting = {one.message for one in outbox.held(tx, contact.id, "whatsapp")}
            return [
                one.text
                for one in messages.of(tx, talk(tx, CHILD, "whatsapp").id)
                if one.id in waiting and one.key is None
            ]

    def last(self) -> tuple[Status, str | None]:
        with self.database.transaction() as tx:
            asked = select(tables.outbox.c.status, tables.outbox.c.error).order_by(tables.outbox.c.seq.desc())
            row = tx.execute(asked.where(tables.outbox.c.kind == Sending.SAY)).first()
            assert row is not None
            return row[0], row[1]


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    """Ana has taken the chat of a child who wrote at `AT`."""
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    runner = Runner(app.furnish(committer, Settings(draft_locales="allow")))
    phone, pager = WhatsApp("whatsapp"), Phone()
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", "duty", AT, phone="+447700900002")
        people.add_shift(tx, ana.id, "duty", AT - DAY, AT + 30 * DAY)
    made = Place(database, runner, Ticker(runner, {"whatsapp": phone, "sms": pager}), phone, pager)
    made.text("hello", AT)
    with database.transaction() as tx:
        clicks.take(tx, runner, ana, talk(tx, CHILD, "whatsapp").id, AT)
    made.rounds(AT)
    phone.sent.clear()
    yield made
    committer.close()
    database.close()


def test_words_leave_while_the_window_is_open_and_say_until_when(place: Place) -> None:
    place.ana("I'm here.", AT + DAY - timedelta(minutes=3))
    (sent,) = place.phone.sent
    assert (sent.text, sent.window_until) == ("I'm here.", AT + DAY)
    assert place.held() == []


def test_the_last_text_counts_not_the_first(place: Place) -> None:
    place.text("still here", AT + 20 * HOUR)
    place.ana("I'm here.", AT + 43 * HOUR)
    assert place.phone.sent[-1].window_until == AT + 44 * HOUR


@pytest.mark.parametrize("late", [DAY - window.MARGIN, DAY, 3 * DAY])
def test_outside_it_the_template_leaves_and_the_words_wait(place: Place, late: timedelta) -> None:
    place.ana("I'm here.", AT + late)
    (template,) = place.phone.sent
    assert (template.text, template.window_until) == (window.NOTE, None)
    assert len(place.held()) == 1
    (told,) = place.pager.texts
    assert "not sent" in told
    with place.database.transaction() as tx:
        (words,) = [one for one in messages.of(tx, talk(tx, CHILD, "whatsapp").id) if one.text == "I'm here."]
        (sending,) = outbox.of_message(tx, words.id)
    assert (sending.status, sending.held) == (Status.WAITING, True)


def test_what_is_reported_of_the_template_says_nothing_of_the_words(place: Place) -> None:
    place.ana("I'm here.", AT + 2 * DAY)
    place.ticker.report(place.phone.sent[0].outbox_id, Status.READ, None, AT + 2 * DAY)
    assert len(place.held()) == 1


def test_never_two_templates_in_a_day(place: Place) -> None:
    for hours in (0, 1, 5, 23):
        place.ana("words", AT + 2 * DAY + hours * HOUR)
    assert place.phone.texts == [window.NOTE]
    place.ana("words", AT + 3 * DAY)
    assert place.phone.texts == [window.NOTE, window.NOTE]


def test_no_template_after_stop(place: Place) -> None:
    place.text("STOP", AT + HOUR)
    place.phone.sent.clear()
    place.ana("words", AT + 3 * DAY)
    assert place.phone.sent == []
    assert len(place.held()) == 1


def test_the_childs_reply_lets_the_words_out_in_their_order(place: Place) -> None:
    place.ana("one", AT + 2 * DAY)
    place.ana("two", AT + 2 * DAY + HOUR)
    place.text("hi", AT + 2 * DAY + 2 * HOUR)
    assert place.phone.texts[:3] == [window.NOTE, "one", "two"]
    assert place.held() == []
    assert place.last() == (Status.SENT, None)


def test_whoever_has_gone_since_is_not_heard_and_whoever_came_is_named(place: Place) -> None:
    place.ana("one", AT + 2 * DAY)
    with place.database.transaction() as tx:
        ben = people.add(tx, "Ben", "duty", AT, phone="+447700900003")
        people.add_shift(tx, ben.id, "duty", AT - DAY, AT + 30 * DAY)
        ana, chat = people.by_name(tx, "Ana"), talk(tx, CHILD, "whatsapp").id
        assert ana is not None
        clicks.transfer(tx, place.runner, ana, chat, ben, AT + 2 * DAY + HOUR)
        clicks.say(tx, place.runner, ben, chat, "two", AT + 2 * DAY + HOUR)
    place.rounds(AT + 2 * DAY + HOUR)
    place.text("hi", AT + 2 * DAY + 2 * HOUR)
    assert [text for text in place.phone.texts if "Ben" in text] == [
        "Ana has to go now. Ben can see the chat, so you don't have to repeat it. Is that OK? 1 Yes 2 No"
    ]
    assert "one" not in place.phone.texts
    assert "two" in place.phone.texts


@pytest.mark.parametrize("reply", ["STOP", "is my daughter there"])
def test_a_reply_of_somebody_else_or_stop_drops_them_and_ana_is_told(place: Place, reply: str) -> None:
    place.ana("I'm here.", AT + 2 * DAY)
    place.text(reply, AT + 2 * DAY + HOUR)
    assert "I'm here." not in place.phone.texts
    assert place.held() == []
    assert any("waited were not sent" in text for text in place.pager.texts)


def test_words_nobody_answered_in_time_are_not_sent_and_ana_is_told(place: Place) -> None:
    place.ana("I'm here.", AT + 2 * DAY)
    place.rounds(AT + 2 * DAY + 5 * HOUR)
    place.text("hi", AT + 2 * DAY + 6 * HOUR)
    assert "I'm here." not in place.phone.texts
    assert any("do not reach the child" in text for text in place.pager.texts)


def test_when_the_provider_says_closed_first_it_is_believed(place: Place) -> None:
    place.phone.fails = [SendFailed(Reason.WINDOW_CLOSED, code="63016")]
    place.ana("I'm here.", AT + 23 * HOUR)
    assert len(place.held()) == 1
    assert any("cannot text back" in text for text in place.pager.texts)
    # By our clock it is open, so that no template is due: the child may write at any moment.
    place.text("hi", AT + 24 * HOUR)
    assert "I'm here." in place.phone.texts


def test_a_template_that_left_in_place_of_words_is_kept_as_what_it_was(place: Place) -> None:
    place.phone.instead = True
    place.ana("I'm here.", AT + 23 * HOUR)
    assert len(place.held()) == 1
    assert place.last() == (Status.SENT, None)
    place.ana("more", AT + 25 * HOUR)
    assert len(place.phone.sent) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_template_that_left_leaves_no_second_time_while_somebody_holds_the_child(
    place: Place, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    whole, met = window.instead, iter([StoreUnavailable(trouble=Trouble.HELD)] * times)

    def locked(*given: Any) -> None:
        for trouble in met:
            raise trouble
        whole(*given)

    monkeypatch.setattr(window, "instead", locked)
    place.phone.instead = True
    late = AT + 23 * HOUR
    place.ana("I'm here.", late)
    for minutes in (1, 2):
        place.rounds(late + timedelta(minutes=minutes))
        assert len(place.held()) == 1
    place.ana("more", AT + 25 * HOUR)
    assert len(place.phone.sent) == 1
    assert len([text for text in place.pager.texts if "Your words wait" in text]) == 2


def test_what_is_reported_of_a_template_that_left_in_place_of_words_says_nothing_of_them(place: Place) -> None:
    place.phone.instead = True
    place.ana("I'm here.", AT + 23 * HOUR)
    place.ticker.report(place.phone.sent[0].outbox_id, Status.READ, None, AT + 23 * HOUR)
    place.phone.instead = False
    assert len(place.held()) == 1
    place.text("hi", AT + 23 * HOUR)
    assert "I'm here." in place.phone.texts


def test_without_an_approved_template_nothing_leaves_and_ana_is_told(place: Place) -> None:
    place.phone.fails = [SendFailed(Reason.WINDOW_CLOSED, code=window.NO_TEMPLATE)]
    place.ana("I'm here.", AT + 2 * DAY)
    assert place.phone.sent == []
    assert place.last() == (Status.FAILED, "window_closed")
    assert any("do not reach the child" in text for text in place.pager.texts)


def test_a_bug_about_one_text_holds_up_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(window, "passage", broken)
    with place.database.transaction() as tx:
        ana = people.by_name(tx, "Ana")
        assert ana is not None
        outbox.add(tx, Draft(Sending.NOTICE, "sms", "a notice", AT, staff=ana.id), AT)
    place.ana("I'm here.", AT + HOUR)
    assert place.phone.sent == []
    assert "a notice" in place.pager.texts


def test_nothing_for_staff_leaves_by_whatsapp(place: Place) -> None:
    with place.database.transaction() as tx:
        ana = people.by_name(tx, "Ana")
        assert ana is not None
        page = outbox.add(tx, Draft(Sending.NOTICE, "whatsapp", "a page", AT, staff=ana.id), AT)
    place.rounds(AT)
    assert place.phone.sent == []
    with place.database.transaction() as tx:
        shown = outbox.look(tx, page)
    assert shown is not None
    assert (shown.status, shown.error) == (Status.FAILED, "dead_number")


def test_what_waits_holds_up_nothing_that_may_leave(place: Place) -> None:
    place.ana("I'm here.", AT + 2 * DAY)
    with place.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "whatsapp", CHILD)
        assert contact is not None
        contacts.add_address(tx, contact, "sms", CHILD, AT)
        outbox.add(tx, Draft(Sending.SAY, "sms", "by SMS", AT, contact=contact.id), AT + 2 * DAY)
    place.rounds(AT + 2 * DAY)
    assert "by SMS" in place.pager.texts


def test_a_question_that_never_left_is_answered_by_nothing(place: Place) -> None:
    """Who replies "1" to the template has not said that only they can see this."""
    with place.database.transaction() as tx:
        ana = people.by_name(tx, "Ana")
        assert ana is not None
        clicks.hand_back(tx, place.runner, ana, talk(tx, CHILD, "whatsapp").id, AT)
    place.rounds(AT)
    with place.database.transaction() as tx:
        place.runner.handle(tx, talk(tx, CHILD, "whatsapp"), events.Started(AT + 2 * DAY, "chat"))
    place.rounds(AT + 2 * DAY)
    assert place.phone.texts[-1] == window.NOTE
    place.text("1", AT + 2 * DAY + HOUR)
    with place.database.transaction() as tx:
        after = talk(tx, CHILD, "whatsapp")
        gates = [one for one in messages.of(tx, after.id) if one.key == "gate"]
    assert after.privacy is Privacy.UNKNOWN
    assert place.phone.texts[-1] == gates[-1].text
    assert place.phone.texts.count(gates[-1].text) == 1
    place.text("1", AT + 2 * DAY + HOUR)
    with place.database.transaction() as tx:
        assert talk(tx, CHILD, "whatsapp").privacy is Privacy.ALONE
