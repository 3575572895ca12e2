"""Who may be offered an interview by text, and to which number (decisions 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import beginning, keeping, starting
from bot.channels.base import Inbound
from bot.config import Settings
from bot.faults import user_mistakes
from bot.play import script
from bot.play.stage import CHILD, PLAY_KEYS, Stage
from flows.model import NOBODY
from storage import audit, cases, contacts, conversations, people

if TYPE_CHECKING:
    from storage.database import Transaction

NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
NUMBER = "+447700900121"
OFFERED = """flow: return_interview
start: offer
now: 2026-11-16 13:00
child: age=14 looked_after=no learning_disability=no number_confirmed=yes
episode: missing="2026-11-15 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager
"""
CHILDREN: dict[str, dict[str, str | int | None]] = {
    "nine": {"birth_date": "2016-11-17"},
    "ten": {"birth_date": "2016-11-16"},
    "twelve": {"birth_date": "2013-11-17"},
    "thirteen": {"birth_date": "2013-11-16"},
    "by age": {"age": 9},
    "disabled": {"birth_date": "2010-01-01", "learning_disability": "yes"},
    "unknown": {},
}


@pytest.fixture
def settings(database_url: str) -> Settings:
    made = Settings(database_url=database_url, keys=PLAY_KEYS)

    def work(tx: Transaction) -> None:
        people.add(tx, "Rosa", "worker", NOW)
        people.add(tx, "Smith", "requester", NOW)
        for name, known in CHILDREN.items():
            cases.add(tx, name, NOW, known)

    keeping.within(made, work)
    return made


def begun(tx: Transaction, child: str) -> list[str]:
    case = cases.by_child(tx, child)
    return [] if case is None else list(conversations.of_case(tx, case.id))


@pytest.mark.parametrize(
    ("child", "because"),
    [
        ("nine", "not left alone with the bot"),
        ("by age", "not left alone with the bot"),
        ("disabled", "not left alone with the bot"),
        ("ten", "under 13"),
        ("twelve", "under 13"),
    ],
)
def test_nobody_young_is_texted_before_a_worker_made_sure_whose_number_it_is(
    settings: Settings, child: str, because: str
) -> None:
    with pytest.raises(user_mistakes(), match=because) as told:
        starting.offer(settings, child, NUMBER, NOW)
    assert "--by" in str(told.value)
    assert "\n" not in str(told.value)
    assert keeping.within(settings, lambda tx: begun(tx, child)) == []
    starting.offer(settings, child, NUMBER, NOW, "Rosa")

    def look(tx: Transaction) -> None:
        [talk] = begun(tx, child)
        assert conversations.peek(tx, talk).facts["number_confirmed"] == "yes"
        rosa = people.by_name(tx, "Rosa")
        assert [line.who for line in audit.about(tx, talk) if line.what == "number.confirmed"] == [rosa and rosa.id]

    keeping.within(settings, look)


@pytest.mark.parametrize(("child", "age"), [("thirteen", 13), ("unknown", None)])
def test_whoever_offers_vouches_for_an_older_childs_number(settings: Settings, child: str, age: int | None) -> None:
    starting.offer(settings, child, NUMBER, NOW)
    [talk] = keeping.within(settings, lambda tx: begun(tx, child))
    known = keeping.within(settings, lambda tx: conversations.peek(tx, talk).facts)
    assert known.get("age") == age
    assert "number_confirmed" not in known


@pytest.mark.parametrize(
    ("by", "because"), [("Nobody", "nobody active of that name"), ("Smith", "vouches for no number")]
)
def test_only_the_staff_vouch_for_a_number(settings: Settings, by: str, because: str) -> None:
    with pytest.raises(user_mistakes(), match=because):
        starting.offer(settings, "twelve", NUMBER, NOW, by)
    assert keeping.within(settings, lambda tx: begun(tx, "twelve")) == []


@pytest.mark.parametrize(("channel", "address", "holder"), [("sms", NUMBER, NOBODY), ("web", "a-page", "bot")])
def test_a_code_that_comes_from_another_number_leads_to_a_person(
    database_url: str, channel: str, address: str, holder: str
) -> None:
    with Stage(script.parse(OFFERED), database_url) as stage:
        with stage.database.snapshot() as tx:
            code = str(conversations.peek(tx, stage.conversation).facts["code"])
        for number, text in enumerate((code, "1", "1")):
            stage.runner.accept(Inbound(channel, f"other-{number}", address, text, None, stage.now))
            stage.settle()
        with stage.database.transaction() as tx:
            [contact] = contacts.known_anywhere(tx, channel, address)
            talk = conversations.latest(tx, contact.id)
        assert talk is not None
        assert talk.holder == holder


@pytest.mark.parametrize("known", ["thirteen", "nine"])
def test_nobody_else_is_interviewed_on_a_childs_number(settings: Settings, known: str) -> None:
    starting.offer(settings, known, NUMBER, NOW, "Rosa")
    with pytest.raises(user_mistakes(), match="that of another child") as told:
        starting.offer(settings, "unknown", NUMBER, NOW, "Rosa")
    assert "meet or call" in str(told.value)
    assert keeping.within(settings, lambda tx: begun(tx, "unknown")) == []
    starting.offer(settings, known, NUMBER, NOW, "Rosa")
    assert len(keeping.within(settings, lambda tx: begun(tx, known))) == 2


def test_whoever_says_that_a_number_is_not_theirs_is_offered_nothing_there_again(database_url: str) -> None:
    with Stage(script.parse(OFFERED.replace(" number_confirmed=yes", "")), database_url) as stage:
        stage.child("u have the wrong person", "sms")

        def offer(tx: Transaction) -> object:
            return beginning.offer(tx, stage.runner, "PLAY-1", "sms", CHILD["sms"], stage.now)

        with pytest.raises(beginning.Refused, match="not to be their own"):
            stage.committer.submit(offer)


@pytest.mark.parametrize(
    ("way", "told", "text", "later"),
    [
        ("bare", (), "2", 1),
        ("by its code", (), None, 1),
        ("a talk that is over", (), "2", 31),
        ("a talk that people are called for", ("my dad hits me",), "2", 31),
    ],
)
def test_an_offer_in_the_middle_of_a_talk_takes_no_answer_from_it(
    database_url: str, way: str, told: tuple[str, ...], text: str | None, later: int
) -> None:
    with Stage(script.parse(OFFERED), database_url) as stage:
        first = stage.conversation
        for said in ("hi", "1", "1", "1", "1", "5", *told):
            stage.child(said, "sms")
            stage.settle()

        def offer(tx: Transaction) -> tuple[str, str]:
            talk, code = beginning.offer(tx, stage.runner, "PLAY-1", "sms", CHILD["sms"], stage.now)
            return talk.id, code

        stage.now += timedelta(minutes=1)
        second, code = stage.committer.submit(offer)
        stage.now += timedelta(minutes=later)
        stage.child(text or code, "sms")
        with stage.database.snapshot() as tx:
            at = [conversations.peek(tx, one).last_inbound_at for one in (first, second)]
    assert at.index(stage.now) == (0 if told or way == "bare" else 1)
