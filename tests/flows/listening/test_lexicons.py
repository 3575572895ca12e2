"""The phrase files: every example holds, every mistake is refused with its place."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from flows import listening, loader
from flows.listening import model as models
from flows.listening import proof

if TYPE_CHECKING:
    from pathlib import Path

    from flows.listening.model import Model

CATEGORIES = [f"D{number:02}" for number in range(1, 31)]


def test_every_entry_hits_and_misses_what_it_says(model: Model) -> None:
    assert proof.failures(model) == ()


@pytest.mark.parametrize("category", CATEGORIES)
def test_english_has_phrases_for_every_category(category: str, model: Model) -> None:
    assert any(rule.category == category for rule in model.lexicons["en"][0].rules)


SHARED = """
lists:
  who: $kin, $he
entries:
  - {id: beaten, category: D08, level: 3, phrases: [$who & $hits & $me, $who & $hitme]}
"""
LIKE = """
lists:
  kin: papa
  hits: bate
  me: mim
entries:
  - {like: beaten, hit: [o papa bate em mim], miss: [o papa canta]}
"""


def test_a_shared_entry_is_read_with_the_lists_its_language_has(tmp_path: Path) -> None:
    folder = _folder(tmp_path, LIKE)
    (folder / "every.yaml").write_text(SHARED, encoding="utf-8")
    found = models.load(folder)
    assert [rule.phrases for rule in found.lexicons["en"][0].rules] == [("$who & $hits & $me",)]
    assert proof.failures(found) == ()


def test_a_list_alone_is_spelt_out(tmp_path: Path) -> None:
    folder = _folder(
        tmp_path, LIKE.replace("kin: papa", "hitme: bate ~1 forte, apanho").replace("o papa bate", "apanho")
    )
    (folder / "every.yaml").write_text(SHARED.replace("$who & $hitme", "$hitme"), encoding="utf-8")
    found = models.load(folder)
    assert found.lexicons["en"][0].rules[0].phrases == ("bate ~1 forte", "(apanho)")


def test_only_an_entry_that_is_shared_can_be_taken(tmp_path: Path) -> None:
    with pytest.raises(models.LexiconError, match=r"en.yaml:\d+: every.yaml has no entry 'beaten'"):
        models.load(_folder(tmp_path, LIKE))


ENTRY = """
entries:
  - id: x
    category: D08
    level: 3
    phrases: [{phrase}]
    hit: [he hits me]
    miss: [hello]
"""


def _folder(tmp_path: Path, body: str) -> Path:
    shutil.copy(loader.LIBRARY / "listening" / "rules.yaml", tmp_path / "rules.yaml")
    (tmp_path / "en.yaml").write_text(body, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (ENTRY.format(phrase="he (hits me"), "en.yaml:3: x: a bracket is not closed"),
        (ENTRY.format(phrase="$nobody hits me"), "no word list is called $nobody"),
        (ENTRY.format(phrase="~2 me"), "no firm first word"),
        (ENTRY.format(phrase="he hi* me"), "too short for an ending"),
        (ENTRY.format(phrase="he ~9 me"), "too wide a gap"),
        (ENTRY.format(phrase="hits me").replace("D08", "D99"), "category must be D01 to D30"),
        (ENTRY.format(phrase="hits me").replace("    miss: [hello]\n", ""), "x has no `miss`"),
        (ENTRY.format(phrase="hits me").replace("    hit: [he hits me]\n", ""), "x has no `hit`"),
        ("wordz: {}\n", "unknown key 'wordz'"),
        ("cues:\n  sometime: [now]\n", "unknown cue 'sometime'"),
        ("- a\n", "must be a mapping"),
        ("entries: [\n", "cannot be read as YAML"),
    ],
)
def test_a_mistake_is_refused_with_its_place(body: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(models.LexiconError) as caught:
        models.load(_folder(tmp_path, body))
    assert str(caught.value).startswith("en.yaml")
    assert says in str(caught.value)


def test_a_language_is_read_when_somebody_writes_in_it_and_hears_the_same(model: Model) -> None:
    late = models.load(loader.LIBRARY / "listening", late=True)
    assert set(late.lexicons) == set(model.lexicons)
    assert "tr" in late.lexicons
    assert "tr" not in late.lexicons._whole.found  # type: ignore[attr-defined]
    text, context = "üvey babam beni dövüyor", listening.Context(locale="tr", age=14)
    assert listening.listen(text, context, late) == listening.listen(text, context, model)
    assert "tr" in late.lexicons._whole.found  # type: ignore[attr-defined]
    assert "el" not in late.lexicons._whole.found  # type: ignore[attr-defined]


def test_a_language_whose_file_breaks_is_for_a_person(tmp_path: Path) -> None:
    folder = _folder(tmp_path, ENTRY.format(phrase="he hits me"))
    (folder / "tr.yaml").write_text(ENTRY.format(phrase="he (hits me"), encoding="utf-8")
    late = models.load(folder, late=True)
    heard = listening.listen_safely("babam beni dövüyor", listening.Context(locale="tr", age=14), late)
    assert heard.unscreened == "failed"
