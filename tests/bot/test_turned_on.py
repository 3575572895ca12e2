"""A language that a manager turns on: who may, what stands in the way, and what a child reads before, meanwhile and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from bot import app, languages, switching
from bot.clicks import NotPossible
from bot.config import Settings
from bot.runner import Runner
from bot.serving import Serving
from flows.model import Service
from storage import alerts, answers, audit, contacts, conversations, draft_languages, people
from storage.commit import Committer, look
from storage.database import Database
from storage.keys import Keys
from tests.bot.test_pressing import AT, CHILD, OTHER, Chat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flows.listening.model import Model
    from flows.model import Conversation
    from storage.database import Transaction
    from storage.people import Person

WHY: Final = "two children wait, and no interpreter answers by night"
GATE: Final = "Chào bạn"
VIETNAMESE: Final = "Tiếng Việt"
SETTINGS: Final = Settings(telegram_text_safe=True)


class House:
    """One process of a service that sends no drafts, and its manager; `chat`: a child who texts it."""

    def __init__(self, url: str, settings: Settings = SETTINGS) -> None:
        self.database = Database(url, Keys.load(Keys.new()))
        if not self.database.is_current():
            self.database.migrate()
        self.committer = Committer(self.database)
        self.chat = Chat(Runner(app.furnish(self.committer, settings)))
        self.shelf = self.chat.runner.house.shelf

    def close(self) -> None:
        self.committer.close()
        self.database.close()

    def hire(self, role: str = "manager") -> Person:
        return self.committer.submit(lambda tx: people.add(tx, f"the {role}", role, AT, phone="+447700900002"))

    def turn(self, locale: str = "vi", *, on: bool = True, by: Person | None = None, why: str = WHY) -> None:
        who = by or self.committer.submit(lambda tx: people.by_name(tx, "the manager")) or self.hire()
        if on:
            self.committer.submit(lambda tx: switching.turn_on_language(tx, self.shelf, who, locale, why, AT))
        else:
            self.committer.submit(lambda tx: switching.turn_off_language(tx, who, locale, AT))

    def look_again(self) -> None:
        """What each process that serves does at every round."""
        look(self.database, self.shelf.look_again)

    def talk(self, whose: str = CHILD) -> Conversation:
        def found(tx: Transaction) -> Conversation:
            contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", whose)
            assert contact is not None
            return conversations.of_contact(tx, contact.id)[-1]

        return self.committer.submit(found)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    made = House(database_url)
    yield made
    made.close()


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["duty", "backup", "worker", "supervisor", "requester"])
def test_nobody_but_a_manager_may(house: House, role: str) -> None:
    who = house.hire(role)
    for on in (True, False):
        with pytest.raises(NotPossible, match="no manager"):
            house.turn(on=on, by=who)


@pytest.mark.parametrize(
    ("settings", "locale", "why", "says"),
    [
        (SETTINGS, "xx", WHY, "no language here"),
        (SETTINGS, "so", WHY, r"not complete: \d+ of \d+ texts are missing"),
        (SETTINGS, "en", WHY, "signed all of it"),
        (SETTINGS, "vi", "  ", "say why"),
        (SETTINGS, "vi", "x" * 501, "at most 500"),
        (replace(SETTINGS, locales=("en", "ar")), "vi", WHY, "not among WAYMARK_LOCALES"),
        (replace(SETTINGS, draft_locales="allow"), "vi", WHY, "WAYMARK_DRAFT_LOCALES"),
    ],
)
def test_what_stands_in_the_way_is_said(
    database_url: str, settings: Settings, locale: str, why: str, says: str
) -> None:
    house = House(database_url, settings)
    with pytest.raises(NotPossible, match=says):
        house.turn(locale, why=why)
    assert look(house.database, draft_languages.on) == frozenset()
    house.close()


def test_a_turn_is_audited_without_the_words_of_the_reason(house: House) -> None:
    house.turn()
    with pytest.raises(NotPossible, match="on already"):
        house.turn()
    house.turn(on=False)
    with pytest.raises(NotPossible, match="was not turned on"):
        house.turn(on=False)
    lines = look(house.database, lambda tx: [(one.what, *one.about) for one in audit.about(tx, "vi")])
    assert lines == [("language.on", "vi"), ("language.off", "vi")]


# --- what a child reads -----------------------------------------------------------------------------------------------


def test_a_child_is_answered_in_it_when_the_next_round_has_begun(house: House) -> None:
    assert not house.chat.does(VIETNAMESE, OTHER)[0].startswith(GATE)
    house.turn()
    assert house.shelf.offered == ("en",)
    house.look_again()
    assert set(house.shelf.offered) == {"en", "vi"}
    assert house.chat.does(VIETNAMESE)[0].startswith(GATE)
    assert house.talk().locale == "vi"


def test_every_process_that_serves_hears_of_it(database_url: str) -> None:
    here = House(database_url)
    other = Serving(SETTINGS, here.database, {})
    here.turn()
    other._begin()
    assert "vi" in other.house.shelf.offered
    here.turn(on=False)
    other._begin()
    assert other.house.shelf.offered == ("en",)
    other.committer.close()
    here.close()


def test_a_process_that_starts_later_offers_it(house: House) -> None:
    house.turn()
    assert "vi" in app.furnish(house.committer, SETTINGS).shelf.offered


def test_turned_off_it_is_offered_to_nobody_and_the_chat_that_began_in_it_goes_on(house: House) -> None:
    house.turn()
    house.look_again()
    house.chat.does(VIETNAMESE)
    house.turn(on=False)
    house.look_again()
    assert house.shelf.offered == ("en",)
    [age] = house.chat.does("1")[-1:]
    assert house.talk().locale == "vi"
    assert not age.isascii()
    assert not house.chat.does(VIETNAMESE, OTHER)[0].startswith(GATE)
    assert house.talk(OTHER).locale == "en"


def test_a_process_that_never_knew_it_on_goes_on_in_it_too(house: House) -> None:
    house.turn()
    house.look_again()
    house.chat.does(VIETNAMESE)
    house.turn(on=False)
    later = Chat(Runner(app.furnish(house.committer, SETTINGS)))
    later.now, later.number = house.chat.now, house.chat.number
    assert later.does("1")[-1].isascii() is False


def test_the_emergency_texts_go_out_in_it(house: House) -> None:
    house.turn()
    house.look_again()
    said = house.chat.does("cứu em với, bố cầm dao đuổi em")
    assert all(not one.isascii() for one in said), said
    assert any("999" in one for one in said)


# --- every free text goes to a person ---------------------------------------------------------------------------------


def _signed(model: Model) -> Model:
    """As if a native reader had signed every list of phrases."""
    lists = {code: tuple(replace(one, signed="invented") for one in found) for code, found in model.lexicons.items()}
    return replace(model, lexicons=lists)


@pytest.mark.parametrize("said", ["em thích bóng đá", "i like football"])
def test_a_person_reads_every_free_text_also_where_the_phrases_are_signed(
    database_url: str, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    signed = _signed(app.ears())
    monkeypatch.setattr(app, "ears", lambda: signed)
    house = House(database_url)
    house.turn()
    house.look_again()
    house.chat.does(VIETNAMESE)
    house.chat.does("1")
    talk = house.talk()
    assert look(house.database, lambda tx: alerts.open_for(tx, talk.id)) is None
    house.chat.does(said)
    raised = look(house.database, lambda tx: alerts.open_for(tx, talk.id))
    assert raised is not None
    heard = look(house.database, lambda tx: answers.concerns(tx, talk.id))
    assert any("No native reader has signed what we write" in one.concern.reason for one in heard)
    assert all(one.concern.unscreened for one in heard)
    assert house.talk().locale == "vi"
    house.close()


def test_a_number_or_a_greeting_is_no_free_text(house: House) -> None:
    house.turn()
    house.look_again()
    house.chat.does(VIETNAMESE)
    for said in ("1", "1", "ok", "Hi"):
        house.chat.does(said)
    talk = house.talk()
    assert look(house.database, lambda tx: alerts.open_for(tx, talk.id)) is None


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_on_the_command_line_it_is_turned_shown_and_turned_off(database_url: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(Keys.new(), "utf-8")
    settings = Settings(database_url=database_url, keys_file=keys)
    database = app.database(settings)
    if not database.is_current():
        database.migrate()
    with database.transaction() as tx:
        people.add(tx, "Mel", "manager", datetime(2026, 11, 1, tzinfo=UTC))
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    languages.turn(settings, "vi", "Mel", on=True, because=WHY, now=now)
    row = next(one for one in languages.table(settings) if one["locale"] == "vi")
    assert row["offered"]
    assert languages.told(row).endswith("offered; on since Mon 16 Nov 12:00, by Mel")
    assert WHY not in str(row)
    languages.turn(settings, "vi", "Mel", on=False, because="", now=now)
    row = next(one for one in languages.table(settings) if one["locale"] == "vi")
    assert not row["offered"]
    assert row["by_a_manager"] is None
    database.close()
