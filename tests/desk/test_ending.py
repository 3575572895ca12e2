"""Somebody's access ends, by each way in which it can: what they had in hand goes on without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import clicks, keeping, staffing
from bot.ticker import Ticker
from flows import standing
from flows.model import NOBODY
from storage import conversations, leases, messages, people, sessions, waits
from tests.desk.at_desk import seen

if TYPE_CHECKING:
    from storage.people import Person
    from tests.desk.at_desk import AtDesk

HELD, TAKEN, SAYS = "+447700900141", "+447700900142", "+447700900143"


def end(desk: AtDesk, rosa: Person, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "at the desk":
        assert desk.post(f"/staff/{rosa.id}/let-go", "manager").status_code == 303
    elif how == "by a command":
        monkeypatch.setattr(keeping, "within", lambda _, work: desk.do(work))
        staffing.disable(desk.house.settings, "rosa", desk.now)
    else:
        desk.child_says("your worker rosa touched me", SAYS)


@pytest.mark.parametrize("how", ["at the desk", "by a command", "by what a child says"])
def test_what_they_had_goes_to_others_at_once(desk: AtDesk, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rosa = desk.hire("rosa", "duty")
    talk = desk.child_says("hi", HELD)
    desk.do(lambda tx: clicks.take(tx, desk.runner, rosa, talk, desk.now))
    alert = desk.alert("he raped me", address=TAKEN)
    desk.do(lambda tx: clicks.acknowledge(tx, desk.runner, rosa, alert.id, desk.now))
    before = desk.now_of(alert)
    assert before.taken_by == "rosa"
    token = desk.do(lambda tx: sessions.begin(tx, rosa.id, "code", desk.now))
    desk.tick(minutes=1)
    end(desk, rosa, how, monkeypatch)
    Ticker(desk.runner, {}).fire_due(desk.now)

    after = desk.now_of(alert)
    assert (after.state, after.taken_by) == ("raised", None)
    assert standing.climbs(after)
    assert after.rung > before.rung, "the next rung is reached in the same moment"
    assert after.passed == ("rosa",)
    assert desk.read(lambda tx: conversations.peek(tx, talk)).holder == NOBODY
    assert desk.read(lambda tx: leases.by(tx, rosa.id)) == ()
    (waiting,) = [one for one in desk.read(waits.queue) if one.conversation == talk]
    assert waiting.dropped, "on top of those who wait"
    assert waiting.wanted_staff is None
    said = desk.read(lambda tx: messages.of(tx, talk))
    assert said[-1].at == desk.now, "the child hears that they wait"
    assert desk.read(lambda tx: sessions.find(tx, token, desk.now)) is None
    assert "rosa" not in {one.name for one in desk.read(lambda tx: people.on_duty(tx, desk.now))}


def test_what_they_were_asked_for_goes_on_when_nobody_else_was(desk: AtDesk) -> None:
    rosa = desk.hire("rosa", "duty")
    alert = desk.alert("he raped me", address=TAKEN)
    asked = desk.now_of(alert)
    assert set(asked.paged) == {"rosa", "duty one"}
    for person, goes_on in ((rosa, False), (desk.people["duty"], True)):
        desk.tick(seconds=1)
        assert desk.post(f"/staff/{person.id}/let-go", "manager").status_code == 303
        Ticker(desk.runner, {}).fire_due(desk.now)
        told = seen(desk.get("/board", "manager")).partition("being reached: ")[2]
        assert told.startswith("backup one" if goes_on else "duty one")
        assert (desk.now_of(alert).rung > asked.rung) is goes_on


def test_it_is_done_once_and_takes_nothing_from_who_came_after(desk: AtDesk) -> None:
    rosa = desk.hire("rosa", "duty")
    talk = desk.child_says("hi", HELD)
    desk.do(lambda tx: clicks.take(tx, desk.runner, rosa, talk, desk.now))
    assert desk.post(f"/staff/{rosa.id}/let-go", "manager").status_code == 303
    desk.clicked("step_in", "manager", talk)
    Ticker(desk.runner, {}).fire_due(desk.now)
    assert desk.read(lambda tx: conversations.peek(tx, talk)).holder == "manager one"
