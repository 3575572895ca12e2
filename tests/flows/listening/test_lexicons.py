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
    with pytest.raises(models.LexiconError, match=r"en.yaml:7: unknown entry of every.yaml 'beaten'"):
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
        (ENTRY.format(phrase="hits me").replace("D08", "D99"), "en.yaml:4: unknown category 'D99'"),
        (
            ENTRY.format(phrase="hits me").replace("    miss: [hello]\n", ""),
            "en.yaml:3: 'miss:' is missing; add it here",
        ),
        (
            ENTRY.format(phrase="hits me").replace("    hit: [he hits me]\n", ""),
            "en.yaml:3: 'hit:' is missing; add it here",
        ),
        (
            ENTRY.format(phrase="hits me").replace("level: 3", "level: 7"),
            "en.yaml:5: '7' cannot stand here; write a whole number from 1 to 4",
        ),
        (ENTRY.format(phrase="he ~x me"), "'~x' is no gap: write ~, or ~1 to ~3, and a space"),
        (
            ENTRY.format(phrase="hits me").replace("[he hits me]", "he hits me"),
            "en.yaml:7: here stands 'he hits me'; write a list, as in '[a, b]'",
        ),
        (ENTRY.format(phrase="hits me").replace("[hello]", "[]"), "en.yaml:8: here stands an empty list"),
        (
            ENTRY.format(phrase="hits me") + "    raised: no\n",
            "en.yaml:9: unknown value 'no'; write one of: false, true",
        ),
        (
            ENTRY.format(phrase="hits me").replace("hit: [he", "hits: [he"),
            "en.yaml:7: unknown key 'hits'; did you mean 'hit'?",
        ),
        (
            ENTRY.format(phrase="hits me") + "    level: 4\n",
            "en.yaml:9: the key 'level' stands here twice",
        ),
        (ENTRY.format(phrase="hits me") * 2, "en.yaml:10: the key 'entries' stands here twice"),
        ("lists:\n  he: dad\n  he: mum\n", "en.yaml:3: the key 'he' stands here twice"),
        (
            "signed: pending\n",
            "en.yaml:1: signed: 'pending'; write a date and a name, as in 2026-11-21 Nguyen Van An",
        ),
        ("signed: yes\n", "en.yaml:1: signed: 'yes'"),
        ('lists: {}\nsigned: "no"\n', "en.yaml:2: signed: 'no'"),
        ("signed: 2026-11-21\n", "en.yaml:1: signed: '"),
        ("signed: Nguyen Van An, 2026-11-21\n", "en.yaml:1: signed: '"),
        ("signed: 2026-02-30 Nguyen Van An\n", "en.yaml:1: signed: '"),
        ("strict_accents: maybe\n", "en.yaml:1: unknown value 'maybe'; write one of: false, true"),
        ("cues:\n  now: tonight\n", "en.yaml:2: here stands 'tonight'; write a list"),
        ("wordz: {}\n", "unknown key 'wordz'"),
        ("cues:\n  sometime: [now]\n", "unknown cue 'sometime'"),
        ("- a\n", "here stands a list; write keys with values"),
        ("lists:\n", "en.yaml:1: here stands nothing; write keys"),
        ("lists:\n  he: [dad, mum]\n", "here stands a list; write one value"),
        ("entries: {x: D08}\n", "here stands a mapping; write a list"),
        ("entries: [x]\n", "here stands 'x'; write keys with values"),
        ("entries: [\n", "en.yaml:2: not YAML: "),
    ],
)
def test_a_mistake_is_refused_with_its_place(body: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(models.LexiconError) as caught:
        models.load(_folder(tmp_path, body))
    assert str(caught.value).startswith("en.yaml")
    assert says in str(caught.value)


def test_two_files_of_a_language_do_not_hold_the_same_list(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "lists:\n  who: dad\n  he: mum\n")
    (folder / "en.words.yaml").write_text("lists:\n  he: uncle\n", encoding="utf-8")
    with pytest.raises(models.LexiconError, match=r"^en\.yaml:3: 'he' stands in en\.words\.yaml too"):
        models.load(folder)


def test_one_file_signs_a_language(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "signed: null\n" + ENTRY.format(phrase="he hits me"))
    (folder / "en.words.yaml").write_text("signed: 2026-11-21 Nguyen Van An\n", encoding="utf-8")
    with pytest.raises(models.LexiconError, match=r"^en\.yaml:1: 'signed' stands in en\.words\.yaml too"):
        models.load(folder)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("categories: [D01, D05", "categories: [D01, D55", "unknown category 'D55'"),
        ("cues: [recent]", "cues: [recnt]", "unknown cue 'recnt'; did you mean 'recent'?"),
        ("under: 13, to: 4", "undr: 13, to: 4", "unknown key 'undr'; did you mean 'under'?"),
        ("to: 4", "to: 5", "'5' cannot stand here; write a whole number from 1 to 4"),
    ],
)
def test_what_raises_a_level_names_what_there_is(was: str, becomes: str, says: str, tmp_path: Path) -> None:
    rules = _folder(tmp_path, ENTRY.format(phrase="he hits me")) / "rules.yaml"
    rules.write_text(rules.read_text("utf-8").replace(was, becomes, 1), "utf-8")
    with pytest.raises(models.LexiconError, match=r"^rules\.yaml:\d+: ") as caught:
        models.load(tmp_path)
    assert says in str(caught.value)


def test_an_entry_shared_by_all_stands_once(tmp_path: Path) -> None:
    folder = _folder(tmp_path, LIKE)
    (folder / "every.yaml").write_text(SHARED + SHARED.partition("entries:\n")[2], encoding="utf-8")
    with pytest.raises(models.LexiconError, match=r"^every\.yaml:6: the id 'beaten' is used twice"):
        models.load(folder)


def test_only_a_day_and_a_name_sign_a_language(tmp_path: Path) -> None:
    for line, signed in (
        ("", ""),
        ("signed: null\n", ""),
        ("signed: 2026-11-21 Nguyen Van An\n", "2026-11-21 Nguyen Van An"),
    ):
        found = models.load(_folder(tmp_path, line + ENTRY.format(phrase="he hits me")))
        assert found.lexicons["en"][0].signed == signed


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
