"""A child reads its own words on the page: by a code, once, with a way to put them right; and nothing of anybody else's."""

from __future__ import annotations

import html
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot import beginning, reading, recording
from bot.channels.base import Inbound
from flows.model import Level
from flows.report import NotRecorded, Report
from storage import alerts, audit, cases, conversations, messages, people, readings, retention, tasks, waits
from tests.web.chatting import Chatting, Child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from storage.database import Transaction
    from storage.people import Person

CHILD = "+447700900111"
WORDS = "I stayed at my nan's house and we made cake"


@pytest.fixture
def here(migrated_file: Path, tmp_path: Path) -> Iterator[Chatting]:
    """The page on SQLite, for what no database changes."""
    shutil.copyfile(migrated_file, file := tmp_path / "page.db")
    made = Chatting(f"sqlite:///{file}")
    yield made
    made.close()


class Told:
    """A child who has told us something by text, and a worker who may release it."""

    def __init__(self, chatting: Chatting, locale: str = "en") -> None:
        self.chatting = chatting

        def work(tx: Transaction) -> tuple[str, Person]:
            rosa = people.add(tx, "rosa", "duty", chatting.now)
            case = cases.add(tx, "CASE-1", chatting.now, {"name": "invented", "age": 14})
            talk, code = beginning.offer(tx, chatting.runner, case.reference, "sms", CHILD, chatting.now, locale=locale)
            self.code = code
            return talk.id, rosa

        self.talk, self.rosa = chatting.committer.submit(work)
        for number, text in enumerate((self.code, "1")):
            self.texts(text, number)
        chatting.committer.submit(self._answer)

    def texts(self, text: str, number: int) -> None:
        inbound = Inbound("sms", f"t{number}", CHILD, text, None, self.chatting.now)
        self.chatting.runner.accept(inbound)

    def _answer(self, tx: Transaction) -> None:
        from bot import clicks

        clicks.take(tx, self.chatting.runner, self.rosa, self.talk, self.chatting.now)
        for question, said in (("where", WORDS), ("d_where", "behind the station"), ("want_now", "a quiet place")):
            clicks.set_answer(tx, self.chatting.runner, self.rosa, self.talk, question, said, self.chatting.now)

    def release(self) -> str:
        found: str = self.chatting.committer.submit(
            lambda tx: reading.release(tx, self.chatting.house, self.rosa, self.talk, self.chatting.now)
        )
        return found

    def report(self) -> Report:
        found: Report = self.chatting.read(lambda tx: recording.current(tx, self.talk))
        return found


def shown(answer: httpx.Response) -> str:
    return html.unescape(answer.text)


def opens(told: Told, child: Child | None = None) -> tuple[str, str]:
    """The page of its words, and what its form carries."""
    code = told.release()
    child = child or told.chatting.child()
    asked = shown(child.post(do="code", code=code))
    assert "Can only you see it now?" in asked
    assert WORDS not in asked
    page = shown(child.post(do="read", code=code))
    found = re.search(r'name="read" value="([\w-]+)"', page)
    assert found, page
    return page, found[1]


def test_what_a_worker_chose_from_a_list_is_shown_to_the_child_in_words(here: Chatting) -> None:
    """A worker who writes an answer down leaves its code: the child read "Not listened to: not_listened"."""
    from bot import clicks

    told = Told(here)
    given = (("nights", "other_home"), ("push", ("not_listened", "low_mood")), ("home_feel", 3))

    def work(tx: Transaction) -> None:
        for question, value in given:
            clicks.set_answer(tx, here.runner, told.rosa, told.talk, question, value, here.now)

    here.committer.submit(work)
    page = opens(told)[0]
    for label in ("A person's home", "Not listened to, Felt low", "OK"):
        assert f'<blockquote dir="auto">{label}</blockquote>' in page
    # In what is read, not in what the form carries.
    said = re.findall(r"<(?:legend|blockquote)[^>]*>(.*?)</", page, re.DOTALL)
    assert not [one for one in said if re.search(r"[a-z]_[a-z]|\(", one)]


def test_its_own_words_once_and_nobody_elses(chatting: Chatting) -> None:
    told = Told(chatting)
    code = told.release()
    child = chatting.child()
    assert "Can only you see it now?" in shown(child.post(do="code", code=code))
    # To ask uses nothing up; to look does.
    assert "Can only you see it now?" in shown(child.post(do="code", code=code))
    answer = child.post(do="read", code=code)
    page = shown(answer)
    assert WORDS in page
    assert "a quiet place" in page
    for hidden in ("behind the station", "rosa", "CASE-1", "invented", told.talk):
        assert hidden not in page, hidden
    assert answer.headers["cache-control"] == "no-store, max-age=0"
    assert 'id="exit"' in page
    assert 'data-chat="read"' in page
    # Never again: not by the code, from here or elsewhere, nor by a reload of the page.
    for again in (child, chatting.child()):
        assert "shown again" in shown(again.post(do="read", code=code))
        assert "did not work" in shown(again.post(do="code", code=code))
    assert WORDS not in child.get()
    assert "reading.opened" in [one.what for one in chatting.read(lambda tx: list(audit.about(tx, told.talk)))]


def test_this_is_right(here: Chatting) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    assert "We have it" in shown(child.post(do="read_right", read=token))
    [read] = told.report().read
    assert (read.outcome, told.report().corrections) == ("right", ())
    # Answered once: a second press records nothing more, and nobody releases it again.
    assert "shown again" in shown(child.post(do="read_right", read=token))
    assert "We have it" in shown(child.post(do="read_send", read=token, **{"new-where": "elsewhere"}))
    assert told.report().corrections == ()
    with pytest.raises(NotRecorded, match="shown once"):
        told.release()


def test_an_answer_is_put_right_and_another_taken_back_and_both_versions_stand(chatting: Chatting) -> None:
    told = Told(chatting)
    child = chatting.child()
    _, token = opens(told, child)
    given = {
        "new-where": "at my auntie's.\r\nno risk at all",
        "back-want_now": "yes",
        "new-want_now": "x",
        "new-nothing": "y",
    }
    child.post(do="read_send", read=token, **given)
    rows = {(one.question, one.kind, one.words, one.by) for one in told.report().corrections}
    assert rows == {
        ("where", "corrects", "at my auntie's.\nno risk at all", "child"),
        ("want_now", "withdraws", "", "child"),
    }
    assert told.report().read[0].outcome == "changed"
    answers = chatting.read(lambda tx: conversations.peek(tx, told.talk)).answers
    assert answers["where"].said == WORDS


def test_what_is_written_beside_the_wrong_button_is_kept_all_the_same(here: Chatting) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    child.post(do="read_right", read=token, **{"new-where": "it was not nan's"})
    assert [one.words for one in told.report().corrections] == ["it was not nan's"]


def test_what_is_told_there_is_heard_and_nothing_is_answered(here: Chatting) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    before = here.read(lambda tx: len(messages.of(tx, told.talk)))
    child.post(do="read_send", read=token, **{"new-where": "he hits me every night and i am scared"})
    alert = here.read(lambda tx: alerts.open_for(tx, told.talk))
    assert alert is not None
    assert alert.level >= Level.L3
    # The child's own text alone is new in the thread.
    assert here.read(lambda tx: len(messages.of(tx, told.talk))) == before + 1


def _heard(here: Chatting, told: Told) -> tuple[str, int]:
    """The child's last text in the thread, and the level of the open alert."""
    alert = here.read(lambda tx: alerts.open_for(tx, told.talk))
    last = here.read(lambda tx: messages.of(tx, told.talk))[-1]
    return last.text, int(alert.level) if alert is not None else 0


@pytest.mark.parametrize("late", ["taken back", "too old", "answered already"])
def test_what_is_told_there_is_heard_whatever_becomes_of_the_rest(here: Chatting, late: str) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    back = {"back-where": "yes"} if late == "taken back" else {}
    if late == "too old":
        here.now += readings.OPEN_FOR + timedelta(seconds=1)
    if late == "answered already":
        child.post(do="read_right", read=token)
    before = here.read(lambda tx: len(messages.of(tx, told.talk)))
    for _ in range(2):
        answer = child.post(
            do="read_send", read=token, **{"new-where": "he hits me every night and i am scared"}, **back
        )
        assert "We have it" in shown(answer)
    assert here.read(lambda tx: len(messages.of(tx, told.talk))) == before + 1, "two presses are one text"
    assert _heard(here, told) == ("he hits me every night and i am scared", 3)
    assert [one.kind for one in told.report().corrections] == (["withdraws"] if back else [])


@pytest.mark.parametrize(("wrote", "works"), [({"new-where": "can u ring me"}, 1), ({"back-where": "yes"}, 1), ({}, 0)])
def test_a_person_reads_what_was_written_or_taken_back(here: Chatting, wrote: dict[str, str], works: int) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    child.post(do="read_send", read=token, **wrote)
    given = here.read(lambda tx: tasks.of(tx, told.talk))
    assert [one.what for one in given].count("read_childs_changes") == works


def test_whom_the_words_are_about_is_kept_from_them(here: Chatting) -> None:
    told = Told(here)
    child = here.child()
    _, token = opens(told, child)
    child.post(do="read_send", read=token, **{"new-where": "rosa touched me and said it is our secret"})
    alert = here.read(lambda tx: alerts.open_for(tx, told.talk))
    assert alert is not None
    assert "rosa" in alert.away
    assert here.read(lambda tx: waits.is_barred(tx, told.talk, told.rosa.id))
    assert here.read(lambda tx: conversations.peek(tx, told.talk)).holder != "rosa"


def test_too_late_or_too_long_or_replaced(chatting: Chatting) -> None:
    told = Told(chatting)
    child = chatting.child()
    first, second = told.release(), told.release()
    assert "did not work" in shown(child.post(do="code", code=first))
    chatting.now += readings.VALID
    assert "did not work" in shown(child.post(do="code", code=second))
    _, token = opens(told, child)
    chatting.now += readings.OPEN_FOR + timedelta(seconds=1)
    assert "shown again" in shown(child.post(do="read_right", read=token))
    assert told.report().read == ()


def test_guesses_shut_this_door_with_the_others(here: Chatting) -> None:
    told = Told(here)
    code = told.release()
    child = here.child()
    for number in range(30):
        child.post(do="code", code=f"07700 900{number:03d} 000000")
    assert "did not work" in shown(child.post(do="code", code=code))
    here.tick(minutes=11)
    assert "Can only you see it now?" in shown(child.post(do="code", code=code))


def test_guesses_at_the_words_themselves_are_counted_too(here: Chatting) -> None:
    told = Told(here)
    code = told.release()
    child = here.child()
    for number in range(30):
        child.post(do="read", code=f"07700 900{number:03d} 000000")
    assert WORDS not in shown(child.post(do="read", code=code))
    assert "did not work" in shown(child.post(do="code", code=code))
    here.tick(minutes=11)
    assert WORDS in shown(child.post(do="read", code=code))


def test_nothing_where_somebody_else_may_read_or_the_child_was_erased(here: Chatting) -> None:
    told = Told(here)
    code = told.release()

    def quiet(tx: Transaction, on: bool) -> None:
        conversations.save(tx, replace(conversations.load(tx, told.talk), quiet=on))

    here.committer.submit(lambda tx: quiet(tx, True))
    child = here.child()
    assert "did not work" in shown(child.post(do="code", code=code))
    assert WORDS not in shown(child.post(do="read", code=code))
    with pytest.raises(NotRecorded, match="somebody else"):
        told.release()
    here.committer.submit(lambda tx: quiet(tx, False))
    contact = here.read(lambda tx: conversations.contact_of(tx, told.talk)).id
    here.committer.submit(lambda tx: retention.erase(tx, contact, here.now))
    assert "did not work" in shown(child.post(do="code", code=code))


def test_in_the_childs_own_language(here: Chatting) -> None:
    told = Told(here, "vi")
    code = told.release()
    page = shown(here.child().post(do="code", code=code))
    assert 'lang="vi"' in page
    assert "chỉ mình bạn" in page


def test_without_a_script_the_forms_do_the_same(here: Chatting) -> None:
    told = Told(here)
    child = here.child()
    code = told.release()
    page = child.ask("POST", data={"do": "read", "code": code})
    assert (page.status_code, WORDS in shown(page)) == (200, True)
    assert page.headers["cache-control"] == "no-store, max-age=0"


def test_a_text_of_it_opens_nothing(here: Chatting) -> None:
    """The code is of the page alone: by text nothing is ever shown (decisions 5)."""
    told = Told(here)
    told.texts(told.release(), 77)
    thread = here.read(lambda tx: messages.of(tx, told.talk))
    assert WORDS not in " ".join(one.text for one in thread)
