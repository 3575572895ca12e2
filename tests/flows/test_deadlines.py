"""Every rule by its verified rows: what it gives, when it stops, what blocks it, and what is kept of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from flows import (
    conditions,
    deadline_blocks,
    deadline_return,
    deadline_rules,
    deadline_windows,
    deadlines,
    lines,
    loader,
)
from flows.deadlines import Attempt, Colour, Deadline, Facts, Flag, Matter, Status, Talk
from flows.model import Level
from flows.working_time import Calendar, age, within

if TYPE_CHECKING:
    from pathlib import Path

LONDON = ZoneInfo("Europe/London")
OFF = (
    "2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-26 2026-12-28 "
    "2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-25 2027-12-26 2027-12-27 2027-12-28"
)
ENGLAND = Calendar(LONDON, frozenset(map(date.fromisoformat, OFF.split())), version="test")


def at(text: str) -> datetime:
    """A time as people in London write it."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def end(day: str) -> datetime:
    return at(f"{day} 23:59:59")


def rows(facts: Facts, now: datetime, previous: tuple[Deadline, ...] = ()) -> dict[tuple[str, str], Deadline]:
    return {(row.rule, row.part): row for row in deadlines.compute(facts, ENGLAND, now, previous)}


def talk(text: str, mode: str = "phone") -> Talk:
    return Talk(at(text), "Rosa", trained=True, mode=mode)


def matter(text: str, kind: str = "") -> tuple[Matter, ...]:
    return (Matter("1", at(text), kind=kind),)


# --- the two interview clocks -----------------------------------------------------------------------------------------

INTERVIEW = [
    ("2026-11-20 22:00", "2026-11-23 22:00", "2026-11-24", "2026-11-23 22:00"),
    ("2026-11-16 10:00", "2026-11-19 10:00", "2026-11-18", "2026-11-18 23:59:59"),
    ("2026-11-18 09:30", "2026-11-21 09:30", "2026-11-20", "2026-11-20 23:59:59"),
    ("2026-04-02 18:00", "2026-04-05 18:00", "2026-04-08", "2026-04-05 18:00"),
    ("2026-04-05 11:00", "2026-04-08 11:00", "2026-04-08", "2026-04-08 11:00"),
    ("2026-03-28 12:00", "2026-03-31 13:00", "2026-03-31", "2026-03-31 13:00"),
    ("2026-10-24 12:00", "2026-10-27 11:00", "2026-10-27", "2026-10-27 11:00"),
    ("2026-03-29 00:30", "2026-04-01 01:30", "2026-03-31", "2026-03-31 23:59:59"),
    ("2026-12-24 09:00", "2026-12-27 09:00", "2026-12-30", "2026-12-27 09:00"),
    ("2027-12-24 15:00", "2027-12-27 15:00", "2027-12-30", "2027-12-27 15:00"),
    ("2025-12-31 23:30", "2026-01-03 23:30", "2026-01-05", "2026-01-03 23:30"),
]


@pytest.mark.parametrize(("returned", "elapsed", "working", "due"), INTERVIEW)
def test_both_interview_clocks_are_kept_and_the_earlier_is_due(
    returned: str, elapsed: str, working: str, due: str
) -> None:
    found = rows(Facts(returned_at=at(returned)), at(returned))
    assert found["R02", ""].due == at(elapsed)
    assert found["R03", ""].due == end(working)
    assert found["R04", ""].due == at(due)
    assert {found[rule, ""].status for rule in ("R02", "R03", "R04")} == {Status.RUNNING}


def test_the_wall_clock_names_the_new_hour_after_the_clocks_changed() -> None:
    spring = rows(Facts(returned_at=at("2026-03-28 12:00")), at("2026-03-28 12:00"))["R02", ""].due
    autumn = rows(Facts(returned_at=at("2026-10-24 12:00")), at("2026-10-24 12:00"))["R02", ""].due
    assert spring.astimezone(LONDON).isoformat() == "2026-03-31T13:00:00+01:00"
    assert autumn.astimezone(LONDON).isoformat() == "2026-10-27T11:00:00+00:00"


def test_ben_is_amber_on_sunday_and_red_on_monday() -> None:
    facts = Facts(returned_at=at("2026-11-20 22:00"))
    shown = []
    for moment in ("2026-11-22 21:59:59", "2026-11-22 22:00", "2026-11-23 21:59:59", "2026-11-23 22:00"):
        row = rows(facts, at(moment))["R04", ""]
        shown.append((deadlines.colour(row, at(moment)), row.status))
    assert shown == [
        (Colour.PLAIN, Status.RUNNING),
        (Colour.AMBER, Status.RUNNING),
        (Colour.AMBER, Status.RUNNING),
        (Colour.RED, Status.LATE),
    ]


def test_cara_counts_72_hours_from_home_and_working_days_from_being_located() -> None:
    facts = Facts(located_at=at("2026-03-27 21:00"), returned_at=at("2026-03-28 12:00"))
    found = rows(facts, at("2026-03-28 12:00"))
    assert found["R02", ""].due == at("2026-03-31 13:00")
    assert found["R03", ""].due == end("2026-03-31")
    earlier = replace(facts, located_at=at("2026-03-26 21:00"))
    assert rows(earlier, at("2026-03-28 12:00"))["R03", ""].due == end("2026-03-30")
    assert rows(earlier, at("2026-03-28 12:00"))["R04", ""].due == end("2026-03-30")


def test_one_known_time_serves_both_clocks() -> None:
    found = rows(Facts(located_at=at("2026-11-16 10:00")), at("2026-11-16 10:00"))
    assert (found["R02", ""].due, found["R03", ""].due) == (at("2026-11-19 10:00"), end("2026-11-18"))


def test_both_clocks_tell_their_own_story_after_the_interview() -> None:
    facts = Facts(returned_at=at("2026-11-16 10:00"), talks=(talk("2026-11-19 09:00", "face_to_face"),))
    found = rows(facts, at("2026-11-30 12:00"))
    assert (found["R02", ""].status, found["R02", ""].minutes_late) == (Status.MET, 0)
    assert (found["R03", ""].status, found["R03", ""].minutes_late) == (Status.LATE, 540)
    assert found["R03", ""].met_at == at("2026-11-19 09:00")
    assert deadlines.colour(found["R03", ""], at("2026-11-30 12:00")) is Colour.PLAIN


def test_a_finished_chat_leaves_a_person_owed_and_the_phone_call_meets_it() -> None:
    chat = Facts(returned_at=at("2026-11-16 10:00"), child_account_at=at("2026-11-16 12:40"))
    assert rows(chat, at("2026-11-16 13:00"))["R04", ""].status is Status.RUNNING
    called = replace(chat, talks=(talk("2026-11-17 16:00"),))
    row = rows(called, at("2026-11-17 16:30"))["R04", ""]
    assert (row.status, row.stopped_by, row.met_at) == (Status.MET, "spoken", at("2026-11-17 16:00"))


@pytest.mark.parametrize(
    "held",
    [
        Talk(at("2026-11-17 16:00"), "Rosa", trained=False, mode="phone"),
        Talk(at("2026-11-17 16:00"), " ", trained=True, mode="phone"),
        Talk(at("2026-11-17 16:00"), "Rosa", trained=True, mode="unattended_chat"),
        Talk(at("2026-11-17 16:00"), "Rosa", trained=True, mode="letter"),
        Talk(at("2026-11-16 09:00"), "Rosa", trained=True, mode="phone"),
        Talk(at("2026-11-18 09:00"), "Rosa", trained=True, mode="phone"),
    ],
    ids=["untrained", "unnamed", "chat without a person", "letter", "before the return", "not yet"],
)
def test_what_does_not_stop_the_interview_clocks(held: Talk) -> None:
    found = rows(Facts(returned_at=at("2026-11-16 10:00"), talks=(held,)), at("2026-11-17 18:00"))
    assert {found[rule, ""].status for rule in ("R02", "R03", "R04")} == {Status.RUNNING}


@pytest.mark.parametrize("mode", ["face_to_face", "video", "phone", "live_chat"])
def test_every_way_a_person_can_speak_with_a_child_stops_them(mode: str) -> None:
    facts = Facts(returned_at=at("2026-11-16 10:00"), talks=(talk("2026-11-17 16:00", mode),))
    found = rows(facts, at("2026-11-17 18:00"))
    assert {found[rule, ""].status for rule in ("R02", "R03", "R04")} == {Status.MET}


def test_a_child_may_be_spoken_with_on_the_way_home() -> None:
    found_first = Facts(
        located_at=at("2026-11-16 09:00"), returned_at=at("2026-11-16 12:00"), talks=(talk("2026-11-16 09:00"),)
    )
    found = rows(found_first, at("2026-11-16 13:00"))
    assert {found[rule, ""].status for rule in ("R02", "R03", "R04")} == {Status.MET}


def test_declining_the_chat_is_not_declining_a_person() -> None:
    facts = Facts(returned_at=at("2026-11-16 10:00"), refused_at=at("2026-11-16 12:00"))
    assert rows(facts, at("2026-11-16 13:00"))["R04", ""].status is Status.RUNNING
    declined = replace(facts, declined_person_at=at("2026-11-16 12:05"))
    row = rows(declined, at("2026-11-16 13:00"))["R04", ""]
    assert (row.status, row.stopped_by) == (Status.MET, "declined_person")
    before = replace(facts, declined_person_at=at("2026-11-16 09:05"))
    assert rows(before, at("2026-11-16 13:00"))["R04", ""].status is Status.RUNNING


# --- every rule with a clock ------------------------------------------------------------------------------------------

MISSING = Facts(missing_from=at("2026-04-02 10:00"))
CARE = replace(MISSING, looked_after=True)
R04_LATE = Facts(returned_at=at("2026-11-20 22:00"))

# rule, part, facts, due
VECTORS: list[tuple[str, str, Facts, datetime]] = [
    ("R01", "", Facts(returned_at=at("2026-10-24 12:00")), at("2026-10-25 11:00")),
    ("R02", "", Facts(returned_at=at("2026-11-20 22:00")), at("2026-11-23 22:00")),
    ("R03", "", Facts(returned_at=at("2026-12-24 09:00")), end("2026-12-30")),
    ("R04", "", Facts(returned_at=at("2026-11-16 10:00")), end("2026-11-18")),
    ("R05", "", Facts(notified_at=at("2026-11-16 10:30"), returned_at=at("2026-11-16 10:00")), at("2026-11-16 22:30")),
    ("R05", "", Facts(notified_at=at("2026-11-17 20:00"), returned_at=at("2026-11-16 10:00")), end("2026-11-17")),
    ("R05", "", Facts(notified_at=at("2026-11-18 20:00"), returned_at=at("2026-11-16 10:00")), at("2026-11-18 20:00")),
    ("R07", "", Facts(interview_at=at("2026-04-02 15:00")), end("2026-04-07")),
    ("R07", "", Facts(talks=(talk("2026-11-17 16:00"),)), end("2026-11-18")),
    ("R08", "", Facts(form_signed_at=at("2026-11-20 15:00")), end("2026-11-23")),
    ("R09", "a", Facts(flags=(Flag("a", Level.L3, at("2026-11-16 12:00")),)), at("2026-11-16 12:30")),
    ("R09", "a", Facts(flags=(Flag("a", Level.L4, at("2026-11-16 12:00")),)), at("2026-11-16 12:00")),
    ("R10", "a", Facts(flags=(Flag("a", Level.L4, at("2026-11-16 02:10")),)), at("2026-11-16 02:15")),
    ("R10", "a", Facts(flags=(Flag("a", Level.L3, at("2026-11-16 02:10")),)), at("2026-11-16 02:25")),
    ("R10", "a", Facts(flags=(Flag("a", Level.L2, at("2026-11-16 21:50")),)), at("2026-11-16 22:50")),
    ("R10", "a", Facts(flags=(Flag("a", Level.L2, at("2026-11-16 22:00")),)), at("2026-11-17 09:00")),
    ("R10", "a", Facts(flags=(Flag("a", Level.L1, at("2026-11-20 12:00")),)), end("2026-11-23")),
    ("R11", "1", Facts(referrals=matter("2026-11-20 12:00")), end("2026-11-23")),
    ("R11", "disagreement:1", Facts(disagreements=matter("2026-12-24 12:00")), end("2026-12-29")),
    ("R12", "1", Facts(strategies=matter("2026-11-20 12:00", "serious")), end("2026-11-20")),
    ("R12", "1", Facts(strategies=matter("2026-11-21 12:00", "penetrative_forensic")), end("2026-11-21")),
    ("R12", "1", Facts(strategies=matter("2026-11-20 12:00", "immediate_action")), end("2026-11-23")),
    ("R12", "1", Facts(strategies=matter("2026-11-20 12:00", "complex")), end("2026-11-27")),
    ("R12", "1", Facts(strategies=matter("2026-11-20 12:00", "staff")), end("2026-11-27")),
    ("R12", "1", Facts(strategies=matter("2026-11-20 12:00")), end("2026-11-25")),
    ("R12", "marker:1", Facts(strategies=matter("2026-10-24 12:00")), at("2026-10-25 11:00")),
    ("R13", "parent", Facts(refused_at=at("2026-04-02 12:00")), end("2026-04-07")),
    ("R13", "manager", Facts(refused_at=at("2026-04-02 12:00")), end("2026-04-07")),
    ("R14", "", R04_LATE, at("2026-11-23 22:00")),
    ("R15", "service_manager", MISSING, at("2026-04-04 10:00")),
    ("R15", "director", CARE, at("2026-04-04 10:00")),
    ("R16", "team_manager", Facts(risk_high_at=at("2026-11-16 02:10")), at("2026-11-16 02:10")),
    ("R16", "service_manager", replace(CARE, risk_high_at=at("2026-04-02 11:00")), at("2026-04-02 11:00")),
    ("R17", "", CARE, at("2026-04-07 10:00")),
    ("R18", "", replace(MISSING, looked_after=False, has_social_worker=True), end("2026-04-15")),
    ("R19", "", CARE, end("2026-04-13")),
    ("R20", "", replace(CARE, trafficked=True), end("2026-04-07")),
    ("R21", "2026-04-02T12:00:00+00:00", replace(CARE, reviews=(at("2026-04-02 13:00"),)), end("2026-04-07")),
    ("R22", "", MISSING, end("2026-04-30")),
    ("R22", "", CARE, end("2026-04-30")),
    ("R23", "months_3", Facts(missing_from=at("2025-11-30 10:00")), end("2026-02-28")),
    ("R23", "months_6", Facts(missing_from=at("2025-08-31 10:00")), end("2026-02-28")),
    (
        "R24",
        "2026-02-28T09:00:00+00:00",
        Facts(starts=tuple(at(f"2026-{day} 09:00") for day in ("01-31", "02-15", "02-28"))),
        end("2026-03-06"),
    ),
    ("R24", "serious_risk", Facts(serious_risk_at=at("2026-04-02 09:00")), end("2026-04-13")),
    (
        "R24b",
        "2026-02-28T09:00:00+00:00",
        Facts(starts=tuple(at(f"2026-{day} 09:00") for day in ("01-29", "02-15", "02-28")), repeat_days=30),
        end("2026-03-06"),
    ),
    ("R26", "", Facts(whereabouts_unknown_at=at("2026-03-28 23:00")), at("2026-03-29 04:00")),
    *(
        ("R26", "", Facts(whereabouts_unknown_at=at("2026-03-28 23:00"), risk_high_at=at(known)), at(due))
        for known, due in (
            ("2026-03-28 22:00", "2026-03-28 23:00"),
            ("2026-03-28 23:30", "2026-03-28 23:30"),  # nobody was late before the risk was known
            ("2026-03-29 05:00", "2026-03-29 04:00"),
        )
    ),
    ("R27", "", Facts(away_from=at("2026-11-20 23:30")), end("2026-11-23")),
    ("R28", "", Facts(cse_low_at=at("2026-11-02 12:00")), end("2026-12-14")),
    ("R29", "", Facts(carer_form_given_at=at("2026-12-20 12:00")), end("2027-01-03")),
    ("R30", "", Facts(photo_at=at("2028-02-29 12:00")), end("2029-02-28")),
    (
        "R31",
        "",
        Facts(fgm_told_at=at("2026-12-24 12:00"), fgm_done=True, recorder_regulated=True),
        end("2026-12-29"),
    ),
    ("R32", "1", Facts(csa_told=matter("2026-03-28 12:00")), at("2026-03-29 13:00")),
    (
        "R32",
        "1",
        Facts(csa_told=matter("2026-03-28 12:00", "telling now would bring him home")),
        at("2026-04-04 13:00"),
    ),
    ("R33", "1", Facts(allegations=matter("2026-11-20 12:00")), end("2026-11-23")),
    ("R35", "1", Facts(asked=matter("2026-11-16 02:10", "bot")), at("2026-11-16 02:10:30")),
    ("R35", "1", Facts(asked=matter("2026-11-16 12:00", "L3")), at("2026-11-16 12:15")),
    ("R35", "1", Facts(asked=matter("2026-11-16 12:00")), at("2026-11-16 13:00")),
    ("R36", "first_news", Facts(interview_at=at("2026-04-02 15:00")), end("2026-04-08")),
    ("R36", "action:1", Facts(actions=matter("2026-11-20 12:00")), end("2026-11-23")),
    ("R37", "day_3", Facts(check_in_days=(1, 3, 7), check_in_at=at("2026-11-16 13:00")), end("2026-11-19")),
    ("R37", "day_7", Facts(check_in_days=(7,), returned_at=at("2026-11-16 10:00")), end("2026-11-23")),
]


@pytest.mark.parametrize(("rule", "part", "facts", "due"), VECTORS)
def test_a_rule_gives_its_vector(rule: str, part: str, facts: Facts, due: datetime) -> None:
    assert rows(facts, due)[rule, part].due == due


def test_home_meetings_and_care_reviews_are_not_mixed_up() -> None:
    home = rows(replace(MISSING, looked_after=False, has_social_worker=True), at("2026-04-02 10:00"))
    assert {rule for rule, _ in home} == {"R15", "R18", "R23"}
    care = rows(CARE, at("2026-04-02 10:00"))
    assert {rule for rule, _ in care} == {"R15", "R17", "R19", "R22", "R23"}
    assert care["R22", ""].role == "service_manager"
    alone = rows(replace(MISSING, looked_after=False, has_social_worker=False), at("2026-04-02 10:00"))
    assert alone["R22", ""].role == "duty"


def test_check_ins_are_counted_from_the_day_the_child_was_told_tomorrow() -> None:
    facts = Facts(returned_at=at("2026-11-16 10:00"), check_in_days=(1, 3, 7), check_in_at=at("2026-11-18 12:00"))
    due = {part: row.due for (rule, part), row in rows(facts, at("2026-11-18 12:00")).items() if rule == "R37"}
    assert due == {"day_1": end("2026-11-19"), "day_3": end("2026-11-21"), "day_7": end("2026-11-25")}
    assert not [rule for rule, _ in rows(replace(facts, check_in_days=()), at("2026-11-18 12:00")) if rule == "R37"]


def test_the_window_of_low_opens_as_amber_after_28_days() -> None:
    row = rows(Facts(cse_low_at=at("2026-11-02 12:00")), at("2026-11-02 12:00"))["R28", ""]
    assert row.amber_at == at("2026-11-30 00:00")


@pytest.mark.parametrize(("done", "regulated"), [(False, True), (True, False), (False, False)])
def test_fgm_that_is_planned_or_heard_by_others_starts_no_report(done: bool, regulated: bool) -> None:
    facts = Facts(fgm_told_at=at("2026-12-24 12:00"), fgm_done=done, recorder_regulated=regulated)
    assert not rows(facts, at("2026-12-24 12:00"))


def test_the_report_of_abuse_is_the_recorders_own_and_can_be_switched_off() -> None:
    facts = Facts(csa_told=matter("2026-11-16 12:00"))
    row = rows(facts, at("2026-11-16 12:00"))["R32", "1"]
    assert (row.role, row.status) == ("recorder", Status.RUNNING)
    assert deadlines.colour(row, at("2026-11-16 12:00")) is Colour.AMBER
    assert not rows(replace(facts, csa_reporting=False), at("2026-11-16 12:00"))


def test_the_reason_for_waiting_is_not_kept_in_the_inputs() -> None:
    facts = Facts(csa_told=matter("2026-11-16 12:00", "he would know it was her"))
    row = rows(facts, at("2026-11-16 12:00"))["R32", "1"]
    assert dict(row.inputs)["safety_reason"] == "recorded"
    assert row.amber_at == at("2026-11-17 12:00")


# --- refusal ----------------------------------------------------------------------------------------------------------


def test_the_parents_limb_is_blocked_with_its_reasons_and_the_managers_runs_on() -> None:
    facts = Facts(refused_at=at("2026-11-16 12:00"), parent_blocks=("avoid_person", "D10"))
    found = rows(facts, at("2026-11-18 12:00"))
    assert (found["R13", "parent"].status, found["R13", "parent"].reasons) == (Status.BLOCKED, ("avoid_person", "D10"))
    assert (found["R13", "manager"].status, found["R13", "manager"].role) == (Status.LATE, "manager")
    lifted = rows(replace(facts, parent_blocks=()), at("2026-11-16 13:00"))["R13", "parent"]
    assert (lifted.status, lifted.reasons) == (Status.RUNNING, ())


@pytest.mark.parametrize(
    ("answers", "categories", "blocks"),
    [
        ({}, (), ()),
        ({"avoid_person": "no", "not_share": "no", "push": ("arguments",), "no_parent": "yes"}, ("D01", "D25"), ()),
        ({"avoid_person": "yes"}, (), ("avoid_person",)),
        ({"avoid_person": "unsure"}, (), ("avoid_person",)),
        ({"push": ("arguments", "unsafe_there")}, (), ("unsafe_there",)),
        ({"not_share": "yes"}, (), ("not_share",)),
        ({"no_parent": "ask_first"}, (), ("no_parent",)),
        ({"no_parent": "no"}, ("D14", "D02"), ("no_parent", "D14")),
        ({}, ("D08", "D09", "D10", "D11", "D14", "D15", "D16", "D21", "D24"),
         ("D08", "D09", "D10", "D11", "D14", "D15", "D16", "D21", "D24")),
        ({"avoid_person": None, "not_share": "skipped"}, ("D12", "D13", "D17", "D22", "D23"), ()),
    ],
)  # fmt: skip
def test_what_stands_against_asking_the_parent(
    answers: dict[str, object], categories: tuple[str, ...], blocks: tuple[str, ...]
) -> None:
    assert deadline_blocks.standing(deadline_blocks.load(), answers, categories) == blocks


def test_the_reasons_against_it_are_answers_that_can_be_given() -> None:
    held, source = deadline_blocks.load(), loader.load()
    steps = source.flows["return_interview"].steps
    for _, when in held.answers:
        for name, literal in conditions.literals(when):
            step = steps[name]
            given = ({option.value for option in step.options} or {"yes", "no", "unsure"}) | {"skipped", "unclear"}
            assert literal in given, name
    assert held.categories <= set(source.categories)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parent_blocks: []", "d.yaml:1: 'parent_categories:' is missing"),
        ("parent_categories: [D08]\nparent_blocks:\n  - {name: a, when: a = = b}", "d.yaml:3: not a condition: "),
        ("parent_categories: [D08]\nparent_blocks:\n  - {name: a}", "d.yaml:3: 'when:' is missing"),
    ],
)
def test_a_file_of_reasons_that_cannot_be_read_says_where(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "d.yaml").write_text(text, "utf-8")
    with pytest.raises(lines.LoadError, match="^" + re.escape(message)):
        deadline_blocks.load(tmp_path / "d.yaml")


def test_a_review_that_was_sent_twice_is_one() -> None:
    twice = replace(CARE, reviews=(at("2026-04-02 13:00"), at("2026-04-02 13:00").astimezone(UTC)))
    found = [row for row in deadlines.compute(twice, ENGLAND, at("2026-04-02 14:00")) if row.rule == "R21"]
    assert [row.status for row in found] == [Status.RUNNING]


def test_the_hour_the_clock_shows_twice_is_told_apart() -> None:
    first, again = at("2026-10-25 01:50"), at("2026-10-25 01:10").replace(fold=1)  # twenty minutes later
    facts = Facts(returned_at=first, talks=(Talk(again, "Rosa", trained=True, mode="phone"),))
    assert rows(facts, again)["R04", ""].status is Status.MET
    assert rows(facts, first)["R04", ""].status is Status.RUNNING
    flag = Facts(flags=(Flag("a", Level.L3, first, acknowledged_at=again),))
    assert rows(flag, again)["R10", "a"].minutes_late == 5


# --- stopping, correcting, taking back --------------------------------------------------------------------------------


def test_each_clock_with_a_fact_of_its_own_stops_by_it() -> None:
    began, done, seen = at("2026-11-16 10:00"), at("2026-11-16 10:00:20"), at("2026-11-16 12:00")
    span = (Matter("1", began, done, "bot"),)
    facts = Facts(
        returned_at=began, notified_at=began, interview_at=began, form_signed_at=done, police_copy_at=done,
        police_check_at=done, told_child_at=done, attempts=(Attempt(done, "sms", by_person=True),),
        talks=(Talk(done, "Rosa", trained=True, mode="phone"),), refused_at=began, parent_view_at=done,
        manager_considered_at=done,
        flags=(Flag("1", Level.L3, began, done, done),), referrals=span, disagreements=span, strategies=span,
        csa_told=span, allegations=span, asked=span, actions=span, missing_from=began, looked_after=True,
        trafficked=True, reviews=(done, done + timedelta(minutes=1)), serious_risk_at=began, meetings=(done,),
    )  # fmt: skip
    found = rows(facts, seen)
    assert {key for key, row in found.items() if row.status is not Status.MET} == set()
    assert {rule for rule, _ in found} == {
        "R01", "R02", "R03", "R04", "R05", "R07", "R08", "R09", "R10", "R11", "R12", "R13", "R19", "R20", "R21", "R24",
        "R32", "R33", "R35", "R36",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("R08", Facts(form_signed_at=at("2026-11-20 15:00"))),
        ("R15.service_manager", MISSING),
        ("R15.director", CARE),
        ("R16.team_manager", Facts(risk_high_at=at("2026-04-02 10:00"))),
        ("R17", CARE),
        ("R18", replace(MISSING, has_social_worker=True)),
        ("R22", MISSING),
        ("R23.months_6", MISSING),
        ("R26", Facts(whereabouts_unknown_at=at("2026-04-02 10:00"))),
        ("R27", Facts(away_from=at("2026-04-02 10:00"))),
        ("R28", Facts(cse_low_at=at("2026-04-02 10:00"))),
        ("R29", Facts(carer_form_given_at=at("2026-04-02 10:00"))),
        ("R30", Facts(photo_at=at("2026-04-02 10:00"))),
        ("R31", Facts(fgm_told_at=at("2026-04-02 10:00"), fgm_done=True, recorder_regulated=True)),
        ("R37.day_1", Facts(check_in_days=(1, 3, 7), check_in_at=at("2026-04-02 10:00"))),
    ],
)
def test_the_others_stop_by_what_a_person_logged(rule: str, facts: Facts) -> None:
    name, _, part = rule.partition(".")
    running = rows(facts, at("2028-01-01 12:00"))[name, part]
    assert running.status is Status.LATE
    logged = replace(facts, logged={rule: running.started_at})
    row = rows(logged, at("2028-01-01 12:00"))[name, part]
    assert (row.status, row.met_at) == (Status.MET, running.started_at)


def test_nothing_that_is_logged_stops_the_interview_clocks() -> None:
    logged = {rule: at("2026-11-16 11:00") for rule in ("R02", "R03", "R04")}
    found = rows(Facts(returned_at=at("2026-11-16 10:00"), logged=logged), at("2026-11-16 12:00"))
    assert {found[rule, ""].status for rule in ("R02", "R03", "R04")} == {Status.RUNNING}


def test_a_reason_and_a_date_are_owed_when_nobody_has_spoken_with_the_child_in_time() -> None:
    assert ("R14", "") not in rows(R04_LATE, at("2026-11-23 21:59:59"))
    assert rows(R04_LATE, at("2026-11-23 22:05"))["R14", ""].status is Status.LATE
    noted = replace(R04_LATE, not_done_recorded_at=at("2026-11-23 23:30"))
    row = rows(noted, at("2026-11-24 09:00"))["R14", ""]
    assert (row.stopped_by, row.minutes_late) == ("not_done_recorded", 90)
    in_time = replace(R04_LATE, talks=(talk("2026-11-23 22:00"),))
    assert ("R14", "") not in rows(in_time, at("2026-11-24 09:00"))


def test_a_child_found_in_time_ends_what_is_owed_while_missing() -> None:
    running = deadlines.compute(MISSING, ENGLAND, at("2026-04-02 12:00"))
    found = replace(MISSING, returned_at=at("2026-04-03 10:00"))
    row = rows(found, at("2026-04-05 12:00"), running)["R15", "service_manager"]
    assert (row.status, row.stopped_by, row.met_at) == (Status.MET, "found", at("2026-04-03 10:00"))
    assert ("R15", "service_manager") not in rows(found, at("2026-04-05 12:00"))
    later = replace(MISSING, returned_at=at("2026-04-04 12:00"))
    row = rows(later, at("2026-04-05 12:00"))["R15", "service_manager"]
    assert (row.status, row.stopped_by, row.minutes_late) == (Status.LATE, "found", 120)


def test_a_corrected_time_computes_again_and_keeps_what_stood() -> None:
    first = deadlines.compute(Facts(returned_at=at("2026-11-16 10:00")), ENGLAND, at("2026-11-16 12:00"))
    corrected = Facts(returned_at=at("2026-11-17 10:00"))
    second = deadlines.compute(corrected, ENGLAND, at("2026-11-17 12:00"), first)
    row = next(row for row in second if row.rule == "R02")
    assert row.due == at("2026-11-20 10:00")
    (old,) = row.superseded
    assert (old.due, old.status, old.until) == (at("2026-11-19 10:00"), Status.RUNNING, at("2026-11-17 12:00"))
    assert dict(old.inputs)["returned_at"] == "2026-11-16T10:00:00+00:00"
    assert {row.rule for row in deadlines.changed(first, second)} == {"R01", "R02", "R03", "R04"}
    third = deadlines.compute(corrected, ENGLAND, at("2026-11-17 13:00"), second)
    assert third == second
    assert deadlines.changed(second, third) == ()


def test_an_interview_that_was_booked_to_the_wrong_child_is_owed_again() -> None:
    spoken = Facts(
        returned_at=at("2026-11-16 10:00"), talks=(talk("2026-11-16 11:00"),)
    )  # fmt: skip
    met = deadlines.compute(spoken, ENGLAND, at("2026-11-16 12:00"))
    row = rows(replace(spoken, talks=()), at("2026-11-16 13:00"), met)["R04", ""]
    assert (row.status, row.superseded[-1].status, row.superseded[-1].met_at) == (
        Status.RUNNING, Status.MET, at("2026-11-16 11:00"),
    )  # fmt: skip


def test_a_deadline_whose_start_is_taken_back_stays_until_a_person_looks() -> None:
    before = deadlines.compute(Facts(returned_at=at("2026-11-16 10:00")), ENGLAND, at("2026-11-16 12:00"))
    after = deadlines.compute(Facts(), ENGLAND, at("2026-11-16 13:00"), before)
    assert {(row.rule, row.status, row.reasons) for row in after} == {
        (rule, Status.BLOCKED, ("withdrawn",)) for rule in ("R01", "R02", "R03", "R04")
    }
    assert deadlines.compute(Facts(), ENGLAND, at("2026-11-16 14:00"), after) == after
    again = rows(Facts(returned_at=at("2026-11-16 10:00")), at("2026-11-16 15:00"), after)["R04", ""]
    assert (again.status, len(again.superseded)) == (Status.RUNNING, 1)


def test_what_is_done_late_stays_late_by_as_much() -> None:
    facts = Facts(form_signed_at=at("2026-11-16 10:00"), police_copy_at=at("2026-11-18 00:59:59"))
    for now in ("2026-11-18 09:00", "2027-11-18 09:00"):
        row = rows(facts, at(now))["R08", ""]
        assert (row.status, row.minutes_late, row.met_at) == (Status.LATE, 60, at("2026-11-18 00:59:59"))


def test_the_last_second_is_in_time_however_it_was_measured() -> None:
    done = at("2026-11-17 23:59:59").replace(microsecond=999_999)
    row = rows(Facts(form_signed_at=at("2026-11-16 10:00"), police_copy_at=done), at("2026-11-18 09:00"))["R08", ""]
    assert (row.status, row.minutes_late) == (Status.MET, 0)


def test_the_figures_count_the_last_second_as_the_clock_does() -> None:
    back, last = at("2026-11-18 09:30"), at("2026-11-20 23:59:59").replace(microsecond=999_999)
    for spoke, kept in ((last, True), (last + timedelta(microseconds=1), False)):
        facts = Facts(returned_at=back, talks=(Talk(spoke, "Rosa", trained=True, mode="phone"),))
        assert (rows(facts, at("2026-11-24 09:00"))["R03", ""].status is Status.MET) is kept
        assert deadline_return.in_time(deadline_return.interview_2wd, facts, ENGLAND) is kept


def test_the_next_change_is_the_next_amber_or_red() -> None:
    facts = Facts(returned_at=at("2026-11-20 22:00"))
    moments = []
    now = at("2026-11-20 22:00")
    while (following := deadlines.next_change(deadlines.compute(facts, ENGLAND, now), now)) is not None:
        moments.append(now := following)
    assert moments == [at("2026-11-21 22:00"), at("2026-11-22 22:00"), at("2026-11-23 22:00"), end("2026-11-24")]


def test_a_deadline_keeps_what_it_was_computed_from() -> None:
    row = rows(Facts(interview_at=at("2026-04-02 15:00")), at("2026-04-02 15:00"))["R07", ""]
    assert (row.inputs, row.version) == ((("interview_at", "2026-04-02T14:00:00+00:00"),), "1 test")


@pytest.mark.parametrize(
    "facts",
    [
        {"returned_at": datetime(2026, 11, 16, 10)},  # noqa: DTZ001
        {"talks": (Talk(datetime(2026, 11, 16, 10), "Rosa", trained=True, mode="phone"),)},  # noqa: DTZ001
        {"starts": (datetime(2026, 11, 16, 10),)},  # noqa: DTZ001
        {"logged": {"R17": datetime(2026, 11, 16, 10)}},  # noqa: DTZ001
    ],
)
def test_a_time_without_a_zone_is_refused_by_name(facts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(facts))}.*aware datetime"):
        Facts(**facts)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="aware datetime"):
        deadlines.compute(Facts(), ENGLAND, datetime(2026, 11, 16, 10))  # noqa: DTZ001


# --- windows, counts and checks ---------------------------------------------------------------------------------------


def test_r06_offers_are_enough_only_with_a_person_and_two_channels() -> None:
    text, call = Attempt(at("2026-11-16 12:00"), "sms", by_person=False), Attempt(
        at("2026-11-17 12:00"), "phone", by_person=True
    )  # fmt: skip
    assert deadline_windows.lacking_offers(()) == ("attempts", "channels", "person")
    assert deadline_windows.lacking_offers((text, text, text)) == ("channels", "person")
    assert deadline_windows.lacking_offers((text, call)) == ("attempts",)
    assert deadline_windows.lacking_offers((call, call, call)) == ("channels",)
    assert deadline_windows.lacking_offers((text, text, call)) == ()


@pytest.mark.parametrize(
    ("starts", "fires"),
    [
        (("2026-01-31", "2026-02-15", "2026-02-28"), ["2026-02-28"]),
        (("2026-01-30", "2026-02-15", "2026-02-28"), ["2026-02-28"]),
        (("2026-01-28", "2026-02-15", "2026-02-28"), ["2026-02-28"]),
        (("2026-01-27", "2026-02-15", "2026-02-28"), []),
        (("2026-02-28", "2026-02-15", "2026-01-31"), ["2026-02-28"]),
        (("2026-02-28", "2026-02-28", "2026-02-28"), ["2026-02-28"]),
        (("2026-02-10", "2026-02-20", "2026-02-28", "2026-03-05"), ["2026-02-28", "2026-03-05"]),
        (("2025-12-15", "2026-01-02", "2026-01-15"), ["2026-01-15"]),
    ],
)
def test_r24_three_starts_in_a_rolling_month(starts: tuple[str, ...], fires: list[str]) -> None:
    found = deadline_windows.repeats([at(f"{day} {hour:02}:00") for hour, day in enumerate(starts, 9)], (), ENGLAND)
    assert [ENGLAND.day(repeat.at).isoformat() for repeat in found] == fires


def test_r24_an_episode_that_was_sent_three_times_is_one() -> None:
    assert deadline_windows.repeats([at("2026-02-28 09:00")] * 3, (), ENGLAND) == ()


def test_r24_lists_the_dates_and_does_not_fire_again_after_a_meeting() -> None:
    starts = [at(f"2026-{day} 09:00") for day in ("01-31", "02-15", "02-28", "03-06")]
    first, second = deadline_windows.repeats(starts, (), ENGLAND)
    assert first.starts == (date(2026, 1, 31), date(2026, 2, 15), date(2026, 2, 28))
    assert second.starts == (date(2026, 2, 15), date(2026, 2, 28), date(2026, 3, 6))
    met = [at("2026-03-04 14:00")]
    assert deadline_windows.repeats(starts, met, ENGLAND) == (first,)
    more = [*starts, at("2026-03-10 09:00"), at("2026-03-20 09:00")]
    assert [repeat.at for repeat in deadline_windows.repeats(more, met, ENGLAND)] == [starts[2], more[-1]]


def test_r24_the_meeting_stops_it() -> None:
    starts = tuple(at(f"2026-{day} 09:00") for day in ("01-31", "02-15", "02-28"))
    facts = Facts(starts=starts, meetings=(at("2026-01-05 14:00"), at("2026-03-04 14:00")))
    (row,) = rows(facts, at("2026-03-05 09:00")).values()
    assert (row.rule, row.status, row.met_at) == ("R24", Status.MET, at("2026-03-04 14:00"))
    assert dict(row.inputs)["starts"] == "2026-01-31 2026-02-15 2026-02-28"


def test_r24b_counts_thirty_days_where_a_month_is_longer() -> None:
    starts = [at(f"2026-{day} 09:00") for day in ("07-31", "08-15", "08-31")]
    assert len(deadline_windows.repeats(starts, (), ENGLAND)) == 1
    assert deadline_windows.repeats(starts, (), ENGLAND, 30) == ()
    assert len(deadline_windows.repeats([at("2026-08-01 09:00"), *starts[1:]], (), ENGLAND, 30)) == 1


def test_r25_a_second_start_in_a_year() -> None:
    second = at("2026-11-16 09:00")
    assert not deadline_windows.is_repeat_of_year([second], second, ENGLAND)
    assert deadline_windows.is_repeat_of_year([at("2025-11-16 22:00"), second], second, ENGLAND)
    assert not deadline_windows.is_repeat_of_year([at("2025-11-15 22:00"), second], second, ENGLAND)
    assert not deadline_windows.is_repeat_of_year([second, at("2026-11-17 09:00")], second, ENGLAND)


def test_r34_invites_keep_a_day_apart_in_daytime_and_are_three() -> None:
    sent = [at("2026-10-24 21:30")]
    assert deadline_windows.next_invite([], at("2026-11-16 02:00"), ENGLAND) == at("2026-11-16 08:00")
    assert deadline_windows.next_invite([], at("2026-11-16 12:00"), ENGLAND) == at("2026-11-16 12:00")
    assert deadline_windows.next_invite(sent, at("2026-10-25 09:00"), ENGLAND) == at("2026-10-25 20:30")
    assert deadline_windows.next_invite([at("2026-03-28 21:30")], at("2026-03-29 09:00"), ENGLAND) == at(
        "2026-03-30 08:00"
    )
    assert deadline_windows.next_invite(sent * 2, at("2026-11-16 12:00"), ENGLAND) is not None
    assert deadline_windows.next_invite(sent * 3, at("2026-11-16 12:00"), ENGLAND) is None


def test_r38_the_weekly_list_takes_the_seven_days_before_it_is_run() -> None:
    run = at("2026-10-26 09:00")  # the clocks went back in between: a week by the wall clock is 169 hours
    for moment, listed in (
        ("2026-10-19 09:00", True),
        ("2026-10-19 08:59:59", False),
        ("2026-10-26 08:59:59", True),
        ("2026-10-26 09:00", False),
    ):
        assert deadline_windows.in_weekly_list([at(moment)], run, ENGLAND) is listed
    assert deadline_windows.in_weekly_list([at("2026-09-01 09:00"), at("2026-10-20 09:00")], run, ENGLAND)


def test_r39_annex_a_takes_the_twelve_months_up_to_its_date() -> None:
    for start, listed in (("2025-03-31", False), ("2025-04-01", True), ("2026-03-31", True), ("2026-04-01", False)):
        assert deadline_windows.in_annex_a(date.fromisoformat(start), date(2026, 3, 31), ENGLAND) is listed
    assert not deadline_windows.in_annex_a(date(2027, 2, 28), date(2028, 2, 28), ENGLAND)
    assert deadline_windows.in_annex_a(date(2027, 3, 1), date(2028, 2, 29), ENGLAND)


def test_r40_the_year_ends_in_march() -> None:
    assert deadline_windows.year_903(2026) == (date(2025, 4, 1), date(2026, 3, 31))


def test_r41_records_are_kept_by_kind() -> None:
    today = date(2028, 2, 29)
    kept = {kind: deadline_windows.kept_from(kind, today, ENGLAND) for kind in deadline_windows.KEPT}
    assert kept == {
        "text_safe_words": date(2028, 1, 30),
        "address_fingerprint": date(2027, 2, 28),
        "raw_chat": date(2027, 12, 1),
        "audit": date(2021, 2, 28),
        "looked_after_record": date(1953, 2, 28),
    }


def test_r42_a_help_number_is_fresh_for_180_days() -> None:
    verified = date(2026, 5, 25)
    for today, fresh in (("2026-05-24", False), ("2026-05-25", True), ("2026-11-21", True), ("2026-11-22", False)):
        assert deadline_windows.is_fresh(verified, date.fromisoformat(today)) is fresh


# --- days, ends of days, ages, limits of tasks ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2013-11-16", "2026-11-15", 12),
        ("2013-11-16", "2026-11-16", 13),
        ("2012-02-29", "2025-02-28", 12),
        ("2012-02-29", "2025-03-01", 13),
        ("2012-02-29", "2028-02-28", 15),
        ("2012-02-29", "2028-02-29", 16),
        ("2013-12-31", "2026-12-31", 13),
        ("2014-01-01", "2026-12-31", 12),
        ("2026-11-16", "2026-11-16", 0),
    ],
)
def test_age_in_whole_years(born: str, on: str, years: int) -> None:
    assert age(date.fromisoformat(born), date.fromisoformat(on)) == years


def test_nobody_has_an_age_before_they_are_born() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        age(date(2026, 11, 17), date(2026, 11, 16))


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-02-28", -1, "2026-01-28"),
    ],
)
def test_months_are_clipped_to_the_end_of_the_month(day: str, months: int, result: str) -> None:
    assert ENGLAND.months(date.fromisoformat(day), months) == date.fromisoformat(result)


def test_working_days_pass_over_weekends_and_days_off() -> None:
    assert [ENGLAND.wd(date(2026, 12, 24), n) for n in (1, 2, 3)] == [
        date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31),
    ]  # fmt: skip
    assert ENGLAND.wd(date(2026, 12, 31), 1) == date(2027, 1, 4)
    with pytest.raises(ValueError, match="count from 1"):
        ENGLAND.wd(date(2026, 12, 24), 0)


def test_a_service_may_close_its_day_earlier_but_not_later() -> None:
    early = replace(ENGLAND, close=time(17))
    facts = Facts(returned_at=at("2026-11-16 10:00"))
    (due,) = {row.due for row in deadlines.compute(facts, early, at("2026-11-16 10:00")) if row.rule == "R03"}
    assert due == at("2026-11-18 17:00")
    assert early.eod_from(at("2026-11-16 16:00")) == at("2026-11-16 17:00")
    assert early.eod_from(at("2026-11-16 18:00")) == end("2026-11-16")
    for close in (time(23, 59, 59, 1), time(17, tzinfo=UTC)):
        with pytest.raises(ValueError, match="close of business"):
            replace(ENGLAND, close=close)


@pytest.mark.parametrize(
    ("since", "limit", "due"),
    [
        ("2026-11-16 12:00", "now", "2026-11-16 12:00"),
        ("2026-11-16 12:00", "15m", "2026-11-16 12:15"),
        ("2026-03-29 00:45", "30m", "2026-03-29 02:15"),
        ("2026-10-25 00:30", "4h", "2026-10-25 03:30"),
        ("2026-11-16 12:00", "today", "2026-11-16 23:59:59"),
        ("2026-11-16 23:30", "today", "2026-11-16 23:59:59"),
        ("2026-11-20 12:00", "1wd", "2026-11-23 23:59:59"),
        ("2026-12-24 12:00", "2wd", "2026-12-30 23:59:59"),
        ("2026-12-28 12:00", "7d", "2027-01-04 23:59:59"),
        ("2026-11-16 12:00", "0d", "2026-11-16 23:59:59"),
    ],
)
def test_when_a_task_is_due(since: str, limit: str, due: str) -> None:
    assert within(at(since), limit, ENGLAND) == at(due)


@pytest.mark.parametrize("limit", ["", "soon", "2w", "-1d", "1.5h", "wd", "0wd", "1 wd", "\u0661wd", "99999d"])
def test_a_limit_nobody_can_read_says_what_to_write(limit: str) -> None:
    with pytest.raises(ValueError, match="no time limit; write now, today, or a number with m, h, d or wd"):
        within(at("2026-11-16 12:00"), limit, ENGLAND)


# --- the table itself -------------------------------------------------------------------------------------------------


def test_every_rule_is_there_with_source_stop_and_vector() -> None:
    numbers = [f"R{number:02}" for number in range(1, 43)]
    assert [rule.id for rule in deadline_rules.RULES] == sorted([*numbers, "R24b"])
    for rule in deadline_rules.RULES:
        assert all((rule.name, rule.source, rule.starts, rule.formula, rule.stops, rule.owner, rule.breach))
        assert rule.version >= 1
    by_row = {rule for rule, *_ in VECTORS}
    by_test = {name.split("_")[1].replace("r", "R") for name in globals() if name.startswith("test_r")}
    assert {rule.id for rule in deadline_rules.RULES if rule.clocks is not None} == by_row
    assert {rule.id for rule in deadline_rules.RULES} == by_row | by_test & set(deadline_rules.BY_ID)
    assert len(deadline_rules.BY_ID) == len(deadline_rules.RULES)


def test_every_start_of_a_clock_is_a_fact() -> None:
    for rule in deadline_rules.RULES:
        if rule.clocks is not None:
            assert set(rule.starts) <= set(Facts.__dataclass_fields__), rule.id
