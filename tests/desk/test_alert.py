"""The board and an alert: what is shown to whom, what a press does, and what it leaves in the record."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest

from bot import alarms, noticing
from bot.desk import alert as shown
from flows import events
from flows.model import Guard, Level
from storage import access, alerts, audit, conversations, notes, shares, verdicts
from tests.desk.at_desk import CHILD, AtDesk, seen

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from flows.model import Alert
    from storage.database import Transaction

HITS = "he hits me every night and i am scared"


def page(desk: AtDesk, alert: Alert, role: str = "duty") -> str:
    response = desk.get(f"/alerts/{alert.id}", role)
    assert response.status_code == 200
    return response.text


def press(desk: AtDesk, alert: Alert, button: str, role: str = "duty", /, **form: object) -> str:
    """A press on the page of now; gives what the page says was done, or why not."""
    form = {"read": desk.read(lambda tx: shown.read(tx, desk.now_of(alert)))} | form
    response = desk.post(f"/alerts/{alert.id}/{button}", role, **form)
    if response.status_code == 303:
        return response.headers["location"].partition("?done=")[2]
    assert response.status_code == 409, response.text
    return seen(response).lower()


def test_the_board_shows_level_case_and_age_and_no_word(desk: AtDesk) -> None:
    alert = desk.alert()
    desk.tick(minutes=7)
    text = seen(desk.get("/board", "duty"))
    assert f"L3 {alert.case_name} open 7 min" in text
    assert "being reached: duty one" in text
    assert "hits" not in text
    assert "manager one manager" in text
    assert f"/alerts/{alert.id}" in desk.get("/board", "duty").text


def test_silence_after_an_l3_is_told(here: AtDesk) -> None:
    alert = here.alert()
    assert "no word for" not in seen(here.get("/board", "duty"))
    here.tick(minutes=31)
    assert f"L3 {alert.case_name} no word for 31 min" in seen(here.get("/board", "duty"))
    here.clicked("decide", "manager", alert.id, "refer", "strategy discussion at 3")
    # Decided is not the same as heard from.
    assert f"{alert.case_name} no word for" in seen(here.get("/board", "duty"))
    here.child_says("still here")
    assert "no word for" not in seen(here.get("/board", "duty"))


def test_who_waits_for_a_person_is_one_press_from_the_chat(desk: AtDesk) -> None:
    desk.alert("hi", "1", "PERSON")
    chat = desk.child_says("i want to talk to someone")
    for path in ("/board", "/handover"):
        assert f'href="/chats/{chat}"' in desk.get(path, "duty").text


def test_what_duty_decided_of_an_l3_waits_on_the_board_for_a_manager(here: AtDesk) -> None:
    alert = here.alert()
    here.clicked("decide", "duty", alert.id, "refer", "rang the council")
    assert f"L3 {alert.case_name} open 0 min decided; a manager must" in seen(here.get("/board", "manager"))
    assert 'id="decide"' not in page(here, alert)
    assert "decided already" in press(here, alert, "decide", decision="other", because="again")
    here.tick(minutes=1)
    shown = page(here, alert, "manager")
    assert 'id="decide"' in shown
    assert 'id="lower"' not in shown
    read = re.search(r'name="read" value="([^"]*)"', shown)
    given = {"read": read[1]} if read else {}
    assert press(here, alert, "decide", "manager", decision="refer", because="agreed", **given) == "decided"
    assert "a manager must" not in seen(here.get("/board", "manager"))
    assert 'id="decide"' not in page(here, alert, "manager")
    by = [one.details["by"] for one in here.read(lambda tx: notes.of_conversation(tx, alert.conversation))]
    assert by[-2:] == [here.people["duty"].name, here.people["manager"].name]


def test_the_words_are_folded_until_opened_and_that_is_written_down(desk: AtDesk) -> None:
    alert = desk.alert()
    before = page(desk, alert)
    assert "hits me" not in before
    assert "Words folded" in before
    assert press(desk, alert, "words") == ""
    assert "<mark>" in page(desk, alert)
    assert "he hits me" in seen(desk.get(f"/alerts/{alert.id}", "duty")).replace("(heard as physical abuse)", "")
    assert "hits me" not in page(desk, alert, "manager"), "open to whoever opened them, to nobody else"
    looks = [(one.staff, one.what) for one in desk.read(lambda tx: access.of(tx, alert.id))]
    assert (desk.people["duty"].id, "words") in looks
    assert (desk.people["manager"].id, "alert") in looks
    assert (desk.people["manager"].id, "words") not in looks
    desk.tick(minutes=16)
    assert "hits me" not in page(desk, alert)


def after_a_decided_one(here: AtDesk) -> tuple[Alert, Alert]:
    """An L3 that a manager has decided, and an hour later the next alert of the same child."""
    first = here.alert()
    here.tick(minutes=1)
    here.clicked("decide", "manager", first.id, "refer", "strategy discussion")
    here.tick(hours=1)
    here.child_says("i want to die lol this homework")
    second = here.read(lambda tx: alerts.open_for(tx, first.conversation))
    assert second is not None
    return first, second


def test_an_l2_shows_no_words_of_an_earlier_l3_unopened(here: AtDesk) -> None:
    _, second = after_a_decided_one(here)
    assert second.level is Level.L2
    assert "hits me" not in page(here, second)
    assert press(here, second, "words") == ""
    assert "hits me" in seen(here.get(f"/alerts/{second.id}", "duty")).replace("(heard as physical abuse)", "")


def test_the_words_of_an_l2_are_read_at_once_and_that_too_is_written_down(here: AtDesk) -> None:
    alert = here.alert("hi", "1", "PERSON")
    assert alert.level is Level.L2
    page(here, alert)
    looks = here.read(lambda tx: access.of(tx, alert.id))
    assert {one.what for one in looks} == {"alert", "words"}


def test_what_was_heard_is_marked_with_its_reason(here: AtDesk) -> None:
    alert = here.alert()
    press(here, alert, "words")
    text = page(here, alert)
    marked = [html.unescape(re.sub(r"<span.*?</span>", "", one)) for one in re.findall(r"<mark>(.*?)</mark>", text)]
    assert any("hits me" in one for one in marked), marked
    assert "L3 physical abuse" in seen(here.get(f"/alerts/{alert.id}", "duty"))
    assert "Worded like:" not in text


def test_of_what_no_phrase_found_the_words_that_told_are_marked(here: AtDesk) -> None:
    alert = here.alert("hi", "1", "she shouts and calls me names")
    text = page(here, alert)
    marked = [html.unescape(re.sub(r"<span.*?</span>", "", one)) for one in re.findall(r"<mark>(.*?)</mark>", text)]
    assert any("names" in one for one in marked), marked
    assert len(" ".join(marked).split()) <= 5
    assert '“<bdi lang="en">mum calls me names every day</bdi>”' in text
    assert "reviewed by nobody yet" in text
    assert "no phrase fits" in seen(here.get(f"/alerts/{alert.id}", "duty"))


@pytest.mark.parametrize(
    "said",
    [
        "he hits me <script>alert(1)</script>",
        "he hits me </blockquote><img src=x onerror=alert(1)>",
        "he hits me \u202egnorts\u202c {{ 7*7 }} {% raw %}",
        "he hits me " + "a" * 4000,
        "he hits me\n\n\n<!-- \u2066 -->",
    ],
)
def test_a_childs_words_are_words(here: AtDesk, said: str) -> None:
    alert = here.alert("hi", "1", said)
    press(here, alert, "words")
    text = page(here, alert)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "<!--" not in text
    whole = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<span class=.govuk-visually-hidden.>.*?</span>", "", text)))
    assert " ".join(said.split()) in " ".join(whole.split())
    # Whatever turns the direction of writing is closed in by the place it stands in.
    assert re.search(r'<blockquote class="desk-words" dir="auto">', text)


def test_acknowledging_takes_it_and_ends_the_climb(desk: AtDesk) -> None:
    alert = desk.alert()
    assert press(desk, alert, "acknowledge") == "alert_taken"
    held = desk.now_of(alert)
    assert (held.state, held.taken_by, held.confirmed) == ("acknowledged", "duty one", True)
    assert press(desk, alert, "acknowledge", "manager") == "taken_by_other"
    assert desk.now_of(alert).taken_by == "duty one"
    assert "duty one has it" in seen(desk.get("/board", "manager"))


def test_a_manager_takes_what_somebody_else_decided_or_passes_it_on_however_late_they_come(desk: AtDesk) -> None:
    alert = desk.alert()
    desk.clicked("decide", "duty", alert.id, "refer", "significant harm")
    desk.tick(days=20)
    assert alert.case_name in seen(desk.get("/board", "manager"))
    assert 'id="take"' not in page(desk, alert)
    assert desk.post(f"/alerts/{alert.id}/acknowledge", "duty", read="L3 1").status_code == 409
    assert press(desk, alert, "acknowledge", "manager") == "alert_taken"
    assert "manager one has it and must decide it too" in seen(desk.get("/board", "duty"))
    assert "manager one has it and must decide it too" in seen(desk.get(f"/alerts/{alert.id}", "duty"))
    assert press(desk, alert, "acknowledge", "service_manager") == "taken_by_other"
    assert press(desk, alert, "pass-on", "manager") == "passed_on"
    assert desk.now_of(alert).taken_by is None


def test_what_a_manager_must_decide_too_stands_where_its_level_does(here: AtDesk) -> None:
    grave = here.alert()
    here.clicked("decide", "duty", grave.id, "refer", "significant harm")
    lesser = here.alert("hi", "1", "PERSON", address="+447700900124")
    assert lesser.level is Level.L2
    board = seen(here.get("/board", "manager"))
    assert board.index(grave.case_name) < board.index(lesser.case_name)


@pytest.mark.parametrize("opened", ["/alerts/{}", "/alerts/{}/card", "/a/{}"])
def test_whoever_took_an_l4_by_text_and_opens_it_here_ends_the_climb(desk: AtDesk, opened: str) -> None:
    alert = desk.alert("hi", "1", "he has got a knife and wont let me out")
    claimed = events.AlertTaken(desk.now, "manager one", by_desk=False)
    desk.do(lambda tx: alarms.step(tx, desk.house, alerts.load(tx, alert.id), claimed))
    desk.tick(minutes=1)
    assert "still climbing until it is opened here" in seen(desk.get(f"/alerts/{alert.id}", "duty"))
    renews = {"X-Renews": "yes"}
    token = desk.sign_in("manager")
    assert "still climbing" in seen(desk.ask("GET", f"/alerts/{alert.id}", token, headers=renews))
    assert not desk.now_of(alert).confirmed, "a tab that was left open is no proof"
    answer = desk.get(opened.format(alert.id), "manager")
    if answer.status_code == 303:
        answer = desk.get(answer.headers["location"], "manager")
    assert "still climbing" not in seen(answer)
    held = desk.now_of(alert)
    assert (held.taken_by, held.confirmed) == ("manager one", True)
    lines = [one.what for one in desk.read(lambda tx: list(audit.about(tx, alert.id)))]
    desk.get(opened.format(alert.id), "manager")
    assert [one.what for one in desk.read(lambda tx: list(audit.about(tx, alert.id)))] == lines
    assert "Open the L4 card" in page(desk, alert, "manager")


def test_passing_on_reaches_the_next(here: AtDesk) -> None:
    alert = here.alert()
    assert press(here, alert, "pass-on") == "passed_on"
    assert "backup one" in here.now_of(alert).paged


def test_not_me_while_somebody_else_has_it_says_who_has_it(here: AtDesk) -> None:
    alert = here.alert()
    assert press(here, alert, "acknowledge", "service_manager") == "alert_taken"
    assert press(here, alert, "pass-on", "manager") == "taken_by_other"
    assert here.now_of(alert).taken_by == "service manager one"


def test_who_does_not_have_it_is_not_asked_to_take_it_but_may_decide_it(here: AtDesk) -> None:
    alert = here.alert()
    press(here, alert, "acknowledge", "service_manager")
    shown = page(here, alert, "manager")
    assert 'id="take"' not in shown
    assert 'id="pass"' not in shown
    assert "decide it below: that needs no taking" in shown
    assert 'id="decide"' in shown
    assert 'id="pass"' in page(here, alert, "service_manager")


def test_whoever_decides_reads_that_nobody_read_the_words_or_wrote_to_the_child(here: AtDesk) -> None:
    alert = here.alert()
    told = seen(here.get(f"/alerts/{alert.id}", "manager"))
    assert "Nobody has opened the child's words. Nobody has written to the child" in told.replace("&#39;", "'")
    press(here, alert, "words", "manager")
    here.clicked("step_in", "manager", alert.conversation)
    here.clicked("say", "manager", alert.conversation, "I read what you wrote.")
    told = seen(here.get(f"/alerts/{alert.id}", "manager"))
    assert "Nobody has" not in told


def test_a_verdict_says_that_it_raises_nothing_and_where_to(here: AtDesk) -> None:
    alert = here.alert()
    assert press(here, alert, "judge", verdict="should_be_higher") == "judged"
    assert "the level of this alert stays as it is" in seen(here.get(f"/alerts/{alert.id}?done=judged", "duty"))
    assert f'href="/chats/{alert.conversation}#l4"' in page(here, alert)


def test_lowering_is_a_managers_with_a_reason(desk: AtDesk) -> None:
    alert = desk.alert()
    assert "Lower the level" not in page(desk, alert)
    assert "only a manager on duty" in press(desk, alert, "lower", level="L2", because="a film")
    assert "say why" in press(desk, alert, "lower", "manager", level="L2", because="  ")
    assert "choose one below" in press(desk, alert, "lower", "manager", level="L4", because="worse")
    assert "choose one below" in press(desk, alert, "lower", "manager", level="L9", because="worse")
    assert desk.now_of(alert).level is Level.L3
    assert press(desk, alert, "lower", "manager", level="L2", because="spoke with them: a film") == "lowered"
    assert desk.now_of(alert).level is Level.L2
    assert "a film" in seen(desk.get(f"/alerts/{alert.id}", "duty"))


def _read(desk: AtDesk, alert: Alert, role: str, button: str) -> str:
    form = page(desk, alert, role).partition(f'action="/alerts/{alert.id}/{button}"')[2].partition("</form>")[0]
    (found,) = re.findall(r'name="read" value="([^"]*)"', form)
    return str(found)


@pytest.mark.parametrize(("button", "form"), [("decide", {"decision": "other"}), ("lower", {"level": "L1"})])
def test_what_came_in_while_a_reason_was_typed_is_read_first(desk: AtDesk, button: str, form: dict[str, str]) -> None:
    alert = desk.alert("hi", "1", "PERSON")
    old = _read(desk, alert, "manager", button)
    desk.child_says("he has got a knife and wont let me out")
    because = "low mood, school nurse tomorrow"
    refused = desk.post(f"/alerts/{alert.id}/{button}", "manager", **form, because=because, read=old)
    assert refused.status_code == 409
    assert "More has come in since you opened this page" in seen(refused)
    assert because in refused.text, "given back, to be copied"
    assert (desk.now_of(alert).level, desk.now_of(alert).state) == (Level.L4, "raised")
    assert "more has come in" in press(desk, alert, button, "manager", **form, because=because, read="")
    new = _read(desk, alert, "manager", button)
    done = {"decide": "decided", "lower": "lowered"}[button]
    assert press(desk, alert, button, "manager", **form, because="rang the police", read=new) == done


def test_more_of_the_same_level_is_read_first_too_and_a_smaller_thing_is_not_in_the_way(here: AtDesk) -> None:
    alert = here.alert()
    old = _read(here, alert, "manager", "decide")
    here.child_says("ok bye")
    assert _read(here, alert, "manager", "decide") == old
    here.child_says("my uncle raped me")
    assert here.now_of(alert).level is Level.L3
    assert "more has come in" in press(here, alert, "decide", "manager", decision="refer", because="x", read=old)


def test_nobody_takes_an_l4_that_they_saw_as_less(desk: AtDesk) -> None:
    alert = desk.alert("hi", "1", "PERSON")
    old = _read(desk, alert, "duty", "acknowledge")
    desk.child_says("he has got a knife and wont let me out")
    assert "it has become an l4" in press(desk, alert, "acknowledge", read=old)
    assert desk.now_of(alert).state == "raised"
    assert press(desk, alert, "acknowledge", read=_read(desk, alert, "duty", "acknowledge")) == "alert_taken"


def test_a_manager_who_is_not_on_duty_lowers_nothing(here: AtDesk) -> None:
    here.people["off"] = here.hire("off duty", "manager", shift=False)
    alert = here.alert()
    assert "only a manager on duty" in press(here, alert, "lower", "off", level="L2", because="a film")


def test_a_decision_needs_one_of_the_list_and_a_reason(desk: AtDesk) -> None:
    alert = desk.alert()
    assert "is no decision" in press(desk, alert, "decide", decision="forget", because="x")
    assert "say why" in press(desk, alert, "decide", decision="refer", because="")
    assert "only a manager" in press(desk, alert, "decide", decision="no_further_action", because="x")
    assert "may have 2000" in press(desk, alert, "decide", decision="refer", because="x" * 2001)
    assert desk.now_of(alert).state == "raised"
    assert press(desk, alert, "decide", decision="refer", because="significant harm") == "decided"
    assert (desk.now_of(alert).state, desk.now_of(alert).decision) == ("decided", "refer")
    text = seen(desk.get(f"/alerts/{alert.id}", "duty"))
    assert "Refer to children's social care. significant harm" in html.unescape(text)
    assert "decided already" in press(desk, alert, "decide", decision="police", because="x")


def test_what_an_answer_meant_names_its_question(here: AtDesk) -> None:
    text = html.unescape(seen(here.get(f"/alerts/{here.alert('hi', '3').id}", "duty")))
    assert "what was answered to “Hi, it's Robin. OK to text now?” Words folded" in text


def test_what_a_worker_wrote_down_in_a_text_safe_chat_is_no_answer_of_an_interview(here: AtDesk) -> None:
    talk = here.child_says("hi")
    here.clicked("set_answer", "duty", talk, "safe_now", "no")
    alert = here.read(lambda tx: alerts.open_for(tx, talk))
    text = html.unescape(seen(here.get(f"/alerts/{alert.id}", "duty")))
    assert "what was answered to “First, are you safe right now?” It was an answer that a worker wrote down." in text
    assert "interview" not in text


def test_told_rang_and_shared_stand_in_the_record(desk: AtDesk) -> None:
    alert = desk.alert()
    desk.clicked("decide", "manager", alert.id, "refer", "significant harm")
    assert press(desk, alert, "told", what="that Ana rings the council") == "child_told"
    assert press(desk, alert, "rang", whom="999", spoke_to="Control 7", reference="CAD 1234") == "rang"
    assert "choose whom" in press(desk, alert, "rang", whom="mum", spoke_to="her", reference="")
    assert "say which parts" in press(desk, alert, "share", to="MASH", role="childrens_services", because="harm")
    assert "which service" in press(desk, alert, "share", to="MASH", role="mum", because="harm", part="words")
    assert (
        press(desk, alert, "share", to="MASH", role="childrens_services", because="harm", part=["words", "everything"])
        == "shared"
    )
    text = seen(desk.get(f"/alerts/{alert.id}", "duty"))
    assert "spoke to Control 7 , reference CAD 1234" in text
    assert "that Ana rings the council" in text
    [share] = desk.read(lambda tx: shares.of(tx, alert.conversation))
    assert (share.role, share.who, share.parts) == ("childrens_services", "MASH", ("words",))
    kinds = [one.kind for one in desk.read(lambda tx: notes.of_conversation(tx, alert.conversation))]
    assert sorted(kinds) == ["decision", "rang", "told_child", "told_the_child"]


SHARED = {"to": "MASH", "role": "childrens_services", "because": "harm", "part": "words"}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who hears that something was shared."""
    found: list[str] = []
    notice = noticing.notice

    def noted(tx: Transaction, house: House, to: str, text: str, at: datetime, alert: str | None = None) -> None:
        if "shared something of it" in text:
            found.append(to)
        notice(tx, house, to, text, at, alert)

    monkeypatch.setattr(noticing, "notice", noted)
    return found


def test_of_a_text_safe_l3_nothing_is_shared_before_a_manager_decides_it_or_the_child_asks(
    here: AtDesk, told: list[str]
) -> None:
    alert = here.alert()
    refused = press(here, alert, "share", **SHARED)
    assert "a manager decides first what is shared" in refused
    assert "ring 999 now" in refused
    here.clicked("decide", "duty", alert.id, "police", "duty alone")
    assert "a manager decides first" in press(here, alert, "share", **SHARED)
    assert press(here, alert, "share", asked="yes", **SHARED) == "shared"
    here.tick(minutes=1)
    here.clicked("decide", "manager", alert.id, "refer", "significant harm")
    assert press(here, alert, "share", **SHARED) == "shared"
    why = [one.because for one in here.read(lambda tx: shares.of(tx, alert.conversation))]
    assert why == ["the child asked for it: harm", "harm"]
    assert told == []


def test_of_a_text_safe_l4_it_is_shared_at_once_and_the_managers_are_told(here: AtDesk, told: list[str]) -> None:
    alert = here.alert("hi", "3")
    assert press(here, alert, "share", "manager", **SHARED) == "shared"
    assert told == []
    assert press(here, alert, "share", **SHARED) == "shared"
    assert told == [here.people["manager"].name]


def test_of_an_interview_a_duty_worker_shares_alone(here: AtDesk) -> None:
    talk = here.interview("1", "he hits me every night and i am scared")
    alert = here.read(lambda tx: alerts.open_for(tx, talk))
    assert press(here, alert, "share", **SHARED) == "shared"


def test_a_lock_is_lifted_with_a_reason(here: AtDesk) -> None:
    alert = here.alert()
    talk = here.read(lambda tx: conversations.peek(tx, alert.conversation))
    assert talk.guard is Guard.LOCK
    assert "asks nothing more" in seen(here.get(f"/alerts/{alert.id}", "duty"))
    assert "say why" in press(here, alert, "lift", because="")
    assert press(here, alert, "lift", because="the child wants to go on; Mel agreed") == "lifted"
    assert here.read(lambda tx: conversations.peek(tx, alert.conversation)).guard is Guard.NONE
    assert "nothing is locked" in press(here, alert, "lift", because="again")


def test_no_lock_is_lifted_over_what_was_told_meanwhile(here: AtDesk) -> None:
    alert = here.alert()
    old = _read(here, alert, "duty", "lift")
    here.child_says("my uncle raped me")
    assert "more has come in" in press(here, alert, "lift", because="they want to go on", read=old)
    assert here.read(lambda tx: conversations.peek(tx, alert.conversation)).guard is Guard.LOCK
    assert press(here, alert, "lift", because="they want to go on", read=_read(here, alert, "duty", "lift")) == "lifted"


def test_a_verdict_is_one_press_and_leaves_without_a_word(desk: AtDesk) -> None:
    alert = desk.alert()
    assert press(desk, alert, "judge", verdict="false_alarm") == "judged"
    assert "choose one" in press(desk, alert, "judge", verdict="stupid")
    assert f"{alert.case_name} : False alarm" in seen(desk.get("/reviews", "manager"))
    rows = list(desk.read(lambda tx: list(verdicts.exported(tx))))
    assert rows[-1]["verdict"] == "false_alarm"
    assert "D08" in rows[-1]["categories"]
    assert rows[-1]["rules"]
    told = str(rows)
    for private in ("scared", "every night", alert.id, alert.conversation, alert.case_name, "duty one", CHILD[-6:]):
        assert private not in told
    [waits] = desk.read(verdicts.queue)
    assert desk.post(f"/verdicts/{waits.id}/read", "manager").status_code == 303
    assert desk.post(f"/verdicts/{waits.id}/read", "manager").status_code == 404
    assert desk.read(verdicts.queue) == ()


def test_whoever_is_kept_from_a_child_takes_no_verdict_of_theirs_off_the_list(here: AtDesk) -> None:
    from storage import waits

    alert = here.alert()
    assert press(here, alert, "judge", verdict="should_be_higher") == "judged"
    here.do(lambda tx: waits.bar(tx, alert.conversation, here.people["manager"].id, "conflict", here.now))  # type: ignore[arg-type]
    [one] = here.read(verdicts.queue)
    assert here.post(f"/verdicts/{one.id}/read", "manager").status_code == 404
    assert here.post(f"/verdicts/{one.id}/read", "service_manager").status_code == 303


def test_a_verdict_is_of_its_own_alert_and_the_last_of_a_person_counts(here: AtDesk) -> None:
    first, second = after_a_decided_one(here)
    assert second.id != first.id
    for verdict in ("right", "right", "false_alarm"):
        assert press(here, second, "judge", "manager", verdict=verdict) == "judged"
    assert press(here, first, "judge", "manager", verdict="right") == "judged"
    told = [(row["verdict"], row["level"]) for row in here.read(lambda tx: list(verdicts.exported(tx)))]
    assert sorted(told) == [("false_alarm", second.level.name), ("right", "L3")]
    assert len(here.read(verdicts.queue)) == 2
    assert "/verdicts/export" in here.get("/reviews", "manager").text


def test_an_unknown_alert_is_not_there_for_any_press(here: AtDesk) -> None:
    talk = here.alert().conversation
    for named in ("0" * 26, talk, "x", "..", "%00", "' OR 1=1"):
        assert here.get(f"/alerts/{named}", "duty").status_code in (404, 303), named
        for what in ("acknowledge", "decide", "words", "told", "lift", "judge", "reveal", "share"):
            assert here.post(f"/alerts/{named}/{what}", "duty", because="x").status_code in (404, 405), (named, what)


def test_a_child_who_was_erased_leaves_a_board_that_stands(here: AtDesk) -> None:
    from storage import retention

    gone, stays = here.alert(), here.alert(address="+447700900199")
    contact = here.read(lambda tx: conversations.contact_of(tx, gone.conversation)).id
    for alert in (gone, stays):
        press(here, alert, "judge", verdict="right")
    assert gone.case_name in here.get("/reviews", "manager").text
    here.do(lambda tx: retention.erase(tx, contact, here.now))
    text = seen(here.get("/board", "duty"))
    assert stays.case_name in text
    assert gone.case_name not in text
    assert here.get(f"/alerts/{gone.id}", "duty").status_code == 404
    reviews = here.get("/reviews", "manager")
    assert reviews.status_code == 200
    assert stays.case_name in reviews.text
    assert gone.case_name not in reviews.text


def test_every_press_leaves_its_line(here: AtDesk) -> None:
    alert = here.alert()
    press(here, alert, "acknowledge")
    press(here, alert, "judge", verdict="right")
    press(here, alert, "decide", decision="refer", because="harm")
    who = here.people["duty"].id
    lines = [one.what for one in here.read(lambda tx: list(audit.about(tx, alert.id))) if one.who == who]
    assert lines == ["alert.taken", "alert.judged", "alert.decided"]
    assert here.read(audit.verify) is None
    assert here.read(lambda tx: alerts.peek(tx, alert.id)).decision == "refer"


def test_whoever_a_child_speaks_of_loses_sight_of_it_at_once(desk: AtDesk) -> None:
    from storage import tasks, waits

    alert = desk.alert()
    desk.post(f"/alerts/{alert.id}/reveal", "duty", because="police ask")
    press(desk, alert, "judge", verdict="right")
    press(desk, alert, "words", "manager")
    assert "hits me" in page(desk, alert, "manager")
    desk.do(lambda tx: waits.bar(tx, alert.conversation, desk.people["manager"].id, "conflict", desk.now))  # type: ignore[arg-type]
    assert any(one.conversation == alert.conversation for one, _ in desk.read(lambda tx: list(tasks.listed(tx))))
    desk.tick(days=3)
    assert alert.case_name in desk.get("/handover", "duty").text
    for path in ("/board", "/reviews", "/handover"):
        assert alert.case_name not in desk.get(path, "manager").text
    for path in (f"/alerts/{alert.id}", f"/alerts/{alert.id}/card", f"/alerts/{alert.id}/live"):
        assert desk.get(path, "manager").status_code == 404, path
    assert desk.post(f"/alerts/{alert.id}/decide", "manager", decision="refer", because="x").status_code == 404
    assert alert.case_name in desk.get("/board", "duty").text
