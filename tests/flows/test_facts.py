"""What conditions may ask about: a name means the same looked up alone and among all."""

from __future__ import annotations

from dataclasses import replace

from flows import facts
from flows.events import Desk
from flows.model import Answer, Concern, Guard, Level, OnDuty, Privacy
from tests.flows.test_walk import AT, START

ANSWERS = {
    "home_feel": Answer("home_feel", "3", "3", AT, "en"),
    "worry": Answer("worry", None, "0", AT, "en"),
    "safe_now": Answer("safe_now", "yes", "yeah maybe", AT, "en", unclear=True),
}
CONVERSATION = replace(
    START,
    answers=ANSWERS,
    # The record may not stand in for an answer, nor either for how things stand.
    facts={"age": 12, "worry": "school", "level": "no level", "worker": "Ana"},
    privacy=Privacy.ALONE,
    counts={"locks": 1},
    level=Level.L2,
)
DESK = Desk(on_duty=(OnDuty("Ana", "duty"),), night=True, alert_level=Level.L3, alert_age_minutes=7)
CONCERN = Concern(Level.L3, Level.L3, (), (), Guard.LOCK, "a test", night_page=True)


def test_how_things_stand_comes_before_answers_and_answers_before_the_record() -> None:
    found = facts.names(CONVERSATION, DESK)
    wanted = {
        "age": 12, "worker": "Ana", "worry": "skipped", "safe_now": "unclear", "home_feel": "3", "level": 2, "worst": 2,
        "alone": True, "privacy": "alone", "under_13": True, "early": True, "on_duty": True, "open": True, "night": True,
        "alert_open": True, "alert_taken": False, "alert_minutes": 7, "night_page": False, "disclosed": True,
        "locked": False, "guard": "none", "quiet": False, "begun": False, "path": START.path, "channel": START.channel,
    }  # fmt: skip
    assert dict(found) == wanted
    assert {name: found.get(name) for name in wanted} == wanted
    assert len(found) == len(wanted)
    assert found.get("never_asked") is None
    assert "never_asked" not in found


def test_a_concern_that_is_answered_says_level_and_guard() -> None:
    found = facts.names(CONVERSATION, DESK, CONCERN)
    assert (found["level"], found["worst"], found["guard"], found["night_page"]) == (3, 2, "lock", True)
