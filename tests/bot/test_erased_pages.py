"""Children who were erased while pages about them waited: nobody else's alert waits for it. On both databases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import answering, app, linking
from bot.channels.base import Inbound, Pressed, Reason
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Service
from storage import alerts, contacts, methods, outbox, page_links, people, retention, tables
from storage.codes import Status
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys
from tests.bot.phones import Ground, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.channels.base import Spoken
    from storage.alerts import Paged

AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
GRAVE, LESS = "hes got a knife wont let me out", "my stepdad raped me"
ANA, OTHER = "+447700900200", "+447700900150"
GONE = tuple(f"+44770090010{number}" for number in range(4))
SECOND = timedelta(seconds=1)


@dataclass
class Place(Ground):
    sms: Phone
    voice: Phone
    ana: str = ""

    def texts(self, address: str, words: str, at: datetime = AT) -> None:
        self.runner.accept(Inbound("sms", f"{address}{at}{words}", address, words, None, at))

    def forget(self, how: str) -> None:
        """`erase`, or as it was left by an erasure of before alerts were closed with it."""
        with self.database.transaction() as tx:
            for address in GONE:
                contact = contacts.known(tx, Service.TEXT_SAFE, "sms", address)
                assert contact is not None
                if how == "erase":
                    retention.erase(tx, contact.id, AT + SECOND)
                    continue
                theirs = update(tables.contacts).where(tables.contacts.c.id == contact.id)
                tx.execute(theirs.values(data_key=None, erased_at=AT))
                tx.forget(contact.id)

    def pages(self) -> list[Paged]:
        with self.database.transaction() as tx:
            found = tx.execute(tables.pages.select().with_only_columns(tables.pages.c.id).order_by(tables.pages.c.id))
            return [page for (one,) in found.all() if (page := alerts.page(tx, one))]

    def hears(self, rang: Paged, keys: str = "", page: str | None = None) -> Spoken:
        pressed = Pressed(rang.outbox or "", keys, page, AT + 9 * SECOND)
        with self.database.transaction() as tx:
            return answering.by_call(tx, self.runner.house, pressed)


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    runner = Runner(app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms", "voice")))
    sms, voice = Phone("sms"), Phone("voice")
    made = Place(database, runner, Ticker(runner, {"sms": sms, "voice": voice}), sms, voice)
    with database.transaction() as tx:
        ana = people.add(tx, "ana", "duty", AT, phone=ANA, proof=methods.INVENTED)
        people.add_shift(tx, ana.id, "duty", AT - timedelta(days=1), AT + timedelta(days=1))
        made.ana = ana.id
    yield made
    committer.close()
    database.close()


@pytest.mark.parametrize("how", ["erase", "before"])
@pytest.mark.parametrize("alone", [True, False])
def test_another_childs_l3_is_paged_sent_and_taken(place: Place, how: str, alone: bool) -> None:
    place.sms.down = True
    for address in GONE[: 1 if alone else None]:
        place.texts(address, LESS)
    place.rounds(AT)
    for address in GONE[1:] if alone else ():
        place.texts(address, "hi")
    place.forget(how)
    place.texts(OTHER, LESS, AT + 2 * SECOND)
    place.sms.down = False
    for seconds in range(3, 200, 5):
        place.rounds(AT + seconds * SECOND)
    told = [one.text for one in place.sms.sent if one.to == ANA]
    texted = [page for page in place.pages() if page.method == "sms"]
    with place.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        (code,) = (alerts.code_of(tx, page) for page in texted if page.alert == alert.id)
        gone = [page.outbox or "" for page in texted if page.alert != alert.id]
        stand = {shown.status for one in gone if (shown := outbox.look(tx, one))}
    assert len([text for text in told if code in text]) == 1
    assert len([text for text in told if "Reply" in text]) == 1
    assert stand == {Status.CANCELLED}
    place.texts(ANA, code, AT + 201 * SECOND)
    with place.database.transaction() as tx:
        assert alerts.peek(tx, alert.id).taken_by == "ana"


@pytest.mark.parametrize("how", ["erase", "before"])
def test_a_call_asks_about_the_others_and_takes_them(place: Place, how: str) -> None:
    for address in GONE:
        place.texts(address, GRAVE)
    rang = next(page for page in place.pages() if page.method == "voice")
    asked = place.hears(rang).page
    place.forget(how)
    assert place.hears(rang).page is None
    place.texts(OTHER, GRAVE, AT + 2 * SECOND)
    # Pressed for a child who was erased while the words were read out: the next one is asked about.
    heard = place.hears(rang, "1", asked)
    assert "Level 4" in heard.words
    assert heard.page not in (None, asked)
    assert "It is yours" in place.hears(rang, "1", heard.page).words
    with place.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        assert (alert.taken_by, alert.confirmed) == ("ana", True)


@pytest.mark.parametrize("how", ["erase", "before"])
def test_what_still_comes_in_about_an_erased_child_takes_nothing(place: Place, how: str) -> None:
    for address in GONE:
        place.texts(address, GRAVE)
    page = next(page for page in place.pages() if page.method == "sms")
    with place.database.transaction() as tx:
        code, link = alerts.code_of(tx, page), page_links.link(tx, page.id)
    place.forget(how)
    place.texts(ANA, code, AT + 2 * SECOND)
    place.ticker.report(page.outbox or "", Status.UNDELIVERED, Reason.UNREACHABLE, AT + 3 * SECOND)
    with place.database.transaction() as tx:
        assert linking.look(tx, link) is None
        assert alerts.undecided(tx) == ()
        assert (alerts.page(tx, page.id) or page).used_at is None
    place.rounds(AT + 4 * SECOND)
    assert any("not valid" in one.text for one in place.sms.sent if one.to == ANA)
