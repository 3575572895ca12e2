"""A worker's part of a record: nothing is in the child's mouth, nothing changes once it is signed, both versions stand."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot import __main__, considered, exporting, record_desk, recording, records
from bot.config import Settings
from bot.filing import page, paper, plain, table
from bot.filing.extra import NotInstalled
from bot.play import script
from bot.play.stage import PLAY_KEYS, Stage
from flows.deadlines import Status
from flows.report import NotRecorded, Report
from storage import audit, cases, clocks, conversations, people, reports, shares
from tests import absent
from tests.bot.staging import opening, play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.database import Transaction

HEAD = """flow: return_interview
now: 2026-11-16 12:00
path: full
child: age=14 looked_after=no learning_disability=no worker=Rosa
episode: missing="2026-11-14 18:00" returned="2026-11-16 10:00"
rota: ana=duty ben=backup mel=manager sue=service_manager rosa=worker
"""
WITH_HOUSE = (recording.set_level, recording.sign, recording.amend, recording.correct)
OPEN = ("child > 1", "child > 1", "child > 1")
WHOLE = {
    "interviewer": "Rosa", "relation": "voluntary", "engaged": "willing", "disclosure": "none_recorded", "parent_view": "got",
    "purpose_harm": "asked of hurt and health", "purpose_reasons": "school and friends", "purpose_options": "a word with school",
    "purpose_safety": "told of the help numbers", "mode": "phone", "with": "child", "felt_listened": "yes",
    "support_given": "a helpline",
}  # fmt: skip


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    made = Stage(script.parse(HEAD + "\n".join(OPEN) + "\n"), database_url)
    made.__enter__()
    for line in made.play.lines:
        made.line(line)
    with made.database.transaction() as tx:
        conversation = conversations.load(tx, made.conversation)
        case = conversations.case_of(tx, conversation.id)
        assert case is not None
        cases.set_details(tx, case, {"birth_date": "2012-03-14", "learning_disability": "no"})
    yield made
    made.__exit__()


def do(stage: Stage, act: Callable[..., Report], *given: Any, by: str = "rosa", later: int = 0, **more: Any) -> Report:
    """One act of one person, with the house where it needs one."""

    def work(tx: Transaction) -> Report:
        who = people.by_name(tx, by)
        assert who is not None
        house = (stage.house,) if act in WITH_HOUSE else ()
        return act(tx, *house, who, stage.conversation, *given, stage.now + timedelta(hours=later), **more)

    return stage.committer.submit(work)


def versions(stage: Stage) -> list[str]:
    with stage.database.snapshot() as tx:
        return [one.act for one in reports.of(tx, stage.conversation)]


def filed(stage: Stage) -> dict[str, Any]:
    with stage.database.snapshot() as tx:
        found: dict[str, Any] = json.loads(plain.write(records.build(tx, stage.house, stage.conversation)))
        return found


def signed(stage: Stage) -> Report:
    do(stage, recording.set_fields, WHOLE)
    return do(stage, recording.sign)


# --- fields -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"mode": "letter"}, "mode: 'letter' is no answer here: use face_to_face"),
        ({"moed": "phone"}, "no field 'moed'; did you mean"),
        ({"plan": "No risk identified."}, "'no risk' is not written of a child"),
        ({"plan": "a promiscuous girl"}, "'promiscuous' is not written"),
        ({"plan": "no\u00a0RISK"}, "'no risk' is not written"),
        ({"plan": "x" * 4001}, "longer than 4000"),
        ({"plan": "a\x07b"}, "cannot be printed"),
        (
            {"push": "conflict"},
            "What they went away from, coded after their own words: first what the child said in their own words",
        ),
        ({"disclosure": "no"}, "disclosure: 'no' is no answer here: use yes, none_recorded, unsure"),
    ],
)
def test_what_may_not_be_recorded_is_told_in_a_line(stage: Stage, given: dict[str, str], told: str) -> None:
    with pytest.raises(NotRecorded) as refused:
        do(stage, recording.set_fields, given)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)
    assert versions(stage) == []


def test_who_considered_it_is_a_manager_as_far_as_anybody_knows_them(stage: Stage) -> None:
    with pytest.raises(NotRecorded, match="ana is no manager"):
        do(stage, recording.set_fields, {"harm_considered_by": "ana"})
    for named in ("mel", "Jo of the council"):
        assert do(stage, recording.set_fields, {"harm_considered_by": named}).fields["harm_considered_by"] == named


def offered(stage: Stage) -> considered.Proposal | None:
    with stage.database.snapshot() as tx:
        held = recording.current(tx, stage.conversation)
        return considered.proposed(tx, stage.conversation, held, stage.house.settings.timezone)


def test_what_a_manager_decided_of_an_alert_is_proposed_and_never_filled_in(stage: Stage) -> None:
    play(stage, "child > my dad hits me with his belt")
    assert offered(stage) is None
    play(stage, "desk > ana decides 1 police because he has the belt")
    assert offered(stage) is None, "a duty worker is no manager"
    play(stage, "---- 5 minutes\ndesk > mel decides 1 refer because hit with a belt")
    found = offered(stage)
    assert found is not None
    assert found.fields == {
        "harm_considered": "yes", "harm_considered_by": "mel", "harm_considered_at": "2026-11-16 12:05",
    }  # fmt: skip
    assert (found.by, found.decision, found.because) == ("mel", "refer", "hit with a belt")
    assert versions(stage) == []
    with stage.database.snapshot() as tx:
        held = recording.current(tx, stage.conversation)
        lines = list(record_desk._lines(tx, stage.house, stage.conversation, held, stage.now))
    [line] = [one for one in lines if one["kind"] == "considered"]
    assert "refer by mel" in record_desk.told(line)
    assert '"harm_considered_by=mel"' in record_desk.told(line)
    do(stage, recording.set_fields, {"harm_considered": "not_yet", "harm_considered_by": "Jo of the council"})
    found = offered(stage)
    assert found is not None
    assert set(found.fields) == {"harm_considered", "harm_considered_at"}, "what somebody recorded stands"
    do(stage, recording.set_fields, dict(found.fields))
    assert offered(stage) is None


def test_who_decided_as_the_manager_of_a_shift_may_be_named_after_it(stage: Stage) -> None:
    play(stage, "child > my dad hits me with his belt")

    def shift(tx: Transaction) -> None:
        ana = people.by_name(tx, "ana")
        assert ana is not None
        people.add_shift(tx, ana.id, "manager", stage.now, stage.now + timedelta(hours=1))

    stage.committer.submit(shift)
    play(stage, "desk > ana decides 1 refer because hit with a belt")
    found = offered(stage)
    assert found is not None
    assert do(stage, recording.set_fields, found.fields, later=5).fields["harm_considered_by"] == "ana"


def test_who_decided_what_and_why_and_what_was_shared_stand_in_the_record(stage: Stage) -> None:
    play(stage, "child > my dad hits me with his belt")
    play(stage, "desk > mel decides 1 refer because hit with a belt")
    with stage.database.transaction() as tx:
        mel = people.by_name(tx, "mel")
        assert mel is not None
        shares.add(tx, stage.conversation, "police", "DC Grey", ("words",), "a crime", mel.id, stage.now)
    told = filed(stage)
    (decided,) = told["alerts"][0]["decisions"]
    assert (decided["kind"], decided["what"], decided["by"], decided["because"]) == (
        *("decision", "refer", "mel", "hit with a belt"),
    )
    (shared,) = told["shared"]
    assert (shared["role"], shared["to"], shared["by"], shared["because"]) == ("police", "DC Grey", "mel", "a crime")
    assert all(one["done"] for one in told["tasks"] if one["what"] == "decide_harm")
    with stage.database.snapshot() as tx:
        shown = page.write(records.build(tx, stage.house, stage.conversation))
    for words in ("hit with a belt", "DC Grey", "a crime"):
        assert words in shown
    assert "decide harm" not in shown


def test_a_code_comes_after_the_childs_own_words(stage: Stage) -> None:
    do(stage, recording.set_fields, {"own_words": "they never listen", "push": "not_listened,conflict"})
    assert do(stage, recording.set_fields, {"mode": "phone"}).fields["push"] == "not_listened,conflict"
    assert "push" not in do(stage, recording.set_fields, {"push": ""}).fields


def test_an_official_who_asks_for_check_ins_writes_in_no_record(stage: Stage) -> None:
    with stage.database.transaction() as tx:
        people.add(tx, "pc_smith", "requester", stage.now)
    with pytest.raises(NotRecorded, match="may not write"):
        do(stage, recording.set_fields, {"mode": "phone"}, by="pc_smith")


# --- risk -------------------------------------------------------------------------------------------------------------


def test_only_a_person_confirms_an_indicator(stage: Stage) -> None:
    with stage.database.transaction() as tx:
        case = conversations.case_of(tx, stage.conversation)
        assert case is not None
        cases.add_episode(tx, case, stage.now - timedelta(days=40), stage.now - timedelta(days=39))
        held = recording.current(tx, stage.conversation)
        assert recording.proposed(tx, stage.conversation, held) == ("L01",)
        assert recording.assessed(tx, stage.house, stage.conversation, held, stage.now).level.name == "NONE"
    held = do(stage, recording.confirm, ("L01",))
    with stage.database.snapshot() as tx:
        assert recording.proposed(tx, stage.conversation, held) == ()
        assert recording.assessed(tx, stage.house, stage.conversation, held, stage.now).level.name == "LOW"


def test_eli_is_twelve_and_cannot_be_low(stage: Stage) -> None:
    """T05: L01 alone is medium under 13, and nobody sets it lower."""
    with stage.database.transaction() as tx:
        case = conversations.case_of(tx, stage.conversation)
        assert case is not None
        cases.set_details(tx, case, {"birth_date": "2013-11-17"})  # thirteen tomorrow
    do(stage, recording.confirm, ("L01",))
    for by in ("rosa", "mel"):
        with pytest.raises(NotRecorded, match="under 13 cannot be low"):
            do(stage, recording.set_level, "low", "seems fine", by=by)
    assert do(stage, recording.set_level, "medium", "").level == "medium"


def test_down_goes_a_manager_with_a_reason_and_what_changes_is_confirmed_anew(stage: Stage) -> None:
    do(stage, recording.confirm, ("H08",))
    with pytest.raises(NotRecorded, match="only a manager"):
        do(stage, recording.set_level, "medium", "back in touch")
    with pytest.raises(NotRecorded, match="reason"):
        do(stage, recording.set_level, "medium", "", by="mel")
    held = do(stage, recording.set_level, "medium", "back in touch, seen by school", by="mel")
    assert (held.level, held.level_by) == ("medium", "mel")
    assert do(stage, recording.confirm, ("M07",)).level == ""
    assert do(stage, recording.confirm, ("H08", "M07"), back=True).indicators == ()
    with pytest.raises(NotRecorded, match="no indicator"):
        do(stage, recording.confirm, ("X1",))


def test_what_somebody_is_unsure_of_counts_as_so(stage: Stage) -> None:
    held = do(stage, recording.set_fields, {"sexual": "unsure", "at_risk": "unsure"})
    with stage.database.snapshot() as tx:
        assert "consider_s47" in recording.assessed(tx, stage.house, stage.conversation, held, stage.now).flags


# --- intelligence, actions --------------------------------------------------------------------------------------------


def test_what_is_passed_on_stands_apart_from_the_childs_words(stage: Stage) -> None:
    do(stage, recording.add_intelligence, "place", "flat over the chip shop", "the flat where jay lets us stay")
    with pytest.raises(NotRecorded, match="no kind"):
        do(stage, recording.add_intelligence, "rumour", "x", "")
    with pytest.raises(NotRecorded, match="what is missing"):
        do(stage, recording.add_intelligence, "place", " ", "")
    with pytest.raises(NotRecorded, match="no day"):
        do(stage, recording.add_action, "ring school", "Rosa", "soon")
    do(stage, recording.add_action, "ring school", "Rosa", "2026-11-20")
    worker = filed(stage)["worker"]
    assert worker["intelligence"][0]["what"] == "flat over the chip shop"
    assert (worker["actions"][0]["owner"], worker["actions"][0]["due"]) == ("Rosa", "2026-11-20")


# --- the signature ----------------------------------------------------------------------------------------------------


def test_each_of_the_four_purposes_has_its_evidence_or_nobody_signs(stage: Stage) -> None:
    do(stage, recording.set_fields, {name: held for name, held in WHOLE.items() if name != "purpose_safety"})
    with pytest.raises(NotRecorded, match="there lacks: purpose_safety"):
        do(stage, recording.sign)
    do(stage, recording.set_fields, {"purpose_safety": "told of the help numbers", "disclosure": "yes"})
    with pytest.raises(NotRecorded, match="harm_considered_by, harm_considered_at, s47, s47_by, s47_reason"):
        do(stage, recording.sign)
    do(stage, recording.set_fields, {"disclosure": "none_recorded", "engaged": "declined"})
    with pytest.raises(NotRecorded, match="refusal_reason"):
        do(stage, recording.sign)


def test_signing_meets_the_clock_of_the_record_and_closes_it(stage: Stage) -> None:
    for line in script.parse(HEAD + "desk > rosa spoke by phone\n").lines:
        stage.line(line)
    assert len(signed(stage).signatures) == 1
    with stage.database.snapshot() as tx:
        case = conversations.case_of(tx, stage.conversation)
        assert case is not None
        (form,) = [one for one in clocks.of_case(tx, case) if one.rule == "R07"]
        assert form.status is Status.MET
        assert audit.verify(tx) is None
    for act, given in (
        (recording.set_fields, ({"mode": "video"},)),
        (recording.confirm, (("L01",),)),
        (recording.set_level, ("high", "")),
        (recording.add_intelligence, ("place", "a flat", "")),
        (recording.add_action, ("ring", "Rosa", "2026-11-20")),
    ):
        with pytest.raises(NotRecorded, match="amendment"):
            do(stage, act, *given)
    assert versions(stage) == ["set", "signed"]


def test_the_second_signature_is_a_managers(stage: Stage) -> None:
    signed(stage)
    with pytest.raises(NotRecorded, match="another person"):
        do(stage, recording.sign)
    with pytest.raises(NotRecorded, match="a manager"):
        do(stage, recording.sign, by="ana")
    held = do(stage, recording.sign, by="mel")
    assert [(one.by, one.role) for one in held.signatures] == [("rosa", "worker"), ("mel", "manager")]
    assert held.signatures[0].digest == held.signatures[1].digest


def test_an_amendment_is_dated_has_its_reason_and_leaves_what_was_signed(stage: Stage) -> None:
    with pytest.raises(NotRecorded, match="not signed yet"):
        do(stage, recording.amend, {"mode": "video"}, "it was video")
    signed(stage)
    with pytest.raises(NotRecorded, match="reason is missing"):
        do(stage, recording.amend, {"mode": "video"}, " ")
    with pytest.raises(NotRecorded, match="nothing is changed"):
        do(stage, recording.amend, {"mode": "phone"}, "as it was")
    held = do(stage, recording.amend, {"mode": "video"}, "it was a video call", later=2)
    assert held.fields["mode"] == "video"
    assert [(one.by, one.changes) for one in held.amendments] == [("rosa", ("mode",))]
    with stage.database.snapshot() as tx:
        before = [one for one in reports.of(tx, stage.conversation) if one.act == "signed"]
        assert b'"mode":"phone"' in before[0].value


def test_the_childs_correction_stands_beside_what_they_said_before_and_after(stage: Stage) -> None:
    do(stage, recording.correct, "ok_start", "i did not want to", later=0)
    signed(stage)
    do(stage, recording.correct, "safe_now", "", withdraws=True, later=3)
    for question, words, withdraws in (("ok_start", "", False), ("ok_start", "both", True), ("where", "x", False)):
        with pytest.raises(NotRecorded):
            do(stage, recording.correct, question, words, withdraws=withdraws)
    record = filed(stage)
    assert [(one["question"], one["kind"]) for one in record["worker"]["corrections"]] == [
        ("ok_start", "corrects"),
        ("safe_now", "withdraws"),
    ]
    said = [one["question"] for rows in (*record["areas"].values(), record["other"]) for one in rows]
    assert {"ok_start", "safe_now"} <= set(said)


def test_the_page_shows_all_of_it_and_runs_none_of_it(stage: Stage) -> None:
    do(stage, recording.set_fields, WHOLE | {"plan": "<script>alert(1)</script>"})
    do(stage, recording.add_intelligence, "phone", "<b>a phone</b>", "<i>his phone</i>")
    do(stage, recording.confirm, ("L01",))
    do(stage, recording.set_level, "low", "")
    with stage.database.snapshot() as tx:
        shown = page.write(records.build(tx, stage.house, stage.conversation))
    assert "Not signed yet: this is a draft." in shown
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d", shown)  # times for people, here and behind what was said
    assert re.search(r"<dt>Started</dt><dd>\w{3} \d\d \w{3} 20\d\d \d\d:\d\d</dd>", shown)
    assert "Hi, it&#39;s Robin. OK to text now?" in shown
    assert "&lt;script&gt;" in shown
    for tag in ("<script", "<b>", "<i>"):
        assert tag not in shown
    assert "Often late or missing" in shown
    # Said once, of the record itself: "Nothing here says that there is no risk."
    assert shown.lower().count("no risk") == 1
    do(stage, recording.sign)
    do(stage, recording.amend, {"mode": "video"}, "it was a video call", later=1)
    with stage.database.snapshot() as tx:
        shown = page.write(records.build(tx, stage.house, stage.conversation))
    assert "Not signed yet" not in shown
    assert "Why: it was a video call" in shown


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """Commands on the stage's own database."""
    from bot import app

    monkeypatch.setattr(app, "database", lambda _settings: _Kept(stage.database))
    monkeypatch.setenv("WAYMARK_DATABASE_URL", "sqlite:///unused.db")

    def work(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["waymark", "record", *arguments])
        with pytest.raises(SystemExit) as done:
            __main__.main()
        said = capsys.readouterr()
        return int(done.value.code or 0), said.out + said.err

    return work


class _Kept:
    """A database that a command may close as often as it likes."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def __getattr__(self, name: str) -> Any:
        return (lambda: None) if name == "close" else getattr(self._database, name)


def test_a_record_from_the_first_field_to_the_signature(stage: Stage, run: Callable[..., tuple[int, str]]) -> None:
    talk = stage.conversation
    code, said = run("set", talk, "--by", "Rosa", *(f"{name}={held}" for name, held in WHOLE.items()))
    assert (code, said) == (0, "kept; it can be signed\n")
    assert run("confirm", talk, "l01", "--by", "Rosa") == (0, "kept; before it is signed there lacks: level\n")
    assert run("level", talk, "low", "--by", "Rosa")[0] == 0
    code, said = run("show", talk, "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["kind"] for line in lines] == ["record", "proposed", "assessed", "lacking"]
    assert lines[2]["level"] == "low"
    assert len(lines[2]["again"]) == 2
    shown = run("show", talk)[1]
    assert run("sign", talk, "--by", "Rosa") == (0, f"{shown}signed by rosa\n")
    assert run("amend", talk, "mode=video", "--by", "Rosa", "--because", "it was a video call")[0] == 0
    assert "signed by rosa, worker" in run("show", talk)[1]


def test_in_a_terminal_who_signs_is_asked_once_they_have_read(
    stage: Stage, run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, asked = stage.conversation, list[str]()
    run("set", talk, "--by", "Rosa", *(f"{name}={held}" for name, held in WHOLE.items()))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)

    def answers(*, said: bool, meanwhile: str = "") -> None:
        def confirm(words: str) -> bool:
            asked.append(words)
            if meanwhile:
                do(stage, recording.set_fields, {"mode": meanwhile})
            return said

        monkeypatch.setattr("typer.confirm", confirm)

    answers(said=False)
    code, said = run("sign", talk, "--by", "Rosa")
    assert (code, said.splitlines()[-1]) == (2, "waymark: not signed: nothing was changed")
    answers(said=True, meanwhile="video")
    code, said = run("sign", talk, "--by", "Rosa")
    assert (code, "it was changed while you read it" in said) == (2, True)
    answers(said=True)
    assert run("sign", talk, "--by", "Rosa")[1].splitlines()[-1] == "signed by rosa"
    assert len(asked) == 3


def test_a_record_without_a_chat_is_begun_once(stage: Stage, run: Callable[..., tuple[int, str]]) -> None:
    with stage.database.transaction() as tx:
        case = cases.add(tx, "CASE-2", stage.now, {"learning_disability": "no"})
        cases.add_episode(tx, case.id, stage.now - timedelta(days=2), stage.now - timedelta(hours=2))
    code, said = run("begin", case.reference, "--by", "Rosa")
    assert (code, said[:7]) == (0, "begun: ")
    assert run("set", case.reference, "mode=phone", "--by", "Rosa")[0] == 0
    for named, told in ((case.reference, "there is an interview about this already"), ("no-such", "not known")):
        code, said = run("begin", named, "--by", "Rosa")
        assert (code, said.count("\n"), told in said) == (2, 1, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("set", "{}", "mode", "--by", "Rosa"), "'mode': write field=value"),
        (("set", "{}", "mode=phone", "--by", "Nobody"), "nobody called 'Nobody' is on the staff"),
        (("set", "amber-none", "mode=phone", "--by", "Rosa"), "no interview 'amber-none'"),
        (("sign", "{}", "--by", "Rosa"), "it cannot be signed yet, there lacks: "),
        (("level", "{}", "awful", "--by", "Rosa"), "'awful' is no level"),
        (("amend", "{}", "mode=phone", "--by", "Rosa", "--because", "x"), "it is not signed yet"),
    ],
)
def test_a_mistake_is_one_line(
    stage: Stage, run: Callable[..., tuple[int, str]], arguments: tuple[str, ...], told: str
) -> None:
    code, said = run(*(stage.conversation if part == "{}" else part for part in arguments))
    assert code == 2
    assert said.startswith("waymark: ")
    assert said.count("\n") == 1
    assert told in said
    assert versions(stage) == []


# --- as a file --------------------------------------------------------------------------------------------------------


def test_the_signed_record_as_a_pdf_and_a_workbook(stage: Stage, database_url: str) -> None:
    try:
        paper._library()
    except NotInstalled as why:
        absent.leave_out("pango", str(why))
    do(
        stage,
        recording.add_intelligence,
        "vehicle",
        "blue van",
        "\u0639\u0631\u0628\u064a\u0629 \u0632\u0631\u0642\u0627\u0621",
    )
    signed(stage)
    stage.committer.close()
    settings = Settings(database_url=database_url, keys=PLAY_KEYS)
    made = {form: exporting.interview(settings, stage.conversation, form, stage.now) for form in ("pdf", "xlsx")}
    assert made["pdf"].startswith(b"%PDF")
    assert made["xlsx"].startswith(b"PK")
    # Again, the same bytes: nothing in a file says when it was made.
    assert exporting.interview(settings, stage.conversation, "pdf", stage.now + timedelta(days=1)) == made["pdf"]
    with stage.database.snapshot() as tx:
        left = [one.about[1] for one in audit.about(tx, stage.conversation) if one.what == "record.exported"]
    assert left == ["pdf", "xlsx", "pdf"]


def test_a_record_says_of_which_child_and_which_time_missing_it_is(database_url: str) -> None:
    """Domain 3.1: who was missing from when to when, by whose reference, and every time the interview was offered."""
    with opening(database_url, f"start: offer\n{HEAD}") as open_stage:
        made = open_stage("desk > rosa tried phone: no_answer", "desk > rosa fills relation = allocated_social_worker")
        with made.database.snapshot() as tx:
            found = records.build(tx, made.house, made.conversation)
            filed: dict[str, Any] = json.loads(plain.write(found))
            shown = page.write(found)
            rows = table.write(found)
    assert filed["child"] == {"age": 14, "under_13": "no", "learning_disability": "no", "looked_after": "no"}
    assert filed["episode"]["missing"] == "2026-11-14T18:00:00+00:00"
    assert [(one["way"], one["by"], one["result"]) for one in filed["offers"]][-1] == ("phone", "rosa", "no_answer")
    assert filed["independent"] == "no"
    assert "Sat 14 Nov 2026 18:00" in shown
    assert "episode,returned" in rows
