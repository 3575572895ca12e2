"""Replies ready to send: the same in every language, fit for the moment, and a draft until a native reader has signed."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import i18n, review, wording
from bot.channels import segments
from flows import canned, composer, lines, loader, spelling

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).resolve().parents[2] / "locales"
LOCALES = sorted(i18n.load_catalogues(FOLDER))
STRONG = {"L", "R", "AL"}
NUMBERS = {key: one.number for key, one in loader.load().numbers.items()}


@pytest.mark.parametrize("one", canned.load(), ids=lambda one: one.key)
def test_it_stands_in_every_language_a_catalogue_is_in(one: canned.Reply) -> None:
    assert sorted(one.texts) == LOCALES
    assert len(set(one.texts.values())) >= len(LOCALES) - 1  # Dari may say it as Persian does


def test_nobody_has_signed_any() -> None:
    assert {language for one in canned.load() for language in one.signed} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_each_is_fit_to_be_sent(locale: str) -> None:
    """By the check of a worker's own words, at every moment it is offered; no carrier's word; two parts at the most."""
    for one in canned.load():
        text = wording.fill(one.texts[locale], NUMBERS)
        for locked in (False, True):
            if one in canned.fitting(locked=locked):
                found = composer.check(text, locked=locked, locale=locale, known_numbers=NUMBERS.values())
                assert found == (), (one.key, locked)
        assert spelling.folded(text) not in review.CARRIER_WORDS, one.key
        assert not review.KEYWORDS & set(text.replace(".", " ").split()), one.key
        assert text == " ".join(text.split()), one.key
        assert segments.count(text).segments <= (1 if locale == "en" else 2), one.key


@pytest.mark.parametrize("locale", LOCALES)
def test_each_begins_on_the_side_of_its_script(locale: str) -> None:
    """Shown with `dir=auto`, a line goes by its first letter: no name of a help line in Latin letters may come first."""
    for one in canned.load():
        ways = (way for char in one.texts[locale] if (way := unicodedata.bidirectional(char)) in STRONG)
        assert (next(ways) != "L") == (i18n.direction(locale) == "rtl"), one.key


@pytest.mark.parametrize("locale", LOCALES)
def test_a_number_is_named_by_its_key_and_dialled_as_it_is_shown(locale: str) -> None:
    """In a line from the right a number in parts needs a letter of ours before it (UAX 9); its help line's name is that."""
    for one in canned.load():
        assert not any(map(str.isdigit, one.texts[locale])), one.key
        for found in re.finditer(r"\d+(?: \d+)+", text := wording.fill(one.texts[locale], NUMBERS)):
            ways = (
                way for char in reversed(text[: found.start()]) if (way := unicodedata.bidirectional(char)) in STRONG
            )
            if i18n.direction(locale) == "rtl":
                assert next(ways) == "L", one.key


@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_that_is_a_draft_is_never_offered_where_drafts_are_refused(locale: str, locked: bool) -> None:
    refused = canned.offered(locale, locked=locked, drafts=False)
    assert {(one.language, one.is_draft) for one in refused} == {(canned.SOURCE, True)}
    allowed = canned.offered(locale, locked=locked, drafts=True)
    assert {(one.language, one.is_draft) for one in allowed} == {(locale, True)}
    assert {one.key for one in allowed} == {one.key for one in canned.fitting(locked=locked)}


# --- files that somebody else wrote -----------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., tuple[canned.Reply, ...]]:
    """The replies, after a change to one file: as they are read then."""
    shutil.copytree(canned.FILE.parent / "canned", tmp_path / "canned")
    shutil.copy(canned.FILE, tmp_path)

    def change(file: str, old: str, new: str) -> tuple[canned.Reply, ...]:
        path = tmp_path / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
        return canned.load.__wrapped__(tmp_path / "canned.yaml")

    return change


def test_what_is_signed_is_offered_and_else_its_english(
    changed: Callable[..., tuple[canned.Reply, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = changed("canned/vi.yaml", "reviewed: {}", "reviewed: {here: 2026-11-21 Nguyen Van An}")
    found = changed("canned.yaml", "reviewed: {}", "reviewed: {bye: 2026-11-21 Ann Example}")
    monkeypatch.setattr(canned, "load", lambda: found)
    told = [(one.key, one.language, one.is_draft) for one in canned.offered("vi", locked=False, drafts=False)]
    assert [one for one in told if one[1] == "vi"] == [("here", "vi", False)]
    assert [one for one in told if not one[2]] == [("here", "vi", False), ("bye", "en", False)]
    assert {one.language for one in canned.offered("pl", locked=False, drafts=False)} == {"en"}


@pytest.mark.parametrize(
    ("file", "old", "new", "wrong"),
    [
        ("canned/vi.yaml", "{childline}", "0800", "in braces must be as in English"),
        ("canned/vi.yaml", "{childline}", "{childline", "in braces must be as in English"),
        ("canned/vi.yaml", "  here:", "  her:", "vi.yaml:3: unknown key 'her'; did you mean 'here'?"),
        ("canned/vi.yaml", "reviewed: {}", "reviewed: {here: yes}", "as in '2026-11-21 Nguyen Van An'"),
        ("canned/vi.yaml", "reviewed: {}", "reviewed: {hear: 2026-11-21 An}", "unknown key 'hear'"),
        ("canned.yaml", "risk: calm", "risk: quiet", "unknown risk 'quiet'"),
        ("canned.yaml", "key: bye", "key: here", "'here' stands here twice"),
    ],
)
def test_a_slip_is_named_by_its_line(
    changed: Callable[..., tuple[canned.Reply, ...]], file: str, old: str, new: str, wrong: str
) -> None:
    with pytest.raises(lines.LoadError) as told:
        changed(file, old, new)
    assert wrong in str(told.value)
    assert str(told.value).startswith(file.rpartition("/")[2] + ":")
