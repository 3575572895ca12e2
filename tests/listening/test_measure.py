"""The counting itself: a wrong interval would make every verdict wrong."""

from __future__ import annotations

import math
import random
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.listening import floors, gates, measure, perturb, picture, report
from tests.listening.measure import Cost, Result, Row, Share

SECRET = "a sentence nobody may print"


def result(level: int, found: int, language: str = "en") -> Result:
    row = Row(language, 2, SECRET, level, "D08" if level else "", "plain", "held-a")
    return Result(row, found, frozenset({"D08"} if found else ()), None, 0.001)


@pytest.mark.parametrize(
    ("hit", "of", "low", "high"),
    [  # computed from the formula by hand
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (50, 100, 0.4038, 0.5962),
        (95, 100, 0.8882, 0.9785),
    ],
)
def test_wilson(hit: int, of: int, low: float, high: float) -> None:
    assert list(Share(hit, of).interval) == pytest.approx([low, high], abs=5e-4)


def test_of_nothing_nothing_is_known() -> None:
    assert math.isnan(Share(0, 0).rate)
    assert Share(0, 0).interval == (0.0, 1.0)


@given(st.integers(1, 5000), st.data())
def test_the_interval_holds_the_rate(of: int, data: st.DataObject) -> None:
    share = Share(data.draw(st.integers(0, of)), of)
    low, high = share.interval
    assert 0 <= low <= share.rate + 1e-12
    assert share.rate - 1e-12 <= high <= 1


def test_heard_is_l2_and_paged_is_l3() -> None:
    rates = measure.rates([result(4, 2), result(3, 3), result(2, 0), result(1, 0), result(0, 3), result(0, 0)])
    assert rates.heard == Share(2, 3)
    assert rates.paged == Share(1, 2)
    assert rates.false_heard == rates.false_paged == Share(1, 2)


def test_an_l1_counts_only_where_it_is_said() -> None:
    named = {gate.name: gate for gate in gates.english([result(4, 4), result(1, 0)])}
    assert named["English: heard, disclosures of L2 to L4"].share == Share(1, 1)
    assert named["English: heard, disclosures of L1 to L4"].share == Share(1, 2)


def test_recall_bought_with_false_alarms_does_not_pass() -> None:
    cheap = [result(3, 3)] * 20 + [result(0, 0)] * 20
    dear = [result(3, 3)] * 20 + [result(0, 3)] * 20
    for found, passes in ((cheap, True), (dear, False)):
        assert [gate.passed for gate in gates.english(found) if "paged" in gate.name] == [passes]


def test_the_worst_language_is_named() -> None:
    found = [result(3, 3, "pl"), result(3, 0, "so"), result(3, 3, "so")]
    worst = [gate for gate in gates.elsewhere(found) if "worst" in gate.name]
    assert [(gate.name[-4:], gate.reached, gate.passed) for gate in worst] == [("(so)", 0.5, False)] * 2


def test_what_was_not_measured_is_not_passed() -> None:
    found = [*report.judged([result(3, 3), result(3, 3, "pl")], [], {})]
    assert [gate.passed for gate in found if gate.name.startswith("ordinary")] == [None]


def test_the_report_holds_no_sentence_and_the_picture_is_a_picture() -> None:
    results = [result(4, 0), result(3, 3), result(0, 0), result(3, 3, "pl"), result(0, 2, "pl")]
    found = [
        *report.judged(results, [result(0, 3)], {}),
        *gates.speed(results, Cost(1, 30, 50, 55), "without the reader"),
    ]
    shown = report.compose("held", results, [result(0, 3)], found, results)
    drawn = picture.draw("a title & more", floors.named(results))
    assert "NOT REACHED" in shown
    assert SECRET not in shown + drawn
    assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - drawn here


def test_every_third_line_is_heard_after_two_others() -> None:
    said = ("ok", "my stepdad hits", "me every day", "ok", "the bus was late")
    rows = [measure.Row("en", at, text, 0, "", "", "") for at, text in enumerate(said)]
    assert [(one.row.line, one.level) for one in measure.hurried(rows)] == [(2, 3)]
    assert measure.hear(rows[2]).level < measure.HEARD


@pytest.mark.parametrize("kind", perturb.KINDS)
@given(st.text(min_size=1, max_size=60).filter(str.strip))
def test_a_change_is_the_same_every_time(kind: str, text: str) -> None:
    assert perturb.sent(kind, text) == perturb.sent(kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "sent"),
    [
        ("shouted", "με έχει κλειδώσει", ("ΜΕ ΕΧΕΙ ΚΛΕΙΔΩΣΕΙ",)),
        ("mixed case", "hello", ("HeLlO",)),
        ("no space after punctuation", "no. he did, again", ("no.he did,again",)),
        (perturb.SPLIT, "one two three four", ("one two", "three four")),
        (perturb.SPLIT, "短信", ("短", "信")),
        (perturb.SPLIT, "a", ("a",)),
    ],
)
def test_what_is_changed(kind: str, text: str, sent: tuple[str, ...]) -> None:
    assert perturb.sent(kind, text) == sent


@given(st.text(alphabet="abcdefgh ", min_size=24, max_size=80))
def test_one_typo_in_every_eight_characters_and_no_more(text: str) -> None:
    (typed,) = perturb.sent("a typo in every 8 characters", text)
    blocks = len(text) // perturb.EVERY
    assert abs(len(typed) - len(text)) <= blocks
    assert len(set(typed) - set(text)) <= blocks


@pytest.mark.parametrize(
    ("language", "text", "bare"),
    [("vi", "bố đánh em", "bo danh em"), ("ckb", "لێم دەدات", "ليم دهدات"), ("ar", "أبي إنه هنا", "ابي انه هنا")],
)
def test_marks_that_a_keyboard_lacks_are_left_off_and_nothing_else(language: str, text: str, bare: str) -> None:
    typed = {perturb.unmarked(text, language, random.Random(seed)) for seed in range(40)}
    assert bare in typed
    letters = [{*one, *another} for one, another in zip(text, bare, strict=True)]
    letters = [some | {"ی"} if "ي" in some else some for some in letters]  # between the two of Sorani
    assert all(char in some for other in typed for char, some in zip(other, letters, strict=True))
    assert perturb.unmarked("he hits me", "en", random.Random(1)) == "he hits me"
