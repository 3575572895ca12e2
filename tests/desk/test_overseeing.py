"""What a supervisor does beside the chats, and what only whoever holds one may write down or ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.desk.said import DONE
from storage import alerts, audit, conversations, leases, messages, notes, second_reads, tasks, waits
from storage.codes import Bar
from tests.desk.at_desk import CHILD, seen
from tests.desk.test_chats import disclosed, taken, train, waiting

if TYPE_CHECKING:
    from tests.desk.at_desk import AtDesk

OTHER = "+447700900124"


def test_an_ending_is_proposed_by_one_and_decided_by_another(desk: AtDesk) -> None:
    train(desk)
    chat = waiting(desk)
    mine = taken(desk)
    assert desk.post(f"/chats/{chat}/misuse", "supervisor", because="he only swears").status_code == 409, "not hers"
    assert desk.post(f"{mine}/misuse", "worker", because="  ").status_code == 409
    assert desk.post(f"{mine}/misuse", "worker", because="a boy who orders <b>pizza</b>").status_code == 303
    assert desk.post(f"{mine}/misuse", "worker", because="again").status_code == 409
    page = desk.get("/overseeing", "supervisor").text
    assert "a boy who orders &lt;b&gt;pizza&lt;/b&gt;" in page
    assert desk.post(f"{mine}/misuse/end", "worker", ends="yes").status_code == 403
    # The open L2 by which the child came is decided first, as for any other end.
    assert desk.post(f"{mine}/misuse/end", "supervisor", ends="yes").status_code == 409
    alert = desk.read(lambda tx: alerts.open_for(tx, chat))
    assert alert is not None
    desk.clicked("decide", "manager", alert.id, "no_further_action", "no child")
    assert desk.post(f"{mine}/misuse/end", "supervisor", ends="yes").status_code == 303
    assert "Proposed" not in desk.get("/overseeing", "supervisor").text
    assert desk.post(f"{mine}/misuse/end", "supervisor", ends="yes").status_code == 409
    # Ended is not deaf: what is written later pages as ever.
    later = desk.child_says("help he has a knife and i cant get out", CHILD)
    found = desk.read(lambda tx: alerts.open_for(tx, later))
    assert found is not None
    assert found.level.name == "L4"
    assert desk.read(lambda tx: alerts.pages(tx, found.id))


@pytest.mark.parametrize("page", ["/overseeing", "/chats/{chat}"])
def test_no_chat_is_ended_as_misuse_over_a_text_that_nobody_read(here: AtDesk, page: str) -> None:
    train(here)
    chat = waiting(here)
    here.post(taken(here) + "/misuse", "worker", because="orders pizza")
    alert = here.read(lambda tx: alerts.open_for(tx, chat))
    assert alert is not None
    here.clicked("decide", "manager", alert.id, "no_further_action", "no child")

    def ended() -> int:
        form = here.get(page.format(chat=chat), "supervisor").text.partition("/misuse/end")[2]
        (newest,) = re.findall('name="newest" value="(.*?)"', form.partition("</form>")[0])
        if not said:
            said.append(here.child_says("my real name is sam", CHILD))
        return here.post(f"/chats/{chat}/misuse/end", "supervisor", ends="yes", newest=newest).status_code

    said: list[str] = []
    assert (ended(), ended()) == (409, 303)


def test_nobody_decides_on_their_own_proposal_and_a_chat_can_go_on(here: AtDesk) -> None:
    train(here)
    chat = waiting(here)
    here.post(f"/chats/{chat}/take", "supervisor")
    assert here.post(f"/chats/{chat}/misuse", "supervisor", because="nonsense").status_code == 303
    assert here.post(f"/chats/{chat}/misuse/end", "supervisor", ends="yes").status_code == 409
    assert here.post(f"/chats/{chat}/misuse/end", "manager", ends="no").status_code == 303
    assert here.read(lambda tx: conversations.peek(tx, chat)).holder == "supervisor one"
    assert [one.what for one in here.read(lambda tx: tasks.of(tx, chat)) if not one.done_at] == []


def test_a_duty_worker_who_is_asked_about_an_ending_can_decide_it(here: AtDesk) -> None:
    """Where no supervisor is on they are told of it, and the page of what waits for a supervisor is none of theirs."""
    train(here)
    chat = waiting(here)
    here.post(taken(here) + "/misuse", "worker", because="orders pizza")
    assert here.get("/overseeing", "duty").status_code == 403
    page = here.get(f"/chats/{chat}", "duty")
    assert "orders pizza" in seen(page)
    assert f"/chats/{chat}/misuse/end" in page.text
    assert f"/chats/{chat}/misuse/end" not in here.get(f"/chats/{chat}", "worker").text
    done = here.post(f"/chats/{chat}/misuse/end", "duty", ends="no").headers["location"]
    assert here.get(done, "duty").status_code == 200
    assert "proposed to end" not in seen(here.get(f"/chats/{chat}", "duty"))


def test_a_second_read_is_by_somebody_who_had_no_hand_in_it(desk: AtDesk) -> None:
    chat = waiting(desk)
    desk.do(lambda tx: second_reads.owe(tx, chat, "under_13", desk.now))
    desk.do(lambda tx: leases.begin(tx, chat, desk.people["supervisor"].id, desk.now, desk.now))
    assert "You had it yourself" in seen(desk.get("/overseeing", "supervisor"))
    assert desk.post(f"/chats/{chat}/read", "supervisor", what="fine").status_code == 409
    assert desk.post(f"/chats/{chat}/read", "manager", what="").status_code == 409
    assert desk.post(f"/chats/{chat}/read", "manager", what="kind, and no leading word").status_code == 303
    assert desk.read(second_reads.owed) == ()
    assert "chat.second_read" in [one.what for one in desk.read(lambda tx: list(audit.about(tx, chat)))]


def test_a_talk_is_held_by_somebody_else_and_hidden_from_whoever_is_kept_away(here: AtDesk) -> None:
    train(here)
    chat = disclosed(here)
    mine = taken(here)
    here.post(f"{mine}/queue", "worker")
    [owed] = here.read(leases.debriefs)
    page = here.get("/overseeing", "supervisor").text
    assert f"/overseeing/debriefs/{owed.id}" in page
    who = here.people["manager"].id
    here.do(lambda tx: waits.bar(tx, chat, who, Bar.CONFLICT, here.now))
    assert owed.id not in here.get("/overseeing", "manager").text
    assert here.post(f"/overseeing/debriefs/{owed.id}", "manager").status_code == 404
    assert here.post(f"/overseeing/debriefs/{owed.id}", "supervisor").status_code == 303
    assert here.read(leases.debriefs) == ()


def test_what_a_child_told_the_worker_is_written_down_and_not_asked_again(desk: AtDesk) -> None:
    train(desk)
    chat = desk.interview("1", "1", "1")
    desk.post(f"/chats/{chat}/take", "supervisor")
    page = desk.get(f"/chats/{chat}", "supervisor").text
    assert 'value="gate=' not in page, "what is asked of whoever holds the telephone now is answered by nobody else"
    form = {"answer": "before_story=", "text": "a row about my phone"}
    assert desk.post(f"/chats/{chat}/answer", "manager", **form).status_code == 409, (
        "who does not hold it writes nothing"
    )
    assert desk.post(f"/chats/{chat}/answer", "supervisor", answer="before_story=", text=" ").status_code == 409
    assert desk.post(f"/chats/{chat}/answer", "supervisor", answer="nonsense=1").status_code == 409
    assert desk.post(f"/chats/{chat}/answer", "supervisor", answer="planned=nonsense").status_code == 409
    for closed in ("gate=alone", "safe_now=yes"):
        assert desk.post(f"/chats/{chat}/answer", "supervisor", answer=closed).status_code == 409, closed
    done = desk.post(f"/chats/{chat}/answer", "supervisor", **form)
    assert done.headers["location"].endswith("done=answered")
    assert DONE["answered"]
    kept = desk.read(lambda tx: conversations.peek(tx, chat)).answers["before_story"]
    assert (kept.value, kept.by) == ("a row about my phone", "supervisor one")
    assert 'value="before_story="' not in desk.get(f"/chats/{chat}", "supervisor").text


def test_what_a_worker_writes_down_for_a_child_is_heard_as_its_own_text_is(here: AtDesk) -> None:
    train(here)
    chat = here.interview("1", "1", "1")
    here.post(f"/chats/{chat}/take", "supervisor")
    before = here.read(lambda tx: len(messages.of(tx, chat)))
    form = {"answer": "before_story=", "text": "my stepdad hits me with a belt every night"}
    assert here.post(f"/chats/{chat}/answer", "supervisor", **form).status_code == 303
    alert = here.read(lambda tx: alerts.open_for(tx, chat))
    assert alert is not None
    assert alert.level.name == "L3"
    assert here.read(lambda tx: conversations.peek(tx, chat)).guard.locks
    # Nothing is said to the child for it, and it is no text of theirs.
    assert here.read(lambda tx: len(messages.of(tx, chat))) == before
    # Copied out of a text that was heard and decided, it calls nobody a second time.
    here.clicked("decide", "manager", alert.id, "refer", "told")
    here.child_says("my brother hits me with a stick too")
    again = here.read(lambda tx: alerts.open_for(tx, chat))
    assert again is not None
    here.clicked("decide", "manager", again.id, "refer", "told")
    here.post(f"/chats/{chat}/answer", "supervisor", answer="before_story=", text="hits me with a stick")
    assert [one.state for one in here.read(lambda tx: alerts.of(tx, chat))] == ["decided", "decided"]


def test_a_manager_sees_who_is_kept_away_and_why_and_nobody_else_does(here: AtDesk) -> None:
    chat = waiting(here)
    for role, why in (("worker", Bar.DIFFERENT), ("backup", Bar.CONFLICT)):
        who = here.people[role].id
        here.do(lambda tx, who=who, why=why: waits.bar(tx, chat, who, why, here.now))  # type: ignore[misc]
    text = seen(here.get(f"/chats/{chat}", "manager"))
    assert "worker one the child asked for somebody else" in text
    assert "backup one a concern may be about them" in text
    for role in ("supervisor", "duty"):
        assert "Kept from this child" not in here.get(f"/chats/{chat}", role).text
    assert here.read(lambda tx: notes.of_conversation(tx, chat)) == ()
