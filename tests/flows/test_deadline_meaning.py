"""What answers mean for the clocks: names that exist, values a question offers, and a file that says where it is wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from flows import conditions, deadline_gaps, deadline_meaning, lines
from flows.deadline_rules import BY_ID
from flows.deadlines import Facts
from tests.library import SOURCE
from tests.storage.invented import AT

if TYPE_CHECKING:
    from pathlib import Path

MEANING = deadline_meaning.load()


def test_every_answer_with_a_meaning_can_be_given() -> None:
    steps = SOURCE.flows["return_interview"].steps
    asked = (
        *MEANING.said.values(),
        *(when for when, _ in MEANING.check_ins),
        *(when for when, _ in MEANING.safe_hours),
    )
    for when in asked:
        for name, literal in conditions.literals(when):
            assert literal in {option.value for option in steps[name].options} | {"yes", "no", "unsure", "unclear"}, (
                name
            )
    assert set(SOURCE.categories) >= MEANING.told_of_abuse | MEANING.told_of_staff
    assert set(steps) >= MEANING.offered_by >= {one.key for one in steps.values() if one.tags & {"invite", "gate"}}


def test_every_clock_that_makes_work_gives_it_to_a_role_of_the_service() -> None:
    for work in MEANING.works:
        assert deadline_meaning.staff(work.role or BY_ID[work.rule].owner) in deadline_meaning.ROLES
    assert deadline_meaning.staff("director") == "service_manager"
    assert deadline_meaning.staff("carer") == "worker"


def test_a_check_in_needs_a_yes_and_an_hour_that_is_safe() -> None:
    assert MEANING.check_in_days({}) == ()
    assert MEANING.check_in_days({"check_in": "no"}) == ()
    assert MEANING.check_in_days({"check_in": "days_1_3_7"}) == (1, 3, 7)
    assert MEANING.safe_hour({"safe_time": "never"}) is None
    assert MEANING.safe_hour({"safe_time": "after4"}) == 17
    assert MEANING.safe_hour({}) == 11


def test_a_clock_that_waits_for_a_fact_names_it() -> None:
    assert deadline_gaps.lacking(Facts()) == ()
    assert deadline_gaps.lacking(Facts(child_account_at=AT)) == ("record_return",)
    assert deadline_gaps.lacking(Facts(missing_from=AT)) == ("record_looked_after",)
    assert deadline_gaps.lacking(Facts(missing_from=AT, looked_after=False)) == ("record_social_worker",)
    assert deadline_gaps.lacking(Facts(missing_from=AT, looked_after=True)) == ()
    assert deadline_gaps.lacking(Facts(missing_from=AT, returned_at=AT)) == ()
    assert {rule for rules in deadline_gaps.WAITING.values() for rule in rules} <= set(BY_ID)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rule: R07", "rule: R99", "unknown rule 'R99'"),
        ('days: "7"', 'days: "week"', "write whole days"),
        (
            "  - {rule: R15, part: director, what: tell_director}\n",
            "",
            "no work for R15 (48 hours missing); add - {rule: R15, part: dir",
        ),
        ("  - {rule: R12, what: strategy_discussion, by: strategy_held}\n", "", "no work for R12"),
        ("what: chase_police_check, for: worker", "what: none, at: running", "the key 'at' stands here twice"),
        (
            "{rule: R08, what: send_form_to_police",
            "{rule: R07, what: send_form_to_police",
            "the work of R07 stands here twice",
        ),
        ("supervisor: manager", "supervisor: boss", "unknown role 'boss'"),
        ("digest_hour: 8", "digest_hour: 24", "write a whole number from 0 to 23"),
        ("no_other_way = no", "no_other_way = = no", "not a condition: "),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = deadline_meaning.FILE.read_text("utf-8")
    assert old in text
    file = tmp_path / "c.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(lines.LoadError, match=rf"^c\.yaml:\d+: .*{re.escape(message)}"):
        deadline_meaning.load(file)
