"""The watchdog: the real way from a text to a taken alert, nothing of it stays, and what fails is told another way."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from bot import app, watchdog
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from bot.watchdog import DeadEnd, Watchdog
from flows.model import Heard
from storage import audit, methods, people, tables
from storage.codes import Status
from storage.commit import Committer, StoreUnavailable
from storage.database import Database
from storage.keys import Keys
from tests.bot.phones import Ground, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator


AT = datetime(2026, 11, 17, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Place(Ground):
    committer: Committer
    phones: dict[str, Phone]
    dog: Watchdog

    def rows(self) -> dict[str, int]:
        with self.database.transaction() as tx:
            every = tables.METADATA.sorted_tables
            return {one.name: tx.execute(select(func.count()).select_from(one)).scalar_one() for one in every}

    def told(self) -> list[tuple[str, str]]:
        return [(one.to, one.text) for phone in self.phones.values() for one in phone.sent]


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    house = app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms", "voice", "email"))
    phones = {name: Phone(name) for name in ("sms", "voice", "email")}
    runner = Runner(house)
    with database.transaction() as tx:
        for number, (name, role) in enumerate((("ana", "duty"), ("mel", "manager"), ("sue", "service_manager"))):
            mail = "sue@example.org" if name == "sue" else None
            phone = f"+44770090020{number}"
            person = people.add(tx, name, role, AT, phone=phone, email=mail, proof=methods.INVENTED)
            people.add_shift(tx, person.id, role, AT - timedelta(days=1), AT + timedelta(days=9))
    ticker = Ticker(runner, {**phones, watchdog.NAME: DeadEnd()})
    yield Place(database, runner, ticker, committer, phones, Watchdog(runner, phones))
    committer.close()
    database.close()


def test_all_is_well_and_nothing_of_it_stays(place: Place) -> None:
    before = place.rows()
    for minute in (0, 5, 10):
        assert place.dog.round(AT + minute * MINUTE)
        place.rounds(AT + minute * MINUTE)
    after = place.rows()
    assert after.pop("outbox") == before.pop("outbox") + 1, "the page of the last look, which the next one forgets"
    assert after == before
    assert place.told() == [], "nobody's telephone rings for it"
    with place.database.transaction() as tx:
        assert audit.verify(tx) is None


def test_it_comes_again_in_five_minutes_and_after_a_failure_in_one(place: Place) -> None:
    place.dog.round(AT)
    assert place.dog.due == AT + 5 * MINUTE
    place.dog.round(AT + 5 * MINUTE)
    assert place.dog.due == AT + 6 * MINUTE, "nobody sent the page"


def deaf(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.dog.house = place.dog.runner.house = replace(place.runner.house, listen=lambda _text, _context: Heard())


def nobody_is_paged(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.paging.page", lambda *_: None)


def codes_are_not_known(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.answering.by_code", lambda *_: False)


def the_store_is_gone(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(place.committer, "submit", gone)


@pytest.mark.parametrize(("fault", "step"), [
    (deaf, "heard"), (nobody_is_paged, "paged"), (codes_are_not_known, "taken"), (the_store_is_gone, "StoreUnavailable"),
])  # fmt: skip
def test_what_fails_twice_is_told_past_the_database(
    place: Place, monkeypatch: pytest.MonkeyPatch, fault: Any, step: str
) -> None:
    assert place.dog.round(AT)
    place.rounds(AT)
    with monkeypatch.context() as broken:
        fault(place, broken)
        assert not place.dog.round(AT + 5 * MINUTE)
        assert place.told() == [], "one may be a restart"
        assert not place.dog.round(AT + 6 * MINUTE)
        assert {to for to, _ in place.told()} == {"+447700900202", "sue@example.org"}
        assert all(f"({step})" in text for _, text in place.told())
        for minute in range(7, 36):
            place.dog.round(AT + minute * MINUTE)
        assert len(place.told()) == 3, "told again after half an hour, not every minute"
        place.dog.round(AT + 36 * MINUTE)
        assert len(place.told()) == 6
        assert len(place.phones["voice"].sent) == 2, "at three in the morning a text wakes nobody"


def test_a_page_that_does_not_leave_is_a_failure(place: Place) -> None:
    assert place.dog.round(AT)
    for minute in range(5, 9):
        assert not place.dog.round(AT + minute * MINUTE)
    assert all("(sent)" in text for _, text in place.told())
    place.rounds(AT + 9 * MINUTE)
    assert place.dog.round(AT + 9 * MINUTE)


def test_what_a_process_that_died_left_is_forgotten(place: Place) -> None:
    before = place.rows()["outbox"]
    place.dog.round(AT)
    again = Watchdog(place.runner, place.phones)
    assert again.round(AT + MINUTE)
    assert place.rows()["outbox"] == before + 1
    assert place.dog.round(AT + 5 * MINUTE), "the other process deleted its page: no failure"


def test_one_way_that_fails_does_not_keep_the_other(place: Place) -> None:
    assert place.dog.round(AT)
    place.phones["email"].down = True
    place.dog.failures = 1
    assert not place.dog.round(AT + 5 * MINUTE)
    assert [to for to, _ in place.told()] == ["+447700900202"] * 2


def test_a_page_that_will_never_leave_fails_once_and_the_next_look_sends_another(place: Place) -> None:
    assert place.dog.round(AT)
    with place.database.transaction() as tx:
        tx.execute(update(tables.outbox).values(status=Status.FAILED))
    assert not place.dog.round(AT + 5 * MINUTE)
    assert place.dog.round(AT + 6 * MINUTE)
    place.rounds(AT + 6 * MINUTE)
    assert place.dog.round(AT + 11 * MINUTE)


def test_who_has_no_way_to_be_reached_answers_for_nothing(place: Place) -> None:
    with place.database.transaction() as tx:
        sue = people.by_name(tx, "sue")
        assert sue is not None
        for kind in ("sms", "voice", "email"):
            methods.remove(tx, sue.id, kind)
    place.dog.failures = 1
    place.dog._is_ill("sent", AT)
    assert {to for to, _ in place.told()} == {"+447700900201"}, "the manager"


def test_that_it_works_again_is_told_to_whoever_was_woken(place: Place) -> None:
    place.dog.round(AT)
    for minute in (5, 10, 15):
        place.dog.round(AT + minute * MINUTE)
    place.rounds(AT + 15 * MINUTE)
    assert place.dog.round(AT + 16 * MINUTE)
    assert [text for _, text in place.told()][-1].endswith("works again.")
    assert len(place.phones["voice"].sent) == 1, "which is no reason to ring"


# --- the address outside ---


class Outside(BaseHTTPRequestHandler):
    asked: list[str]
    status = 200

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def outside(status: int) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Asked", (Outside,), {"asked": asked, "status": status}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/beat?key=x", asked
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "fine"), [(200, True), (204, True), (302, False), (404, False), (500, False)])
def test_the_address_is_asked_for_once_and_no_redirect_is_followed(status: int, fine: bool) -> None:
    with outside(status) as (url, asked):
        assert watchdog.ping(url) is fine
    assert asked == ["/beat?key=x"]


def test_nobody_there_is_no_success() -> None:
    assert not watchdog.ping("http://127.0.0.1:9/beat")


def test_it_is_asked_for_only_while_all_is_well(place: Place) -> None:
    with outside(200) as (url, asked):
        place.dog.url = url
        place.dog.round(AT)
        assert len(asked) == 1
        place.dog.round(AT + 5 * MINUTE)
    assert len(asked) == 1, "the page did not leave"
