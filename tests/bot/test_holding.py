"""One child, one person: who may take a chat, who loses it, and what follows."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from bot import alarms, app, clicks, holding, saying
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from bot.ticker import Ticker
from flows import events
from flows.model import Level, Service
from storage import (
    alerts,
    claiming,
    contacts,
    conversations,
    leases,
    messages,
    methods,
    outbox,
    people,
    retention,
    sessions,
    tables,
    tasks,
    training,
    waits,
)
from storage.codes import Bar, Direction, Sending
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys, Sealed
from storage.training import Training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction
    from storage.people import Person
    from tests.forked import Seed

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
IN_DATE = date(2026, 11, 16)
KEYS = Keys.new()
STAFF = {"Ann": "worker", "Dev": "worker", "Ana": "duty", "Ben": "backup", "Mel": "manager", "Sue": "service_manager"}


@pytest.fixture
def runner(database_url: str) -> Iterator[Runner]:
    database = Database(database_url, Keys.load(KEYS))
    committer = Committer(database)
    with database.transaction() as tx:
        for number, (name, role) in enumerate(STAFF.items()):
            one = people.add(tx, name, role, AT, phone=f"+4477009002{number:02d}", proof=methods.INVENTED)
            people.add_shift(tx, one.id, role, AT - MINUTE, AT + timedelta(hours=9))
            training.record(tx, Training(one.id, IN_DATE, IN_DATE), one.id, AT)
    yield Runner(app.furnish(committer, Settings(draft_locales="allow")))
    committer.close()
    database.close()


def who(tx: Transaction, name: str) -> Person:
    found = people.by_name(tx, name)
    assert found is not None
    return found


def text(runner: Runner, child: int, *said: str, at: datetime = AT) -> str:
    """What a child texts; the id of their chat."""
    address = f"+4477009003{child:02d}"
    for number, words in enumerate(said):
        runner.accept(Inbound("sms", f"SM{child}-{at.timestamp()}-{number}", address, words, None, at))
    with runner.house.committer.database.transaction() as tx:
        contact = contacts.known(tx, Service.TEXT_SAFE, "sms", address)
        assert contact is not None
        return conversations.of_contact(tx, contact.id)[-1].id


def do(runner: Runner, act: str, name: str, talk: str, *more: object, at: datetime = AT) -> object:
    return runner.house.committer.submit(lambda tx: getattr(clicks, act)(tx, runner, who(tx, name), talk, *more, at))


def take_next(runner: Runner, name: str, at: datetime = AT) -> str | None:
    return runner.house.committer.submit(lambda tx: clicks.take_next(tx, runner, who(tx, name), at))


def holder(runner: Runner, talk: str) -> str:
    with runner.house.committer.database.transaction() as tx:
        return conversations.peek(tx, talk).holder


def fire(runner: Runner, now: datetime) -> None:
    Ticker(runner, {}).fire_due(now)


def told(runner: Runner, name: str) -> int:
    with runner.house.committer.database.transaction() as tx:
        count = (
            select(func.count())
            .select_from(tables.outbox)
            .where(tables.outbox.c.staff_id == who(tx, name).id, tables.outbox.c.kind == Sending.NOTICE)
        )
        found: int = tx.execute(count).scalar_one()
        return found


def test_next_gives_one_child_each_the_gravest_first(runner: Runner) -> None:
    calm = text(runner, 1, "hi", "1", "PERSON")
    grave = text(runner, 2, "hi", "1", "1", "he raped me", at=AT + MINUTE)
    assert take_next(runner, "Ann", AT + 2 * MINUTE) == grave, (
        "the bot keeps them company, but they were promised a person"
    )
    assert take_next(runner, "Dev", AT + 2 * MINUTE) == calm
    with pytest.raises(clicks.Refused, match="L3 or L4"):
        take_next(runner, "Ann", AT + 2 * MINUTE)
    assert take_next(runner, "Dev", AT + 2 * MINUTE) is None
    assert (holder(runner, grave), holder(runner, calm)) == ("Ann", "Dev")


def test_three_chats_and_no_more_and_none_at_l3_beside_others(runner: Runner) -> None:
    for number in range(3):
        text(runner, number, "hi", "1", "PERSON", at=AT + number * MINUTE)
        assert take_next(runner, "Ann", AT + 5 * MINUTE) is not None
    fourth = text(runner, 4, "hi", "1", "PERSON", at=AT + 5 * MINUTE)
    with pytest.raises(clicks.Refused, match="as many chats"):
        take_next(runner, "Ann", AT + 6 * MINUTE)
    with pytest.raises(clicks.Refused, match="as many chats"):
        do(runner, "take", "Ann", fourth)
    assert take_next(runner, "Dev", AT + 6 * MINUTE) == fourth
    grave = text(runner, 5, "hi", "1", "1", "he raped me", at=AT + 6 * MINUTE)
    assert take_next(runner, "Dev", AT + 7 * MINUTE) is None
    with pytest.raises(clicks.Refused, match="for themselves"):
        do(runner, "take", "Dev", grave)
    do(runner, "take", "Mel", grave, at=AT + 7 * MINUTE)
    assert holder(runner, grave) == "Mel"


def test_whoever_is_not_seen_for_five_minutes_has_dropped_out(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    for minute in (2, 4, 8):
        runner.house.committer.submit(
            lambda tx, at=AT + minute * MINUTE: holding.seen(tx, runner.house, who(tx, "Ann").id, at)  # type: ignore[misc]
        )
        fire(runner, AT + minute * MINUTE)
    fire(runner, AT + 13 * MINUTE - timedelta(seconds=1))
    assert holder(runner, talk) == "Ann"
    fire(runner, AT + 13 * MINUTE)
    assert holder(runner, talk) == "nobody"
    with runner.house.committer.database.transaction() as tx:
        assert leases.of(tx, talk) is None
        assert [(one.conversation, one.dropped) for one in waits.queue(tx)] == [(talk, True)]
        said = [one.key for one in messages.of(tx, talk) if one.direction is Direction.OUT]
        assert said[-1] == "ts_wait"
        assert said.count("ts_wait") == 2
        alert = alerts.open_for(tx, talk)
        assert alert is not None
        assert alert.state == "raised", "it climbs again, past who is gone"
    fire(runner, AT + 40 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        assert [one.key for one in messages.of(tx, talk)].count("ts_wait") == 2


def test_the_childs_own_worker_is_not_let_in_by_anothers_drop_out(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    fire(runner, AT + 5 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        wait = waits.of(tx, talk)
        assert wait is not None
        assert (wait.dropped, wait.wanted_staff) == (True, who(tx, "Ann").id)
    with pytest.raises(clicks.Refused):
        do(runner, "say", "Dev", talk, "hello", at=AT + 6 * MINUTE)


def test_who_puts_a_child_in_the_queue_is_given_the_others_first_and_has_no_part_in_that_chat(runner: Runner) -> None:
    left = text(runner, 1, "hi", "1", "PERSON")
    other = text(runner, 2, "hi", "1", "PERSON", at=AT + MINUTE)
    assert take_next(runner, "Ann", AT + MINUTE) == left
    do(runner, "call_person", "Ann", left, at=AT + 2 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        wait = waits.of(tx, left)
        assert wait is not None
        assert (wait.dropped, wait.wanted_staff, wait.left_by) == (True, None, who(tx, "Ann").id)
    assert take_next(runner, "Ann", AT + 2 * MINUTE) == other
    assert take_next(runner, "Ann", AT + 3 * MINUTE) is None, "while Dev could come"
    with pytest.raises(clicks.Refused):
        do(runner, "say", "Ann", left, "hello", at=AT + 3 * MINUTE)
    assert take_next(runner, "Dev", AT + 4 * MINUTE) == left


def test_nobody_hands_a_child_to_who_is_gone_or_an_official(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    with runner.house.committer.database.transaction() as tx:
        people.set_active(tx, who(tx, "Dev").id, on=False)
        gone, official = who(tx, "Dev"), people.add(tx, "Officer", "requester", AT)
    for to in (gone, official):
        with pytest.raises(clicks.Refused, match="answers no child"):
            do(runner, "transfer", "Ann", talk, to)


def test_an_l3_beside_other_chats_is_told_to_who_is_on_duty(runner: Runner) -> None:
    text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    text(runner, 2, "hi", "1", "PERSON", at=AT + MINUTE)
    take_next(runner, "Ann", AT + MINUTE)
    before = told(runner, "Ana")
    text(runner, 2, "he raped me", at=AT + 2 * MINUTE)
    assert told(runner, "Ana") == before + 1
    text(runner, 2, "ok", at=AT + 3 * MINUTE)
    assert told(runner, "Ana") == before + 1


def test_a_lease_that_was_lengthened_late_is_not_shortened_by_an_earlier_beat(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    for minute in (4, 1):
        at = AT + minute * MINUTE
        runner.house.committer.submit(lambda tx, at=at: holding.seen(tx, runner.house, who(tx, "Ann").id, at))  # type: ignore[misc]
    fire(runner, AT + 8 * MINUTE)
    assert holder(runner, talk) == "Ann"


def test_who_took_the_alert_hears_that_the_child_is_alone(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "1", "he raped me")
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
    runner.house.committer.submit(lambda tx: clicks.acknowledge(tx, runner, who(tx, "Ana"), alert.id, AT))
    take_next(runner, "Ann")
    before = told(runner, "Ana")
    fire(runner, AT + 5 * MINUTE)
    assert holder(runner, talk) == "nobody"
    assert told(runner, "Ana") == before + 1


def test_words_of_a_worker_who_comes_back_reach_the_child_unless_somebody_else_has_them(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    fire(runner, AT + 5 * MINUTE)
    do(runner, "say", "Ann", talk, "I'm back.", at=AT + 6 * MINUTE)
    assert holder(runner, talk) == "Ann"
    fire(runner, AT + 11 * MINUTE)
    assert take_next(runner, "Dev", AT + 12 * MINUTE) == talk
    with pytest.raises(clicks.Refused, match="you do not hold"):
        do(runner, "say", "Ann", talk, "me again", at=AT + 12 * MINUTE)


def test_without_training_or_dbs_in_date_next_is_off(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    midnight = datetime(2026, 11, 17, tzinfo=UTC)
    with pytest.raises(clicks.Refused, match="DBS"):
        take_next(runner, "Ann", midnight)
    with pytest.raises(clicks.Refused, match="DBS"):
        do(runner, "take", "Ann", talk, at=midnight)
    assert take_next(runner, "Ann", midnight - timedelta(seconds=1)) == talk


def test_a_different_person_is_never_the_same_one(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    text(runner, 1, "PERSON", at=AT + MINUTE)
    assert holder(runner, talk) == "nobody"
    assert take_next(runner, "Ann", AT + 2 * MINUTE) is None
    for act in ("take", "step_in"):
        with pytest.raises(clicks.Refused):
            do(runner, act, "Ann", talk, at=AT + 2 * MINUTE)
    assert take_next(runner, "Dev", AT + 2 * MINUTE) == talk
    with runner.house.committer.database.transaction() as tx:
        ann = who(tx, "Ann")
    with pytest.raises(clicks.Refused, match="Ann cannot have this chat"):
        do(runner, "transfer", "Dev", talk, ann, at=AT + 2 * MINUTE)
    assert do(runner, "hand_over", "Dev", talk, at=AT + 2 * MINUTE) != "Ann"


def test_whom_a_concern_is_about_loses_the_chat_at_once_and_for_good(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    with runner.house.committer.database.transaction() as tx:
        ann = who(tx, "Ann")
    runner.house.committer.submit(lambda tx: clicks.remove(tx, runner, "bot", talk, ann, AT + MINUTE))
    assert holder(runner, talk) == "nobody"
    with runner.house.committer.database.transaction() as tx:
        assert waits.is_barred(tx, talk, ann.id)
        waits.bar(tx, talk, ann.id, Bar.DIFFERENT, AT)  # the first reason stands, and twice is once
        assert waits.barred(tx, talk) == {ann.id}
    with pytest.raises(clicks.Refused):
        do(runner, "say", "Ann", talk, "wait", at=AT + MINUTE)
    assert take_next(runner, "Ann", AT + MINUTE) is None


def test_after_an_l3_ten_minutes_off_and_one_talk_with_a_supervisor(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "1", "he raped me")
    take_next(runner, "Ann")
    do(runner, "call_person", "Ann", talk, at=AT + MINUTE)
    with pytest.raises(clicks.Refused, match="ten minutes"):
        take_next(runner, "Ann", AT + 11 * MINUTE - timedelta(seconds=1))
    assert take_next(runner, "Ann", AT + 11 * MINUTE) == talk
    do(runner, "call_person", "Ann", talk, at=AT + 12 * MINUTE)
    with pytest.raises(clicks.Refused, match="ten minutes"):
        take_next(runner, "Ann", AT + 13 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        (owed,) = leases.debriefs(tx)
        assert owed.staff == who(tx, "Ann").id
        assert [one.what for one in tasks.of(tx, talk)].count("debrief") == 1
        assert tasks.done(tx, owed.task, who(tx, "Mel").id, AT)
        assert leases.debriefs(tx) == ()


def test_no_rest_after_a_calm_chat_or_one_whose_alert_was_lowered(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "1", "he raped me")
    take_next(runner, "Ann")
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
    runner.house.committer.submit(
        lambda tx: clicks.lower(tx, runner, who(tx, "Mel"), alert.id, Level.L2, "a song", AT + MINUTE)
    )
    do(runner, "hand_back", "Ann", talk, at=AT + 2 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        assert leases.debriefs(tx) == ()
        assert leases.rests_until(tx, who(tx, "Ann").id) is None


def test_the_alert_goes_with_the_chat_to_who_may_decide(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "1", "he raped me")
    do(runner, "take", "Ana", talk)
    with runner.house.committer.database.transaction() as tx:
        ben, dev = who(tx, "Ben"), who(tx, "Dev")
    for by, to, has in (("Ana", ben, "Ben"), ("Ben", dev, "Ben")):
        before = told(runner, to.name)
        do(runner, "transfer", by, talk, to, at=AT + MINUTE)
        assert told(runner, to.name) == before + 1, "whoever is given a child hears so"
        with runner.house.committer.database.transaction() as tx:
            alert, lease = alerts.open_for(tx, talk), leases.of(tx, talk)
            assert alert is not None
            assert (alert.state, alert.taken_by) == ("acknowledged", has)
            assert lease is not None
            assert lease.staff == to.id


@pytest.mark.parametrize(
    ("name", "act", "takes"),
    [("Ann", "take", False), ("Sam", "step_in", False), ("Sal", "take", True), ("Ana", "take", True)],
)
def test_only_who_may_decide_takes_the_alert_with_the_chat(runner: Runner, name: str, act: str, takes: bool) -> None:
    with runner.house.committer.database.transaction() as tx:
        for other, role, shift in (("Sam", "supervisor", "supervisor"), ("Sal", "worker", "backup")):
            one = people.add(tx, other, role, AT)
            people.add_shift(tx, one.id, shift, AT - MINUTE, AT + timedelta(hours=9))
            training.record(tx, Training(one.id, IN_DATE, IN_DATE), one.id, AT)
    talk = text(runner, 1, "hi", "3")
    do(runner, act, name, talk)
    assert holder(runner, talk) == name
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
        assert (alert.state, alert.taken_by) == (("acknowledged", name) if takes else ("raised", None))
        assert (alert.seen_at is not None) is takes, "an alert is seen when somebody who may decide has it"
    fire(runner, AT + 5 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
        assert "Ben" in alert.paged, "whoever else was with the child, it climbs"


def test_a_child_handed_back_while_the_alert_climbs_is_not_told_that_we_try_still(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann", AT + MINUTE)
    do(runner, "hand_back", "Ann", talk, at=AT + 2 * MINUTE)
    fire(runner, AT + 30 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        assert "ts_still" not in [one.key for one in messages.of(tx, talk)]


@pytest.mark.parametrize("by_desk", [True, False])
def test_whoever_took_the_alert_hears_once_that_the_child_was_handed_back(runner: Runner, by_desk: bool) -> None:
    talk = text(runner, 1, "hi", "3")
    take_next(runner, "Ann", AT + MINUTE)
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
        alarms.step(tx, runner.house, alert, events.AlertTaken(AT + MINUTE, "Ana", by_desk=by_desk))
    before = told(runner, "Ana")
    do(runner, "hand_back", "Ann", talk, at=AT + 2 * MINUTE)
    assert told(runner, "Ana") == before + 1


@pytest.mark.parametrize(("about", "hears"), [("", {"Ana"}), ("Ana", {"Ben", "Sue"})])
def test_who_is_kept_from_a_child_is_not_told_that_their_worker_has_others_too(
    runner: Runner, about: str, hears: set[str]
) -> None:
    text(runner, 1, "hi", "1", "PERSON")
    text(runner, 2, "hi", "1", "PERSON")
    take_next(runner, "Ann", AT + MINUTE)
    talk = take_next(runner, "Ann", AT + MINUTE)
    assert talk is not None
    do(runner, "worry", "Ann", talk, Level.L3, "she was asked to meet", about, at=AT + 2 * MINUTE)
    with runner.house.committer.database.transaction() as tx:
        sent = claiming.claim(tx, AT + 3 * MINUTE, 500, ("sms", "voice"))
        names = {one.id: one.name for one in people.everyone(tx)}
    found = {names[str(one.staff)] for one in sent if one.kind is Sending.NOTICE and "has others too" in one.text}
    assert found == hears


def test_a_chat_goes_first_to_who_was_just_seen_at_the_desk(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    with runner.house.committer.database.transaction() as tx:
        sessions.begin(tx, who(tx, "Dev").id, "code", AT - 6 * MINUTE)
        sessions.begin(tx, who(tx, "Ben").id, "code", AT)
    assert do(runner, "hand_over", "Ann", talk, at=AT + MINUTE) == "Ben"


@pytest.mark.parametrize(("writer", "asked"), [("Sam", "Ana"), ("Ana", "Ben")])
def test_held_words_are_read_by_somebody_else_than_their_writer(runner: Runner, writer: str, asked: str) -> None:
    if writer == "Sam":
        with runner.house.committer.database.transaction() as tx:
            people.add_shift(tx, people.add(tx, "Sam", "supervisor", AT).id, "supervisor", AT, AT + timedelta(hours=9))
    talk = text(runner, 1, "hi", "1", "PERSON")
    do(runner, "step_in", writer, talk)
    before = told(runner, asked)
    with runner.house.committer.database.transaction() as tx:
        assert saying.say(tx, runner, who(tx, writer), talk, "Ring me on 07700 900123", AT)
    assert told(runner, asked) == before + 1


def test_nobody_closes_an_open_l2_or_anothers_chat_and_the_child_hears_the_ending_words(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    with pytest.raises(clicks.Refused, match="not decided"):
        do(runner, "close", "Ann", talk)
    with runner.house.committer.database.transaction() as tx:
        alert = alerts.open_for(tx, talk)
        assert alert is not None
    runner.house.committer.submit(
        lambda tx: clicks.decide(tx, runner, who(tx, "Mel"), alert.id, "other", "safe at home", AT)
    )
    with pytest.raises(clicks.Refused, match="Ann has this chat"):
        do(runner, "close", "Dev", talk)
    do(runner, "close", "Ann", talk)
    with runner.house.committer.database.transaction() as tx:
        assert messages.of(tx, talk)[-1].key == "ts_bye"
        assert conversations.peek(tx, talk).holder == "bot"
        assert waits.queue(tx) == ()


def test_a_chat_held_before_there_were_leases_gets_one_when_the_program_starts(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")
    runner.house.committer.submit(lambda tx: leases.end(tx, talk) is not None)
    assert runner.house.committer.submit(lambda tx: holding.adopt(tx, runner.house, AT + 60 * MINUTE)) == 1
    assert runner.house.committer.submit(lambda tx: holding.adopt(tx, runner.house, AT + 60 * MINUTE)) == 0
    fire(runner, AT + 64 * MINUTE)
    assert holder(runner, talk) == "Ann"
    fire(runner, AT + 65 * MINUTE)
    assert holder(runner, talk) == "nobody"


def test_one_that_no_key_opens_keeps_no_program_from_starting(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    take_next(runner, "Ann")

    def lost(tx: Transaction) -> None:
        leases.end(tx, talk)
        whose = tables.contacts.c.id == tx.contact_of(talk)
        tx.execute(update(tables.contacts).where(whose).values(data_key=Sealed(b"\x01\x02\x03\x04" + b"x" * 80)))

    runner.house.committer.submit(lost)
    assert runner.house.committer.submit(lambda tx: holding.adopt(tx, runner.house, AT)) == 1
    assert runner.house.committer.submit(leases.everyone) == ()


def test_an_erased_child_leaves_the_queue_and_the_leases(runner: Runner) -> None:
    held, waiting = text(runner, 1, "hi", "1", "PERSON"), text(runner, 2, "hi", "1", "PERSON")
    grave = text(runner, 3, "hi", "1", "1", "he raped me")
    do(runner, "take", "Ann", held)
    with runner.house.committer.database.transaction() as tx:
        assert {one.conversation for one in waits.queue(tx)} == {waiting, grave}
        for one in (waiting, held, grave):
            retention.erase(tx, conversations.contact_of(tx, one).id, AT)
        assert leases.by(tx, who(tx, "Ann").id) == ()
        assert waits.queue(tx) == ()
    assert take_next(runner, "Dev") is None
    fire(runner, AT + 60 * MINUTE)


_RACE = """
import sys
from datetime import UTC, datetime
from bot import app, clicks
from bot.config import Settings
from bot.runner import Runner
from storage import people
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys, Sealed

url, keys, talk, name, how = sys.argv[1:]
committer = Committer(Database(url, Keys.load(keys)))
runner = Runner(app.furnish(committer, Settings(draft_locales="allow")))
at = datetime(2026, 11, 16, 12, 1, tzinfo=UTC)

def work(tx):
    who = people.by_name(tx, name)
    if how == "take":
        return clicks.take(tx, runner, who, talk, at) or talk
    return clicks.take_next(tx, runner, who, at) or "nobody"

print("ready", flush=True)
sys.stdin.readline()
try:
    print(committer.submit(work))
except clicks.Refused:
    print("refused")
committer.close()
"""


class Racer:
    """A process that is ready, and does it once it is let go."""

    def __init__(self, seed: Seed, *arguments: str) -> None:
        (ours, out), (stdin, self._go) = os.pipe(), os.pipe()
        self._running = seed.start("-c", _RACE, *arguments, environ=os.environ, out=out, err=2, stdin=stdin)
        os.close(out)
        os.close(stdin)
        self._said = os.fdopen(ours)
        assert self._said.readline() == "ready\n"

    def go(self) -> None:
        os.write(self._go, b"\n")
        os.close(self._go)

    def said(self) -> str:
        assert self._running.wait(60) == 0
        with self._said:
            return self._said.read().strip()


@pytest.mark.parametrize("how", ["take", "next"])
def test_two_processes_take_at_once_and_one_has_the_child(
    runner: Runner, database_url: str, seed: Seed, how: str
) -> None:
    talk = text(runner, 1, "hi", "1", "PERSON")
    racers = [Racer(seed, database_url, KEYS, talk, name, how) for name in ("Ann", "Dev")]
    for one in racers:
        one.go()
    said = [one.said() for one in racers]
    assert sorted(said) == sorted([talk, "refused" if how == "take" else "nobody"])
    with runner.house.committer.database.transaction() as tx:
        lease = leases.of(tx, talk)
        assert lease is not None
        assert people.load(tx, lease.staff).name == conversations.peek(tx, talk).holder
        assert [one.key for one in messages.of(tx, talk)].count("ts_human_on") == 1


def test_a_bot_that_failed_tells_the_child_who_waits(runner: Runner) -> None:
    talk = text(runner, 1, "hi", "1", "1")
    runner.tell_waiting(talk, AT + MINUTE)
    with runner.house.committer.database.transaction() as tx:
        assert messages.of(tx, talk)[-1].key == "ts_wait"
        c = conversations.load(tx, talk)
        assert c.holder == "nobody"
        runner.handle(tx, c, events.PersonCalled(AT + 2 * MINUTE, "bot"))
        assert [one.key for one in messages.of(tx, talk)].count("ts_wait") == 1
        assert outbox.next_at(tx) is not None
