"""Every catalogue in the repository: well made, honest about its state, safe to send."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from bot import i18n, review
from bot.channels import segments
from flows import language_names, spelling
from flows.model import Flow, Kind
from tests.library import SOURCE
from tests.locales import gaps

FOLDER = Path(__file__).resolve().parents[2] / "locales"
ENTRIES = tuple(i18n.messages(SOURCE))
CATALOGUES = i18n.load_catalogues(FOLDER)
TRANSLATED = sorted(set(CATALOGUES) - {"en"})
COMPLETE = [locale for locale in TRANSLATED if not review.standing(ENTRIES, CATALOGUES[locale]).missing]

# UTF-16 units, decisions 9 and domain 3.1: a text of three parts is the most a child should wait for.
HARD_CAP = 201
LONGEST = gaps.LONGEST | {key: number.number for key, number in SOURCE.numbers.items()}


def flows_in(locale: str) -> list[Flow]:
    return [i18n.localise(flow, CATALOGUES[locale]) for flow in SOURCE.flows.values()]


def test_template_is_current() -> None:
    assert (FOLDER / "messages.pot").read_text("utf-8") == review.template(ENTRIES)


@pytest.mark.parametrize("locale", CATALOGUES)
def test_file_is_as_it_would_be_written(locale: str) -> None:
    catalogue = CATALOGUES[locale]
    path = FOLDER / locale.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    assert path.read_text("utf-8") == review.rewritten(ENTRIES, catalogue)


@pytest.mark.parametrize("locale", CATALOGUES)
def test_no_fault(locale: str) -> None:
    assert list(review.faults(ENTRIES, CATALOGUES[locale])) == []


@pytest.mark.parametrize("locale", CATALOGUES)
def test_every_language_can_be_asked_for_by_its_own_name(locale: str) -> None:
    assert locale in language_names.NAMES


@pytest.mark.parametrize("locale", CATALOGUES)
def test_emergency_pack_is_whole(locale: str) -> None:
    assert review.standing(ENTRIES, CATALOGUES[locale]).pack_missing == ()


@pytest.mark.parametrize("locale", TRANSLATED)
def test_nobody_has_signed_a_draft(locale: str) -> None:
    standing = review.standing(ENTRIES, CATALOGUES[locale])
    assert standing.drafts
    assert standing.refused(drafts=False)


def test_english_is_whole_and_reviewed() -> None:
    standing = review.standing(ENTRIES, CATALOGUES["en"])
    assert standing.missing == ()
    # What fills {name} when nobody is named was in none of the texts that were reviewed.
    assert standing.drafts == ()


def test_the_languages_that_are_whole() -> None:
    assert COMPLETE == ["ar", "vi"]


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_text_is_longer_than_three_parts(locale: str) -> None:
    common = i18n.common(SOURCE.common, CATALOGUES[locale])
    for flow in flows_in(locale):
        for step in flow.steps.values():
            counted = segments.count(i18n.fill(i18n.compose(step, common), LONGEST))
            assert counted.segments <= 3, step.key
            if counted.encoding == segments.UCS_2:
                assert counted.units <= HARD_CAP, step.key


@pytest.mark.parametrize("locale", COMPLETE)
def test_no_word_stands_for_two_answers(locale: str) -> None:
    for flow in flows_in(locale):
        for step in flow.steps.values():
            meant: dict[str, set[str]] = defaultdict(set)
            for option in step.options:
                for word in (option.label, *option.words):
                    meant[spelling.folded(word)].add(option.value)
            assert [word for word, values in meant.items() if len(values) > 1] == [], step.key


@pytest.mark.parametrize("locale", COMPLETE)
def test_no_command_is_an_everyday_answer(locale: str) -> None:
    """What is typed without accents must not stop a chat: "dừng" is also "đúng"."""
    yes_no = {
        spelling.folded(word)
        for flow in flows_in(locale)
        for step in flow.steps.values()
        if step.kind is Kind.YESNO
        for option in step.options
        # "Not now" to whether they are safe is "not sure" there, and LATER elsewhere.
        if (step.key, option.value) not in {("safe_now", "unsure"), ("safe_now_2", "unsure")}
        for word in (option.label, *option.words)
    }
    for key in ("stop", "danger", "adult", "delete", "later", "person", "help"):
        words = CATALOGUES[locale].words[f"commands.{key}"].split(",")
        assert yes_no.isdisjoint(map(spelling.folded, words)), key


def test_a_language_name_stays_as_its_speakers_write_it() -> None:
    for locale in COMPLETE:
        flow = i18n.localise(SOURCE.flows["return_interview"], CATALOGUES[locale])
        for option in flow.steps["lang"].options:
            if option.value != "other":
                assert spelling.folded(option.label) in {
                    spelling.folded(name) for name in language_names.NAMES[option.value]
                }
