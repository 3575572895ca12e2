from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.model import Answer, Concern, Guard, Hit, Level, Task
from storage import answers, messages, revisions, shares, tasks
from storage.codes import Direction
from storage.messages import Message
from tests.storage import invented
from tests.storage.invented import AT, MINUTE, WORDS

if TYPE_CHECKING:
    from storage.database import Database


def test_the_thread_stands_in_its_order_with_who_wrote_what(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        came = messages.add(tx, talk.id, Direction.IN, "sms", "\x00 \ud800 لا", AT, external_id="SM1")
        said = (tx, talk.id, Direction.OUT, "sms", "OK", AT)
        ids = [messages.add(*said, by=by, key="ts_later", locale="en") for by in ("rosa", None)]
        went = Message(ids[0], talk.id, Direction.OUT, "sms", "OK", AT, "rosa", key="ts_later", locale="en")
        after = replace(went, id=ids[1], by="bot")
        first = Message(came, talk.id, Direction.IN, "sms", "\x00 \ud800 لا", AT, "child", "SM1")
        assert messages.of(tx, talk.id) == (first, went, after)
        assert messages.load(tx, came) == first
        assert messages.load(tx, came, talk.id) == first


def test_every_version_of_an_answer_stays_and_the_last_is_shown(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        first = Answer("felt_safe", 2, "two", AT, "en", messages=("m1",))
        second = replace(first, value=None, said=WORDS, at=AT + MINUTE, by="Rosa")
        other = Answer("with", ("friends", "family"), "1 2", AT, "vi")
        answers.add(tx, talk.id, first, "r1")
        answers.add_all(tx, talk.id, (other, second), "r2")
        kept = answers.of(tx, talk.id)
        assert [(one.revision, one.answer) for one in kept] == [("r1", first), ("r2", other), ("r2", second)]
        assert answers.shown(tx, talk.id) == {"with": other, "felt_safe": second}


def test_a_concern_keeps_its_evidence_and_message(database: Database) -> None:
    heard = Concern(Level.L3, Level.L2, ("D05", "D07"), (Hit("D05", Level.L3, 0, 6, "r", None),), Guard.LOCK, "age")
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        kept = answers.add_concern(tx, talk.id, heard, "m1", AT)
        assert answers.concerns(tx, talk.id) == (answers.Heeded(kept, "m1", AT, heard),)


def test_a_revision_is_kept_once_per_language(database: Database) -> None:
    with database.transaction() as tx:
        assert revisions.keep(tx, "r1", "en", "text_safe", "source", AT)
        assert not revisions.keep(tx, "r1", "en", "text_safe", "another", AT)
        assert revisions.keep(tx, "r1", "vi", "text_safe", "nguồn", AT)
        assert revisions.load(tx, "r1", "en") == "source"
        assert revisions.load(tx, "r1", "vi") == "nguồn"
        assert revisions.load(tx, "r2", "en") is None


def test_tasks_are_done_once_by_somebody(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        later = tasks.add(tx, Task("ring", "worker", "2wd"), AT + MINUTE, AT, conversation=talk.id)
        sooner = tasks.add(tx, Task("doctor", "duty", "now"), AT, AT, conversation=talk.id)
        assert tasks.undone(tx) == (sooner, later)
        assert tasks.done(tx, sooner.id, "ana", AT)
        assert not tasks.done(tx, sooner.id, "ben", AT)
        assert tasks.undone(tx) == (later,)
        assert [one.done_at for one in tasks.of(tx, talk.id)] == [None, AT]


def test_what_left_the_house_is_known(database: Database) -> None:
    with database.transaction() as tx:
        _, talk = invented.chat(tx)
        filing = tasks.filed(tx, talk.id, "json", "done", "0" * 64, "bot", AT)
        share = shares.add(tx, talk.id, "police", "PC Grey", ("outcome", "risks"), "the child agreed", "rosa", AT)
        assert tasks.filings(tx, talk.id) == (filing,)
        assert shares.of(tx, talk.id) == (share,)
