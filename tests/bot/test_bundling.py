"""Many alerts at once to one person: grouped, each with its own code, none dropped, no L4 held up. On both databases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from bot import alarms, answering, app, bundling, flooding
from bot.channels.base import Inbound, Pressed, Reason, SendFailed
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from flows.model import Level
from storage import alerts, due, methods, outbox, people, switches
from storage.codes import Status
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from storage.prepared import Prepared
from tests.bot.phones import Ground, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator


AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
GRAVE, LESS = "hes got a knife wont let me out", "my stepdad raped me"
ANA = "+447700900200"
CODE = re.compile(r"\b[A-Z0-9]{6}\b")
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@dataclass
class Place(Ground):
    committer: Committer
    phones: dict[str, Phone]
    ana: str = ""

    def child(self, number: int, words: str, channel: str = "sms", at: datetime = AT) -> None:
        address = f"+4477009001{number:02d}" if channel == "sms" else f"w-{number}"
        self.runner.accept(Inbound(channel, f"{channel}{number}{at}", address, words, None, at))

    def texts(self) -> list[str]:
        return [one.text for one in self.phones["sms"].sent if one.to == ANA]

    def undecided(self) -> dict[str, str]:
        """Case names by state."""
        with self.database.transaction() as tx:
            return {one.case_name: one.state for one in alerts.undecided(tx)}


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    house = app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms", "voice"))
    runner = Runner(house)
    phones = {name: Phone(name) for name in ("sms", "voice", "web")}
    made = Place(database, runner, Ticker(runner, phones), committer, phones)
    with database.transaction() as tx:
        for name, role, number in (("ana", "duty", ANA), ("mel", "manager", "+447700900201")):
            person = people.add(tx, name, role, AT, phone=number, proof=methods.INVENTED)
            people.add_shift(tx, person.id, role, AT - timedelta(days=1), AT + timedelta(days=9))
            made.ana = made.ana or person.id
    yield made
    committer.close()
    database.close()


def test_two_alerts_are_two_texts(place: Place) -> None:
    for number in range(2):
        place.child(number, LESS)
    place.rounds(AT)
    assert len(place.texts()) == 2


def test_ten_alerts_are_two_texts_and_each_keeps_its_own_code(place: Place) -> None:
    for number in range(10):
        place.child(number, LESS)
    place.rounds(AT)
    assert len(place.texts()) == 2
    codes = [code for text in place.texts() for code in CODE.findall(text)]
    assert len(set(codes)) == 10
    for name in place.undecided():
        assert sum(name in text for text in place.texts()) == 1
    place.runner.accept(Inbound("sms", "back", ANA, codes[3], None, AT))
    assert sorted(place.undecided().values()) == ["acknowledged", *["raised"] * 9], "one answer takes one child"


def test_an_l4_is_always_named_with_its_code_however_many_there_are(place: Place) -> None:
    for number in range(30):
        place.child(number, GRAVE if number in (7, 29) else LESS)
    place.rounds(AT)
    with place.database.transaction() as tx:
        grave = [one.case_name for one in alerts.undecided(tx) if one.level is Level.L4]
    assert len(grave) == 2
    assert all(f"L4 {name}" in place.texts()[0] for name in grave), "and first"
    assert "And 20 more" in place.texts()[-1]
    assert len(place.undecided()) == 30


def test_what_was_taken_meanwhile_is_not_in_it(place: Place) -> None:
    for number in range(4):
        place.child(number, LESS)
    with place.database.transaction() as tx:
        first = alerts.undecided(tx)[0]
        code = alerts.code(tx, first, place.ana, 0)
    place.runner.accept(Inbound("sms", "back", ANA, code, None, AT))
    place.rounds(AT)
    assert not any(f"L3 {first.case_name} " in text for text in place.texts())


def test_when_the_provider_fails_every_one_leaves_all_the_same(place: Place) -> None:
    for number in range(10):
        place.child(number, LESS)
    place.phones["sms"].fails = [SendFailed(Reason.TRANSIENT) for _ in range(3)]
    for second in range(0, 60, 5):
        place.rounds(AT + second * SECOND)
    text = " ".join(place.texts())
    assert all(name in text for name in place.undecided())


def test_calls_follow_each_other_and_one_asks_about_everything(place: Place) -> None:
    for number in range(3):
        place.child(number, GRAVE)
    place.rounds(AT)
    rang = [one for one in place.phones["voice"].sent if one.to == ANA]
    assert len(rang) == 1, "nobody rings an engaged line"

    def hear(keys: str, page: str | None) -> str | None:
        pressed = Pressed(rang[0].outbox_id, keys, page, AT + 20 * SECOND)
        return place.committer.submit(lambda tx: answering.by_call(tx, place.runner.house, pressed)).page

    page = hear("", None)
    for _ in range(3):
        assert page is not None
        page = hear("1", page)
    assert page is None
    assert set(place.undecided().values()) == {"acknowledged"}
    for second in range(30, 200, 10):
        place.rounds(AT + second * SECOND)
    assert len([one for one in place.phones["voice"].sent if one.to == ANA]) == 1, "all were answered in the first"


def test_a_call_that_was_put_off_is_placed_when_the_line_is_free(place: Place) -> None:
    for number in range(2):
        place.child(number, GRAVE)
    for second in range(0, 180, 10):
        place.rounds(AT + second * SECOND)
    assert len([one for one in place.phones["voice"].sent if one.to == ANA]) == 2


def test_what_is_taken_while_an_earlier_text_leaves_is_not_in_the_next(place: Place) -> None:
    for number in range(10):
        place.child(number, LESS)
    with place.database.transaction() as tx:
        first, second = bundling.claimed(tx, AT, 5, ("sms",))[:2]
        taken = alerts.load(tx, second.named[2].alert or "")
        alarms.step(tx, place.runner.house, taken, events.AlertTaken(AT, "mel", by_desk=True))
    for text in (first, second):
        place.ticker.leave(text, AT)
    left = " ".join(place.texts())
    assert taken.case_name not in left
    assert "9 alerts" in place.texts()[1]
    assert all(name in left for name, state in place.undecided().items() if state == "raised")
    with place.database.transaction() as tx:
        shown = outbox.look(tx, second.named[2].id)
        assert shown is not None
        assert shown.status is Status.CANCELLED


def test_however_many_wait_no_more_leave_at_once_than_the_lease_holds_for(place: Place) -> None:
    """A text may take ten seconds: what is claimed longer than its lease would be sent twice, and keeps children waiting."""
    for number in range(40):
        place.child(number, GRAVE)
    with place.database.transaction() as tx:
        texts = bundling.claimed(tx, AT, 5, ("sms", "voice"))
        assert len(texts) <= 6
    place.rounds(AT + MINUTE)
    place.rounds(AT + 2 * MINUTE)
    text = " ".join(place.texts())
    assert all(f"L4 {name}" in text for name in place.undecided())


@pytest.fixture
def asked(place: Place, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement the store is asked, by whichever of the two ways."""
    heard: list[str] = []
    event.listen(place.database.engine, "before_cursor_execute", lambda *what: heard.append(what[2]))
    run = Prepared._run

    def running(one: Prepared, *what: Any, **how: Any) -> Any:
        heard.append(one._sql)
        return run(one, *what, **how)

    monkeypatch.setattr(Prepared, "_run", running)
    return heard


def test_calls_to_an_engaged_line_are_put_off_together(place: Place, asked: list[str]) -> None:
    for number in range(20):
        place.child(number, GRAVE)
    place.rounds(AT)
    place.ticker.channels = {"voice": place.phones["voice"]}
    asked.clear()
    place.rounds(AT + 20 * SECOND)
    assert asked
    assert not [sql for sql in asked if sql.startswith("SELECT pages")], "nobody looks at one after the other"
    with place.database.transaction() as tx:
        assert not due.look(tx, AT + 20 * SECOND).outbox, "one that rings puts off every other"
        assert due.look(tx, AT + MINUTE).outbox


# PostgreSQL plans by what stands in its tables, which are small here.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_that_is_done_every_round_reads_all_that_ever_was(place: Place, asked: list[str]) -> None:
    for number in range(6):
        place.child(number, GRAVE if number % 2 else LESS)
    for minute in range(0, 31, 5):
        place.rounds(AT + minute * MINUTE)
    with place.database.snapshot() as tx:
        for sql in (one for one in set(asked) if one.split()[0] in ("SELECT", "UPDATE", "DELETE")):
            plan = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?")).all()
            for *_, how in plan:
                whole = re.match(
                    r"SCAN (outbox|inbox|pages|timers|alerts|messages|conversations)\b(?! USING INDEX)", how
                )
                assert not whole, (how, sql)


# --- a flood of chats on the web page ---


def flood(place: Place, how: str) -> None:
    if how == "switch":
        with place.database.transaction() as tx:
            switches.turn(tx, "flood", on=True, by=place.ana, at=AT)
        return
    for number in range(flooding.MANY + 1):
        place.child(number, LESS, "web", AT - MINUTE)


@pytest.mark.parametrize("how", ["switch", "many"])
def test_in_a_flood_pages_about_the_web_page_leave_together_and_nothing_is_dropped(place: Place, how: str) -> None:
    flood(place, how)
    place.rounds(AT)
    before = len(place.texts())
    for number in range(50, 54):
        place.child(number, LESS, "web", AT + 5 * SECOND)
        place.rounds(AT + (number - 40) * SECOND)
    assert len(place.texts()) == before, "they wait for the end of the slot"
    place.rounds(AT + 2 * MINUTE)
    assert len(place.texts()) == before + 1
    assert "alerts" in place.texts()[-1]
    everyone = 4 + (flooding.MANY + 1 if how == "many" else 0)
    assert len(place.undecided()) == everyone
    with place.database.transaction() as tx:
        for alert in alerts.undecided(tx):
            paged = [page for page in alerts.pages(tx, alert.id) if page.staff == place.ana and page.method == "sms"]
            shown = [outbox.look(tx, page.outbox) for page in paged if page.outbox]
            assert [one.status for one in shown if one is not None] == [Status.SENT], "named or counted, every one left"


def test_an_l4_and_every_other_chat_wait_for_no_flood(place: Place) -> None:
    flood(place, "switch")
    place.child(1, GRAVE, "web")
    place.child(2, LESS, "sms")
    place.rounds(AT)
    assert len(place.texts()) == 2


def test_without_a_flood_nothing_waits(place: Place) -> None:
    place.child(1, LESS, "web")
    place.rounds(AT)
    assert len(place.texts()) == 1
