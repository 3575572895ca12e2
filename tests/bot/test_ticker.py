"""What the ticker does with texts and timers that go wrong, on both databases, with a fake phone and a fake clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot import again, alarms, app, bundling, paging, waking
from bot.channels.base import Inbound, Reason, SendFailed
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import BATCH, TIMERS, Ticker
from flows import engine, events
from storage import alerts, claiming, contacts, conversations, inbox, messages, outbox, people, tables, timers
from storage.codes import Direction, Sending, Status, Subject
from storage.commit import Committer, StoreUnavailable
from storage.database import Database
from storage.keys import Keys, Sealed
from storage.outbox import Draft
from tests.bot.phones import Ground, Phone, talk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CHILD, ANA, SECOND_CHILD = "+447700900001", "+447700900002", "+447700900003"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Place(Ground):
    phone: Phone

    def text(self, words: str, at: datetime = AT, sid: str = "SM1") -> None:
        self.runner.accept(Inbound("sms", sid, CHILD, words, None, at))

    def rows(self, kind: Sending) -> list[tuple[Status, str | None]]:
        with self.database.transaction() as tx:
            asked = select(tables.outbox.c.status, tables.outbox.c.error).where(tables.outbox.c.kind == kind)
            return [(row[0], row[1]) for row in tx.execute(asked.order_by(tables.outbox.c.seq))]


@pytest.fixture
def place(database_url: str) -> Iterator[Place]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    runner = Runner(app.furnish(committer, Settings(draft_locales="allow")))
    phone = Phone()
    with database.transaction() as tx:
        ana = people.add(tx, "Ana", "duty", AT, phone=ANA)
        people.add_shift(tx, ana.id, "duty", AT - timedelta(days=1), AT + timedelta(days=1))
    yield Place(database, runner, Ticker(runner, {"sms": phone}), phone)
    committer.close()
    database.close()


def test_a_page_whose_alert_was_taken_stays(place: Place) -> None:
    place.text("he raped me")
    with place.database.transaction() as tx:
        claimed = claiming.claim(tx, AT, BATCH, ("sms",))
        (alert,) = alerts.of(tx, talk(tx, CHILD).id)
        alarms.step(tx, place.runner.house, alert, events.AlertTaken(AT, "Ana", by_desk=True))
    (page,) = [one for one in claimed if one.kind is Sending.PAGE]
    place.ticker.leave(bundling.Leaving((page,)), AT)
    assert place.phone.to(ANA) == []
    assert place.rows(Sending.PAGE) == [(Status.CANCELLED, None)]


def test_after_hours_without_a_provider_each_person_gets_the_newest_page_and_no_other(place: Place) -> None:
    place.text("he raped me")
    for minute in range(1, 240):
        place.ticker.fire_due(AT + minute * MINUTE)
    waiting = [row for row in place.rows(Sending.PAGE) if row[0] is Status.WAITING]
    assert len(place.rows(Sending.PAGE)) > 3
    assert len(waiting) == 1, "what is older does not pile up"
    place.rounds(AT + 240 * MINUTE)
    pages = [text for text in place.phone.to(ANA) if "Reply" in text]
    assert len(pages) == 1
    with place.database.transaction() as tx:
        (alert,) = alerts.of(tx, talk(tx, CHILD).id)
        newest = alerts.pages(tx, alert.id)[-1]
        assert alerts.code(tx, alert, newest.staff, newest.rung) in pages[0]


def test_a_page_that_was_being_sent_stays_when_a_newer_one_waits_and_leaves_when_that_one_failed(place: Place) -> None:
    place.text("he raped me")
    with place.database.transaction() as tx:
        claiming.claim(tx, AT, BATCH, ("sms",))
    for minute in range(1, 240):
        place.ticker.fire_due(AT + minute * MINUTE)
    with place.database.transaction() as tx:
        (alert,) = alerts.of(tx, talk(tx, CHILD).id)
        first, *newer = [one.outbox or "" for one in alerts.pages(tx, alert.id)]
        assert newer
        assert not paging.still_wanted(tx, [first])
        for one in newer:
            outbox.status(tx, one, Status.FAILED)
        assert paging.still_wanted(tx, [first])


def test_an_answer_that_came_too_late_stays_and_is_told(place: Place) -> None:
    place.text("hello")
    place.rounds(AT + timedelta(hours=4, seconds=1))
    assert place.rows(Sending.SAY)[0][0] is Status.EXPIRED
    assert any("do not reach the child" in text for text in place.phone.to(ANA))


def test_of_two_answers_that_came_too_late_the_one_that_cannot_be_told_of_takes_no_other_along(place: Place) -> None:
    place.text("hello")
    place.runner.accept(Inbound("sms", "SM2", SECOND_CHILD, "hello", None, AT))
    with place.database.transaction() as tx:
        lost, other = (tx.contact_of(talk(tx, one).id) for one in (CHILD, SECOND_CHILD))
        change = update(tables.contacts).where(tables.contacts.c.id == lost)
        tx.execute(change.values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))
        name = contacts.load(tx, other).reference
    place.rounds(AT + timedelta(hours=4, seconds=1))
    assert {row[0] for row in place.rows(Sending.SAY)} == {Status.EXPIRED}
    assert [text for text in place.phone.to(ANA) if name in text and "do not reach the child" in text]


def test_a_dead_number_is_told_once_and_not_tried_again(place: Place) -> None:
    place.text("hello")
    place.phone.fails = [SendFailed(Reason.DEAD_NUMBER)]
    place.rounds(AT)
    place.rounds(AT + MINUTE)
    assert place.rows(Sending.SAY) == [(Status.FAILED, "dead_number")]
    assert len(place.phone.to(ANA)) == 1


def unreadable(place: Place, kind: Sending) -> bytes:
    """The first of a kind is one that no key opens; returns it as it was."""
    with place.database.transaction() as tx:
        asked = select(tables.outbox.c.seq, tables.outbox.c.text).where(tables.outbox.c.kind == kind)
        seq, whole = tx.execute(asked.order_by(tables.outbox.c.seq).limit(1)).one()
        tx.execute(update(tables.outbox).where(tables.outbox.c.seq == seq).values(text=Sealed(bytes(len(whole)))))
        return bytes(whole)


def test_an_answer_that_no_key_opens_is_told_once_and_the_next_leaves_at_once(place: Place) -> None:
    place.text("hello")
    whole = unreadable(place, Sending.SAY)
    place.rounds(AT)
    assert [text for text in place.phone.to(ANA) if "does not open" in text]
    place.text("are you there", AT + SECOND, "SM2")
    place.rounds(AT + SECOND)
    assert len(place.phone.to(CHILD)) == 1
    with place.database.transaction() as tx:
        tx.execute(update(tables.outbox).where(tables.outbox.c.error == outbox.SEALED).values(text=Sealed(whole)))
    for minutes in (1, 2, 30, 300):
        place.rounds(AT + minutes * MINUTE)
    assert len(place.phone.to(CHILD)) == 1, "what came before a newer one stays"
    assert len(place.phone.to(ANA)) == 1


def test_a_child_whose_key_does_not_open_is_told_of_once_and_holds_up_no_page(place: Place) -> None:
    place.text("he raped me")
    with place.database.transaction() as tx:
        whole = tx.execute(select(tables.contacts.c.data_key)).scalar_one()
        tx.execute(update(tables.contacts).values(data_key=Sealed(bytes(len(whole)))))
    for minutes in range(3):
        place.rounds(AT + minutes * MINUTE)
    assert place.phone.to(CHILD) == []
    assert len([text for text in place.phone.to(ANA) if "Waymark L3" in text]) == 1
    assert len([text for text in place.phone.to(ANA) if "do not reach the child" in text]) == 1


@pytest.mark.parametrize(("words", "left"), [("he raped me", True), ("hello", False)])
def test_a_child_who_told_of_grave_harm_waits_no_longer_than_a_page(place: Place, words: str, left: bool) -> None:
    place.text("hi")
    place.rounds(AT)
    before, place.phone.down = len(place.phone.to(CHILD)), True
    place.text(words, AT + MINUTE, "SM2")
    for tried in range(60, 480, 5):
        place.rounds(AT + tried * SECOND)
    place.phone.down = False
    place.rounds(AT + timedelta(minutes=8, seconds=30))
    assert (len(place.phone.to(CHILD)) > before) == left
    place.rounds(AT + timedelta(minutes=30))
    assert len(place.phone.to(CHILD)) > before


@pytest.mark.parametrize(
    ("state", "holder", "left"), [("raised", "nobody", 1), ("decided", "nobody", 0), ("raised", "Ana", 0)]
)
def test_that_somebody_is_sought_is_said_once_and_not_to_a_child_who_has_them(
    place: Place, state: str, holder: str, left: int
) -> None:
    place.text("he raped me")
    place.rounds(AT)
    with place.database.transaction() as tx:
        c = talk(tx, CHILD)
        for minutes in (5, 15):
            said = messages.add(tx, c.id, Direction.OUT, "sms", "Still here.", AT, key=again.STILL)
            still = Draft(Sending.SAY, "sms", "Still here.", AT + 5 * MINUTE, contact=tx.contact_of(c.id))
            outbox.add(tx, replace(still, conversation=c.id, message=said), AT + minutes * MINUTE)
        (alert,) = alerts.of(tx, c.id)
        alerts.save(tx, replace(alert, state=state))
        conversations.save(tx, replace(c, holder=holder))
    place.rounds(AT + 20 * MINUTE)
    assert sum(text.startswith("Still here.") for text in place.phone.to(CHILD)) == left


def test_what_may_have_left_is_repeated_a_few_times_then_told(place: Place) -> None:
    place.text("hello")
    place.phone.fails = [SendFailed(Reason.IN_DOUBT) for _ in range(5)]
    for minutes in range(30):
        place.rounds(AT + minutes * MINUTE)
    assert place.rows(Sending.SAY) == [(Status.IN_DOUBT, "in_doubt")]
    assert place.phone.to(CHILD) == []
    assert any("do not reach the child" in text for text in place.phone.to(ANA))


def test_a_stranded_lease_of_what_may_not_be_repeated_is_in_doubt(place: Place) -> None:
    with place.database.transaction() as tx:
        person = people.by_name(tx, "Ana")
        assert person is not None
        outbox.add(tx, Draft(Sending.NOTICE, "sms", "once", AT, staff=person.id), AT)
        assert claiming.claim(tx, AT, 1, ("sms",))
    place.rounds(AT + outbox.LEASE - SECOND)
    assert place.rows(Sending.NOTICE) == [(Status.LEASED, None)]
    place.rounds(AT + outbox.LEASE)
    assert place.rows(Sending.NOTICE) == [(Status.IN_DOUBT, None)]
    assert place.phone.sent == []


def test_a_bug_in_a_channel_holds_up_nobody_else(place: Place) -> None:
    place.text("he raped me")
    place.phone.fails = [ZeroDivisionError()]
    place.rounds(AT)
    assert place.phone.to(CHILD), "the page met the bug; the child's answer left"
    place.rounds(AT + 2 * SECOND)
    assert len(place.phone.to(ANA)) == 1


def test_a_page_that_cannot_be_looked_at_holds_up_nobody_behind_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.text("he raped me")

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(bundling, "ready", broken)
    place.ticker.send_pending(AT)
    assert place.phone.to(ANA) == []
    assert len(place.phone.to(CHILD)) == 1
    monkeypatch.undo()
    place.rounds(AT + 2 * MINUTE)
    assert [text for text in place.phone.to(ANA) if "Waymark L3" in text], "it leaves when its lease is over"


def test_told_to_stop_it_gives_back_what_it_claimed(place: Place) -> None:
    place.text("he raped me")
    place.ticker.stop()
    assert place.ticker.send_pending(AT) == 2
    assert place.phone.sent == []
    assert {status for kind in (Sending.SAY, Sending.PAGE) for status, _ in place.rows(kind)} == {Status.WAITING}


def test_telling_that_fails_does_not_send_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.text("hello")
    place.phone.fails = [SendFailed(Reason.DEAD_NUMBER)]

    def step(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(engine, "step", step)
    place.rounds(AT)
    assert place.rows(Sending.SAY) == [(Status.FAILED, "dead_number")]
    (told,) = place.phone.to(ANA)
    assert "a text or a page may not have arrived" in told


def test_a_timer_that_fails_is_put_back_and_the_third_time_wakes_a_person(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.text("hello")
    with place.database.transaction() as tx:
        timers.add(tx, Subject.CONVERSATION, talk(tx, CHILD).id, "broken", AT, 0)
    handled = place.runner.timer

    def timer(tx: Transaction, one: timers.Timer, now: datetime) -> None:
        if one.name == "broken":
            raise ZeroDivisionError
        handled(tx, one, now)

    monkeypatch.setattr(place.runner, "timer", timer)
    for seconds in (0, 30):
        place.rounds(AT + seconds * SECOND)
    assert place.phone.to(ANA) == []
    place.rounds(AT + MINUTE)
    assert len(place.phone.to(ANA)) == 1


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *((one, "something that was due for this alert") for one in (alarms.SHIFT, alarms.NIGHT, alarms.APART)),
        ("rung", "nobody could be called for this alert"),
    ],
)
def test_that_nobody_could_be_called_is_said_only_where_nobody_was(place: Place, name: str, told: str) -> None:
    place.text("he raped me")
    with place.database.transaction() as tx:
        (alert,) = alerts.of(tx, talk(tx, CHILD).id)
        waking.failed(tx, place.runner.house, timers.Timer(0, Subject.ALERT, alert.id, name, AT, 0), AT)
    place.rounds(AT)
    assert [text for text in place.phone.to(ANA) if f"L3 {alert.case_name}: {told}" in text]


def test_a_text_that_failed_here_and_was_handled_by_another_stands_once_in_the_thread(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = place.runner.receive

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(place.runner, "receive", broken)
    place.text("hello")
    for minutes in range(2):
        place.ticker.retry_inbox(AT + minutes * MINUTE)
    (kept,) = place.ticker.house.committer.submit(lambda tx: inbox.pending(tx, AT + 5 * MINUTE))
    monkeypatch.setattr(place.runner, "receive", receive)
    place.ticker.retry_inbox(AT + 5 * MINUTE)
    place.ticker._not_handled(kept, AT + 5 * MINUTE)
    with place.database.transaction() as tx:
        chat = talk(tx, CHILD)
        assert [one.text for one in messages.of(tx, chat.id) if one.direction is Direction.IN] == ["hello"]
        assert chat.holder == "bot"
        assert alerts.of(tx, chat.id) == ()


def test_a_store_that_is_down_is_no_failure_of_a_message(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def receive(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(place.runner, "receive", receive)
    place.text("hello")

    def gone(*_: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(place.runner, "retry", gone)
    for seconds in range(5):
        with pytest.raises(StoreUnavailable):
            place.ticker.retry_inbox(AT + seconds * MINUTE)
    with place.database.transaction() as tx:
        assert tx.execute(select(tables.inbox.c.failures)).scalars().all() == [0]


def test_a_report_never_moves_a_status_back_and_a_failure_is_told(place: Place) -> None:
    place.text("hello")
    place.rounds(AT)
    (said,) = [one.outbox_id for one in place.phone.sent]
    place.ticker.report(said, Status.DELIVERED, None, AT)
    place.ticker.report(said, Status.UNDELIVERED, Reason.UNREACHABLE, AT)
    assert place.rows(Sending.SAY) == [(Status.DELIVERED, None)]
    place.text("1", sid="SM2")
    place.rounds(AT)
    late = place.phone.sent[-1].outbox_id
    place.ticker.report(late, Status.UNDELIVERED, Reason.UNREACHABLE, AT)
    place.ticker.report("nobody-knows-this", Status.UNDELIVERED, Reason.UNREACHABLE, AT)
    place.rounds(AT)
    assert [text for text in place.phone.to(ANA) if "do not reach the child" in text] == place.phone.to(ANA)
    assert len(place.phone.to(ANA)) == 1


def test_after_hours_of_standing_still_no_page_waits_for_everything_that_is_due(place: Place) -> None:
    place.text("my stepdad raped me")
    with place.database.transaction() as tx:
        alert = alerts.undecided(tx)[0].id
        stale = (timers.Timer(0, Subject.ALERT, alert, "climb", AT, 0) for _ in range(2 * TIMERS))
        timers.add_all(tx, stale)
    assert place.ticker.round(AT + SECOND).timers == TIMERS
    assert any("L3" in text for text in place.phone.to(ANA))
    place.rounds(AT + SECOND)
    with place.database.transaction() as tx:
        assert all(one.at > AT + SECOND for one in timers.of(tx, alert))
