"""The record of an interview at the desk: who may open it, what is written in it by whom, and what leaves it."""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot import clicks, recording
from bot import records as built
from bot.desk import records
from flows import report
from storage import access, alerts, audit, conversations, hands, parent_forms, reports, shares, waits
from storage.codes import Bar
from tests.desk.at_desk import NOON, AtDesk, seen

if TYPE_CHECKING:
    import httpx

    from flows.report import Report

WHOLE = {
    "How it was held": {
        "interviewer": "Rosa", "relation": "voluntary", "engaged": "willing", "mode": "phone", "with": "child",
    },
    "The four purposes": {
        "purpose_harm": "asked of hurt and health", "purpose_reasons": "school and friends",
        "purpose_options": "a word with school", "purpose_safety": "told of the help numbers",
    },
    "Harm": {"disclosure": "none_recorded"},
    "Around the child": {"parent_view": "got"},
    "Support, and what the child wants": {"support_given": "a helpline"},
    "Afterwards": {"felt_listened": "yes"},
}  # fmt: skip


def held(desk: AtDesk, talk: str) -> Report:
    found: Report = desk.read(lambda tx: recording.current(tx, talk))
    return found


def taken(desk: AtDesk, *texts: str, **details: Any) -> str:
    """An interview that the worker has."""
    talk = desk.interview("1", *texts, **details)
    desk.do(lambda tx: clicks.take(tx, desk.runner, desk.people["duty"], talk, desk.now))
    return talk


def saves(desk: AtDesk, talk: str, group: str, role: str = "duty", because: str = "", **fields: Any) -> httpx.Response:
    given = {f"f-{name}": value for name, value in fields.items() if name != "version"}
    version = fields.get("version") or desk.read(lambda tx: reports.last(tx, talk, report.Report)[1])
    return desk.post(f"/records/{talk}/fields", role, group=group, because=because, version=str(version), **given)


def form(desk: AtDesk, page: str, action: str, role: str = "duty") -> dict[str, str]:
    """What the form of a page carries by itself, as somebody's browser has it now."""
    [found] = re.findall(
        rf'<form[^>]* method="post" action="{re.escape(action)}">(.*?)</form>', desk.get(page, role).text, re.DOTALL
    )
    held = dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', found))
    return {name: html.unescape(value) for name, value in held.items() if name != "form"}


def presses(desk: AtDesk, page: str, action: str, role: str = "duty", /, **given: Any) -> httpx.Response:
    """Somebody opens a page and sends a form of it."""
    return desk.post(action, role, **(form(desk, page, action, role) | given))


def weighs(desk: AtDesk, talk: str, role: str = "duty", /, **given: Any) -> httpx.Response:
    return presses(desk, f"/records/{talk}/risk", f"/records/{talk}/weigh", role, **given)


def sets_level(desk: AtDesk, talk: str, level: str, because: str, role: str = "duty") -> httpx.Response:
    return presses(desk, f"/records/{talk}/risk", f"/records/{talk}/level", role, level=level, because=because)


def signs(desk: AtDesk, talk: str, role: str = "duty") -> httpx.Response:
    return presses(desk, f"/records/{talk}", f"/records/{talk}/sign", role)


def complete(desk: AtDesk, talk: str) -> None:
    for group, fields in WHOLE.items():
        assert saves(desk, talk, group, **fields).status_code == 303, group


def text(response: httpx.Response) -> str:
    return html.unescape(seen(response))


# --- who ---------------------------------------------------------------------------------------------------------------


def test_open_to_whoever_had_the_child_and_to_managers_and_written_down(desk: AtDesk) -> None:
    talk = desk.interview("1")
    assert [desk.get(f"/records/{talk}", role).status_code for role in ("duty", "manager")] == [404, 200]
    desk.do(lambda tx: clicks.take(tx, desk.runner, desk.people["duty"], talk, desk.now))
    assert desk.get(f"/records/{talk}", "duty").status_code == 200
    # Handed on, it is still theirs to write down what they heard.
    desk.do(lambda tx: clicks.hand_back(tx, desk.runner, desk.people["duty"], talk, desk.now))
    assert desk.get(f"/records/{talk}", "duty").status_code == 200
    looked = desk.read(lambda tx: [one.staff for one in access.of(tx, talk) if one.what == "record"])
    assert {desk.people["duty"].id, desk.people["manager"].id} == set(looked)


def test_who_noted_a_talk_with_the_child_has_a_hand_in_it(here: AtDesk) -> None:
    from bot import casework

    talk = here.interview("1")
    assert here.get(f"/records/{talk}", "worker").status_code == 404

    def work(tx: Any) -> None:
        case = conversations.case_of(tx, talk)
        assert case is not None
        casework.spoke(tx, here.house, here.people["worker"], case, "phone", here.now)

    here.do(work)
    assert here.get(f"/records/{talk}", "worker").status_code == 200


def test_a_manager_gives_it_to_somebody(here: AtDesk) -> None:
    talk = here.interview("1")
    path = f"/records/{talk}"
    assert here.post(f"{path}/give", "worker", to="worker one").status_code == 403
    assert here.post(f"{path}/give", "manager", to="nobody").status_code == 409
    assert here.post(f"{path}/give", "manager", to="requester one").status_code == 409
    assert here.post(f"{path}/give", "manager", to="worker one").headers["location"].endswith("done=record_given")
    assert here.get(path, "worker").status_code == 200
    assert talk in here.get("/records", "worker").text
    assert talk not in here.get("/records", "duty").text
    assert "record.given" in [one.what for one in here.read(lambda tx: list(audit.about(tx, talk)))]


def test_whoever_is_kept_from_the_child_is_kept_from_the_record(here: AtDesk) -> None:
    talk = taken(here)
    for role in ("duty", "manager"):
        here.do(functools.partial(kept_away, talk=talk, staff=here.people[role].id))
        for path in ("", "/risk", "/print", "/copies"):
            assert here.get(f"/records/{talk}{path}", role).status_code == 404
        assert here.post(f"/records/{talk}/sign", role).status_code == 404
        assert talk not in here.get("/records", role).text


def kept_away(tx: Any, talk: str, staff: str) -> None:
    waits.bar(tx, talk, staff, Bar.CONFLICT, NOON)


def test_a_text_safe_chat_has_no_such_record(here: AtDesk) -> None:
    talk = here.child_says("hi")
    here.do(lambda tx: hands.put(tx, talk, here.people["duty"].id, here.now))
    assert here.get(f"/records/{talk}", "manager").status_code == 404
    assert here.get(f"/records/{talk}", "duty").status_code == 404


# --- what is written --------------------------------------------------------------------------------------------------


def test_every_field_of_the_form_stands_in_one_group() -> None:
    named = [name for group in records.GROUPS.values() for name in group]
    assert sorted(named) == sorted(report.load().fields)


def test_from_empty_to_signed_and_amended(desk: AtDesk) -> None:
    talk = taken(desk)
    page = text(desk.get(f"/records/{talk}", "duty"))
    assert "there lacks" in page
    assert "Sign as" not in page
    complete(desk, talk)
    assert "Sign as duty one" in text(desk.get(f"/records/{talk}", "duty"))
    assert signs(desk, talk).headers["location"].endswith("done=record_signed")
    assert [one.by for one in held(desk, talk).signatures] == ["duty one"]
    # From here only with a reason; a manager's may be the second signature.
    refused = saves(desk, talk, "Afterwards", felt_listened="partly")
    assert (refused.status_code, "reason is missing" in text(refused)) == (409, True)
    assert held(desk, talk).fields["felt_listened"] == "yes"
    fields = WHOLE["Afterwards"] | {"trigger_plan": "yes"}
    assert saves(desk, talk, "Afterwards", because="done today", **fields).status_code == 303
    [amendment] = held(desk, talk).amendments
    assert (amendment.by, amendment.reason, amendment.changes) == ("duty one", "done today", ("trigger_plan",))
    assert signs(desk, talk, "manager").status_code == 303
    assert "More was said" not in text(desk.get(f"/records/{talk}", "duty"))
    desk.tick(seconds=60)
    desk.child_says("he hits me every night")
    assert "More was said since it was signed" in text(desk.get(f"/records/{talk}", "duty"))
    printed = text(desk.get(f"/records/{talk}/print", "duty"))
    assert "duty one" in printed
    assert "done today" in printed


def test_what_was_heard_stands_above_the_signature_and_is_not_signed_as_nothing(desk: AtDesk) -> None:
    talk = taken(desk, "my uncle touched me when i was there")
    complete(desk, talk)
    assert "waits for a decision" in text(desk.get(f"/records/{talk}/risk", "duty"))
    page = text(desk.get(f"/records/{talk}", "duty"))
    assert page.index("my uncle touched me") < page.index("there lacks")
    assert "until then “The child told of harm” is not “none recorded”" in page
    assert "Sign as" not in page
    alert = desk.read(lambda tx: alerts.open_for(tx, talk))
    desk.do(lambda tx: clicks.decide(tx, desk.runner, desk.people["manager"], alert.id, "refer", "told", desk.now))
    # Decided it is still not nothing: who considered it, and why it is none, is asked for.
    page = text(desk.get(f"/records/{talk}", "duty"))
    assert "is not “none recorded”" not in page
    assert "By which manager" in page
    assert "Sign as" not in page
    considered = {"harm_considered_by": "manager one", "harm_considered_at": "2026-11-16 12:00", "s47": "asked"}
    saves(desk, talk, "Harm", disclosure="yes", s47_by="the duty team", s47_reason="what was told", **considered)
    # Harm was told: somebody does something by a day, or nobody signs (001:1025-1027).
    page = text(desk.get(f"/records/{talk}", "duty"))
    assert "Who does what by when: the child told of harm" in page
    assert "Sign as" not in page
    desk.post(
        f"/records/{talk}/actions", "duty", action="visit with her social worker", owner="Rosa", by_day="2026-11-18"
    )
    assert "Sign as duty one" in text(desk.get(f"/records/{talk}", "duty"))


def test_what_was_said_since_the_signature_stands_on_the_page_that_says_so(here: AtDesk) -> None:
    talk = taken(here)
    complete(here, talk)
    signs(here, talk)
    here.tick(seconds=60)
    here.child_says("actually my uncle touched me when i was there")
    page = text(here.get(f"/records/{talk}", "duty"))
    assert "L3 was heard" in page
    assert "my uncle touched me" in page
    refused = saves(here, talk, "Harm", because="read again", disclosure="unsure")
    assert refused.status_code == 303
    refused = saves(here, talk, "Harm", because="read again", disclosure="none_recorded")
    assert (refused.status_code, "waits for its decision" in text(refused)) == (409, True)


def test_what_is_refused_stands_in_the_form_again(here: AtDesk) -> None:
    talk = taken(here)
    refused = saves(
        here, talk, "Support, and what the child wants", plan="No risk identified.", support_given="a helpline"
    )
    assert refused.status_code == 409
    assert "'no risk' is not written of a child" in text(refused)
    assert "No risk identified." in text(refused)
    assert held(here, talk).fields == {}
    why = "Why they went: first their words, then the code"
    first = saves(here, talk, why, push=["conflict", "lonely_out_of_area"])
    assert "in their own words" in text(first)
    done = saves(here, talk, why, own_words="they\r\nnever listen", push=["conflict", "low_mood_or_trauma"])
    assert done.status_code == 303
    assert held(here, talk).fields == {"own_words": "they\nnever listen", "push": "conflict,low_mood_or_trauma"}
    assert saves(here, talk, "nothing of ours").status_code == 409


def test_a_tab_left_open_puts_no_older_word_over_a_newer_one(here: AtDesk) -> None:
    talk = taken(here)
    group = "Support, and what the child wants"
    saves(here, talk, group, plan="ring nan", wish_short="quiet")
    # Another group meanwhile is nobody's harm; the same field is told, with what was typed.
    saves(here, talk, group, "manager", plan="ring nan first", wish_short="quiet")
    assert saves(here, talk, "Afterwards", version=1, felt_listened="yes").status_code == 303
    late = saves(here, talk, group, version=1, plan="ring school", wish_short="quiet")
    assert (late.status_code, "somebody else wrote here" in text(late), "ring school" in text(late)) == (
        409,
        True,
        True,
    )
    assert held(here, talk).fields["plan"] == "ring nan first"
    assert saves(here, talk, group, plan="ring school", wish_short="quiet").status_code == 303


def test_a_save_that_changes_nothing_makes_no_version(here: AtDesk) -> None:
    talk = taken(here)
    for _ in range(2):
        assert saves(here, talk, "Afterwards", felt_listened="yes").status_code == 303
    lines = here.read(lambda tx: [one.what for one in audit.about(tx, talk)])
    assert lines.count("report.set") == 1


def test_intelligence_actions_and_the_childs_correction(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    assert (
        here.post(f"{path}/intelligence", "duty", kind="vehicle", what="a blue van", words="his van").status_code == 303
    )
    assert here.post(f"{path}/actions", "duty", action="ring school", owner="Rosa", by_day="soon").status_code == 409
    assert (
        here.post(f"{path}/actions", "duty", action="ring school", owner="Rosa", by_day="2026-11-20").status_code == 303
    )
    assert here.post(f"{path}/correct", "duty", question="gate", new="it was my nan").status_code == 303
    assert here.post(f"{path}/correct", "duty", question="gate", new="x", withdraws="yes").status_code == 409
    page = text(here.get(path, "duty"))
    for word in ("a blue van", "his van", "ring school", "2026-11-20", "it was my nan", "Both versions stand"):
        assert word in page
    assert [one.kind for one in held(here, talk).corrections] == ["corrects"]


# --- the toolkit ------------------------------------------------------------------------------------------------------


def test_each_indicator_is_so_with_what_it_rests_on_or_looked_at(desk: AtDesk) -> None:
    talk = taken(desk)
    path = f"/records/{talk}"
    bare = weighs(desk, talk, **{"is-L01": "yes", "why-L01": ""})
    assert (bare.status_code, "Often late or missing: say what it rests on" in text(bare)) == (409, True)
    given = {"is-L01": "yes", "why-L01": "third time this month", "is-M07": "no", "why-M07": "", "is-H08": ""}
    assert weighs(desk, talk, **given).status_code == 303
    found = held(desk, talk)
    assert (found.indicators, found.left, dict(found.evidence)) == (
        ("L01",),
        ("M07",),
        {"L01": "third time this month"},
    )
    assert "third time this month" in text(desk.get(f"{path}/print", "duty"))
    assert weighs(desk, talk, **{"is-ZZ99": "yes", "why-ZZ99": "x"}).status_code == 409


def test_an_older_tab_takes_nobodys_indicator_away(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    older = form(here, f"{path}/risk", f"{path}/weigh", "manager")
    assert weighs(here, talk, **{"is-H08": "yes", "why-H08": "seen by staff"}).status_code == 303
    given = {"is-H08": "", "is-L01": "yes", "why-L01": "third time this month"}
    for stale in (older, {}):
        refused = here.post(f"{path}/weigh", "manager", **(stale | given))
        assert (
            refused.status_code,
            "somebody else weighed while you did: “Disappears from the system, no contact”" in text(refused),
        ) == (409, True)
        assert "third time this month" in refused.text, "what was typed is not lost"
    assert held(here, talk).indicators == ("H08",)
    assert weighs(here, talk, "manager", **given).status_code == 303
    assert held(here, talk).indicators == ("L01",)


def test_nobody_confirms_a_level_of_what_they_have_not_read(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    weighs(here, talk, **{"is-M07": "yes", "why-M07": "a new phone"})
    older = form(here, f"{path}/risk", f"{path}/level", "manager")
    weighs(here, talk, **{"is-M07": "yes", "why-M07": "a new phone", "is-H08": "yes", "why-H08": "seen by staff"})
    # With a reason a manager may set high down to medium, but not who takes it for medium.
    refused = here.post(f"{path}/level", "manager", level="medium", because="as I read it", **older)
    assert refused.status_code == 409
    assert (
        "changed since you read it: the indicators “Disappears from the system, no contact”; what the toolkit makes, high now"
        in text(refused)
    )
    assert "as I read it" in refused.text
    assert '<option value="high" selected>' in refused.text
    assert held(here, talk).level == ""
    before = form(here, f"{path}/risk", f"{path}/level")
    assert sets_level(here, talk, "medium", "seen with the police", "manager").status_code == 303
    late = here.post(f"{path}/level", "duty", level="high", because="", **before)
    assert (late.status_code, "the level, medium" in text(late)) == (409, True)
    assert (held(here, talk).level, held(here, talk).level_by) == ("medium", "manager one")


def test_down_goes_a_manager_with_a_reason(desk: AtDesk) -> None:
    talk = taken(desk)
    path = f"/records/{talk}"
    weighs(desk, talk, **{"is-H08": "yes", "why-H08": "seen by staff"})
    page = text(desk.get(f"{path}/risk", "duty"))
    assert "1 of the high list" in page
    refused = sets_level(desk, talk, "medium", "not so grave")
    assert "only a manager" in text(refused)
    unexplained = sets_level(desk, talk, "medium", " ", "manager")
    assert "say why" in text(unexplained)
    assert '<option value="medium" selected>' in unexplained.text, "the reason they type now is of what they chose"
    assert sets_level(desk, talk, "medium", "seen with the police", "manager").status_code == 303
    assert (held(desk, talk).level, held(desk, talk).level_by) == ("medium", "manager one")
    # Other indicators: the level is confirmed anew.
    weighs(desk, talk, **{"is-H08": "yes", "why-H08": "seen by staff", "is-L01": "yes", "why-L01": "twice"})
    assert held(desk, talk).level == ""


def test_what_a_manager_decided_is_proposed_for_the_form_and_saved_by_the_worker(desk: AtDesk) -> None:
    talk = taken(desk, "1", "my dad hits me with his belt")
    assert 'id="considered"' not in desk.get(f"/records/{talk}", "duty").text
    [alert] = desk.read(lambda tx: alerts.of(tx, talk))
    desk.do(
        lambda tx: clicks.decide(
            tx, desk.runner, desk.people["manager"], alert.id, "refer", "hit with a belt", desk.now
        )
    )
    page = desk.get(f"/records/{talk}", "duty")
    assert "Proposed, not recorded" in text(page)
    assert f"{desk.people['manager'].name} decided of the L3" in text(page)
    assert "hit with a belt" in text(page)
    assert 'value="yes" selected' not in page.text.partition('name="f-harm_considered"')[2].partition("</select>")[0]
    taking = desk.get(f"/records/{talk}?take=considered", "duty").text
    assert 'id="harm" open' in taking
    assert 'value="yes" selected' in taking.partition('name="f-harm_considered"')[2].partition("</select>")[0]
    assert held(desk, talk).fields == {}, "a look records nothing"
    by = desk.people["manager"].name
    saves(desk, talk, "Harm", harm_considered="yes", harm_considered_by=by, harm_considered_at="2026-11-16 12:00")
    assert 'id="considered"' not in desk.get(f"/records/{talk}", "duty").text


def test_what_the_answers_propose_is_shown_with_the_answer(here: AtDesk) -> None:
    def work(tx: Any) -> None:
        from storage import cases

        case = conversations.case_of(tx, talk)
        assert case is not None
        for days in (9, 5):
            from datetime import timedelta

            cases.add_episode(tx, case, here.now - timedelta(days=days), here.now - timedelta(days=days - 1))

    talk = taken(here)
    here.do(work)
    page = here.get(f"/records/{talk}/risk", "duty").text
    assert page.count("proposed</strong>") == 1
    weighs(here, talk, **{"is-L01": "no", "why-L01": ""})
    assert "proposed</strong>" not in here.get(f"/records/{talk}/risk", "duty").text


# --- what somebody else did meanwhile ---------------------------------------------------------------------------------


def test_nobody_signs_what_they_have_not_read(desk: AtDesk) -> None:
    talk = taken(desk)
    path = f"/records/{talk}"
    complete(desk, talk)
    older = form(desk, path, f"{path}/sign")
    saves(desk, talk, "Afterwards", "manager", **(WHOLE["Afterwards"] | {"felt_listened": "partly"}))
    weighs(desk, talk, "manager", **{"is-M07": "yes", "why-M07": "a new phone"})
    desk.post(f"{path}/intelligence", "manager", kind="vehicle", what="a blue van", words="his van")
    refused = desk.post(f"{path}/sign", "duty", **older)
    told = text(refused)
    label = report.load().fields["felt_listened"].label
    assert refused.status_code == 409
    for changed in (label, "the indicators “Older boyfriend or girlfriend”", "what is to be passed on"):
        assert changed in told.split("Changed since:")[1].split("Read it below")[0]
    assert "the child's answers" not in told.split("Changed since:")[1].split("Read it below")[0]
    assert held(desk, talk).signatures == ()
    sets_level(desk, talk, "medium", "")
    # The page that refused is the record as it stands: whoever has read it may sign.
    assert signs(desk, talk).status_code == 303


def test_what_the_child_says_meanwhile_is_read_before_it_is_signed(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    complete(here, talk)
    older = form(here, path, f"{path}/sign")
    here.child_says("he hits me every night")
    refused = here.post(f"{path}/sign", "duty", **older)
    assert (refused.status_code, "what was heard" in text(refused)) == (409, True)
    here.clicked("set_answer", "duty", talk, "want_now", "a quiet place")
    refused = here.post(f"{path}/sign", "duty", **older)
    assert "the child's answers; what was heard" in text(refused)
    for unread in ("", "x", "1-2-3-4"):
        assert here.post(f"{path}/sign", "duty", shown=unread).status_code == 409
    assert held(here, talk).signatures == ()


def test_a_first_signature_does_not_become_the_second_unseen(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    complete(here, talk)
    managers = form(here, path, f"{path}/sign", "manager")
    assert signs(here, talk).status_code == 303
    refused = here.post(f"{path}/sign", "manager", **managers)
    assert (refused.status_code, "signed by duty one" in text(refused)) == (409, True)
    assert [one.by for one in held(here, talk).signatures] == ["duty one"]


def test_a_code_of_a_colleague_is_not_made_worthless_unseen(here: AtDesk) -> None:
    talk = taken(here)
    here.clicked("set_answer", "duty", talk, "where", "my nan's")
    path = f"/records/{talk}"
    older = form(here, path, f"{path}/release", "manager")
    assert presses(here, path, f"{path}/release").status_code == 200
    refused = here.post(f"{path}/release", "manager", **older)
    assert (refused.status_code, "a code meanwhile" in text(refused)) == (409, True)
    assert presses(here, path, f"{path}/release", "manager").status_code == 200


def test_an_answer_that_was_closed_is_not_opened_by_an_older_tab(here: AtDesk) -> None:
    talk = taken(here)
    here.clicked("set_answer", "duty", talk, "want_now", "a quiet place")
    path, given = f"/records/{talk}/share", {"question": "want_now"}
    assert here.post(path, "duty", **given, role="police", open_to="").status_code == 200
    assert here.post(path, "duty", **given, open_to="police").status_code == 200
    refused = here.post(path, "manager", **given, role="health", open_to="police")
    assert (refused.status_code, "open to nobody but the council" in text(refused)) == (409, True)
    assert held(here, talk).shared == {}


# --- what leaves ------------------------------------------------------------------------------------------------------


def test_a_copy_is_noted_before_it_is_shown(desk: AtDesk) -> None:
    talk = taken(desk)
    desk.clicked("set_answer", "duty", talk, "law", "yes")
    desk.post(f"/records/{talk}/intelligence", "duty", kind="place", what="flat over the shop", words="where jay lives")
    path = f"/records/{talk}/copies"
    assert "say who is given the copy" in text(desk.post(path, "duty", role="police", to="", because="x"))
    copy = desk.post(path, "duty", role="police", to="PC Grey", because="to find the van")
    assert copy.status_code == 200
    page = text(copy)
    assert "flat over the shop" in page
    assert "where jay lives" not in page
    assert "trouble with the law" not in page
    [logged] = desk.read(lambda tx: shares.of(tx, talk))
    assert (logged.role, logged.who, logged.because) == ("police", "PC Grey", "to find the van")
    assert "to find the van" in text(desk.get(path, "duty"))
    # The parts of another role are refused, and nothing is noted.
    refused = desk.post(path, "duty", role="parent", to="Mum", because="asked", part="risks")
    assert (refused.status_code, "never goes" in text(refused)) == (409, True)
    assert len(desk.read(lambda tx: shares.of(tx, talk))) == 1


def test_an_answer_is_opened_to_others_one_by_one_and_the_law_never_to_police(here: AtDesk) -> None:
    talk = taken(here)
    here.clicked("set_answer", "duty", talk, "law", "yes")
    here.clicked("set_answer", "duty", talk, "want_now", "a quiet place")
    assert here.post(f"/records/{talk}/share", "duty", question="law", role="police").status_code == 409
    assert here.post(f"/records/{talk}/share", "duty", question="want_now", role="police").status_code == 200
    assert held(here, talk).shared == {"want_now": "police"}
    copy = here.post(f"/records/{talk}/copies", "duty", role="police", to="PC Grey", because="asked", part="answers")
    assert "a quiet place" in text(copy)
    assert "trouble with the law" not in text(copy)


@pytest.mark.parametrize(
    "path", ["fields", "weigh", "level", "intelligence", "actions", "correct", "sign", "share", "copies"]
)
def test_a_form_that_is_not_ours_is_refused(here: AtDesk, path: str) -> None:
    talk = taken(here)
    token = here.sign_in("duty")
    assert here.ask("POST", f"/records/{talk}/{path}", token, form={"form": "not-ours"}).status_code == 403


# --- the child reads it -----------------------------------------------------------------------------------------------


def test_a_code_for_the_child_stands_on_one_answer_alone(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}"
    assert "no answer yet" in text(presses(here, path, f"{path}/release"))
    here.clicked("set_answer", "duty", talk, "want_now", "a quiet place")
    page = presses(here, path, f"{path}/release")
    code = re.search(r"07700 900\d{3} \d{6}", page.text)
    assert code
    again = here.get(f"/records/{talk}", "duty").text
    assert code[0] not in again
    assert "not opened yet" in again
    assert "reading.released" in [one.what for one in here.read(lambda tx: list(audit.about(tx, talk)))]


# --- a parent's or carer's view ---------------------------------------------------------------------------------------


def test_an_adult_is_asked_only_when_a_worker_says_that_it_is_safe(here: AtDesk) -> None:
    talk = taken(here)
    path = f"/records/{talk}/parents"
    refused = here.post(path, "duty", adult="Jo, mother", why="seen today")
    assert (refused.status_code, "say that you found it safe" in text(refused)) == (409, True)
    asked = here.post(path, "duty", adult="Jo, mother", why="seen today", safe="yes")
    link = re.search(r"/p/([\w-]{43})", asked.text)
    assert link
    assert link[1] not in here.get(f"/records/{talk}", "duty").text
    assert "Jo, mother" in text(here.get(f"/records/{talk}", "duty"))
    [held] = here.read(lambda tx: parent_forms.of(tx, talk))
    assert here.post(f"{path}/{held.id}/close", "duty").headers["location"].endswith("done=link_closed")
    assert here.post(f"{path}/{held.id}/close", "duty").status_code == 409
    here.clicked("set_answer", "duty", talk, "avoid_person", "yes")
    assert "Do not contact this adult" in text(here.get(f"/records/{talk}", "duty"))
    assert here.post(path, "duty", adult="Jo, mother", why="seen today", safe="yes").status_code == 409


def test_a_number_that_was_sent_stands_with_what_it_means(here: AtDesk) -> None:
    """1 is yes here and very bad there: whoever signs reads which."""
    talk = taken(here, "1", "1", "1", "0", "4")
    words = {one.question: one for one in here.read(lambda tx: built.build(tx, here.house, talk)).areas["q1"]}
    assert (words["home_feel"].said, words["home_feel"].value) == ("4", 4)
    for path in ("", "/print"):
        assert "Recorded as: Good" in seen(here.get(f"/records/{talk}{path}", "duty"))
        assert "Recorded as: 4" not in seen(here.get(f"/records/{talk}{path}", "duty"))
    here.clicked("set_answer", "duty", talk, "worry", ("home", "school"))
    page = seen(here.get(f"/records/{talk}", "duty"))
    assert "Home, School" in page
    assert "(&#39;home" not in page
