"""An officer asks: accepted or not accepted, in the same words and time for any number, and nothing after."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot import beginning
from bot.desk import requesting
from flows import inviting
from flows.model import Service
from storage import audit, contacts, conversations, messages, offers, tasks, timers
from storage import waits as bars
from storage.codes import Bar
from tests.desk.at_desk import CHILD, AtDesk, seen

if TYPE_CHECKING:
    import httpx

    from storage.database import Transaction

COUNT = text("SELECT count(*) FROM requests")
KNOWN, UNKNOWN = "07700 900123", "07700 900155"
UNTROUBLED = {"trafficked": "no", "read_by_others": "no"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "SECONDS", 0.0)


def ask(desk: AtDesk, number: str = UNKNOWN, **more: Any) -> httpx.Response:
    form = {
        "number": number,
        "reference": "MIS/2026/104",
        "safe": "yes",
        "age_band": "",
        "language": "",
        **UNTROUBLED,
        **more,
    }
    return desk.post("/request", "requester", **form)


def test_accepted_once_and_not_twice(desk: AtDesk) -> None:
    assert "Accepted." in seen(ask(desk))
    again = seen(ask(desk))
    assert "Not accepted." in again
    assert "07700" not in again, "what was typed is not shown again"
    who = desk.people["requester"].id
    lines = [one for one in desk.read(lambda tx: list(audit.about(tx, _contact(desk)))) if one.who == who]
    assert [one.what for one in lines] == ["request.made", "request.made"]
    assert [one.accepted for one in desk.read(lambda tx: offers.requests(tx, _contact(desk)))] == [True, False]


def _contact(desk: AtDesk) -> str:
    return str(desk.do(_contact_of))


def test_the_words_are_the_same_for_a_number_we_know(here: AtDesk) -> None:
    """A child who has texted us, one in the other service, one we have never heard of: one page."""
    here.child_says("hi", CHILD)
    answers = {ask(here, number).text.replace(here.mark(here.tokens["requester"]), "") for number in (KNOWN, UNKNOWN)}
    refused = {
        ask(here, number, **more).text
        for number, more in (
            (KNOWN, {}),
            (UNKNOWN, {}),
            ("07700 900156", {"safe": "no"}),
            ("07700 900157", {"age_band": "under_13"}),
        )
    }
    assert len(answers) == 1
    assert len(refused) == 1


def test_the_time_is_the_same_for_any_number(here: AtDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requesting, "SECONDS", 0.6)
    here.sign_in("requester")
    took = []
    for number, more in ((UNKNOWN, {}), (UNKNOWN, {}), ("07700 900158", {"safe": "no"}), ("nonsense", {})):
        began = time.monotonic()
        ask(here, number, **more)
        took.append(time.monotonic() - began)
    assert min(took) >= 0.6


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "999"},
        {"number": "call me"},
        {"number": "07700 900123 ext 4"},
        {"reference": ""},
        {"reference": "<b>x</b>"},
        {"reference": "a" * 41},
        {"age_band": "old"},
        {"safe": ""},
        {"safe": "maybe"},
        {"trafficked": ""},
        {"read_by_others": "perhaps"},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_asked_again_and_nothing_is_kept(here: AtDesk, wrong: dict[str, str]) -> None:
    response = ask(here, **wrong)
    assert response.status_code == 400
    assert "<b>x" not in response.text
    assert 'role="alert"' in response.text
    assert here.read(lambda tx: tx.execute(COUNT).scalar_one()) == 0


def test_an_officer_sees_nothing_else(here: AtDesk) -> None:
    alert = here.alert()
    for path in ("/board", f"/alerts/{alert.id}", "/reviews", f"/a/{alert.id}", "/board/live"):
        assert here.get(path, "requester").status_code == 403, path
    menu = here.get("/request", "requester").text
    assert "/board" not in menu
    assert here.get("/", "requester").headers["location"] == "/request"
    assert here.get("/", "duty").headers["location"] == "/board"


@pytest.mark.parametrize("more", [{"trafficked": "unknown"}, {"trafficked": "yes"}, {"read_by_others": "yes"}], ids=str)
def test_who_may_be_trafficked_is_texted_only_when_a_manager_says_so(desk: AtDesk, more: dict[str, str]) -> None:
    """003:482. The officer reads the same words; nothing has left until a manager has pressed."""
    assert "Accepted." in seen(ask(desk, **more))
    assert told(desk) == 0
    contact = _contact(desk)
    board = desk.get("/board", "duty").text
    assert "Text this child" not in board
    waits = desk.do(lambda tx: [one for one in tasks.undone(tx) if one.what == beginning.MAY_TEXT.what])
    assert [one.role for one in waits] == ["manager"]
    page = desk.get("/board", "manager")
    assert "Text this child" in page.text
    assert f"asked by {desk.people['requester'].name}" in seen(page)
    path = f"/tasks/{waits[0].id}/approve"
    assert desk.post(path, "duty", text="yes").status_code == 403
    desk.post(path, "manager", text="yes")
    assert told(desk) == 1
    assert "Text this child" not in desk.get("/board", "manager").text
    assert desk.post(path, "manager", text="no").status_code == 404
    whats = [one.what for one in desk.read(lambda tx: list(audit.about(tx, contact)))]
    assert whats.count("request.approved") == 1


def told(desk: AtDesk) -> int:
    """How many texts of ours have left to the number, or are to."""

    def work(tx: Transaction) -> int:
        talks = [one.id for one in conversations.of_contact(tx, _contact_of(tx))]
        waits = (one for talk in talks for one in timers.of(tx, talk) if one.name == inviting.TIMER)
        return sum(1 for _ in waits) + sum(len(messages.of(tx, talk)) for talk in talks)

    return int(desk.do(work))


def test_a_manager_says_no_and_nothing_leaves(desk: AtDesk) -> None:
    ask(desk, trafficked="yes")
    waits = desk.do(lambda tx: [one for one in tasks.undone(tx) if one.what == beginning.MAY_TEXT.what])
    desk.post(f"/tasks/{waits[0].id}/approve", "manager", text="no")
    assert told(desk) == 0
    assert not desk.do(lambda tx: offers.has_open_request(tx, _contact_of(tx)))


def _contact_of(tx: Transaction) -> str:
    found = contacts.known(tx, Service.TEXT_SAFE, "sms", "+447700900155")
    assert found is not None
    return found.id


def test_a_manager_who_is_kept_from_the_child_is_not_asked(here: AtDesk) -> None:
    ask(here, trafficked="unknown")
    (waits,) = here.do(lambda tx: [one for one in tasks.undone(tx) if one.what == beginning.MAY_TEXT.what])
    here.do(lambda tx: bars.bar(tx, waits.conversation, here.people["manager"].id, Bar.CONFLICT, here.now))
    assert "Text this child" not in here.get("/board", "manager").text
    assert here.post(f"/tasks/{waits.id}/approve", "manager", text="yes").status_code == 404
    assert "Text this child" in here.get("/board", "service_manager").text


def test_of_two_managers_at_once_the_first_counts(desk: AtDesk) -> None:
    ask(desk, trafficked="yes")
    (waits,) = desk.do(lambda tx: [one for one in tasks.undone(tx) if one.what == beginning.MAY_TEXT.what])
    desk.sign_in("manager")
    with ThreadPoolExecutor(1) as another:
        with desk.database.transaction() as tx:
            beginning.may_be_texted(tx, desk.house, waits, desk.people["service_manager"], desk.now, yes=False)
            second = another.submit(desk.post, f"/tasks/{waits.id}/approve", "manager", text="yes")
            time.sleep(0.3)
        assert second.result().status_code == 404
    assert told(desk) == 0
    said = desk.do(lambda tx: [one.what for one in audit.about(tx, _contact_of(tx))])
    assert "request.approved" not in said
