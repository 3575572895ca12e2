"""The risk toolkit, row for row: what the confirmed indicators make, what lifts them, and who may set them down."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import conditions, lines, loader, toolkit, working_time
from flows.toolkit import Findings, Level, NotAllowed

if TYPE_CHECKING:
    from pathlib import Path

KIT = toolkit.load()
CODES = sorted(code for group in KIT.groups.values() for code in group)


def assess(*codes: str, age: int | None = 15, ld: bool | None = False, **more: Any) -> toolkit.Result:
    return toolkit.assess(KIT, Findings(frozenset(codes), age, ld, **more))


@pytest.mark.parametrize(
    ("codes", "age", "ld", "level", "why"),
    [
        (("L09", "L10"), 16, True, Level.MEDIUM, "learning disability"),  # (a) Fay
        (("L01", "L04", "L05", "L09", "L10"), 15, False, Level.MEDIUM, "gap at five, treated as medium"),  # (b) Gus
        (("L01", "L04", "L05", "L09"), 15, False, Level.LOW, "4 of the low list"),  # (c)
        (("M07",), 15, False, Level.MEDIUM, "1 of the medium list"),  # (d)
        (("H08",), 15, False, Level.HIGH, "1 of the high list"),  # (e)
        (("L01",), None, False, Level.MEDIUM, "age not known"),  # (f)
        (("L01",), 15, None, Level.MEDIUM, "learning disability not known"),
        (("L01",), None, None, Level.MEDIUM, "age and learning disability not known"),
        (("L01",), 12, False, Level.MEDIUM, "under 13 cannot be low"),  # Eli, T05
        (("L01",), 13, False, Level.LOW, "1 of the low list"),
        (("L01", "L02", "L03", "L04", "L05", "L06"), 15, False, Level.MEDIUM, "gap"),
        (("V01", "V02", "V03"), 12, True, Level.NONE, ""),  # vulnerability changes no level
        (("TR04", "TI12"), 15, False, Level.NONE, ""),
        (("L08",), 12, False, Level.HIGH, "under 13 with sexual activity"),
        (("M03",), 12, False, Level.HIGH, "under 13 with sexual activity"),
        (("M03",), 13, False, Level.MEDIUM, "1 of the medium list"),
        ((), 15, False, Level.NONE, ""),
        ((), 12, True, Level.NONE, ""),
    ],
)
def test_the_level(codes: tuple[str, ...], age: int | None, ld: bool | None, level: Level, why: str) -> None:
    found = assess(*codes, age=age, ld=ld)
    assert found.level is level
    assert why in "; ".join(found.reasons)
    assert found.provisional is ("not known" in why)


def test_a_twelve_year_old_in_sexual_activity_is_high_whatever_else() -> None:
    assert assess(age=12, sexual=True).level is Level.HIGH
    assert assess("L01", age=12, sexual=True).floor is Level.HIGH
    assert "consider_s47" in assess(age=12, sexual=True).flags


def test_who_turns_thirteen_tomorrow_is_twelve_today() -> None:
    born = date(2013, 11, 17)
    for day, level in ((date(2026, 11, 16), Level.MEDIUM), (date(2026, 11, 17), Level.LOW)):
        assert assess("L01", age=working_time.age(born, day)).level is level


@pytest.mark.parametrize(
    ("age", "sexual", "at_risk", "flags"),
    [
        (14, True, True, ("consider_s47",)),  # (h)
        (13, True, True, ("consider_s47",)),
        (15, True, False, ()),
        (14, False, True, ()),
        (16, True, True, ("exploitation_procedure",)),
        (17, True, False, ("sexually_active_guidelines",)),
        (18, True, True, ()),
        (None, True, True, ("consider_s47",)),
        (None, True, False, ("find_out_the_age",)),
    ],
)
def test_what_must_be_considered_by_age(age: int | None, sexual: bool, at_risk: bool, flags: tuple[str, ...]) -> None:
    assert assess(age=age, sexual=sexual, at_risk=at_risk).flags == flags


def test_harm_that_goes_on_goes_to_the_panel_at_any_level() -> None:
    for codes in ((), ("L01",), ("M07",), ("H08",)):
        assert "refer_to_panel" in assess(*codes, continuing=True).flags


def test_medium_with_reasonable_cause_has_the_actions_of_high() -> None:
    found = assess("M07", significant_harm=True)
    assert found.level is Level.MEDIUM
    assert found.actions == KIT.actions[Level.HIGH]
    assert "consider_s47" in found.flags
    assert assess("M07").actions == KIT.actions[Level.MEDIUM]


def test_a_trafficked_child_is_told_and_needs_to_consent_to_nothing() -> None:
    flags = assess("TR04", trafficked=True).flags
    assert {"consider_s47", "ask_a_first_responder", "tell_the_child", "review_within_one_working_day"} <= set(flags)
    assert assess("TR04").flags == ("decide_whether_trafficked",)
    assert "ask_a_first_responder" in assess("H09").flags


def test_low_is_assessed_again_within_six_weeks_and_no_other() -> None:
    day = date(2026, 11, 16)
    assert toolkit.again(assess("L01"), day) == (date(2026, 12, 14), date(2026, 12, 28))
    assert toolkit.again(assess("M07"), day) is None
    assert toolkit.again(assess(), day) is None


@pytest.mark.parametrize("role", ["worker", "duty", "backup", ""])
def test_down_needs_a_manager_and_a_reason(role: str) -> None:
    found = assess("H08")
    with pytest.raises(NotAllowed, match="only a manager"):
        toolkit.override(found, Level.MEDIUM, role, "seen yesterday, well")
    with pytest.raises(NotAllowed, match="reason"):
        toolkit.override(found, Level.MEDIUM, "manager", "  ")
    assert toolkit.override(found, Level.MEDIUM, "manager", "seen yesterday, well") is Level.MEDIUM  # (g)
    assert toolkit.override(assess("L01"), Level.HIGH, role, "") is Level.HIGH  # up is free


@pytest.mark.parametrize(
    ("found", "to"),
    [
        (assess("L01", age=12), Level.LOW),
        (assess("L01", age=15, ld=True), Level.LOW),
        (assess("H08", age=12), Level.LOW),
        (assess("L01", age=None), Level.LOW),
        (assess("L01"), Level.NONE),  # what was confirmed does not become nothing: take it back instead
        (assess("L08", age=12), Level.MEDIUM),
    ],
)
def test_below_the_floor_nobody_sets_it(found: toolkit.Result, to: Level) -> None:
    with pytest.raises(NotAllowed, match="not possible"):
        toolkit.override(found, to, "manager", "I know the family")


@given(
    st.sets(st.sampled_from(CODES)), st.one_of(st.none(), st.integers(0, 18)), st.sampled_from((True, False, None)),
    st.booleans(), st.booleans(), st.sampled_from(CODES),
)  # fmt: skip
def test_one_indicator_more_never_makes_it_less(
    codes: set[str], age: int | None, ld: bool | None, sexual: bool, at_risk: bool, more: str
) -> None:
    before = assess(*codes, age=age, ld=ld, sexual=sexual, at_risk=at_risk)
    after = assess(*codes, more, age=age, ld=ld, sexual=sexual, at_risk=at_risk)
    assert after.level >= before.level
    assert after.floor >= before.floor
    assert before.level >= before.floor
    # Whoever is younger, or of whom less is known, is never better off.
    assert assess(*codes, age=None, ld=ld, sexual=sexual).level >= assess(*codes, age=17, ld=False, sexual=sexual).level
    if age is not None and age < 13:
        assert after.level is not Level.LOW
    assert bool(after.actions) is (after.level is not Level.NONE)


@given(st.sets(st.sampled_from(CODES)))
def test_nothing_it_says_is_that_there_is_no_risk(codes: set[str]) -> None:
    found = assess(*codes)
    said = " ".join((*found.reasons, *found.flags, *found.actions)).lower()
    assert "no risk" not in said
    assert "no concern" not in said


# --- what is proposed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "episodes", "codes"),
    [
        ({}, 1, ()),
        ({}, 2, ("L01",)),
        ({"given_things": "yes"}, 1, ("L04",)),
        (
            {"given_things": "skipped", "substances": "skipped", "hurt_self": "skipped"},
            1,
            (),
        ),  # chose not to say is no yes
        ({"with": ("friends", "new_person"), "travel": ("car_new",)}, 1, ("L05", "M01")),
        ({"substances": "yes", "hurt_self": "sometimes", "online_only": "yes"}, 1, ("L09", "L12", "M03")),
        ({"push": ("school",)}, 1, ("M08",)),
        ({"nights": "hotel"}, 1, ("M09",)),
        ({"nights": "friends"}, 1, ()),
    ],
)
def test_answers_propose_and_confirm_nothing(answers: dict[str, object], episodes: int, codes: tuple[str, ...]) -> None:
    assert toolkit.propose(KIT, answers, episodes=episodes) == codes


def test_every_proposal_asks_a_question_there_is_for_an_answer_there_is() -> None:
    steps = loader.load().flows["return_interview"].steps
    for _, when in KIT.proposals:
        for name, value in conditions.literals(when):
            if name != "episode":
                values = {option.value for option in steps[name].options} or {"yes", "no", "unsure"}
                assert value in values | {"skipped", "unclear"}, (name, value)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_lists_are_whole() -> None:
    assert {name: len(group) for name, group in KIT.groups.items()} == {
        "low": 12, "medium": 15, "high": 13, "vulnerability": 15, "trafficking": 45,
    }  # fmt: skip
    assert all(KIT.text(code) for code in CODES)
    with pytest.raises(ValueError, match="'L99'"):
        assess("L99")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  M01: ", "  L01: ", "'L01' stands in two lists"),
        ("under_13: [L08", "under_13: [L88", "indicator"),
        ("when: episode = repeat", "when: episode ==", "not a condition"),
        ("vulnerability:", "vulnerabilities:", "vulnerabilities"),
    ],
)
def test_a_slip_in_the_file_has_a_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    file = tmp_path / "toolkit.yaml"
    file.write_text(toolkit.FILE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(lines.LoadError, match=r"toolkit\.yaml:\d+: ") as wrong:
        toolkit.load(file)
    assert told in str(wrong.value)
