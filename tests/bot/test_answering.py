"""Answering by telephone: a key is proof, once; one call asks about everything that waits; nobody presses for another."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import alarms, answering, app
from bot.channels.base import Inbound, Pressed
from bot.config import Settings
from bot.runner import Runner
from flows import events
from flows.model import Level
from storage import alerts, audit, outbox, people
from storage.codes import Sending
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Spoken
    from flows.model import Alert
    from storage.alerts import Paged
    from storage.database import Transaction
    from storage.people import Person

AT = datetime(2026, 11, 17, 2, 10, tzinfo=UTC)
GRAVE, LESS = "hes got a knife wont let me out", "my stepdad raped me"


@dataclass
class Night:
    database: Database
    committer: Committer
    runner: Runner

    def texts(self, number: int, words: str) -> None:
        self.runner.accept(Inbound("sms", f"SM{number}", f"+4477009001{number:02d}", words, None, AT))

    def rings(self, name: str) -> Paged:
        """The last call to somebody."""

        def work(tx: Transaction) -> Paged:
            person = people.by_name(tx, name)
            assert person is not None
            return next(one for one in alerts.pages_to(tx, person.id) if one.method == "voice")

        return self.committer.submit(work)

    def hears(self, rang: Paged, keys: str = "", page: str | None = None, at: datetime = AT) -> Spoken:
        pressed = Pressed(rang.outbox or "", keys, page, at)
        return self.committer.submit(lambda tx: answering.by_call(tx, self.runner.house, pressed))

    def alert(self, page: Paged) -> Alert:
        return self.committer.submit(lambda tx: alerts.peek(tx, page.alert))

    def lines(self) -> int:
        return self.committer.submit(lambda tx: audit.head(tx)[0])


@pytest.fixture
def night(database_url: str) -> Iterator[Night]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    house = app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms", "voice"))
    with database.transaction() as tx:
        for number, (name, role) in enumerate((("ana", "duty"), ("mel", "manager"), ("max", "manager"))):
            person = people.add(tx, name, role, AT, phone=f"+44770090020{number}")
            people.add_shift(tx, person.id, role, AT - timedelta(days=1), AT + timedelta(days=1))
    yield Night(database, committer, Runner(house))
    committer.close()
    database.close()


def test_a_key_takes_an_l4_and_proves_it(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    heard = night.hears(rang)
    assert "Level 4" in heard.words
    assert heard.words.endswith("To take it, press 1. To pass it on, press 2.")
    assert "It is yours" in night.hears(rang, "1", heard.page).words
    alert = night.alert(rang)
    assert (alert.state, alert.taken_by, alert.confirmed) == ("acknowledged", "ana", True)


@pytest.mark.parametrize("key", ["1", "2", "9"])
def test_the_same_callback_again_changes_nothing(night: Night, key: str) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    page = night.hears(rang).page
    first, after, lines = night.hears(rang, key, page), night.alert(rang), night.lines()
    assert night.hears(rang, key, page, AT + timedelta(minutes=2)) == first
    assert (night.alert(rang), night.lines()) == (after, lines)


def test_two_managers_press_at_once_and_hear_who_has_it(night: Night) -> None:
    night.texts(1, GRAVE)
    mel, top = night.rings("mel"), night.rings("max")
    asked = night.hears(mel).page, night.hears(top).page
    assert "It is yours" in night.hears(mel, "1", asked[0]).words
    assert "Somebody else has taken it" in night.hears(top, "1", asked[1]).words
    assert night.alert(mel).taken_by == "mel"


def test_whoever_picks_up_after_it_was_taken_is_not_asked(night: Night) -> None:
    night.texts(1, GRAVE)
    mel, ana = night.rings("mel"), night.rings("ana")
    night.hears(mel, "1", night.hears(mel).page)
    heard = night.hears(ana)
    assert heard.page is None
    assert heard.words.startswith("Somebody else has taken it")


def test_a_text_is_proved_by_a_key(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    code = night.committer.submit(lambda tx: alerts.code(tx, alerts.peek(tx, rang.alert), rang.staff, rang.rung))
    night.runner.accept(Inbound("sms", "SM9", "+447700900200", code, None, AT))
    assert not night.alert(rang).confirmed
    night.hears(rang, "1", night.hears(rang).page)
    assert night.alert(rang).confirmed


def test_a_code_counts_once_though_a_call_rings_with_it(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    code = night.committer.submit(lambda tx: alerts.code(tx, alerts.peek(tx, rang.alert), rang.staff, rang.rung))
    taken = []
    for number in range(3):
        night.runner.accept(Inbound("sms", f"SM9{number}", "+447700900200", code, None, AT))
        taken.append(
            night.committer.submit(lambda tx: [one.what for one in audit.about(tx, rang.alert)].count("alert.taken"))
        )
    assert taken == [1, 1, 1]
    # The call can still prove it; pressed, nothing of this page counts any more.
    assert "It is yours" in night.hears(rang, "1", night.hears(rang).page).words
    with night.database.transaction() as tx:
        mine = [one for one in alerts.pages(tx, rang.alert) if one.staff == rang.staff]
        assert {one.method for one in mine if one.used_at} == {"sms", "voice"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_passes_on_by_code_what_another_takes_at_that_moment_takes_it_from_nobody(night: Night) -> None:
    night.texts(1, GRAVE)
    house = night.runner.house

    def of(tx: Transaction, name: str) -> Person:
        person = people.by_name(tx, name)
        assert person is not None
        return person

    def pages(tx: Transaction) -> Paged:
        return next(one for one in alerts.pages_to(tx, of(tx, "ana").id) if one.method == "sms")

    page = night.committer.submit(pages)
    code = night.committer.submit(lambda tx: alerts.code_of(tx, page))
    with ThreadPoolExecutor(1) as hands:

        def texts(back: str) -> bool:
            return night.committer.submit(lambda tx: answering.by_code(tx, house, of(tx, "ana"), back, AT))

        assert texts(code)
        assert night.alert(page).taken_by == "ana"
        with night.database.transaction() as tx:
            alarms.step(tx, house, alerts.load(tx, page.alert), events.AlertTaken(AT, "mel", by_desk=True))
            passing = hands.submit(texts, f"{code} NO")
            time.sleep(0.5)
        assert passing.result()
    assert (night.alert(page).taken_by, night.alert(page).confirmed) == ("mel", True)


def test_a_key_spends_the_code_that_was_texted_with_the_call(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    code = night.committer.submit(lambda tx: alerts.code(tx, alerts.peek(tx, rang.alert), rang.staff, rang.rung))
    night.hears(rang, "1", night.hears(rang).page)
    after = night.alert(rang)
    night.runner.accept(Inbound("sms", "SM9", "+447700900200", f"{code} NO", None, AT))
    assert (night.alert(rang).taken_by, night.alert(rang).state) == (after.taken_by, "acknowledged")
    # It is told so, and is no wrong code.
    assert not night.alert(rang).wrong_codes


def test_one_call_asks_about_everything_the_gravest_first(night: Night) -> None:
    night.texts(1, GRAVE)
    night.texts(2, GRAVE)
    rang = night.rings("ana")
    first = night.hears(rang)
    second = night.hears(rang, "1", first.page)
    assert second.words.startswith("It is yours.")
    assert second.page not in (None, first.page)
    last = night.hears(rang, "2", second.page)
    assert last.page is None
    assert last.words.startswith("It goes on to the next person.")


def test_a_key_that_means_nothing_is_asked_again(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    heard = night.hears(rang)
    again = night.hears(rang, "7", heard.page)
    assert again.page == heard.page
    assert night.alert(rang).state == "raised"


def test_nobody_presses_for_another(night: Night) -> None:
    """A page of Mel's in a call to Ana: signed by the provider, and all the same not hers to answer."""
    night.texts(1, GRAVE)
    mel = night.hears(night.rings("mel")).page
    night.hears(night.rings("ana"), "1", mel)
    assert night.alert(night.rings("ana")).state == "raised"


def test_a_call_to_whoever_has_left_says_goodbye_and_nothing_else(night: Night) -> None:
    night.texts(1, GRAVE)
    rang = night.rings("ana")
    page = night.hears(rang).page
    night.committer.submit(lambda tx: people.set_active(tx, rang.staff, on=False))
    assert night.hears(rang, "1", page).words == "Goodbye."
    assert night.alert(rang).state == "raised"


def test_a_call_of_nothing_we_know_says_goodbye(night: Night) -> None:
    heard = night.committer.submit(
        lambda tx: answering.by_call(tx, night.runner.house, Pressed("nothing", "1", "0" * 26, AT))
    )
    assert (heard.words, heard.page) == ("Goodbye.", None)


def test_no_page_waits_that_was_not_wanted_any_more(night: Night) -> None:
    """A texted code stops an L3: what still waits for others stays. It does not stop an L4: theirs leave."""
    for number, words in ((1, LESS), (2, GRAVE)):
        night.texts(number, words)
    with night.database.transaction() as tx:
        found = {alert.level: alert for alert in alerts.undecided(tx)}
        ana = people.by_name(tx, "ana")
        assert ana is not None
        codes = [alerts.code(tx, found[level], ana.id, 0) for level in (Level.L3, Level.L4)]
    for number, code in enumerate(codes):
        night.runner.accept(Inbound("sms", f"SM5{number}", "+447700900200", code, None, AT))
    with night.database.transaction() as tx:
        left = {
            level: [
                shown.status.value
                for page in alerts.pages(tx, found[level].id)
                if (shown := outbox.look(tx, page.outbox or "")) and shown.kind is Sending.PAGE
            ]
            for level in found
        }
    assert set(left[Level.L3]) == {"cancelled"}
    assert set(left[Level.L4]) == {"waiting"}


def test_a_call_of_the_watchdog_says_what_is_wrong(night: Night) -> None:
    pressed = Pressed(f"{answering.SELF_TEST}1763348400", "", None, AT)
    said = night.committer.submit(lambda tx: answering.by_call(tx, night.runner.house, pressed))
    assert "self test fails" in said.words
    assert said.page is None
