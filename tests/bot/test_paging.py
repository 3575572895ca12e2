"""By which way somebody is paged, and the answers that are claims: a code with NO, a link, a button. On both databases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select, update

from bot import alarms, app, linking
from bot.channels import segments
from bot.channels.base import Inbound, Reason, SendFailed
from bot.config import Settings
from bot.runner import Runner
from bot.site import Site
from bot.ticker import Ticker
from bot.web.app import create_app
from bot.web.taking import Links
from flows import events
from flows.model import Service
from storage import alerts, contacts, methods, outbox, page_codes, people, tables
from storage.codes import Sending, Status
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys, Sealed
from tests.bot.phones import Ground, Phone
from tests.web.asking import House as Web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot import bundling
    from flows.model import Alert
    from storage.alerts import Paged

AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
GRAVE, LESS = "hes got a knife wont let me out", "my stepdad raped me"
ANA, CHAT, MAIL = "+447700900200", "700900200", "ana@example.org"
EVERY = ("sms", "voice", "telegram", "email")
MINUTE = timedelta(minutes=1)


@dataclass
class Place(Ground):
    committer: Committer
    phones: dict[str, Phone]

    def staff(self, name: str, role: str, **ways: str) -> str:
        """Ways end in `?` when nobody has proved them."""
        with self.database.transaction() as tx:
            person = people.add(tx, name, role, AT)
            people.add_shift(tx, person.id, role, AT - timedelta(days=1), AT + timedelta(days=1))
            for kind, address in ways.items():
                proof = None if address.endswith("?") else methods.INVENTED
                methods.add(tx, person.id, kind, address.rstrip("?"), AT, proof=proof)
        return person.id

    def texts(self, words: str, at: datetime = AT) -> None:
        self.runner.accept(Inbound("sms", f"SM{at.timestamp()}{words[:3]}", "+447700900101", words, None, at))
        self.rounds(at)

    def back(self, words: str, at: datetime = AT, channel: str = "sms", pressed: str | None = None) -> None:
        address = ANA if channel == "sms" else CHAT
        self.runner.accept(
            Inbound(channel, f"X{at.timestamp()}{words}{pressed}", address, words, None, at, pressed=pressed)
        )
        self.rounds(at)

    def ways(self) -> list[str]:
        return [name for name, phone in self.phones.items() for one in phone.sent if "Waymark" in one.text]

    def alert(self) -> Alert:
        with self.database.transaction() as tx:
            contact = contacts.known(tx, Service.TEXT_SAFE, "sms", "+447700900101")
            assert contact is not None
            (found,) = alerts.undecided(tx)
            return found

    def pages(self) -> tuple[Paged, ...]:
        with self.database.transaction() as tx:
            return alerts.pages(tx, alerts.undecided(tx)[0].id)


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    settings = Settings(draft_locales="allow", public_url="https://text.example.org")
    runner = Runner(app.furnish(committer, settings, page_methods=EVERY))
    phones = {name: Phone(name) for name in EVERY}
    yield Place(database, runner, Ticker(runner, phones), committer, phones)
    committer.close()
    database.close()


# --- by which way ---


@pytest.mark.parametrize(("ways", "used"), [
    ({"sms": ANA, "voice": ANA, "email": MAIL}, ["sms", "voice"]),
    ({"sms": ANA, "email": MAIL}, ["sms", "email"]),
    ({"sms": ANA}, ["sms"]),
    ({"email": MAIL}, ["email"]),
    ({"telegram": CHAT}, ["telegram"]),
    ({"sms": ANA + "?", "voice": ANA + "?"}, ["sms", "voice"]),
    # A way that nobody has proved, and beside it one that somebody has.
    ({"sms": ANA + "?", "voice": ANA + "?", "email": MAIL}, ["sms", "voice", "email"]),
    ({"email": MAIL + "?"}, ["email"]),
])  # fmt: skip
def test_an_l4_uses_what_there_is_and_each_way_once(place: Place, ways: dict[str, str], used: list[str]) -> None:
    place.staff("ana", "duty", **ways)
    place.texts(GRAVE)
    assert place.ways() == used


def test_whoever_let_it_decay_is_asked_again_by_the_one_way_they_have(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(LESS)
    with place.database.transaction() as tx:
        taken = events.AlertTaken(AT, "ana", by_desk=True)
        alarms.step(tx, place.runner.house, alerts.undecided(tx)[0], taken)
    for minute in range(31):
        place.rounds(AT + minute * MINUTE)
    assert [(one.at, one.method) for one in place.pages()] == [(AT, "email"), (AT + 30 * MINUTE, "email")]


def test_a_manager_without_a_telephone_is_climbed_over_and_can_still_act(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA)
    place.staff("mel", "manager")
    place.texts(LESS)
    for minute in range(61):
        place.rounds(AT + minute * MINUTE)
    assert {page.staff for page in place.pages()} == {page.staff for page in place.pages() if page.role.value == "duty"}
    assert len(place.pages()) > 1, "it began again instead of waiting for her"


def test_nobody_with_any_way_on_shift_pages_whoever_has_one(place: Place) -> None:
    place.staff("mel", "manager")
    with place.database.transaction() as tx:
        away = people.add(tx, "sue", "service_manager", AT, phone="+447700900203", proof=methods.INVENTED)
    place.texts(GRAVE)
    assert {page.staff for page in place.pages()} == {away.id}


def test_a_number_that_is_dead_is_followed_by_the_next_way_at_once(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, email=MAIL)
    place.phones["sms"].fails.append(SendFailed(Reason.DEAD_NUMBER))
    place.texts(LESS)
    assert [name for name in place.ways() if name != "sms"] == ["email"]


@pytest.mark.parametrize("reason", [Reason.TRANSIENT, Reason.ACCOUNT, Reason.UNKNOWN, Reason.IN_DOUBT])
def test_while_a_provider_is_down_an_l4_goes_by_every_other_way_and_on_by_the_first(
    place: Place, reason: Reason
) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA, telegram=CHAT, email=MAIL)
    place.staff("mel", "manager", sms="+447700900201", voice="+447700900201", email="mel@example.org")
    for down in ("sms", "voice"):
        place.phones[down].fails = [SendFailed(reason) for _ in range(500)]
    place.texts(GRAVE)
    told = {way: {one.to for one in place.phones[way].sent} for way in ("telegram", "email")}
    assert told == {"telegram": {CHAT}, "email": {MAIL, "mel@example.org"}}
    for second in range(0, 240, 5):
        place.rounds(AT + timedelta(seconds=second))
    assert (len(place.phones["telegram"].sent), len(place.phones["email"].sent)) == (1, 2), "once for the rung"
    for down in ("sms", "voice"):
        place.phones[down].fails.clear()
    place.rounds(AT + timedelta(seconds=280))
    assert ANA in {one.to for one in place.phones["sms"].sent}


@pytest.mark.parametrize("broken", ["text", "address"])
def test_a_page_that_no_key_opens_goes_by_the_next_way_at_once_and_is_kept(place: Place, broken: str) -> None:
    place.staff("Ana", "duty", sms=ANA, telegram=CHAT, email=MAIL)
    if broken == "address":
        with place.database.transaction() as tx:
            tx.execute(update(tables.methods).where(tables.methods.c.kind == "sms").values(address=Sealed(bytes(60))))
    place.runner.accept(Inbound("sms", "SM1", "+447700900101", LESS, None, AT))
    if broken == "text":
        with place.database.transaction() as tx:
            pages = tables.outbox.c.kind == Sending.PAGE
            tx.execute(update(tables.outbox).where(pages).values(text=Sealed(bytes(60))))
    place.rounds(AT)
    assert place.ways() == ["telegram"]
    place.rounds(AT + MINUTE)
    assert place.ways() == ["telegram", "email"]
    place.rounds(AT + 2 * MINUTE)
    assert place.ways() == ["telegram", "email"]
    with place.database.transaction() as tx:
        ((status, kept),) = tx.execute(
            select(tables.outbox.c.status, tables.outbox.c.text).where(tables.outbox.c.error == outbox.SEALED)
        )
    assert (status, kept is not None) == (Status.WAITING, True)


def test_an_l3_waits_for_the_second_failure_and_for_its_own_call(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA, email=MAIL)
    place.phones["sms"].down = True
    place.texts(LESS)
    assert place.ways() == []
    place.rounds(AT + timedelta(seconds=5))
    assert place.ways() == ["email"]


def test_of_what_waits_its_turn_nothing_failed(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA, email=MAIL)
    place.phones["sms"].fails.append(SendFailed(Reason.THROTTLED, code="paced", retry_after=2))
    place.texts(GRAVE)
    place.rounds(AT + timedelta(seconds=5))
    assert place.ways() == ["sms", "voice"]


def test_whoever_waits_for_many_pages_at_once_is_told_of_each_by_another_way(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA, email=MAIL)
    for way in ("sms", "voice"):
        place.phones[way].down = True
    for number in range(3):
        child = f"+44770090010{number}"
        place.runner.accept(Inbound("sms", f"SM{number}", child, GRAVE, None, AT))
    for second in (0, 5, 10, 20):
        place.rounds(AT + timedelta(seconds=second))
    with place.database.transaction() as tx:
        names = {one.case_name for one in alerts.undecided(tx)}
    assert len(names) == 3
    mails = " ".join(one.text for one in place.phones["email"].sent)
    assert all(name in mails for name in names)


def test_a_call_that_rings_out_is_placed_once_more_and_not_again(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA)
    place.texts(GRAVE)
    for minute in (0, 1, 2):
        at = AT + minute * MINUTE
        place.rounds(at)
        place.ticker.report(place.phones["voice"].sent[-1].outbox_id, Status.UNDELIVERED, Reason.UNREACHABLE, at)
    place.rounds(AT + 4 * MINUTE)
    assert len(place.phones["voice"].sent) == 2


def test_whoever_has_it_is_not_called_again_because_a_call_rang_out(place: Place) -> None:
    place.staff("ana", "duty", sms=ANA, voice=ANA)
    place.texts(LESS)
    place.rounds(AT + 3 * MINUTE)
    place.back(_code(place), AT + 3 * MINUTE)
    place.ticker.report(
        place.phones["voice"].sent[-1].outbox_id, Status.UNDELIVERED, Reason.UNREACHABLE, AT + 3 * MINUTE
    )
    place.rounds(AT + 5 * MINUTE)
    assert len(place.phones["voice"].sent) == 1


# --- claims ---


def _code(place: Place) -> str:
    return next(one.text for one in reversed(place.phones["sms"].sent) if "Reply" in one.text).split("Reply ")[1][:6]


@pytest.mark.parametrize("form", ["{} no", "{}NO", "no {}", "No, {}", "{} - no."])
def test_a_code_with_no_passes_it_on(place: Place, form: str) -> None:
    place.staff("ana", "duty", sms=ANA)
    ben = place.staff("ben", "backup", sms="+447700900201")
    place.texts(LESS)
    place.back(form.format(_code(place)))
    assert place.alert().state == "raised"
    assert place.pages()[-1].staff == ben


@pytest.mark.parametrize("desk", ["", "https://desk.example.org", "https://" + "a-very-long-name." * 6 + "example.org"])
def test_a_text_page_is_one_segment_however_long_the_desks_address(place: Place, desk: str) -> None:
    object.__setattr__(place.runner.house.settings, "desk_url", desk)
    place.staff("ana", "duty", sms=ANA)
    place.texts(LESS)
    page = next(one for one in place.phones["sms"].sent if one.to == ANA)
    assert segments.count(page.text).segments == 1
    assert ("example.org" in page.text) is (0 < len(desk) < 50)


def _link(place: Place) -> str:
    return place.phones["email"].sent[0].text.split("https://text.example.org/a/")[1].split()[0]


class Door:
    """The public page behind the link, asked as a browser asks."""

    def __init__(self, place: Place) -> None:
        async def look(link: str) -> Any:
            return place.committer.submit(lambda tx: linking.look(tx, link))

        async def press(link: str, taking: bool) -> Any:
            work = linking.press
            return place.committer.submit(lambda tx: work(tx, place.runner.house, link, AT + MINUTE, taking=taking))

        site = Site.of("https://text.example.org")
        self.app = create_app(Web().doors(), None, Links(look, press, site))

    def ask(self, method: str, link: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://text.example.org") as client:
                return await client.request(method, f"/a/{link}", data=form, headers=headers)

        return asyncio.run(asked())


def test_looking_at_a_link_takes_nothing_and_a_press_takes_it(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(LESS)
    door, link = Door(place), _link(place)
    for _ in range(3):
        shown = door.ask("GET", link)
        assert (shown.status_code, "Take it" in shown.text) == (200, True)
    assert place.alert().state == "raised"
    pressed = door.ask("POST", link, {"do": "take", "form": link})
    assert "It is yours" in pressed.text
    assert place.alert().taken_by == "ana"
    assert door.ask("POST", link, {"do": "take", "form": link}).status_code == 410
    assert door.ask("GET", link).status_code == 410


def test_a_link_does_not_stop_an_l4_and_says_so(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(GRAVE)
    link = _link(place)
    pressed = Door(place).ask("POST", link, {"do": "take", "form": link})
    assert "goes on climbing" in pressed.text
    assert not place.alert().confirmed


def test_a_link_dies_with_its_rung(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.staff("ben", "backup", email="ben@example.org")
    place.texts(LESS)
    place.rounds(AT + 15 * MINUTE)
    link = _link(place)
    assert Door(place).ask("POST", link, {"do": "take", "form": link}).status_code == 410
    assert place.alert().state == "raised"


def test_what_leaves_after_its_rung_can_be_answered_and_dies_its_minutes_later(place: Place) -> None:
    place.staff("ben", "duty", sms="+447700900201")
    ana = place.staff("ana", "backup", sms=ANA, email=MAIL)
    place.staff("mel", "manager", sms="+447700900202")
    for phone in place.phones.values():
        phone.down = True
    place.texts(LESS)
    for minute in range(33):
        place.rounds(AT + minute * MINUTE)
    for phone in place.phones.values():
        phone.down = False
    for minute in range(33, 44):
        place.rounds(AT + minute * MINUTE)
    code = next(one for one in place.phones["sms"].to(ANA) if "Reply" in one).split("Reply ")[1][:6]
    link = _link(place)
    assert Door(place).ask("GET", link).status_code == 200
    texted = next(one for one in place.pages() if (one.staff, one.method) == (ana, "sms"))
    with place.database.transaction() as tx:
        assert page_codes.is_current(tx, texted)
    for minute in range(44, 63):
        place.rounds(AT + minute * MINUTE)
    with place.database.transaction() as tx:
        assert not page_codes.is_current(tx, texted)
    assert Door(place).ask("GET", link).status_code == 410
    place.back(code, AT + 63 * MINUTE)
    assert "or open the desk" in place.phones["sms"].to(ANA)[-1]


def test_a_page_that_leaves_after_its_alert_grew_names_what_it_is_now(place: Place) -> None:
    place.staff("ben", "duty", sms="+447700900201")
    place.staff("ana", "backup", sms=ANA)
    place.texts(LESS)
    place.phones["sms"].down = True
    for minute in range(16):
        place.rounds(AT + minute * MINUTE)
    place.texts(GRAVE, AT + 16 * MINUTE)
    place.phones["sms"].down = False
    place.rounds(AT + 17 * MINUTE)
    place.rounds(AT + 18 * MINUTE)
    page = next(one for one in place.phones["sms"].to(ANA) if "Reply" in one)
    assert "L4" in page
    place.back(page.split("Reply ")[1][:6], AT + 18 * MINUTE)
    assert place.alert().taken_by == "ana"


def test_whoever_is_called_beside_somebody_who_passes_keeps_the_minutes_of_the_rung(place: Place) -> None:
    manager = place.staff("mel", "manager", email=MAIL)
    place.staff("ana", "duty", sms=ANA)
    place.staff("ben", "backup", sms="+447700900201")
    place.staff("sue", "service_manager", sms="+447700900203")
    place.texts(GRAVE)
    place.back(next(one.text for one in place.phones["sms"].sent if one.to == ANA).split("Reply ")[1][:6] + " NO", AT)
    mel, ben = next(one for one in place.pages() if one.staff == manager), place.pages()[-1]
    assert (mel.method, ben.rung) == ("email", 1)

    def current(page: Paged) -> bool:
        with place.database.transaction() as tx:
            return page_codes.is_current(tx, page)

    place.rounds(AT + 4 * MINUTE)
    assert (current(mel), current(ben)) == (True, True)
    place.rounds(AT + 5 * MINUTE)
    assert (current(mel), current(ben)) == (False, False), "the last rung came"
    assert Door(place).ask("POST", _link(place), {"do": "take", "form": _link(place)}).status_code == 410


def test_a_link_of_what_was_less_takes_nothing(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(LESS)
    link = _link(place)
    place.texts(GRAVE, AT + MINUTE)
    assert Door(place).ask("GET", link).status_code == 410
    assert len(place.phones["email"].sent) == 2


def test_a_press_passes_it_on(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    ben = place.staff("ben", "backup", email="ben@example.org")
    place.texts(LESS)
    link = _link(place)
    assert "next person" in Door(place).ask("POST", link, {"do": "pass", "form": link}).text
    assert place.pages()[-1].staff == ben


@pytest.mark.parametrize(("form", "headers", "status"), [
    ({"do": "take", "form": "x"}, {}, 403),
    ({"do": "take"}, {"Sec-Fetch-Site": "cross-site"}, 403),
    ({"do": "take"}, {"Origin": "https://elsewhere.example"}, 403),
    ({"do": "dance"}, {"Sec-Fetch-Site": "same-origin"}, 400),
    ({"do": "take"}, {"Host": "elsewhere.example"}, 400),
])  # fmt: skip
def test_a_press_from_elsewhere_takes_nothing(
    place: Place, form: dict[str, str], headers: dict[str, str], status: int
) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(LESS)
    assert Door(place).ask("POST", _link(place), form, **headers).status_code == status
    assert place.alert().state == "raised"


def test_a_link_that_was_changed_is_none(place: Place) -> None:
    place.staff("ana", "duty", email=MAIL)
    place.texts(LESS)
    link = _link(place)
    for wrong in (link[:-1], link[:-1] + ("A" if link[-1] != "A" else "B"), "x", link.partition("-")[0], "%00-é"):
        assert Door(place).ask("GET", wrong).status_code == 410


# --- Telegram ---


def test_a_button_takes_it(place: Place) -> None:
    place.staff("ana", "duty", telegram=CHAT)
    place.texts(LESS)
    (page,) = place.phones["telegram"].sent
    assert [one.number for one in page.buttons] == ["1", "2"]
    assert page.message == place.pages()[0].id
    place.back("1", channel="telegram", pressed=page.message)
    assert place.alert().taken_by == "ana"
    assert "it is yours" in place.phones["telegram"].sent[-1].text


@pytest.mark.parametrize(
    ("key", "other", "then"), [("1", "2", "it goes on to the next person"), ("2", "1", "not open any more")]
)
def test_a_button_pressed_twice_is_told_the_same_twice(place: Place, key: str, other: str, then: str) -> None:
    place.staff("ana", "duty", telegram=CHAT)
    place.staff("ben", "backup", telegram="700900201")
    place.texts(LESS)
    first = place.pages()[0].id
    for number, which in enumerate((key, key, other)):
        place.back(which, AT + timedelta(seconds=number), channel="telegram", pressed=first)
    said = [one.text for one in place.phones["telegram"].sent if one.to == CHAT][1:]
    assert said[0] == said[1]
    assert "not open any more" not in said[0]
    assert then in said[2]


@pytest.mark.parametrize("pressed", ["0" * 26, "the page again", "another rung"])
def test_an_old_or_a_wrong_button_is_answered_and_does_nothing(place: Place, pressed: str) -> None:
    place.staff("ana", "duty", telegram=CHAT)
    place.staff("ben", "backup", telegram="700900201")
    place.texts(LESS)
    first, at = place.pages()[0].id, AT
    if pressed == "the page again":
        place.back("2", channel="telegram", pressed=first)
        pressed = first
    elif pressed == "another rung":
        at += 15 * MINUTE
        place.rounds(at)
        pressed = first
    before = place.alert()
    place.back("1", at, channel="telegram", pressed=pressed)
    assert place.alert() == before
    assert "not open any more" in [one.text for one in place.phones["telegram"].sent if one.to == CHAT][-1]


@pytest.mark.parametrize("words", ["hello", "my dad hit me", "999", GRAVE, "STOP", "1"])
def test_what_staff_write_on_telegram_is_never_a_childs(place: Place, words: str) -> None:
    place.staff("ana", "duty", telegram=CHAT)
    place.back(words, channel="telegram")
    with place.database.transaction() as tx:
        assert contacts.known_anywhere(tx, "telegram", CHAT) == ()
        assert alerts.undecided(tx) == ()
    assert len(place.phones["telegram"].sent) == 1


def test_a_chat_that_nobody_proved_is_a_childs(place: Place) -> None:
    place.staff("ana", "duty", telegram=CHAT + "?")
    place.back("hello", channel="telegram")
    with place.database.transaction() as tx:
        assert len(contacts.known_anywhere(tx, "telegram", CHAT)) == 1


def test_a_page_that_names_the_level_of_now_is_answered_by_its_own_code(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alert grows between the beginning of a round and the moment in which an older page leaves."""
    place.staff("ben", "duty", sms="+447700900201")
    place.staff("ana", "backup", sms=ANA)
    place.texts(LESS)
    place.phones["sms"].down = True
    for minute in range(16):
        place.rounds(AT + minute * MINUTE)
    place.phones["sms"].down = False
    now, leave = AT + 17 * MINUTE, place.ticker.leave
    grows = Inbound("sms", "SMg", "+447700900101", GRAVE, None, now + timedelta(milliseconds=400))

    def later(text: bundling.Leaving, at: datetime) -> None:
        place.runner.accept(grows)
        leave(text, at)

    monkeypatch.setattr(place.ticker, "leave", later)
    place.rounds(now)
    page = next(one for one in place.phones["sms"].to(ANA) if "Reply" in one)
    assert "Waymark L4" in page
    place.back(page.split("Reply ")[1][:6], AT + 18 * MINUTE)
    assert place.alert().taken_by == "ana"
