"""Where text-safe is not offered on Telegram, a child who writes is heard, told the truth, and a person is paged for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot import app, beginning
from bot.channels.base import Inbound
from bot.config import Settings
from bot.runner import Runner
from flows.model import Level, Service
from storage import alerts, cases, contacts, conversations, messages, people
from storage.codes import Direction
from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Transaction

AT: Final = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
CHILD: Final = "700900111"


@pytest.fixture
def runner(database_url: str) -> Iterator[Runner]:
    database = Database(database_url, Keys.load(Keys.new()))
    committer = Committer(database)
    with database.transaction() as tx:
        person = people.add(tx, "Ana", "duty", AT, phone="+447700900002")
        people.add_shift(tx, person.id, "duty", AT - timedelta(days=1), AT + timedelta(days=3))
    yield Runner(app.furnish(committer, Settings(draft_locales="allow")))
    committer.close()
    database.close()


def writes(runner: Runner, *texts: str) -> None:
    for number, text in enumerate(texts):
        at = AT + timedelta(minutes=number)
        runner.accept(Inbound("telegram", str(number), CHILD, text, None, at))


def told(runner: Runner) -> tuple[Level, list[str | None]]:
    """The level of the open alert, and the keys of what was said."""

    def work(tx: Transaction) -> tuple[Level, list[str | None]]:
        contact = contacts.known(tx, Service.TEXT_SAFE, "telegram", CHILD)
        assert contact is not None
        (talk,) = conversations.of_contact(tx, contact.id)
        alert = alerts.open_for(tx, talk.id)
        assert alert is not None
        assert talk.holder == "nobody"
        return alert.level, [one.key for one in messages.of(tx, talk.id) if one.direction is Direction.OUT]

    return runner.house.committer.submit(work)


def test_a_child_who_writes_there_gets_a_person_and_no_questions(runner: Runner) -> None:
    writes(runner, "hi", "1", "are you there")
    level, said = told(runner)
    assert level is Level.L2
    assert said == ["ts_wait"]


def test_a_disclosure_there_is_heard_and_danger_is_answered(runner: Runner) -> None:
    writes(runner, "hi", "he is going to kill me tonight")
    level, said = told(runner)
    assert level is Level.L4
    assert "msg_danger" in said


def test_the_first_text_is_heard_too(runner: Runner) -> None:
    writes(runner, "my dad hits me every night")
    assert told(runner)[0] >= Level.L3


def test_nobody_can_ask_for_a_check_in_there(runner: Runner) -> None:
    def work(tx: Transaction) -> bool:
        return beginning.request(tx, runner, "pc_smith", "REF-1", "telegram", CHILD, AT)

    assert not runner.house.committer.submit(work)


def test_a_return_interview_by_its_code_is_not_meant(runner: Runner) -> None:
    def offered(tx: Transaction) -> str:
        cases.add(tx, "CASE-1", AT)
        return beginning.offer(tx, runner, "CASE-1", "sms", "+447700900111", AT)[1]

    writes(runner, runner.house.committer.submit(offered))

    def said(tx: Transaction) -> list[str | None]:
        contact = contacts.known(tx, Service.RETURN_INTERVIEW, "telegram", CHILD)
        assert contact is not None
        (talk,) = conversations.of_contact(tx, contact.id)
        return [one.key for one in messages.of(tx, talk.id) if one.direction is Direction.OUT]

    assert runner.house.committer.submit(said) == ["gate"]
