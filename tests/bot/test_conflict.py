"""The conflict route on both databases: who is paged, who is kept away, whose access ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot import alarms, answering, app, clicks, conflict
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from flows.model import Level
from storage import alerts, audit, claiming, conversations, lines, methods, people, sessions, tables, waits
from storage.codes import Bar, Sending
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys, Sealed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.model import Alert

AT = datetime(2026, 11, 17, 14, 0, tzinfo=UTC)
ABOUT = "your worker rosa asked me to meet her alone"


@dataclass
class Service:
    database: Database
    runner: Runner
    ids: dict[str, str]

    def hire(self, *who: str) -> None:
        """`name=role`, on shift; `name=role-` is not."""
        with self.database.transaction() as tx:
            for number, one in enumerate(who):
                name, _, role = one.partition("=")
                person = people.add(
                    tx, name, role.rstrip("-"), AT, phone=f"+4477009003{number:02d}", proof=methods.INVENTED
                )
                self.ids[name] = person.id
                if not role.endswith("-"):
                    people.add_shift(tx, person.id, role, AT - timedelta(days=1), AT + timedelta(days=1))

    def line(self, name: str, *above: str) -> None:
        with self.database.transaction() as tx:
            lines.put(tx, self.ids[name], *(self.ids[one] for one in above))

    def texts(self, words: str, minute: int = 0) -> None:
        at = AT + timedelta(minutes=minute)
        self.runner.accept(Inbound("sms", f"SM{minute}", "+447700900101", words, None, at))

    def alert(self) -> Alert:
        with self.database.transaction() as tx:
            (only,) = alerts.undecided(tx)
            return only

    def paged(self) -> set[str]:
        names = {held: name for name, held in self.ids.items()}
        with self.database.transaction() as tx:
            return {names[page.staff] for alert in alerts.undecided(tx) for page in alerts.pages(tx, alert.id)}

    def active(self, name: str) -> bool:
        with self.database.transaction() as tx:
            return people.load(tx, self.ids[name]).active


@pytest.fixture
def service(database_url: str) -> Iterator[Service]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    house = app.furnish(committer, Settings(draft_locales="allow"), page_methods=("sms", "voice"))
    yield Service(database, Runner(house), {})
    committer.close()
    database.close()


@pytest.mark.parametrize(("staff", "line", "wanted"), [
    # Nobody wrote down whom she answers to: it may be any manager, so whoever answers for all hears it.
    (("rosa=worker", "ana=duty", "mel=manager", "sue=service_manager"), (), {"sue"}),
    (("rosa=worker", "ana=duty", "mel=manager", "max=manager", "sue=service_manager"), ("mel",), {"max"}),
    # The one outside her line is at home: better than the one above her who is here.
    (("rosa=worker", "ana=duty", "mel=manager", "max=manager-"), ("mel",), {"max"}),
    # All managers are above her: never nobody, the highest.
    (("rosa=worker", "ana=duty", "mel=manager", "sue=service_manager"), ("mel", "sue"), {"sue"}),
    (("rosa=worker", "ana=duty", "mel=manager"), ("mel",), {"mel"}),
    (("rosa=manager", "ana=duty", "ben=backup"), (), {"ana", "ben"}),
])  # fmt: skip
def test_who_hears_of_it(service: Service, staff: tuple[str, ...], line: tuple[str, ...], wanted: set[str]) -> None:
    service.hire(*staff)
    if line:
        service.line("rosa", *line)
    service.texts(ABOUT)
    assert service.paged() == wanted
    assert "rosa" in service.alert().away
    assert not wanted & set(service.alert().away)


@pytest.mark.parametrize(("by", "because", "about", "away"), [
    ("ana", "she was asked for pictures", "rosa", {"rosa", "mel"}),
    ("mel", "the child says that she was hit", "Rosa", {"rosa"}),
    ("rosa", "she told me, Rosa, that she was hit", "ana", {"ana", "mel"}),
    # Named are those who help as often: only who is said to be whom it is about is kept away.
    ("rosa", "I have told Ana and she is ringing 999, he is at the door with a knife", "", set()),
    ("rosa", "Mel said I should raise this: rosa asked her for pictures", "", set()),
])  # fmt: skip
@pytest.mark.parametrize("level", [Level.L2, Level.L3, Level.L4])
def test_raised_by_a_worker_it_goes_past_whom_they_say_it_is_about(
    service: Service, by: str, because: str, about: str, away: set[str], level: Level
) -> None:
    service.hire("rosa=worker", "ana=duty", "mel=manager", "sue=service_manager")
    service.texts("my stepdad raped me")
    talk = service.alert().conversation
    with service.database.transaction() as tx:
        service.runner.handle(tx, conversations.load(tx, talk), events.WorkerTook(AT, "rosa"))
        clicks.worry(tx, service.runner, people.load(tx, service.ids[by]), talk, level, because, about, AT)
        holder = conversations.load(tx, talk).holder
    assert {*service.alert().away} == away
    assert holder == ("nobody" if "rosa" in away else "rosa")
    # Who may hear of it is the managers' to say; what a colleague writes ends nobody's access.
    assert all(service.active(one) for one in away)


def test_who_has_it_keeps_it_when_a_colleague_writes_that_they_help(service: Service) -> None:
    service.hire("rosa=worker", "ana=duty", "mel=manager", "sue=service_manager")
    service.texts("hes got a knife wont let me out")
    alert = service.alert()
    with service.database.transaction() as tx:
        alarms.step(tx, service.runner.house, alert, events.AlertTaken(AT, "ana", by_desk=True))
        rosa = people.load(tx, service.ids["rosa"])
        clicks.worry(tx, service.runner, rosa, alert.conversation, Level.L4, "Ana is ringing 999", "", AT)
    assert (service.alert().taken_by, service.alert().away) == ("ana", ())


@pytest.mark.parametrize("about", ["rosa", "nobody known", "pc smith"])
def test_a_worker_raises_it_about_a_colleague_of_theirs(service: Service, about: str) -> None:
    service.hire("rosa=worker", "ana=duty", "pc smith=requester-")
    service.texts("my stepdad raped me")
    talk = service.alert().conversation
    with service.database.transaction() as tx:
        rosa = people.load(tx, service.ids["rosa"])
        with pytest.raises(clicks.Refused, match="choose a colleague"):
            clicks.worry(tx, service.runner, rosa, talk, Level.L3, "she was hit", about, AT)


def test_access_ends_in_the_same_moment_and_is_written_down(service: Service) -> None:
    service.hire("rosa=worker", "sue=service_manager")
    with service.database.transaction() as tx:
        token = sessions.begin(tx, service.ids["rosa"], "passkey", AT)
    service.texts(ABOUT)
    assert not service.active("rosa")
    with service.database.transaction() as tx:
        assert sessions.find(tx, token, AT) is None
        assert audit.verify(tx) is None


def test_whose_name_is_said_to_them_keeps_their_access(service: Service) -> None:
    service.hire("rosa=worker", "sue=service_manager")
    service.texts("rosa my dad raped me")
    assert service.active("rosa")
    assert service.paged() == {"sue"}


def test_it_joins_an_alert_that_they_had_and_begins_again_without_them(service: Service) -> None:
    service.hire("rosa=duty", "ben=backup", "sue=service_manager")
    service.texts("my stepdad raped me")
    assert service.paged() == {"rosa"}
    with service.database.transaction() as tx:
        (alert,) = alerts.undecided(tx)
        alarms.step(tx, service.runner.house, alert, events.AlertTaken(AT, "rosa", by_desk=True))
    service.texts(ABOUT, minute=1)
    after = service.alert()
    assert (after.state, after.taken_by, after.away) == ("raised", None, ("rosa",))
    assert service.paged() == {"rosa", "sue"}
    # A worse one later is no way back to the ladder of everybody.
    service.texts("hes got a knife wont let me out", minute=2)
    assert service.alert().level == 4
    assert service.paged() == {"rosa", "sue"}


def later(service: Service, minutes: int) -> None:
    ticker = Ticker(service.runner, {})
    while ticker.fire_due(AT + timedelta(minutes=minutes)):
        pass


@pytest.mark.parametrize("taken", [False, True])
def test_by_what_happened_in_another_chat_it_goes_past_them_at_once(service: Service, taken: bool) -> None:
    service.hire("rosa=duty", "ben=backup", "sue=service_manager")
    service.texts("my stepdad raped me")
    alert = service.alert()
    with service.database.transaction() as tx:
        rosa = people.load(tx, service.ids["rosa"])
        code = alerts.code_of(tx, alerts.pages_to(tx, rosa.id)[0])
        if taken:
            alarms.step(tx, service.runner.house, alert, events.AlertTaken(AT, "rosa", by_desk=True))
        # As another of the child's telephones does it; a child may first have asked for somebody else only.
        waits.bar(tx, alert.conversation, rosa.id, Bar.DIFFERENT, AT)
        waits.bar(tx, alert.conversation, rosa.id, Bar.CONFLICT, AT)
        alarms.look_again(tx, AT)
        assert answering.by_code(tx, service.runner.house, rosa, code, AT)
    later(service, 0)
    after = service.alert()
    assert (after.state, after.taken_by, after.away) == ("raised", None, ("rosa",))
    assert service.paged() == {"rosa", "sue"}
    later(service, 200)
    with service.database.transaction() as tx:
        assert {page.at for page in alerts.pages_to(tx, rosa.id)} == {AT}
        told = claiming.claim(tx, AT + timedelta(days=1), 500, ("sms", "voice"))
    assert not any(alert.case_name in one.text for one in told if one.staff == rosa.id and one.kind is Sending.NOTICE)


def test_somebody_else_who_has_it_keeps_it(service: Service) -> None:
    service.hire("rosa=duty", "sue=service_manager")
    service.texts("my stepdad raped me")
    alert = service.alert()
    with service.database.transaction() as tx:
        alarms.step(tx, service.runner.house, alert, events.AlertTaken(AT, "sue", by_desk=True))
        clicks.remove(tx, service.runner, "bot", alert.conversation, people.load(tx, service.ids["rosa"]), AT)
    after = service.alert()
    assert (after.state, after.taken_by, after.away) == ("acknowledged", "sue", ("rosa",))


def test_on_the_last_rung_is_always_somebody(service: Service) -> None:
    service.hire("rosa=worker", "mel=manager-", "max=manager", "sue=service_manager-")
    service.line("rosa", "mel")
    service.texts(ABOUT)
    assert service.paged() == {"max"}
    later(service, 15)
    assert service.paged() == {"max", "sue"}


def test_those_above_hear_it_when_nobody_else_can_be_reached(service: Service) -> None:
    service.hire("rosa=worker", "mel=manager", "sue=service_manager")
    service.line("rosa", "mel")
    with service.database.transaction() as tx:
        for way in ("sms", "voice"):
            methods.remove(tx, service.ids["sue"], way)
    service.texts(ABOUT)
    assert service.paged() == {"mel"}
    assert service.alert().away == ("rosa",)


@pytest.mark.parametrize("event", [
    events.AlertTaken(AT, "rosa", by_desk=True),
    events.AlertPassedOn(AT, "rosa"),
    events.AlertDecided(AT, "rosa", "no_further_action", "nothing in it"),
])  # fmt: skip
def test_nothing_they_do_counts(service: Service, event: events.AlertTaken) -> None:
    service.hire("rosa=worker", "sue=service_manager")
    service.texts(ABOUT)
    before = service.alert()
    with service.database.transaction() as tx:
        alarms.step(tx, service.runner.house, before, event)
    assert service.alert() == before


def test_whoever_nobody_knows_of_is_not_kept_away(service: Service) -> None:
    service.hire("rosa=worker", "ana=duty", "sue=service_manager")
    service.texts("my teacher touched me")
    assert service.paged() == {"ana"}
    talk = service.alert().conversation
    with service.database.transaction() as tx:
        assert conflict.kept_from(tx, talk) == frozenset()


def test_a_line_goes_to_the_top_and_may_run_in_a_circle(service: Service) -> None:
    service.hire("a=worker", "b=manager", "c=service_manager")
    service.line("a", "b")
    service.line("b", "c")
    service.line("c", "a")
    with service.database.transaction() as tx:
        assert lines.above(tx, service.ids["a"]) == {service.ids["b"], service.ids["c"]}


@pytest.mark.parametrize("broken", ["zoe", "ana"])
def test_one_name_that_no_key_opens_keeps_nobody_from_being_paged(service: Service, broken: str) -> None:
    """Whose it is, somebody who left or who stands there now: they are paged as everybody is."""
    service.hire("zoe=worker-", "ana=duty", "mel=manager", "sue=service_manager")
    with service.database.transaction() as tx:
        people.set_active(tx, service.ids["zoe"], on=False)
        sealed = (
            update(tables.staff).where(tables.staff.c.id == service.ids[broken]).values(name=Sealed(b"changed" * 9))
        )
        tx.execute(sealed)
        assert people.unreadable(tx) == ((service.ids[broken],) if broken == "ana" else ()), "of those here"
    service.texts("my stepdad raped me")
    assert service.paged() == {"ana"}
    ticker = Ticker(service.runner, {})
    while ticker.fire_due(AT + timedelta(minutes=30)):
        pass
    assert service.paged() >= {"ana", "mel"}
