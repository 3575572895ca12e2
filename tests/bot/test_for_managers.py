"""What somebody has decided and a manager must decide too, on both databases: it is open wherever the others are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import alarms, answering, app, clicks, ending, linking, pages
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows.model import Level
from storage import alerts, audit, claiming, methods, page_links, people, tables, timers, waits
from storage.codes import Bar, Role
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Alert
    from storage.database import Transaction
    from storage.people import Person

AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WORDS = "my stepdad hits me every night"


@dataclass
class Service:
    database: Database
    runner: Runner

    def hire(self, *who: str) -> None:
        """`name=role`, on shift in it, or `name=role/shift` in another."""
        with self.database.transaction() as tx:
            for number, one in enumerate(who):
                name, _, roles = one.partition("=")
                role, _, shift = roles.partition("/")
                phone = f"+4477009003{number:02d}"
                person = people.add(tx, name, role, AT, phone=phone, proof=methods.INVENTED)
                people.add_shift(tx, person.id, shift or role, AT - timedelta(days=1), AT + timedelta(days=1))

    def texts(self, words: str, minute: int = 0, number: int = 1) -> None:
        sender, at = f"+4477009001{number:02d}", AT + minute * MINUTE
        self.runner.accept(Inbound("sms", f"SM{number}-{minute}", sender, words, None, at))

    def decided(self) -> Alert:
        """An L3 that ana has decided."""
        self.texts(WORDS)
        with self.database.transaction() as tx:
            (alert,) = alerts.undecided(tx)
            clicks.decide(tx, self.runner, named(tx, "ana"), alert.id, "refer", "I rang the council", AT + MINUTE)
        return alert

    def then(self, minute: int) -> None:
        """What is due by then happens."""
        ticker = Ticker(self.runner, {})
        while ticker.fire_due(AT + minute * MINUTE):
            pass

    def now(self, alert: Alert) -> Alert:
        with self.database.transaction() as tx:
            return alerts.peek(tx, alert.id)

    def told(self, name: str) -> list[str]:
        with self.database.transaction() as tx:
            return [one.text for one in claiming.claim(tx, AT + 9 * MINUTE, 99, ("sms", "telegram", "email"))
                    if one.staff == named(tx, name).id]  # fmt: skip

    def taken(self, alert: Alert) -> list[str]:
        """Who took it, by the audit."""
        with self.database.transaction() as tx:
            lines = [one.who for one in audit.about(tx, alert.id) if one.what == "alert.taken"]
            return [people.load(tx, one).name for one in lines]


def named(tx: Transaction, name: str) -> Person:
    person = people.by_name(tx, name)
    assert person is not None
    return person


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    house = app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms",))
    yield Service(database, Runner(house))
    committer.close()
    database.close()


ALL = ("ana=duty", "ben=backup", "mel=manager", "sue=service_manager")


@pytest.mark.parametrize("taken", [False, True])
def test_it_goes_past_whoever_came_to_be_kept_from_the_child_in_another_chat(service: Service, taken: bool) -> None:
    service.hire(*ALL)
    alert = service.decided()
    with service.database.transaction() as tx:
        mel = named(tx, "mel")
        if taken:
            clicks.acknowledge(tx, service.runner, mel, alert.id, AT + 2 * MINUTE)
        waits.bar(tx, alert.conversation, mel.id, Bar.CONFLICT, AT + 2 * MINUTE)
        alarms.look_again(tx, AT + 2 * MINUTE)
    service.then(2)
    after = service.now(alert)
    assert (after.for_manager, after.taken_by, after.away) == (True, None, ("mel",))
    assert after.paged[-1] == "sue", "nobody who was asked is left: whoever is next is asked now"


def test_one_that_no_key_opens_keeps_nobody_from_their_shift_or_the_others(service: Service) -> None:
    service.hire(*ALL)
    broken = service.decided()
    service.texts(WORDS, number=2)
    with service.database.transaction() as tx:
        (other,) = alerts.undecided(tx)
        spoilt = update(tables.alerts).where(tables.alerts.c.id == broken.id)
        tx.execute(spoilt.values(value=Sealed(b"\x01" + b"x" * 79)))
        cat = people.add(tx, "cat", "duty", AT, phone="+447700900399", proof=methods.INVENTED)
        people.add_shift(tx, cat.id, "duty", AT + 2 * MINUTE, AT + timedelta(hours=9))
        alarms.came_on(tx, cat.id, AT + 2 * MINUTE)
        assert {one for one, _ in alerts.open_ids(tx)} == {broken.id, other.id}
        assert [one.name for one in timers.of(tx, broken.id)].count(alarms.SHIFT) == 1
        # Nor does it keep access from ending, or a wrong code from being answered.
        ending.end(tx, named(tx, "ben"), AT + 2 * MINUTE, "bot", "staff.access_ended")
        assert answering.by_code(tx, service.runner.house, cat, "YX7JWC", AT + 2 * MINUTE)
    service.then(2)
    assert "cat" in service.now(other).paged
    # Nor the child it is about from being heard: what they tell then has an alert of its own.
    service.texts("he hit me again last night", 3)
    with service.database.transaction() as tx:
        (anew,) = alerts.open_of(tx, broken.conversation)
        assert (anew.level >= Level.L3, anew.id != broken.id) == (True, True)


@pytest.mark.parametrize("way", ["button", "link", "code"])
def test_the_page_from_before_it_was_decided_asks_for_nothing_any_more(service: Service, way: str) -> None:
    service.hire(*ALL)
    alert, house, at = service.decided(), service.runner.house, AT + 2 * MINUTE
    with service.database.transaction() as tx:
        ana = named(tx, "ana")
        page = next(one for one in alerts.pages(tx, alert.id) if one.staff == ana.id)
        if way == "button":
            answering.by_button(tx, house, ana, page.id, answering.TAKE, at)
        elif way == "link":
            link = page_links.link(tx, page.id)
            assert linking.look(tx, link) is None
            assert linking.press(tx, house, link, at, taking=True) is None
        else:
            answering.by_code(tx, house, ana, alerts.code_of(tx, page), at)
        managers = next(one for one in alerts.pages(tx, alert.id) if one.staff == named(tx, "mel").id)
        assert linking.look(tx, page_links.link(tx, managers.id)) is not None
        assert answering.is_open(tx, managers)
    assert service.taken(alert) == []
    said = {"button": [pages.OLD_BUTTON], "link": [], "code": [pages.WRONG_CODE]}[way]
    assert [one for one in service.told("ana") if one in (pages.OLD_BUTTON, pages.WRONG_CODE)] == said


def test_whoever_is_lent_the_role_of_a_manager_hears_that_nothing_is_left_to_take(service: Service) -> None:
    service.hire("ana=duty", "cat=worker")
    service.texts(WORDS)
    for minute in range(1, 41, 3):
        service.then(minute)
    at = AT + 41 * MINUTE
    with service.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        lent = [one for one in alerts.pages(tx, alert.id) if one.role is Role.SERVICE_MANAGER]
        clicks.decide(tx, service.runner, named(tx, "ana"), alert.id, "refer", "I rang the council", at)
        who = people.load(tx, lent[-1].staff)
        answering.by_button(tx, service.runner.house, who, lent[-1].id, answering.TAKE, at)
    assert service.taken(alert) == []
    with service.database.transaction() as tx:
        claimed = claiming.claim(tx, at, 99, ("sms", "telegram"))
        assert pages.OLD_BUTTON in [one.text for one in claimed if one.staff == who.id]


@pytest.mark.parametrize("way", ["desk", "code"])
def test_a_manager_who_stands_on_another_shift_is_called_and_takes_it(service: Service, way: str) -> None:
    service.hire("ana=duty", "mel=manager/duty", "ben=backup")
    with service.database.transaction() as tx:
        people.add(tx, "sue", "service_manager", AT, phone="+447700900398", proof=methods.INVENTED)
    alert, at = service.decided(), AT + 2 * MINUTE
    assert service.now(alert).paged == ("mel",), "nobody else is asked while a manager is there"
    with service.database.transaction() as tx:
        mel = named(tx, "mel")
        if way == "desk":
            clicks.acknowledge(tx, service.runner, mel, alert.id, at)
        else:
            page = [one for one in alerts.pages(tx, alert.id) if one.staff == mel.id][-1]
            answering.by_code(tx, service.runner.house, mel, alerts.code_of(tx, page), at)
    assert service.now(alert).taken_by == "mel"


def test_a_manager_who_has_it_on_another_shift_keeps_it_when_a_colleague_decides(service: Service) -> None:
    service.hire("ana=duty", "mel=manager/duty", "ben=backup")
    service.texts(WORDS)
    with service.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        clicks.acknowledge(tx, service.runner, named(tx, "mel"), alert.id, AT)
        clicks.decide(tx, service.runner, named(tx, "ana"), alert.id, "refer", "I rang the council", AT + MINUTE)
    after = service.now(alert)
    assert (after.for_manager, after.taken_by, after.paged) == (True, "mel", ())


def test_the_audit_says_that_somebody_took_it_where_they_did(service: Service) -> None:
    service.hire(*ALL)
    alert = service.decided()
    with service.database.transaction() as tx:
        clicks.step_in(tx, service.runner, named(tx, "ana"), alert.conversation, AT + 2 * MINUTE)
        clicks.say(tx, service.runner, named(tx, "ana"), alert.conversation, "I am here", AT + 3 * MINUTE)
    assert service.taken(alert) == []
    with service.database.transaction() as tx:
        mel = named(tx, "mel")
        clicks.step_in(tx, service.runner, mel, alert.conversation, AT + 4 * MINUTE)
        clicks.say(tx, service.runner, mel, alert.conversation, "I am here too", AT + 5 * MINUTE)
    assert service.taken(alert) == ["mel"]
    assert service.now(alert).taken_by == "mel"


def test_it_climbs_at_once_when_the_manager_who_has_it_is_of_the_service_no_more(service: Service) -> None:
    service.hire(*ALL)
    alert = service.decided()
    with service.database.transaction() as tx:
        clicks.acknowledge(tx, service.runner, named(tx, "mel"), alert.id, AT + 2 * MINUTE)
        ending.end(tx, named(tx, "mel"), AT + 3 * MINUTE, "bot", "staff.access_ended")
    service.then(3)
    after = service.now(alert)
    assert (after.for_manager, after.taken_by) == (True, None)
    assert "sue" in after.paged


@pytest.mark.parametrize(("to", "has_it"), [("sue", "sue"), ("ben", "mel")])
def test_it_goes_with_the_chat_to_another_manager_alone(service: Service, to: str, has_it: str) -> None:
    service.hire(*ALL)
    alert = service.decided()
    with service.database.transaction() as tx:
        clicks.step_in(tx, service.runner, named(tx, "mel"), alert.conversation, AT + 2 * MINUTE)
        clicks.transfer(tx, service.runner, named(tx, "mel"), alert.conversation, named(tx, to), AT + 3 * MINUTE)
    assert service.now(alert).taken_by == has_it


def test_the_manager_who_has_it_hears_that_the_child_is_alone(service: Service) -> None:
    service.hire(*ALL)
    alert = service.decided()
    with service.database.transaction() as tx:
        clicks.step_in(tx, service.runner, named(tx, "ana"), alert.conversation, AT + 2 * MINUTE)
        clicks.acknowledge(tx, service.runner, named(tx, "mel"), alert.id, AT + 2 * MINUTE)
    service.then(8)
    alone = pages.about("child_alone", alert.case_name, alert.level.name)
    assert service.told("mel").count(alone) == 1


def test_all_that_waits_in_a_chat_is_found_and_each_goes_past_whom_the_child_names(service: Service) -> None:
    service.hire("dave=worker", *ALL)
    service.texts("one of your workers touched me")
    with service.database.transaction() as tx:
        (first,) = alerts.undecided(tx)
        clicks.decide(tx, service.runner, named(tx, "ana"), first.id, "refer", "I rang the council", AT + MINUTE)
        assert (alerts.undecided_of(tx, first.conversation), len(alerts.open_of(tx, first.conversation))) == (None, 1)
    service.texts("he hits me every night too", minute=2)
    service.texts("it was mel", minute=4)
    with service.database.transaction() as tx:
        later = alerts.undecided_of(tx, first.conversation)
        assert later is not None
        assert [one.id for one in alerts.open_of(tx, first.conversation)] == [first.id, later.id]
        assert {*alerts.open_ids(tx)} == {(one.id, first.conversation) for one in (first, later)}
        assert all("mel" in one.away for one in alerts.open_of(tx, first.conversation))
        clicks.decide(tx, service.runner, named(tx, "sue"), first.id, "refer", "as ana did", AT + 5 * MINUTE)
        assert alerts.open_of(tx, first.conversation) == (alerts.peek(tx, later.id),)
