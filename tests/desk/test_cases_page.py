"""One child in one view at the desk: found by whoever may, noted, joined and split there; nothing of it for who is kept away."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text as sql

from bot import beginning, children, clicks, parents, saying
from bot.filing import annex_a
from flows.model import Level
from storage import alerts, cases, claiming, clocks, contacts, conversations, joining, messages, notes, tasks, waits
from storage.codes import Bar, Sending
from tests.desk.at_desk import seen

if TYPE_CHECKING:
    from storage.database import Transaction
    from tests.desk.at_desk import AtDesk

OTHER = "+447700900124"


def case_of(desk: AtDesk, chat: str) -> cases.Case:
    found: cases.Case = desk.read(lambda tx: cases.load(tx, conversations.case_of(tx, chat) or ""))
    return found


def test_a_case_is_found_by_its_words_and_shows_everything(desk: AtDesk) -> None:
    case = case_of(desk, desk.interview("1"))
    answer = desk.post("/cases", "duty", named=case.reference)
    assert answer.headers["location"] == f"/cases/{case.id}"
    text = seen(desk.get(f"/cases/{case.id}", "duty"))
    for words in ("Recorded missing", "started 1 in a month", "Times missing", "Interviews", "Tries"):
        assert words in text
    for named in ("no-such", "%", "a" * 500, "", "\0"):
        answer = desk.post("/cases", "duty", named=named)
        assert answer.status_code == 404
        assert ("or it is not for you" if named else "Give the two words") in answer.text
    # What stands in an address stands in logs and histories: nothing is looked up by it.
    assert desk.ask("GET", "/cases", desk.sign_in("duty"), params={"named": case.reference}).status_code == 200
    assert desk.get(f"/cases/{'0' * 26}", "duty").status_code == 404


def test_whoever_answers_at_night_can_say_which_child_it_is(desk: AtDesk) -> None:
    chat = desk.interview("1", "1", "1", "help he has a knife and i cant get out")
    case, alert = case_of(desk, chat), desk.read(lambda tx: alerts.open_for(tx, chat))
    child = case.child or ""
    assert child.startswith("CHILD-")
    assert desk.post("/cases", "duty", named=alert.case_name).headers["location"] == f"/cases/{case.id}"
    for path in (f"/alerts/{alert.id}", f"/alerts/{alert.id}/card", f"/cases/{case.id}"):
        page = desk.get(path, "duty")
        assert child in seen(page), path
        assert f'href="/cases/{case.id}"' in page.text or path.startswith("/cases")
    assert f"know this child as {child}" in seen(desk.get(f"/alerts/{alert.id}/card", "duty"))
    assert child not in desk.get("/board", "duty").text


def test_two_words_that_mean_two_children_open_neither(here: AtDesk) -> None:
    mine, other = case_of(here, here.interview("1")), case_of(here, here.interview("1", address=OTHER))
    same = {"words": mine.reference, "contact": other.contact}
    here.do(lambda tx: tx.execute(sql("UPDATE contacts SET reference = :words WHERE id = :contact"), same))
    answer = here.post("/cases", "duty", named=mine.reference)
    assert (answer.status_code, "more than one child" in answer.text) == (404, True)
    assert here.get(f"/cases/{mine.id}", "duty").status_code == 200


def test_what_is_noted_counts_and_what_is_refused_changes_nothing(desk: AtDesk) -> None:
    case = case_of(desk, desk.interview("1"))
    path = f"/cases/{case.id}"
    assert desk.post(f"{path}/note", "duty", kind="police_checked", because="at 9 <i>am</i>").status_code == 303
    assert "at 9 &lt;i&gt;am&lt;/i&gt;" in desk.get(path, "duty").text
    for act, wrong in (
        ("note", {"kind": "nonsense"}),
        ("note", {"kind": "manager_considered", "decision": "none"}),
        ("attempt", {"way": "by phone!", "result": "spoke"}),
        ("talk", {"mode": "letter"}),
        ("promise", {"what": "bus fare", "due": ""}),
        ("missing", {"since": "2030-01-01T10:00", "status": "missing"}),
        ("end", {"outcome": "home"}),
        ("take-back", {"note": "0" * 26}),
    ):
        assert desk.post(f"{path}/{act}", "duty", **wrong).status_code == 409, act
    assert desk.post(f"{path}/attempt", "duty", way="phone", result="no_answer").status_code == 303
    assert desk.post(f"{path}/promise", "duty", what="bus fare", due="2026-11-17T10:00").status_code == 303
    done = desk.post(f"{path}/talk", "duty", mode="phone")
    assert done.headers["location"].endswith("talk_untrained")
    kept = {one.kind: one.id for one in desk.read(lambda tx: notes.of_case(tx, case.id))}
    assert set(kept) == {"police_checked", "attempt", "promise", "talk"}
    assert desk.post(f"{path}/take-back", "duty", note=kept["attempt"]).status_code == 303
    assert "attempt" not in {one.kind for one in desk.read(lambda tx: notes.of_case(tx, case.id))}


def test_who_will_talk_why_nobody_did_and_what_is_known(desk: AtDesk) -> None:
    case = case_of(desk, desk.interview("1"))
    path = f"/cases/{case.id}"
    for act, wrong in (
        ("plan", {"relation": "neighbour"}),
        ("not-done", {"why": "ill", "again": ""}),
        ("not-done", {"why": "", "never": "yes"}),
        ("not-done", {"why": "ill", "again": "2026-11-20", "never": "yes"}),
        ("not-done", {"why": "ill", "again": "2026-11-01"}),
        ("not-done", {"why": "Not  reached", "again": "2026-11-20"}),  # not yet: too little was tried
        ("know", {}),
        ("know", {"looked_after": "perhaps"}),
        ("know", {"ethnicity": "A1", "since": "soon"}),
        ("know", {"looked_after": "yes", "since": "2030-01-01"}),
    ):
        assert desk.post(f"{path}/{act}", "duty", **wrong).status_code == 409, (act, wrong)
    before = desk.read(lambda tx: cases.load(tx, case.id)).details
    assert desk.post(f"{path}/plan", "duty", relation="youth_worker").headers["location"].endswith("case_noted")
    close = desk.post(f"{path}/plan", "duty", relation="police_officer")
    assert close.headers["location"].endswith("plan_not_independent")
    chosen = desk.post(f"{path}/plan", "duty", relation="police_officer", chosen="yes")
    assert chosen.headers["location"].endswith("case_noted")
    assert desk.post(f"{path}/not-done", "duty", why="ill", again="2026-11-20").status_code == 303
    assert desk.post(f"{path}/not-done", "duty", why="they are 18 now", never="yes").status_code == 303
    known = {"looked_after": "yes", "worker": "Rosa", "gender": "", "since": "2026-11-10"}
    assert desk.post(f"{path}/know", "duty", **known).status_code == 303
    held = desk.read(lambda tx: cases.load(tx, case.id)).details
    assert (held["worker"], "gender" in held) == ("Rosa", "gender" in before)
    text = seen(desk.get(path, "duty"))
    assert "they are 18 now" in text
    assert "worker Rosa" in text


def test_what_a_manager_alone_can_note_a_manager_alone_takes_back(here: AtDesk) -> None:
    case = case_of(here, here.interview("1"))
    path = f"/cases/{case.id}"
    assert here.post(f"{path}/note", "manager", kind="manager_considered", decision="none").status_code == 303
    [made] = here.read(lambda tx: notes.of_case(tx, case.id))
    assert here.post(f"{path}/take-back", "duty", note=made.id).status_code == 409
    assert here.read(lambda tx: notes.of_case(tx, case.id)) == (made,)
    assert here.post(f"{path}/take-back", "manager", note=made.id).status_code == 303


def test_a_child_goes_missing_and_comes_back(here: AtDesk) -> None:
    case = case_of(here, here.interview("1"))
    path = f"/cases/{case.id}"
    here.tick(hours=3)
    assert here.post(f"{path}/missing", "duty", since="2026-11-16T13:30", status="missing").status_code == 303
    assert here.post(f"{path}/returned", "duty", at="2026-11-16T14:30").status_code == 303
    last = here.read(lambda tx: cases.episodes(tx, case.id))[-1]
    assert (last.missing_at.hour, last.returned_at and last.returned_at.minute) == (13, 30)


def test_two_cases_are_joined_and_split_by_a_manager(desk: AtDesk) -> None:
    one = case_of(desk, desk.interview("1"))
    desk.tick(minutes=5)
    other = case_of(desk, desk.interview("1", address=OTHER))
    path = f"/cases/{one.id}"
    assert desk.post(f"{path}/join", "duty", other=other.reference).status_code == 403
    assert desk.post(f"{path}/join", "manager", other="no-such").status_code == 409
    assert desk.post(f"{path}/join", "manager", other=one.reference).status_code == 409
    assert desk.post(f"{path}/join", "manager", other=other.reference).status_code == 303
    assert f"joined with {other.reference}" in seen(desk.get(path, "manager"))
    assert one.reference in desk.get(f"/cases/{other.id}", "manager").text, "of a joined one the one to look at"
    assert desk.post(f"{path}/split", "manager", other=other.reference).status_code == 303
    assert desk.post(f"{path}/split", "manager", other=other.reference).status_code == 409
    assert desk.read(lambda tx: cases.members(tx, one.id)) == (one.id,)


def test_whoever_is_kept_from_a_child_sees_no_case_of_theirs(here: AtDesk) -> None:
    chat = here.interview("1")
    case = case_of(here, chat)
    here.tick(hours=1)
    here.do(lambda tx: waits.bar(tx, chat, here.people["duty"].id, Bar.CONFLICT, here.now))
    assert here.get(f"/cases/{case.id}", "duty").status_code == 404
    assert here.post(f"/cases/{case.id}/note", "duty", kind="photo").status_code == 404
    assert here.post("/cases", "duty", named=case.reference).status_code == 404
    assert here.get(f"/cases/{case.id}", "backup").status_code == 200


# --- without a chat ---------------------------------------------------------------------------------------------------


def without_telephone(desk: AtDesk) -> str:
    """A child who came back and whom no text reaches."""

    def work(tx: Transaction) -> str:
        case = cases.add(tx, "CHILD-X", desk.now, {"birth_date": "2012-03-14", "looked_after": "yes"})
        cases.add_episode(tx, case.id, desk.now - timedelta(days=2), desk.now - timedelta(hours=2))
        return case.id

    made: str = desk.do(work)
    return made


def begun(desk: AtDesk, case: str, role: str = "duty") -> str:
    where = desk.post(f"/cases/{case}/record", role).headers["location"]
    assert where.endswith("done=record_begun")
    return where.removeprefix("/records/").partition("?")[0]


def test_a_parent_is_asked_though_the_child_never_had_a_chat(desk: AtDesk) -> None:
    case = without_telephone(desk)
    talk = begun(desk, case)
    page = seen(desk.get(f"/records/{talk}", "duty"))
    assert "without a chat" in page
    assert desk.get(f"/records/{talk}", "worker").status_code == 404, "whose record it is not"
    asked = desk.post(f"/records/{talk}/parents", "duty", adult="Jo, mother", why="seen at home", safe="yes")
    link = re.search(r"/p/([\w-]{43})", asked.text)
    assert link
    given, rows = {"led": "she was frightened of him", "risk": "yes"}, (("vehicle", "blue van AB12 XYZ"),)
    assert desk.do(lambda tx: parents.answered(tx, desk.runner, link[1], given, rows, desk.now))
    page = seen(desk.get(f"/records/{talk}", "duty"))
    for words in ("she was frightened of him", "blue van AB12 XYZ"):
        assert words in page
    # Somebody at home at risk: people are called as for any other child, by the case's two words.
    alert = desk.read(lambda tx: alerts.open_for(tx, talk))
    assert alert.level is Level.L3
    assert any(one.kind is Sending.PAGE for one in desk.do(lambda tx: claiming.claim(tx, desk.now, 50, ("sms",))))
    assert "read_parent_view" in desk.read(lambda tx: [one.what for one in tasks.of_case(tx, case)])
    desk.clicked("take", "duty", talk)
    # Nobody is at the other end: nothing is said there, by us or by a worker.
    assert desk.get(f"/chats/{talk}", "duty").status_code == 200
    with pytest.raises(clicks.Refused, match="there is no chat"):
        desk.do(lambda tx: saying.say(tx, desk.runner, desk.people["duty"], talk, "hi", desk.now))
    assert desk.read(lambda tx: messages.of(tx, talk)) in ((), [])
    assert desk.read(lambda tx: list(tx.execute(sql("SELECT id FROM outbox WHERE channel = 'no_chat'")))) == []


def test_a_record_without_a_chat_is_no_offer_and_there_is_one(here: AtDesk) -> None:
    case = without_telephone(here)

    def stands() -> object:
        with here.database.snapshot() as tx:
            listed = annex_a.collect(children.everyone(tx, []), here.now.date(), here.house.settings.timezone)
            return clocks.of_case(tx, case), listed

    before = stands()
    talk = begun(here, case)
    refused = here.post(f"/cases/{case}/record", "duty")
    assert (refused.status_code, "There is an interview about this already" in seen(refused)) == (409, True)
    assert stands() == before
    # Another time missing is another interview; a chat that is offered has its own.
    here.tick(days=9)
    here.do(lambda tx: cases.add_episode(tx, case, here.now - timedelta(days=1), here.now - timedelta(hours=1)))
    assert begun(here, case) != talk
    # Whoever has a chat has its record: none is begun beside it.
    assert here.post(f"/cases/{case_of(here, here.interview('1')).id}/record", "duty").status_code == 409


def test_a_later_chat_has_what_the_parent_wrote_before_it(here: AtDesk) -> None:
    case = without_telephone(here)
    talk = begun(here, case)
    asked = here.post(f"/records/{talk}/parents", "duty", adult="Jo, mother", why="seen at home", safe="yes")
    link = re.search(r"/p/([\w-]{43})", asked.text)
    assert link
    late = re.search(
        r"/p/([\w-]{43})",
        here.post(f"/records/{talk}/parents", "duty", adult="Al, father", why="seen at home", safe="yes").text,
    )
    assert late
    given = {"led": "a row about school"}
    assert here.do(lambda tx: parents.answered(tx, here.runner, link[1], given, (), here.now))
    reference = here.read(lambda tx: cases.load(tx, case).reference)
    here.tick(minutes=5)
    later = [here.do(lambda tx: beginning.offer(tx, here.runner, reference, "sms", OTHER, here.now))[0].id]
    assert "a row about school" in seen(here.get(f"/records/{later[0]}", "manager"))
    # What comes after the chat began stands in its own record: the chat's may be signed by then.
    here.tick(minutes=5)
    given = {"led": "a new friend"}
    assert here.do(lambda tx: parents.answered(tx, here.runner, late[1], given, (), here.now))
    assert "a new friend" not in seen(here.get(f"/records/{later[0]}", "manager"))
    assert "a new friend" in seen(here.get(f"/records/{talk}", "manager"))
    # About another time missing it says nothing.
    here.tick(days=9)
    here.do(lambda tx: cases.add_episode(tx, case, here.now - timedelta(days=1), here.now - timedelta(hours=1)))
    later.append(here.do(lambda tx: beginning.offer(tx, here.runner, reference, "sms", OTHER, here.now))[0].id)
    assert "a row about school" not in seen(here.get(f"/records/{later[1]}", "manager"))


def test_what_is_kept_of_a_record_without_a_chat_goes_with_the_child(here: AtDesk) -> None:
    case = without_telephone(here)
    talk = begun(here, case)
    people = here.read(lambda tx: joining.child(tx, case=case)[0])
    assert here.read(lambda tx: conversations.contact_of(tx, talk).id) in people
    assert here.read(lambda tx: contacts.addresses(tx, people[0])) == ()


def test_whoever_is_kept_from_the_child_begins_no_record(here: AtDesk) -> None:
    chat = here.interview("1")
    case = case_of(here, chat)
    here.tick(days=3)
    here.do(lambda tx: cases.add_episode(tx, case.id, here.now - timedelta(days=1), here.now - timedelta(hours=1)))
    here.do(lambda tx: waits.bar(tx, chat, here.people["duty"].id, Bar.CONFLICT, here.now))
    assert here.post(f"/cases/{case.id}/record", "duty").status_code == 404
    talk = begun(here, case.id, "manager")
    assert here.people["duty"].id in here.read(lambda tx: waits.barred(tx, talk))
