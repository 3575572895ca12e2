"""A parent's or carer's form: asked only of an adult who is safe, once, and telling them nothing of the child."""

from __future__ import annotations

import html
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import beginning, clicks, parent_page, parent_view, parents, recording
from bot.channels.base import Inbound
from bot.web.app import create_app
from flows.deadlines import Status
from flows.model import Level
from flows.report import NotRecorded, Report
from storage import alerts, cases, clocks, conversations, parent_forms, people, retention, tasks
from storage.errors import StoreUnavailable
from tests.web.chatting import Chatting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from storage.database import Transaction
    from storage.people import Person

CHILD = "+447700900111"


class Asking:
    """A child who said no to the interview, and the worker who may ask at home."""

    def __init__(self, chatting: Chatting) -> None:
        self.chatting = chatting
        chatting.app = create_app(chatting.doors(), chatting.page, views=parent_page.views(chatting.runner, self.now))
        self.talk, self.case, self.rosa, self.code = chatting.committer.submit(self._begun)
        for number, text in enumerate((self.code, "1", "1", "3", "2", "5", "1")):
            self.texts(text, number)

    def now(self) -> Any:
        return self.chatting.now

    def _begun(self, tx: Transaction) -> tuple[str, str, Person, str]:
        now = self.chatting.now
        rosa = people.add(tx, "rosa", "duty", now)
        case = cases.add(tx, "CASE-1", now, {"name": "invented", "birth_date": "2012-03-14"})
        cases.add_episode(tx, case.id, now - timedelta(days=2), now - timedelta(hours=3))
        talk, code = beginning.offer(tx, self.chatting.runner, case.reference, "sms", CHILD, now)
        return talk.id, case.id, rosa, code

    def texts(self, text: str, number: int) -> None:
        self.chatting.runner.accept(Inbound("sms", f"t{number}", CHILD, text, None, self.chatting.now))

    def link(self, adult: str = "Jo, mother", because: str = "the child said she may be asked") -> str:
        found: str = self.chatting.committer.submit(
            lambda tx: parents.ask(tx, self.rosa, self.talk, adult, because, self.chatting.now)
        )
        return found

    def get(self, link: str) -> httpx.Response:
        return self.chatting.child().ask("GET", f"/p/{link}")

    def send(self, link: str, **given: Any) -> httpx.Response:
        return self.chatting.child().ask("POST", f"/p/{link}", data={"form": link, **given})

    def report(self) -> Report:
        found: Report = self.chatting.read(lambda tx: recording.current(tx, self.talk))
        return found

    def answer(self, question: str, value: str) -> None:
        def work(tx: Transaction) -> None:
            if conversations.peek(tx, self.talk).holder != "rosa":
                clicks.take(tx, self.chatting.runner, self.rosa, self.talk, self.chatting.now)
            clicks.set_answer(tx, self.chatting.runner, self.rosa, self.talk, question, value, self.chatting.now)

        self.chatting.committer.submit(work)


@pytest.fixture
def asking(database_url: str) -> Iterator[Asking]:
    made = Chatting(database_url)
    yield Asking(made)
    made.close()


@pytest.fixture
def here(migrated_file: Path, tmp_path: Path) -> Iterator[Asking]:
    shutil.copyfile(migrated_file, file := tmp_path / "page.db")
    made = Chatting(f"sqlite:///{file}")
    yield Asking(made)
    made.close()


def parent_limb(asking: Asking) -> Status | None:
    def work(tx: Transaction) -> Status | None:
        owed = [one for one in clocks.of_case(tx, asking.case) if (one.rule, one.part) == ("R13", "parent")]
        return owed[0].status if owed else None

    found: Status | None = asking.chatting.read(work)
    return found


def test_it_asks_and_says_nothing_of_the_child(asking: Asking) -> None:
    link = asking.link()
    page = asking.get(link)
    told = html.unescape(page.text)
    assert page.status_code == 200
    assert parent_view.form().banner in told
    for question in parent_view.form().questions.values():
        assert question.text in told
    for hidden in ("CASE-1", "invented", "rosa", asking.talk, CHILD, "refused", "the child said she may be asked"):
        assert hidden not in told, hidden
    assert page.headers["cache-control"].startswith("no-store")
    # To look uses nothing up: previews follow links.
    assert asking.get(link).status_code == 200


def test_what_is_sent_is_the_view_the_rows_and_the_end_of_that_limb(asking: Asking) -> None:
    assert parent_limb(asking) is Status.RUNNING
    link = asking.link()
    given = {
        "who": "parent", "led": "a row about school.\r\nno risk I think", "new": ["phone", "mood"], "risk": "no",
        "kind-1": "vehicle", "what-1": "blue van AB12 XYZ", "kind-2": "person", "what-2": "somebody called Jay",
        "kind-3": "nonsense", "what-3": "x", "kind-4": "place", "what-4": " ",
    }  # fmt: skip
    assert asking.send(link, **given).status_code == 200
    rows = [(one.kind, one.what, one.words, one.by) for one in asking.report().intelligence]
    assert rows == [
        ("vehicle", "blue van AB12 XYZ", "", parent_view.BY),
        ("person", "somebody called Jay", "", parent_view.BY),
    ]
    assert asking.report().fields["parent_view"] == "got"
    assert parent_limb(asking) is Status.MET
    entries = asking.chatting.read(lambda tx: parent_view.entries(tx, asking.talk))
    assert {one.question: one.said for one in entries}["parent_led"] == "a row about school.\nno risk I think"
    assert {one.question: one.said for one in entries}[
        "parent_new"
    ] == "A phone or messages, How they are in themselves"
    work = asking.chatting.read(lambda tx: [one.what for one in tasks.of(tx, asking.talk)])
    assert "read_parent_view" in work
    # Once.
    assert asking.send(link, led="again").status_code == 410
    assert asking.get(link).status_code == 410
    assert len(asking.report().intelligence) == 2


@pytest.mark.parametrize(("risk", "level"), [("yes", Level.L3), ("unsure", Level.L3), ("no", None)])
def test_somebody_at_home_at_risk_reaches_a_person(here: Asking, risk: str, level: Level | None) -> None:
    here.send(here.link(), risk=risk)
    alert = here.chatting.read(lambda tx: alerts.open_for(tx, here.talk))
    assert (alert.level if alert else None) == level


def test_what_they_write_is_heard(here: Asking) -> None:
    here.send(here.link(), led="i am scared he will kill himself tonight")
    alert = here.chatting.read(lambda tx: alerts.open_for(tx, here.talk))
    assert alert is not None
    assert alert.level >= Level.L2


@pytest.mark.parametrize(
    ("question", "value"), [("avoid_person", "yes"), ("not_share", "yes"), ("no_parent", "ask_first")]
)
def test_nobody_is_asked_while_the_child_forbids_it(here: Asking, question: str, value: str) -> None:
    link = here.link()
    here.answer(question, value)
    with pytest.raises(NotRecorded, match="do not contact this adult"):
        here.link()
    # A link that went out before shows nothing any more; whoever had it open already is not lost.
    assert here.get(link).status_code == 410
    assert here.send(link, risk="yes").status_code == 200
    assert here.chatting.read(lambda tx: alerts.open_for(tx, here.talk)) is not None


def test_a_concern_forbids_it_too(here: Asking) -> None:
    here.texts("my dad hits me every night", 50)
    with pytest.raises(NotRecorded, match="do not contact this adult: physical abuse"):
        here.link()


def test_a_telephone_in_other_hands_closes_the_links_of_every_chat_with_the_child(here: Asking) -> None:
    """A record without a chat takes no texts: that somebody else reads them is told in the child's own."""

    def work(tx: Transaction) -> str:
        # Missing once more, after the chat began.
        cases.add_episode(tx, here.case, here.now() + timedelta(minutes=1), here.now() + timedelta(minutes=2))
        made = beginning.without_chat(tx, here.chatting.house, here.case, "rosa", here.now())
        link = parents.ask(tx, here.rosa, made.id, "Jo, mother", "the child said so", here.now())
        conversations.save(tx, replace(conversations.load(tx, here.talk), quiet=True))
        return link

    assert here.get(here.chatting.committer.submit(work)).status_code == 410
    with pytest.raises(NotRecorded, match="somebody else may have the child's telephone"):
        here.link()


def test_without_a_name_or_a_reason_there_is_no_link(here: Asking) -> None:
    for adult, because in (("", "x"), ("Jo", " "), ("J" * 81, "x")):
        with pytest.raises(NotRecorded):
            here.link(adult, because)


def test_wrong_late_closed_or_erased_is_one_answer(here: Asking) -> None:
    late, closed, gone = here.link(), here.link(), here.link()
    wrong = here.get("x" * 43)

    def work(tx: Transaction) -> None:
        held = parent_forms.find(tx, closed, here.now())
        assert held is not None
        assert parent_forms.close(tx, held, here.rosa.id, here.now())
        assert not parent_forms.close(tx, held, here.rosa.id, here.now())

    here.chatting.committer.submit(work)
    assert here.get(closed).text == wrong.text
    contact = here.chatting.read(lambda tx: conversations.contact_of(tx, here.talk)).id
    here.chatting.tick(days=7)
    assert here.get(late).text == wrong.text
    here.chatting.tick(hours=2)
    assert here.send(late, led="x").status_code == 410
    here.chatting.committer.submit(lambda tx: retention.erase(tx, contact, here.now()))
    assert here.get(gone).text == wrong.text


def test_what_was_begun_in_the_last_minutes_is_heard(here: Asking) -> None:
    link = here.link()
    here.chatting.tick(days=7, minutes=20)
    assert here.get(link).status_code == 410
    assert here.send(link, risk="yes").status_code == 200
    assert here.chatting.read(lambda tx: alerts.open_for(tx, here.talk)) is not None


def test_another_sites_form_is_refused(here: Asking) -> None:
    link = here.link()
    child = here.chatting.child()
    bad = child.ask("POST", f"/p/{link}", data={"form": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert bad.status_code == 403
    assert here.get(link).status_code == 200


def test_a_signed_record_takes_it_by_an_amendment(here: Asking) -> None:
    whole = {
        "interviewer": "Rosa", "relation": "voluntary", "engaged": "declined", "disclosure": "none_recorded",
        "parent_view": "offered", "parent_view_why": "asked today", "refusal_reason": "does not trust it",
    }  # fmt: skip
    link = here.link()

    def work(tx: Transaction) -> None:
        recording.set_fields(tx, here.rosa, here.talk, whole, here.now())
        recording.sign(tx, here.chatting.house, here.rosa, here.talk, here.now())

    here.chatting.committer.submit(work)
    here.send(link, **{"kind-1": "place", "what-1": "a flat over the shop"})
    [amendment] = here.report().amendments
    assert (amendment.by, amendment.changes) == (parent_view.BY, ("parent_view", "intelligence"))
    assert here.report().signed


# --- something of ours fails ------------------------------------------------------------------------------------------


def fails(*_: Any, **__: Any) -> Any:
    raise RuntimeError(SECRET)


SECRET = "blue van AB12 XYZ"
WROTE = {
    "who": "foster_carer",
    "led": 'he is "hurt" & scared',
    "new": ["phone", "mood"],
    "kind-2": "vehicle",
    "what-2": SECRET,
}


def test_what_fails_in_their_words_loses_none_and_calls_a_person(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = asking.link()
    monkeypatch.setattr(parents, "_record", fails)
    assert asking.send(link, **WROTE).status_code == 200
    [held] = asking.chatting.read(lambda tx: parent_forms.of(tx, asking.talk))
    assert (held.answers["led"], held.rows) == ('he is "hurt" & scared', (("vehicle", SECRET),))
    # Nobody and nothing has read it: it waits for a person until one has.
    alert = asking.chatting.read(lambda tx: alerts.open_for(tx, asking.talk))
    assert alert is not None
    assert alert.level >= Level.L2
    assert "read_parent_view" in asking.chatting.read(lambda tx: [one.what for one in tasks.of(tx, asking.talk)])
    assert "form not handled: RuntimeError at test_parents.py:" in caplog.text
    assert SECRET not in caplog.text
    assert asking.get(link).status_code == 410


def test_a_box_that_is_an_alarm_rings_though_all_else_failed(here: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    link = here.link()
    monkeypatch.setattr(parents, "_record", fails)
    assert here.send(link, risk="yes").status_code == 200
    alert = here.chatting.read(lambda tx: alerts.open_for(tx, here.talk))
    assert alert is not None
    assert alert.level == Level.L3


def test_where_nothing_works_they_get_a_plain_page_with_what_they_wrote(
    here: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = here.link()
    with monkeypatch.context() as broken:
        broken.setattr(parent_forms, "answer", fails)
        page = here.send(link, **WROTE)
        assert (page.status_code, page.headers["retry-after"]) == (503, "5")
        told = html.unescape(page.text)
        assert "What you wrote is still here" in told
        for kept in (
            'he is "hurt" & scared',
            f'value="{SECRET}"',
            'value="foster_carer" checked',
            'value="mood" checked',
        ):
            assert kept in told, kept
        assert 'value="vehicle" selected' in told
        assert "Traceback" not in told
        broken.setattr(parents, "opened", fails)
        page = here.get(link)
        assert (page.status_code, "Open the link again in a minute" in page.text) == (503, True)
    assert "link not answered: RuntimeError at test_parents.py:" in caplog.text
    assert SECRET not in caplog.text
    # Sent again, it is taken.
    assert here.send(link, **WROTE).status_code == 200
    assert len(here.report().intelligence) == 1


def test_without_a_store_what_they_wrote_stands_there_again(here: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any) -> Any:
        raise StoreUnavailable

    link = here.link()
    monkeypatch.setattr(parents, "answered", down)
    page = here.send(link, **WROTE)
    assert (page.status_code, SECRET in page.text) == (503, True)
    # What came from elsewhere is no page of ours, whatever fails.
    assert (
        here.chatting.child()
        .ask("POST", f"/p/{link}", data=WROTE, headers={"Sec-Fetch-Site": "cross-site"})
        .status_code
        == 403
    )
