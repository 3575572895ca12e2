from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from bot import i18n, review
from flows import language_names, loader
from flows.commands import find
from flows.lines import LoadError
from flows.matching import match
from tests.library import SOURCE
from tests.locales import pseudo

if TYPE_CHECKING:
    from flows.model import Flow

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "locales"
ENTRIES = tuple(i18n.messages(SOURCE))
CATALOGUES = i18n.load_catalogues(FOLDER)

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
YES = 'msgctxt "shared.common.yes"\nmsgid "Yes"\nmsgstr "Ja"\n'


def made(text: str, locale: str = "xx") -> i18n.Catalogue:
    return i18n.read(io.BytesIO(text.encode()), locale, f"{locale}/messages.po")


def in_language(flow: str, locale: str) -> Flow:
    return i18n.localise(SOURCE.flows[flow], CATALOGUES[locale])


# --- what has to be translated ----------------------------------------------------------------------------------------


def test_entries_are_all_texts_each_once() -> None:
    contexts = [entry.context for entry in ENTRIES]
    assert len(contexts) == len(set(contexts)) == len(SOURCE.texts)
    assert all(entry.comment for entry in ENTRIES)
    assert {entry.context for entry in ENTRIES if not entry.sent} >= {"commands.stop", "shared.common.yes.words"}


def test_babel_extracts_the_same_texts() -> None:
    found = {
        (context, text)
        for stem in (*loader.FILES, loader.PAGE)
        for _, text, _, context in extract_from_file("bot.i18n:extract", loader.LIBRARY / f"{stem}.yaml")
    }
    assert found == {(entry.context, entry.text) for entry in ENTRIES}


def test_extracted_lines_are_where_the_texts_stand() -> None:
    with (loader.LIBRARY / "shared.yaml").open("rb") as file:
        rows = list(i18n.extract(file, (), (), {}))
    text = (loader.LIBRARY / "shared.yaml").read_text("utf-8").split("\n")
    line = next(line for line, _, (context, _), _ in rows if context == "shared.ts_later")
    assert "OK, no problem. Text any time." in "".join(text[line - 2 : line + 6])


def test_the_template_is_a_catalogue_babel_can_read() -> None:
    catalog = read_po(io.BytesIO(review.template(ENTRIES).encode()), abort_invalid=True)
    assert {(one.context, one.id) for one in catalog if one.id} == {(entry.context, entry.text) for entry in ENTRIES}


# --- catalogues -------------------------------------------------------------------------------------------------------


def test_a_catalogue_is_read_once(tmp_path: Path) -> None:
    shutil.copytree(FOLDER / "vi", tmp_path / "vi")
    assert i18n.load_catalogues(tmp_path)["vi"] is i18n.load_catalogues(tmp_path)["vi"]


def test_folders_of_scripts_become_tags() -> None:
    assert {"zh-Hans", "zh-Hant"} <= set(CATALOGUES)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (HEADER + YES, i18n.State.DRAFT),
        (HEADER + "#. reviewed 2026-11-21 Ann Example\n" + YES, i18n.State.REVIEWED),
        (HEADER + '"X-Waymark-Reviewed: 2026-11-21 Ann Example\\n"\n' + YES, i18n.State.REVIEWED),
        (HEADER + '"X-Waymark-Reviewed: 2026-11-21 Ann Example\\n"\n#. draft\n' + YES, i18n.State.DRAFT),
        (HEADER + YES.replace("Ja", ""), i18n.State.MISSING),
        (HEADER + YES.replace('"Yes"', '"Yes!"'), i18n.State.MISSING),
        (HEADER + '#~ msgctxt "shared.common.yes"\n#~ msgid "Yes"\n#~ msgstr "Ja"\n', i18n.State.MISSING),
    ],
)
def test_state_of_a_text(text: str, state: i18n.State) -> None:
    assert made(text).state("shared.common.yes", "Yes") is state


def test_english_says_itself_and_new_english_is_a_draft() -> None:
    signed = '"X-Waymark-Reviewed: 2026-11-21 Ann Example\\n"\n'
    english = made(HEADER + signed + YES.replace("Ja", ""), "en")
    assert english.text("shared.common.yes", "Yes") == "Yes"
    assert english.state("shared.common.yes", "Yes") is i18n.State.REVIEWED
    assert english.text("shared.common.no", "No") == "No"
    assert english.state("shared.common.no", "No") is i18n.State.DRAFT


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEADER + "\n#, fuzzy\n" + YES, 6, "fuzzy"),
        (HEADER + "\n#. reviewed Ann\n" + YES, 6, "reviewed <date> <name>"),
        (HEADER + "\n#. reviewed 2026-11-41 Ann Example\n" + YES, 6, "reviewed <date> <name>"),
        (HEADER + '"X-Waymark-Reviewed: yesterday\\n"\n', 1, "X-Waymark-Reviewed"),
        (HEADER + '"X-Waymark-Reviewed: 9999-99-99 Ann\\n"\n', 1, "X-Waymark-Reviewed"),
        (HEADER + '\nmsgid "a\nmsgstr "b"\n', 5, "double quote"),
        (HEADER + '\nmsgid "a"\nmessage "b"\n', 6, ".po"),
        (HEADER + '\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\nmsgstr[1] "d"\n', 5, "plural"),
    ],
)
def test_a_bad_file_is_named_by_line(text: str, line: int, says: str) -> None:
    with pytest.raises(LoadError) as caught:
        made(text)
    assert caught.value.file == "xx/messages.po"
    assert abs(caught.value.line - line) <= 1
    assert says in str(caught.value)


def test_a_file_that_is_no_text_is_named() -> None:
    with pytest.raises(LoadError, match=r"xx/messages\.po:1: this is not UTF-8"):
        i18n.read(io.BytesIO(b'msgid ""\nmsgstr "\xff\xfe"\n'), "xx", "xx/messages.po")


# --- a flow in a language ---------------------------------------------------------------------------------------------


def test_a_question_in_vietnamese() -> None:
    catalogue = CATALOGUES["vi"]
    flow = in_language("return_interview", "vi")
    composed = i18n.compose(flow.steps["safe_now"], i18n.common(SOURCE.common, catalogue))
    assert i18n.fill(composed, {"emergency": "999"}) == (
        "Trước hết, lúc này bạn có an toàn không? 1 Có 2 Không 3 Không chắc. Nếu gặp nguy hiểm, hãy gọi 999."
    )
    assert (flow.locale, flow.revision) == ("vi", SOURCE.flows["return_interview"].revision)


@pytest.mark.parametrize(
    "said", ["có", "co", "CO", "Dạ", "da", "ừ", "an toàn", "minh an toan", "yes", "yeah", "1", "１"]
)
def test_yes_in_vietnamese_with_and_without_accents_and_in_english(said: str) -> None:
    assert match(in_language("text_safe", "vi").steps["safe_now"], said).value == "yes"


@pytest.mark.parametrize("said", ["không", "khong", "ko", "no", "nope", "khong an toan", "2", "٢"])
def test_no_in_vietnamese(said: str) -> None:
    assert match(in_language("text_safe", "vi").steps["safe_now"], said).value == "no"


def test_what_is_missing_stays_english() -> None:
    flow = in_language("text_safe", "so")
    assert flow.steps["ts_menu"] == SOURCE.flows["text_safe"].steps["ts_menu"]
    assert flow.steps["gate"].text != SOURCE.flows["text_safe"].steps["gate"].text


def test_english_stays_as_it_is() -> None:
    for key, flow in SOURCE.flows.items():
        assert i18n.localise(flow, CATALOGUES["en"]) == flow, key


def test_every_text_of_a_whole_language_is_another() -> None:
    """The pseudo-language shows a text that the catalogues do not reach."""
    invented = pseudo.catalogue(ENTRIES)
    common = i18n.common(SOURCE.common, invented)
    for flow in SOURCE.flows.values():
        for key, step in i18n.localise(flow, invented).steps.items():
            english = flow.steps[key]
            said, was = i18n.compose(step, common), i18n.compose(english, SOURCE.common)
            assert said.isascii() is False, key
            assert len(said) > 1.15 * len(was), key
            assert i18n.placeholders(said) == i18n.placeholders(was)


def test_a_word_of_ones_own_stands_before_the_english_one() -> None:
    """In Polish "no" is yes: the English "no" is then no answer there."""
    text = HEADER + YES.replace("Ja", "Tak") + 'msgctxt "shared.common.no"\nmsgid "No"\nmsgstr "Nie"\n'
    words = next(entry.text for entry in ENTRIES if entry.context == "shared.common.yes.words")
    text += f'msgctxt "shared.common.yes.words"\nmsgid "{words}"\nmsgstr "no, tak"\n'
    step = i18n.localise(SOURCE.flows["text_safe"], made(text)).steps["hurt_now"]
    assert match(step, "no").value == "yes"
    assert match(step, "nope").value == "no"


def test_commands_of_every_language_at_once() -> None:
    commands = i18n.commands(SOURCE.commands, CATALOGUES.values())
    for said, key in [
        ("STOP", "stop"),
        ("dung lai", "stop"),
        ("cứu em", "danger"),
        ("giúp với", "help"),
        ("bo qua", "skip"),
    ]:
        found = find(commands, said, language_names.OWN_NAMES)
        assert found is not None, said
        assert found.command.key == key, said


# --- which language ---------------------------------------------------------------------------------------------------

OFFERED = ("en", "zh-Hans", "zh-Hant", "fa", "kmr", "ckb", "pa", "ro", "ar", "pt", "es", "vi")


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        *[
            ("vi", "vi"),
            ("vi-VN", "vi"),
            ("VI_vn", "vi"),
            ("en-GB", "en"),
            ("ar-SD", "ar"),
            ("pt-BR", "pt"),
            ("es-419", "es"),
        ],
        *[("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-SG", "zh-Hans"), ("cmn", "zh-Hans"), ("zh-Hans-HK", "zh-Hans")],
        *[
            ("zh-TW", "zh-Hant"),
            ("zh-HK", "zh-Hant"),
            ("zh_MO", "zh-Hant"),
            ("yue", "zh-Hant"),
            ("zh-Hant-CN", "zh-Hant"),
        ],
        *[("prs", "fa"), ("prs-AF", "fa"), ("fa-AF", "fa"), ("fa-IR", "fa"), ("mo", "ro"), ("ro-MD", "ro")],
        *[("ku", "kmr"), ("ku-TR", "kmr"), ("kmr-TR", "kmr"), ("ku-IQ", "ckb"), ("ku-Arab", "ckb"), ("ckb-IQ", "ckb")],
        *[("pa-IN", "pa"), ("pa-PK", None), ("az-Arab", None), ("sw", None)],
        *[("", None), ("x", None), ("english please", None), ("../vi", None), ("vi;q=0.8", None)],
    ],
)
def test_nearest_language(tag: str, locale: str | None) -> None:
    assert i18n.negotiate(tag, OFFERED) == locale


def test_dari_is_its_own_where_it_is_offered() -> None:
    assert i18n.negotiate("fa-AF", ("fa", "prs")) == "prs"
    assert i18n.negotiate("prs", ("fa", "prs")) == "prs"
    assert i18n.negotiate("fa", ("fa", "prs")) == "fa"


@given(st.text(max_size=20), st.lists(st.sampled_from(OFFERED)))
def test_never_a_language_that_is_not_offered(tag: str, offered: list[str]) -> None:
    assert i18n.negotiate(tag, offered) in {*offered, None}
    assert all(i18n.negotiate(one, offered) == one for one in offered)


@pytest.mark.parametrize("locale", ["en", "ar", "vi", "zh-Hant", "ti"])
def test_a_day_named_to_a_child_is_read_back_for_staff(locale: str) -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in range(16, 23)]
    named = [i18n.weekday_in_english(i18n.weekday(day, locale), locale) for day in days]
    assert named == [i18n.weekday(day, "en") for day in days]


def test_what_is_no_day_of_the_language_stays_as_it_was_said() -> None:
    assert i18n.weekday_in_english("someday", "pl") == "someday"
