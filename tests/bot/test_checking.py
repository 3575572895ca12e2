"""`waymark check`: what it prints of our own library, of another folder, and of catalogues that are not ready."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from bot import checking, config, i18n
from bot.i18n import Catalogue, Written
from flows import loader, signing, walk, whole
from flows.finding import Finding, Weight
from flows.lines import LoadError
from flows.listening import model
from flows.walk import Walked
from tests.library import SOURCE
from tests.listening import measure
from tests.locales import pseudo

if TYPE_CHECKING:
    from pathlib import Path

    from flows.loader import Source

TODAY = date(2026, 11, 21)
SETTINGS = config.Settings()
ENTRIES = tuple(i18n.messages(SOURCE))
CATALOGUES = i18n.load_catalogues(checking.LOCALES)
ENGLISH = CATALOGUES["en"]


@pytest.fixture(autouse=True)
def walked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    # What a walk proves has tests of its own, and takes its time; here it is known how it ended.
    def ended(source: Source, key: str) -> Walked:
        return Walked(key, set(source.flows[key].steps), situations=3, transitions=12)

    monkeypatch.setattr(walk, "walk", ended)


@pytest.fixture(autouse=True)
def read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    measure.model()
    # Our own phrases take seconds: they are read once for all tests of listening, and of other folders each has its own.
    load = model.load
    monkeypatch.setattr(model, "load", lambda folder: measure.model() if folder == measure.LIBRARY else load(folder))


def found(settings: config.Settings = SETTINGS, **catalogues: Catalogue) -> list[Finding]:
    return list(checking.texts(SOURCE, {"en": ENGLISH, **catalogues}, settings))


def errors(findings: list[Finding]) -> list[str]:
    return [str(one) for one in findings if one.weight is Weight.ERROR]


def in_vietnamese(context: str, text: str) -> Catalogue:
    entry = next(one for one in ENTRIES if one.context == context)
    return Catalogue("vi", "locales/vi/messages.po", {(context, entry.text): Written(text, "", 7)}, {context: text})


def but_for_turkish(folder: str, names: list[str]) -> list[str]:
    """The phrases of the other languages, which would only be read once more."""
    return [
        name for name in names if folder.endswith("listening") and name not in ("rules.yaml", "every.yaml", "tr.yaml")
    ]


def test_what_is_printed_is_counted_and_ends_in_a_sum() -> None:
    told = checking.run(settings=SETTINGS, today=TODAY)
    assert told.errors == 0
    assert told.lines[-1].startswith("0 errors, ")
    assert any(re.match(r"return_interview: \d+ blocks, \d+ steps .* walked \d+ events", line) for line in told.lines)
    assert any(re.match(r"languages: 1 offered \(en\), ", line) for line in told.lines)
    assert "note: skip" in told.lines
    indented = [line for line in told.lines if line.startswith("  ")]
    assert indented
    assert all(re.match(r"  \S+:\d+: \S", line) for line in indented)


def test_another_folder_is_checked(tmp_path: Path) -> None:
    shutil.copytree(loader.LIBRARY, tmp_path, dirs_exist_ok=True, ignore=but_for_turkish)
    file = tmp_path / "shared.yaml"
    file.write_text(file.read_text("utf-8").replace("Do you want a break?", "Do you want a rape alarm?"), "utf-8")
    told = checking.run(tmp_path, settings=SETTINGS, today=TODAY)
    assert told.errors >= 1
    assert told.lines[0] in ("error: languages", "error: words")
    assert any("'rape' in 'break_offer' may not be sent" in line for line in told.lines)


@pytest.mark.parametrize("stem", [*loader.FILES, *whole.LATE])
def test_a_folder_that_does_not_load_says_where(tmp_path: Path, stem: str) -> None:
    shutil.copytree(loader.LIBRARY, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("listening"))
    (tmp_path / f"{stem}.yaml").write_text("ladders: [", "utf-8")
    with pytest.raises(LoadError, match=rf"/{stem}\.yaml:\d+: "):
        checking.run(tmp_path, settings=SETTINGS, today=TODAY)


def test_a_stale_number_is_an_error() -> None:
    told = checking.run(settings=SETTINGS, today=date(2027, 11, 21))
    assert told.errors == len(SOURCE.numbers)
    assert told.lines[0] == "error: numbers"


def test_english_texts_are_within_one_message_and_signed() -> None:
    assert errors(found()) == []


def test_english_nobody_signed_is_an_error_unless_drafts_are_allowed() -> None:
    unsigned = Catalogue("en", "locales/en/messages.po", {}, {})
    told = errors(list(checking.texts(SOURCE, {"en": unsigned}, SETTINGS)))
    assert any("have no reviewer and date" in one for one in told)
    allowed = config.Settings(draft_locales="allow")
    assert errors(list(checking.texts(SOURCE, {"en": unsigned}, allowed))) == []


def test_without_english_nobody_signed_anything() -> None:
    assert any("English catalogue is missing" in one for one in errors(list(checking.texts(SOURCE, {}, SETTINGS))))


def test_what_is_signed_on_a_day_to_come_is_an_error() -> None:
    assert ENGLISH.signed
    day = signing.signed_on(ENGLISH.signed)
    assert day is not None
    assert list(checking.signatures({"en": ENGLISH}, day)) == []
    early = errors(list(checking.signatures({"en": ENGLISH}, day - timedelta(days=1))))
    assert len(early) == 1
    assert "still to come" in early[0]


def test_a_language_nobody_is_offered_is_shown_as_a_draft() -> None:
    shown = [one for one in found(vi=CATALOGUES["vi"]) if one.weight is Weight.DRAFT]
    assert ["have no reviewer and date" in str(one) for one in shown] == [True]


def test_a_language_the_settings_name_must_be_ready() -> None:
    wanted = config.Settings(locales=("en", "vi"))
    assert any("/vi/" in one and "no reviewer" in one for one in errors(found(wanted, vi=CATALOGUES["vi"])))
    one_text = in_vietnamese("shared.media", "Xin ch\u00e0o")
    assert any("texts are missing" in one for one in errors(found(wanted, vi=one_text)))


@pytest.mark.parametrize(
    ("letters", "weight"), [(134, None), (135, Weight.WARNING), (201, Weight.WARNING), (202, Weight.ERROR)]
)
def test_another_language_may_take_three_parts_and_should_take_two(letters: int, weight: Weight | None) -> None:
    catalogue = in_vietnamese("shared.media", "\u1ea1" * letters)
    told = [one for one in found(vi=catalogue) if one.topic == "length" and "'media'" in one.message]
    assert [one.weight for one in told] == ([] if weight is None else [weight])
    assert all((one.file, one.line) == ("locales/vi/messages.po", 7) for one in told)


def test_the_longest_names_are_counted() -> None:
    gaps = checking.longest(SOURCE, "en")
    assert len(gaps["persona"]) == config.LONGEST_PERSONA
    assert len(gaps["org"]) == config.LONGEST_SERVICE_NAME
    assert gaps["day"] == "Wednesday"
    assert {name for entry in ENTRIES if entry.sent for name in i18n.placeholders(entry.text)} <= set(gaps)


def test_a_service_may_not_be_called_what_may_not_be_sent() -> None:
    named = config.Settings(service_name="Missing Children Line")
    assert any(one.startswith("WAYMARK_SERVICE_NAME:1: 'Missing'") for one in errors(found(named)))


def test_what_breaks_a_translation_is_an_error_in_its_own_line() -> None:
    broken = in_vietnamese("shared.gate", "Ch\u00e0o {persno}")
    assert any(one.startswith("locales/vi/messages.po:7: 'shared.gate': the gaps") for one in errors(found(vi=broken)))


def test_what_a_walk_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("shared.yaml", 17, "walk", "the child sends 1: gets no answer")
    walked = Walked("text_safe", {"gate"}, findings={("gets no answer", "gate"): finding})
    monkeypatch.setattr(walk, "walk", lambda _source, _key: walked)
    told = checking.run(settings=SETTINGS, today=TODAY)
    assert "  shared.yaml:17: the child sends 1: gets no answer" in told.lines
    assert any("no walk of return_interview ever met 'home_feel'" in line for line in told.lines)


def test_a_language_a_third_longer_fits_and_is_told_what_it_costs() -> None:
    told = [one for one in found(qps=pseudo.catalogue(ENTRIES)) if one.topic == "length"]
    assert [one.weight for one in told] == [Weight.WARNING]
    assert "texts take three parts" in told[0].message


def test_a_broken_phrase_file_is_named(tmp_path: Path) -> None:
    shutil.copytree(loader.LIBRARY, tmp_path / "library", ignore=but_for_turkish)
    with (tmp_path / "library" / "listening" / "tr.yaml").open("a", encoding="utf-8") as file:
        file.write("\nnonsense: 1\n")
    told = checking.run(tmp_path / "library", settings=SETTINGS, today=TODAY)
    assert any("listening/tr.yaml:" in line and "unknown key 'nonsense'" in line for line in told.lines)


# --- the phrases ------------------------------------------------------------------------------------------------------

PHRASES = """signed: {signed}
entries:
  - id: beaten
    category: D08
    level: 3
    phrases: [he hits me]
    hit: [{hit}]
    miss: [{miss}]
"""


@pytest.mark.parametrize(
    ("signed", "hit", "miss", "told"),
    [
        ("null", "he hits me", "hello", []),
        ("2026-11-21 Nguyen Van An", "he hits me", "hello", []),
        ("null", "he hit out", "hello", ["error listening/en.yaml:3: beaten: does not hit 'he hit out': widen"]),
        (
            "null",
            "he hits me",
            "he hits me too",
            ["error listening/en.yaml:3: beaten: hits 'he hits me too', which it"],
        ),
        (
            "2026-11-22 Nguyen Van An",
            "he hits me",
            "hello",
            ["error listening/en.yaml:1: signed on 2026-11-22, which is"],
        ),
        (
            "pending",
            "he hits me",
            "hello",
            ["error listening/en.yaml:1: signed: 'pending'; write a date and a name"],
        ),
    ],
)
def test_phrases_do_what_they_say_and_are_signed_by_somebody(
    tmp_path: Path, signed: str, hit: str, miss: str, told: list[str]
) -> None:
    shutil.copy(loader.LIBRARY / "listening" / "rules.yaml", tmp_path)
    (tmp_path / "en.yaml").write_text(PHRASES.format(signed=signed, hit=hit, miss=miss), "utf-8")
    wrong, _ = checking._phrases(tmp_path, TODAY)
    assert [one.weight for one in wrong] == [Weight.ERROR for _ in told]
    assert all(f"{one.weight} {one}".startswith(line) for one, line in zip(wrong, told, strict=True)), wrong


def test_who_signed_which_phrases_is_told(tmp_path: Path) -> None:
    shutil.copy(loader.LIBRARY / "listening" / "rules.yaml", tmp_path)
    for name, who in (("en", "2026-11-21 Nguyen Van An"), ("vi", "null")):
        (tmp_path / f"{name}.yaml").write_text(PHRASES.format(signed=who, hit="he hits me", miss="hello"), "utf-8")
    _, lines = checking._phrases(tmp_path, TODAY)
    assert lines == ["phrases: signed en (2026-11-21 Nguyen Van An); a person reads all that is written in vi"]
