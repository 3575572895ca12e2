"""The shipped flows: every text to the letter and inside one SMS, every path as it was reviewed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.channels import segments
from flows import composing, conditions, matching
from flows.model import SKIPPED, Kind
from tests.library import SOURCE

INTERVIEW, TEXT_SAFE = SOURCE.flows["return_interview"], SOURCE.flows["text_safe"]
STEPS = {**TEXT_SAFE.steps, **INTERVIEW.steps}
NUMBERS = {key: entry.number for key, entry in SOURCE.numbers.items()}

# The longest of everything that may stand in a text (domain 3.1: names of 9 letters; decisions 12).
LONGEST = {
    "persona": "Francesca",
    "name": "Francesca",
    "worker": "Francesca",
    "first_name": "Francesca",
    "next_name": "Francesca",
    "org": "Twenty Letters Works",
    "public_number": "07700 900123",
    "minutes": "60",
    "day": "Wednesday",
    "code": "4F7K2Q",
    "who": "the children's team",
    "short": "that you may not be safe",
    **NUMBERS,
}


def _prompts() -> dict[str, str]:
    """`prompts.tsv`: question key and the very words that a child reads, as they were reviewed."""
    rows = (Path(__file__).parent / "prompts.tsv").read_text(encoding="utf-8").splitlines()
    return {row.split("\t")[0]: row.split("\t")[1] for row in rows}


PROMPTS = _prompts()


class _Open(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def composed(key: str, values: dict[str, str]) -> str:
    return composing.composed(STEPS[key], SOURCE.common).format_map(_Open(values))


# --- texts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(PROMPTS))
def test_a_child_reads_exactly_the_reviewed_words(key: str) -> None:
    assert composed(key, {"persona": "Robin", **NUMBERS}) == PROMPTS[key]


def test_no_text_stands_beside_the_reviewed_ones() -> None:
    assert set(STEPS) == set(PROMPTS)


@pytest.mark.parametrize("key", sorted(STEPS))
def test_every_text_is_one_sms_with_the_longest_names(key: str) -> None:
    text = composed(key, LONGEST)
    assert "{" not in text
    assert segments.count(text).segments == 1
    assert segments.count(text).encoding == "GSM-7"


BANNED = re.compile(
    r"\b(missing|abus\w*|rape\w*|victim\w*|gang\w*|groom\w*|why did you|tell me more|good, tell)\b", re.IGNORECASE
)


@pytest.mark.parametrize("key", sorted(STEPS))
def test_no_word_that_frightens_labels_or_thanks_for_details(key: str) -> None:
    assert not BANNED.search(composed(key, NUMBERS))


@pytest.mark.parametrize("key", sorted(STEPS))
def test_no_number_of_a_help_line_stands_in_a_text_by_itself(key: str) -> None:
    written = " ".join([STEPS[key].text, STEPS[key].after, *(option.label for option in STEPS[key].options)])
    figures = {found.replace(" ", "") for found in re.findall(r"\d[\d ]*", written)}
    # 55 is what a phone asks for, and no help line.
    assert not figures & {number.replace(" ", "") for number in NUMBERS.values()}


# What must be known first: who is reading, whether the child is safe, whether they want to begin; and what ends or
# hands over, where there is nothing to skip.
NOT_SKIPPED = {"gate", "safe_now", "safe_now_2", "ok_start", "ok_start_easy", "d_next", "person_offer", "break_offer"}
NOT_SKIPPED |= {"ts_menu", "ts_human_off"}


def test_every_other_question_can_be_skipped() -> None:
    fixed = {key for key, step in STEPS.items() if step.kind is not Kind.STATEMENT and not step.skippable}
    assert fixed == NOT_SKIPPED


def test_numbers_choose_the_options_that_the_text_shows() -> None:
    for key, step in STEPS.items():
        if step.kind in (Kind.STATEMENT, Kind.FREE):
            continue
        for number, option in composing.numbered(step):
            found = matching.match(step, str(number)).value
            wanted: object = (option.value,) if step.kind is Kind.MULTI else option.value
            assert found == (int(option.value) if step.kind is Kind.SCALE else wanted), key
            assert f" {number} {option.label}" in composed(key, NUMBERS)


def test_every_accepted_spelling_is_understood() -> None:
    for key, step in STEPS.items():
        for option in step.options if step.kind is not Kind.SCALE else ():
            for spelled in (option.label, *option.words):
                value = matching.match(step, spelled).value
                assert value in (option.value, (option.value,)), (key, spelled)


def test_ok_is_never_a_yes_to_a_question_about_harm() -> None:
    for key in (
        "not_ok",
        "pressured",
        "owes",
        "photos",
        "wanted_back",
        "other_child",
        "hurt_now",
        "avoid_person",
        "safe_now",
    ):
        for said in ("ok", "fine", "sure", "im ok"):
            assert matching.match(STEPS[key], said).value != "yes", (key, said)


# --- paths ------------------------------------------------------------------------------------------------------------


def _keys(words: str) -> list[str]:
    return words.split()


MINIMUM = _keys(
    """safe_now ok_start who_talk comm_help home_feel worry before_story planned where with did felt_safe hurt_now
    medical_want mood not_ok pressured back_story want_now want_later trusted safe_time"""
)
CORE = _keys(
    """safe_now ok_start who_talk comm_help lang home_feel worry before_story planned push pull where with did
    nights needs felt_safe looked_after hurt_now medical_want mood hurt_self not_ok pressured given_things
    other_child back_story want_now want_later help_want again what_helps trusted plan_first not_share
    safe_time tell_how check_in listened"""
)
EASY = _keys("""safe_now ok_start_easy avoid_person hurt_now not_ok pressured other_child not_share""")


def on_path(path: str, *, statements: bool = False) -> list[str]:
    steps = (INTERVIEW.steps[key] for block in INTERVIEW.blocks if block.main for key in block.steps)
    return [step.key for step in steps if path in step.paths and (step.kind is Kind.STATEMENT) is statements]


def test_the_minimum_path_is_the_reviewed_one() -> None:
    assert on_path("M") == MINIMUM


def test_the_core_path_is_the_reviewed_one() -> None:
    assert on_path("C") == CORE


def test_the_easy_path_has_eight_questions_of_one_idea() -> None:
    assert on_path("E") == EASY
    assert all(STEPS[key].kind is Kind.YESNO for key in EASY)


def test_the_full_path_asks_everything_but_the_easy_start() -> None:
    asked = {key for block in INTERVIEW.blocks if block.main for key in block.steps} - {"ok_start_easy"}
    assert asked == {*on_path("full"), *on_path("full", statements=True)}
    assert len(asked) == 67


@pytest.mark.parametrize("path", ["M", "C", "full", "E"])
def test_the_promise_the_support_and_the_end_go_on_every_path(path: str) -> None:
    said = on_path(path, statements=True)
    wanted = [
        "msg_hello",
        "msg_share_rhi",
        "msg_share_rhi2",
        "msg_purpose",
        "msg_before_hard",
        "msg_support",
        "msg_delete",
    ]
    wanted += ["msg_end"]
    only = {"msg_purpose": {"C", "full"}, "msg_delete": {"full"}}
    assert said == [key for key in wanted if path in only.get(key, {path})]


def test_the_eight_areas_of_the_questionnaire_are_filled_on_the_shortest_path() -> None:
    filled = {INTERVIEW.steps[key].area for key in (*on_path("M"), *on_path("M", statements=True))}
    # q7 is what parents and carers say: another form.
    assert {f"q{number}" for number in range(1, 9)} - {"q7"} <= filled


def test_an_open_question_stands_before_every_list_on_its_topic() -> None:
    order = on_path("full")
    assert order.index("before_story") < order.index("push") < order.index("pull")
    for key in ("push", "pull"):
        condition = STEPS[key].ask_when
        assert condition is not None
        assert not conditions.holds(condition, {})
        assert conditions.holds(condition, {"before_story": SKIPPED})


@pytest.mark.parametrize("key", ["given_things", "wanted_back", "owes", "photos", "with_more"])
def test_what_could_lead_a_child_on_is_asked_beside_a_worker_only(key: str) -> None:
    assert STEPS[key].worker_only


def test_the_notes_are_never_shown_by_text() -> None:
    assert "see_notes" not in STEPS


def test_every_text_has_one_place_in_the_catalogue() -> None:
    ids = [text.id for text in SOURCE.texts]
    assert len(ids) == len(set(ids))
    assert {"shared.gate", "shared.gate.alone", "shared.gate.alone.words", "shared.common.yes.words"} <= set(ids)
    assert {"return_interview.home_feel.1", "shared.ts_ask_ok.after", "commands.stop"} <= set(ids)
    assert set(SOURCE.homes) == set(STEPS)
