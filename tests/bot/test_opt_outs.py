"""What Twilio takes for STOP or START is so for us, whatever word it was; on both databases, from its own captured requests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import app, beginning
from bot.channels.base import Inbound, Reason, SendFailed, Sent
from bot.channels.sms import Sms
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Service
from storage import contacts, conversations, messages, outbox, people
from storage.codes import Direction, Status
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from tests.bot.phones import Ground, Phone
from tests.channels import twilio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.channels.base import Outgoing
    from flows.model import Conversation
    from storage.contacts import Contact
    from storage.database import Transaction

AT = twilio.NOW
CHILD = "+447700900123"
HOUR = timedelta(hours=1)
TWILIO = Sms(twilio.config())


@dataclass
class Carrier(Phone):
    """While it blocks, no text to the child is taken."""

    blocks: bool = False

    def send(self, outgoing: Outgoing) -> Sent:
        """As any provider does."""
        if self.blocks and outgoing.to == CHILD:
            raise SendFailed(Reason.OPTED_OUT, code="21610")
        return super().send(outgoing)


@dataclass
class Place(Ground):
    phone: Carrier

    def brings(self, case: str) -> None:
        """Twilio brings what was captured, after it has acted on it."""
        self.phone.blocks = case == "stop_acted_on"
        self.runner.accept(TWILIO.parse(twilio.arrived(twilio.payload(case))))
        self.rounds(AT)

    def text(self, words: str, at: datetime, **more: Any) -> None:
        self.runner.accept(Inbound("sms", f"SM-{words}", CHILD, words, None, at, **more))
        self.rounds(at)

    def stands(self) -> tuple[Contact, Conversation, list[tuple[str | None, Status]]]:
        """The contact, the chat, and every text of ours with how it was sent."""
        with self.database.transaction() as tx:
            contact = contacts.known(tx, Service.TEXT_SAFE, "sms", CHILD)
            assert contact is not None
            found = conversations.latest(tx, contact.id)
            assert found is not None
            ours = [one for one in messages.of(tx, found.id) if one.direction is Direction.OUT]
            return contact, found, [(one.key, outbox.of_message(tx, one.id)[0].status) for one in ours]


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    runner = Runner(app.furnish(committer, Settings(draft_locales="allow")))
    phone = Carrier()
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", "duty", AT, phone="+447700900002")
        people.add_shift(tx, ana.id, "duty", AT - 9 * HOUR, AT + 90 * HOUR)
    yield Place(database, runner, Ticker(runner, {"sms": phone}), phone)
    committer.close()
    database.close()


def requested(tx: Transaction, place: Place, at: datetime) -> bool:
    return beginning.request(tx, place.runner, "pc_smith", "M-1", "sms", CHILD, at)


def test_a_word_that_is_none_of_ours_is_kept_as_stop(place: Place) -> None:
    place.text("hello", AT - HOUR)
    place.brings("stop_acted_on")
    contact, talk, ours = place.stands()
    assert contact.opted_out
    assert talk.opted_out
    assert talk.state == "STOPPED"
    assert ours[-1] == ("ts_stop", Status.FAILED)
    assert any("cannot text back" in text for text in place.phone.to("+447700900002"))
    with place.database.transaction() as tx:
        assert not requested(tx, place, AT + HOUR)


def test_it_is_listened_to_all_the_same(place: Place) -> None:
    place.text("hello", AT - HOUR)
    place.phone.blocks = True
    place.text("he rapes me", AT, opt_out=True, carrier_acted=True)
    contact, talk, _ = place.stands()
    assert contact.opted_out
    assert talk.level >= 3
    assert any("Waymark L" in text for text in place.phone.to("+447700900002"))


def test_in_quiet_it_is_marked_and_nothing_is_said(place: Place) -> None:
    place.text("hello", AT - HOUR)
    place.text("is my daughter there", AT - HOUR + timedelta(minutes=1))
    _, _, before = place.stands()
    place.brings("stop_acted_on")
    contact, talk, ours = place.stands()
    assert contact.opted_out
    assert talk.quiet
    assert ours == before


def test_blocked_for_a_stop_that_we_never_saw_is_a_stop(place: Place) -> None:
    place.phone.blocks = True
    place.text("hello", AT)
    contact, talk, ours = place.stands()
    assert contact.opted_out
    assert talk.state == "GATE"
    assert ours == [("gate", Status.FAILED)]
    assert len([text for text in place.phone.to("+447700900002") if "cannot text back" in text]) == 1


def test_start_after_stop_is_a_clear_wish(place: Place) -> None:
    place.text("hello", AT - HOUR)
    place.brings("stop_acted_on")
    place.brings("start_acted_on")
    contact, talk, ours = place.stands()
    assert not contact.opted_out
    assert not talk.opted_out
    assert ours[-1] == ("gate", Status.SENT)


def test_start_without_a_stop_is_a_text_like_any_other(place: Place) -> None:
    place.text("hello", AT - HOUR)
    place.text("1", AT - HOUR)
    _, before, _ = place.stands()
    place.brings("start_acted_on")
    contact, after, _ = place.stands()
    assert not contact.opted_out
    assert after.turn == before.turn + 1
    assert not any("START" in text for text in place.phone.to("+447700900002"))


def test_yes_lets_nothing_through(place: Place) -> None:
    """To "are you safe" it is an answer."""
    place.text("hello", AT - HOUR)
    place.text("STOP", AT - HOUR)
    place.text("yes", AT)
    assert place.stands()[0].opted_out


def test_the_same_words_without_the_carrier_go_by_our_own_rules(place: Place) -> None:
    place.text("hello", AT)
    place.text("ARRET", AT)
    assert not place.stands()[0].opted_out
