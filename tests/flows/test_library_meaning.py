"""The shipped flows: what answers, concerns, categories and waiting mean, as the reviews decided."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from flows import conditions
from flows.model import SKIPPED, Guard, Kind, Level, Outcome, Privacy, Step
from tests.library import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterable

INTERVIEW, TEXT_SAFE = SOURCE.flows["return_interview"], SOURCE.flows["text_safe"]
STEPS = {**TEXT_SAFE.steps, **INTERVIEW.steps}
NUMBERS = {key: entry.number for key, entry in SOURCE.numbers.items()}


def outcomes(step: str, value: object, **also: object) -> list[Outcome]:
    """The rows that an answer makes true; for a pattern over several, `also` has the other answers."""
    values = {step: value, **also}
    return [row for row in STEPS[step].outcomes if conditions.holds(row.when, values)]


# --- what answers mean ------------------------------------------------------------------------------------------------

LEVELS: list[tuple[str, object, Level, Guard, tuple[str, ...]]] = [
    ("gate", "help", Level.L4, Guard.LOCK, ("D01",)),
    ("safe_now", "no", Level.L4, Guard.LOCK, ("D01",)),
    ("safe_now", "unsure", Level.L3, Guard.NONE, ()),
    ("safe_now_2", "no", Level.L4, Guard.LOCK, ("D01",)),
    ("hurt_now", "yes", Level.L2, Guard.NONE, ()),
    ("hurt_now", "unsure", Level.L2, Guard.NONE, ()),
    ("medical_want", "today", Level.L2, Guard.NONE, ()),
    ("medicine", "lack", Level.L2, Guard.NONE, ()),
    ("hurt_self", "now", Level.L4, Guard.PAUSE, ("D02",)),
    ("hurt_self", "sometimes", Level.L2, Guard.NONE, ("D03",)),
    ("not_ok", "yes", Level.L3, Guard.LOCK, ()),
    ("not_ok", "unsure", Level.L2, Guard.SOFT_LOCK, ()),
    ("pressured", "yes", Level.L3, Guard.LOCK, ()),
    ("pressured", "unsure", Level.L2, Guard.SOFT_LOCK, ()),
    ("wanted_back", "yes", Level.L3, Guard.LOCK, ("D06",)),
    ("owes", "yes", Level.L3, Guard.LOCK, ("D12",)),
    ("photos", "yes", Level.L3, Guard.LOCK, ("D07",)),
    ("other_child", "yes", Level.L3, Guard.LOCK, ("D21",)),
    ("other_child", "unsure", Level.L2, Guard.SOFT_LOCK, ()),
    ("avoid_person", "yes", Level.L2, Guard.NONE, ()),
    ("planned", "felt_forced", Level.L2, Guard.NONE, ()),
    ("push", ("row", "unsafe_there"), Level.L2, Guard.NONE, ()),
    ("help_want", ("safe_place",), Level.L2, Guard.NONE, ()),
    ("law", "yes", Level.L1, Guard.NONE, ()),
    ("again", "yes", Level.L1, Guard.NONE, ()),
    ("ok_start", "human", Level.L2, Guard.NONE, ()),
    ("ts_menu", "place", Level.L2, Guard.NONE, ()),
    ("ts_ask_ok", "bad", Level.L1, Guard.NONE, ()),
]


@pytest.mark.parametrize(("step", "value", "level", "guard", "categories"), LEVELS, ids=str)
def test_the_level_of_an_answer(
    step: str, value: object, level: Level, guard: Guard, categories: tuple[str, ...]
) -> None:
    rows = outcomes(step, value)
    assert max(row.level for row in rows) is level
    assert {row.guard for row in rows} - {Guard.NONE} == {guard} - {Guard.NONE}
    assert tuple(code for row in rows for code in row.categories) == categories
    assert all(row.asserted for row in rows if row.guard is not Guard.NONE)


def test_no_answer_has_a_level_that_the_table_does_not_know() -> None:
    known = {(step, one) for step, value, *_ in LEVELS for one in (value if isinstance(value, tuple) else (value,))}
    known |= {("owes", "unsure"), ("photos", "unsure"), ("wanted_back", "unsure"), ("safe_now_2", "unsure")}
    known |= {("ok_start_easy", "unsure"), ("ts_menu", "police"), ("ts_menu", "doctor"), ("ts_ask_ok", "very_bad")}
    # Whoever does not want to go on with the bot wants a person.
    known |= {("ts_human_off", "no")}
    for key, step in STEPS.items():
        for option in step.options:
            if any(row.level for row in outcomes(key, option.value)):
                assert (key, option.value) in known


def test_a_low_mood_asks_about_self_harm_on_every_path() -> None:
    assert [row.ask for row in outcomes("mood", 2)] == ["hurt_self"]
    assert outcomes("mood", 3) == []
    assert outcomes("mood", SKIPPED) == []


@pytest.mark.parametrize(
    ("known", "level"),
    [
        ({"age_band": "13_15", "early": False}, Level.L3),
        ({"age": 15, "early": False}, Level.L3),
        ({"age_band": SKIPPED, "early": True}, Level.L3),
        ({"age_band": "16_17", "early": False, "night": True}, Level.L3),
        ({"age_band": "16_17", "early": False, "night": False}, Level.L2),
    ],
)
def test_whoever_is_under_16_or_asks_by_night_gets_somebody_within_the_quarter_of_an_hour(
    known: dict[str, object], level: Level
) -> None:
    rows = outcomes("ts_menu", "place", **known)
    assert max(row.level for row in rows) is level
    assert [task.within for row in rows for task in row.tasks] == ["15m"]


def test_medicine_that_keeps_a_child_alive_is_l3() -> None:
    rows = outcomes("medicine", "lack", vital_medicine="yes")
    assert max(row.level for row in rows) is Level.L3
    assert any(row.night_page for row in rows)


@pytest.mark.parametrize(
    ("facts", "alone"),
    [
        ({"age": 9}, False),
        ({"age": 14, "learning_disability": "yes"}, False),
        ({"age": 9, "worker_present": "yes"}, True),
        ({"age": 10}, True),
        ({}, True),
    ],
)
def test_nobody_under_ten_or_with_a_learning_disability_is_alone_with_the_bot(
    facts: dict[str, object], alone: bool
) -> None:
    rows = outcomes("safe_now", "yes", **facts)
    assert any(row.to_person for row in rows) is not alone
    assert bool([task for row in rows for task in row.tasks]) is not alone


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"pull": ("party", "asked_by_someone"), "with": ("new_person",)}, Level.L2),
        ({"pull": ("asked_by_someone",), "with": ("friends",), "travel": ("car_new",)}, Level.L2),
        ({"pull": ("asked_by_someone",), "with": ("friends",)}, None),
        ({"nights": "hotel", "with": ("known_adult",)}, Level.L2),
        ({"nights": "friends", "with": ("known_adult",)}, None),
        ({"given_things": "yes", "wanted_back": SKIPPED}, Level.L1),
        ({"given_things": "yes", "wanted_back": "yes"}, None),
        ({"not_ok": SKIPPED, "pressured": SKIPPED}, Level.L1),
    ],
)
def test_patterns_over_several_answers(answers: dict[str, object], level: Level | None) -> None:
    found = [row.level for row in INTERVIEW.outcomes if conditions.holds(row.when, answers)]
    assert found == ([] if level is None else [level])


def test_a_no_starts_the_refusal_and_what_is_owed_with_it() -> None:
    (row,) = outcomes("ok_start", "no")
    assert row.goto == "refusal"
    assert {(task.what, task.role, task.within) for task in row.tasks} == {
        ("parent_view", "worker", "1wd"),
        ("manager_consider", "manager", "1wd"),
    }
    block = next(one for one in INTERVIEW.blocks if one.key == "refusal")
    assert (block.steps, block.then) == (("no_why", "no_other_way", "no_parent", "msg_no_ok"), "refuse")


def test_the_gate_decides_who_may_be_reading() -> None:
    assert [(row.privacy, row.trigger) for row in outcomes("gate", "alone")] == [(Privacy.ALONE, "begin")]
    assert [(row.privacy, row.trigger) for row in outcomes("gate", "later")] == [(Privacy.OTHERS, "pause")]
    # Whoever was there before: the cry for help is answered.
    assert [row.privacy for row in outcomes("gate", "help")] == [Privacy.UNKNOWN]


# --- what is said after a concern -------------------------------------------------------------------------------------


def response(**values: object) -> tuple[tuple[str, ...], str | None, bool]:
    known: dict[str, object] = {"quiet": False, "privacy": "alone", "guard": "none", "level": 2, "locked": False}
    known.update(values)
    row = next((row for row in SOURCE.responses if conditions.holds(row.when, known)), None)
    return (row.say, row.goto or row.ask, row.to_person) if row else ((), None, False)


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("guard", ["none", "pause", "soft_lock", "lock"])
def test_nothing_is_said_when_others_may_read_or_silence_was_chosen(level: int, guard: str) -> None:
    locked = guard in ("lock", "soft_lock")
    for who in ({"privacy": "others"}, {"quiet": True}, {"quiet": True, "privacy": "unknown"}):
        assert response(level=level, guard=guard, locked=locked, **who) == ((), None, True)


def test_to_who_knows_whom_only_danger_is_answered() -> None:
    for level in (1, 2, 3):
        for guard in ("none", "pause", "soft_lock", "lock"):
            assert response(privacy="unknown", level=level, guard=guard, locked=guard.endswith("lock"))[:2] == (
                (),
                None,
            )
    assert response(privacy="unknown", level=4, guard="lock", locked=True) == (
        ("msg_danger",),
        "after_disclosure",
        False,
    )
    assert response(privacy="unknown", level=4, guard="pause", own_life=True) == (("msg_danger_self",), None, True)
    assert response(privacy="unknown", level=4, guard="pause") == (("msg_danger",), None, True)


@pytest.mark.parametrize(
    ("concern", "expected"),
    [
        ({"level": 4, "guard": "lock"}, (("msg_danger", "msg_d1"), "after_disclosure", False)),
        ({"level": 4, "guard": "lock", "plain": True}, (("msg_danger", "msg_d1_plain"), "after_disclosure", False)),
        ({"level": 3, "guard": "lock"}, (("msg_d1", "msg_d2"), "after_disclosure", False)),
        ({"level": 2, "guard": "lock", "plain": True}, (("msg_d1_plain", "msg_d2"), "after_disclosure", False)),
        ({"level": 3, "guard": "soft_lock"}, (("msg_d1_plain",), "after_unsure", False)),
        ({"level": 4, "guard": "pause", "own_life": True}, (("msg_danger_self",), None, True)),
        ({"level": 4, "guard": "pause"}, (("msg_danger",), None, True)),
        ({"level": 3, "guard": "pause"}, ((), None, True)),
        ({"level": 3, "guard": "none"}, ((), None, True)),
        ({"level": 2, "guard": "pause"}, ((), "person_offer", False)),
        ({"level": 2, "guard": "none"}, ((), "person_offer", False)),
        ({"level": 1, "guard": "none"}, ((), None, False)),
    ],
)
def test_what_a_child_who_is_alone_is_told(concern: dict[str, object], expected: object) -> None:
    assert response(locked=str(concern["guard"]).endswith("lock"), **concern) == expected


def test_after_a_lock_only_what_the_review_allows_can_be_said() -> None:
    allowed = """msg_d1 msg_d1_plain msg_d2 safe_now_2 msg_danger msg_danger_self d_where hurt_now medical_want d_next
        not_share safe_time tell_how msg_support media ts_wait ts_wait_night ts_still msg_end"""
    assert SOURCE.after_lock == frozenset(allowed.split())
    for flow in SOURCE.flows.values():
        for block in flow.blocks:
            if block.key in ("after_disclosure", "after_unsure", "leave_after"):
                assert set(block.steps) <= SOURCE.after_lock
    assert {row.say for row in SOURCE.waiting} <= SOURCE.after_lock


ASKING = re.compile(r"\b(who|when|what|how|why)\b.*\?", re.IGNORECASE)


def test_no_question_after_a_disclosure_asks_about_it() -> None:
    asked = {key for key in SOURCE.after_lock if STEPS[key].kind is not Kind.STATEMENT}
    # These two ask about what comes next, not about what happened.
    assert {key for key in asked if ASKING.search(STEPS[key].text)} == {"safe_time", "tell_how"}
    where = STEPS["d_where"].ask_when
    assert where is not None
    assert [level for level in Level if conditions.holds(where, {"level": level})] == [Level.L4]


# --- categories -------------------------------------------------------------------------------------------------------


def _codes(*spans: str) -> set[str]:
    found = set()
    for span in spans:
        first, _, last = span.partition("-")
        found |= {f"D{number:02}" for number in range(int(first), int(last or first) + 1)}
    return found


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({code for code, one in SOURCE.categories.items() if one.guard is Guard.LOCK}, _codes("1", "5-17", "21-24")),
        (
            {code for code, one in SOURCE.categories.items() if one.guard is Guard.PAUSE},
            _codes("2-4", "20", "26", "27"),
        ),
        ({code for code, one in SOURCE.categories.items() if one.plain}, _codes("17", "23")),
        ({code for code, one in SOURCE.categories.items() if one.quiet}, _codes("28", "29")),
        (
            {code for code, one in SOURCE.categories.items() if one.raised_by_age},
            _codes("1", "5-16", "20-22", "24", "28"),
        ),
        ({code for code, one in SOURCE.categories.items() if one.night_page}, _codes("3", "4", "20", "28")),
        (set(SOURCE.categories), _codes("1-30")),
    ],
    ids=["lock", "pause", "plain", "quiet", "raised", "night", "all"],
)
def test_categories_do_what_the_review_says(found: set[str], expected: set[str]) -> None:
    assert found == expected


def test_every_lock_is_from_l2_on() -> None:
    assert {one.guard_from for one in SOURCE.categories.values() if one.guard is not Guard.NONE} == {Level.L2}


# --- waiting, commands, the house -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"on_duty": True, "open": True, "level": 2, "worst": 2}, "ts_wait"),
        ({"on_duty": False, "open": True, "night": True, "level": 2, "worst": 2}, "ts_wait_night"),
        ({"on_duty": True, "open": False, "night": True, "level": 2, "worst": 2}, "ts_wait_night"),
        ({"on_duty": False, "open": True, "night": False, "level": 2, "worst": 2}, "ts_still"),
        # An L3 pages at once at any hour: to speak of the morning would be untrue.
        ({"on_duty": False, "open": True, "night": True, "level": 3, "worst": 3}, "ts_still"),
        ({"on_duty": True, "open": True, "level": 3, "worst": 3, "alert_open": True, "alert_minutes": 5}, "ts_still"),
        ({"on_duty": True, "open": True, "level": 3, "worst": 3, "alert_open": True, "alert_minutes": 4}, "ts_wait"),
        (
            {
                "on_duty": True,
                "open": True,
                "level": 3,
                "worst": 3,
                "alert_open": True,
                "alert_taken": True,
                "alert_minutes": 9,
            },
            "ts_wait",
        ),
    ],
)
def test_a_waiting_child_is_told_the_truth(values: dict[str, object], key: str) -> None:
    assert next(row.say for row in SOURCE.waiting if conditions.holds(row.when, values)) == key


CARRIER = {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "revoke"}


def test_every_word_by_which_a_carrier_lets_a_child_stop_stops_us() -> None:
    words = {word.lower() for command in SOURCE.commands if command.does == "stop" for word in command.words}
    assert words >= CARRIER


def test_no_question_expects_a_word_that_a_carrier_takes() -> None:
    taken = {*CARRIER, "help", "info", "start", "unstop"}
    for key, step in STEPS.items():
        for option in step.options:
            accepted = {word.lower() for word in option.words}
            assert not accepted & taken, key


def test_commands_stand_in_the_order_of_urgency_and_none_is_in_two_rows() -> None:
    words = [word.lower() for command in SOURCE.commands for word in command.words]
    assert len(words) == len(set(words))
    assert [command.does for command in SOURCE.commands][:4] == ["danger", "adult", "person", "stop"]


def test_the_ladders_are_the_reviewed_minutes() -> None:
    reached = {
        level: [(rung.after_minutes, rung.roles, rung.method) for rung in ladder.rungs if rung.method != "voice"]
        for level, ladder in SOURCE.ladders.items()
    }
    assert reached == {
        Level.L4: [(0, ("duty", "manager"), "sms"), (5, ("backup",), "sms"), (10, ("service_manager",), "sms")],
        Level.L3: [
            *[
                (0, ("duty",), "sms"),
                (15, ("backup",), "sms"),
                (30, ("manager",), "sms"),
                (45, ("service_manager",), "sms"),
            ]
        ],
        Level.L2: [(0, ("duty",), "notice"), (60, ("backup",), "sms"), (120, ("manager",), "sms")],
    }


def test_the_help_numbers_are_the_current_ones() -> None:
    assert NUMBERS == {
        "emergency": "999", "missing_people": "116 000", "childline": "0800 1111", "nhs": "111", "police": "101"
    }  # fmt: skip


def test_tags_that_the_engine_looks_for_are_there() -> None:
    once = {
        "gate": "gate",
        "each_session": "safe_now",
        "unclear": "unclear",
        "unreadable": "lang_hold",
        "media": "media",
    }
    once |= {"still": "ts_still", "follow_up": "fine_more", "human_on": "ts_human_on", "human_off": "ts_human_off"}
    for flow in SOURCE.flows.values():
        for tag, key in once.items():
            assert [step.key for step in flow.steps.values() if tag in step.tags] == [key]
    invites = [_tagged(flow.steps.values(), "invite") for flow in (INTERVIEW, TEXT_SAFE)]
    assert invites == [["rhi_offer"], ["ts_invite_1", "ts_invite_2", "ts_invite_last"]]
    assert _tagged(TEXT_SAFE.steps.values(), "again")[0] == "ts_menu"


def _tagged(steps: Iterable[Step], tag: str) -> list[str]:
    return [step.key for step in steps if tag in step.tags]
