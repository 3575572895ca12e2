"""Broken files: each is refused with its line and with what to write instead; nothing else comes out of the loader."""

from __future__ import annotations

import dataclasses
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import lines, loader, whole
from flows.lines import LoadError
from flows.model import Level


def _rows() -> list[tuple[str, ...]]:
    """Of `broken_files.tsv`: file, what stands there, what is written instead, what the author is told."""
    table = (Path(__file__).parent / "broken_files.tsv").read_text(encoding="utf-8").splitlines()
    unescaped = re.compile(r"\\(n|\\)")
    rows = [
        unescaped.sub(lambda found: {"n": "\n"}.get(found[1], "\\"), row) for row in table if not row.startswith("#")
    ]
    return [tuple(row.split("\t")) for row in rows]


@pytest.fixture
def folder(tmp_path: Path, loaded_often: None) -> Path:
    for stem in (*loader.FILES, "clocks", "toolkit"):
        shutil.copy(loader.LIBRARY / f"{stem}.yaml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("stem", "was", "becomes", "told"), _rows(), ids=lambda part: part[:30])
def test_what_is_wrong_is_told_with_its_line(folder: Path, stem: str, was: str, becomes: str, told: str) -> None:
    path = folder / f"{stem}.yaml"
    text = path.read_text(encoding="utf-8")
    assert was in text, "the row speaks of something that no longer stands in the file"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(LoadError) as raised:
        whole.load(folder)
    assert told in str(raised.value)
    place = re.match(r"(\w+)\.yaml:(\d+): ", str(raised.value))
    assert place is not None
    assert place[1] == stem
    # At most the step away in which the author has to look.
    assert abs(int(place[2]) - (text[: text.index(was)].count("\n") + 1)) <= 12


def test_the_line_is_the_very_line_of_the_value(folder: Path) -> None:
    path = folder / "shared.yaml"
    text = path.read_text(encoding="utf-8").replace("tags: [parting]", "tags: [parking]", 1)
    path.write_text(text, encoding="utf-8")
    line = next(at for at, one in enumerate(text.splitlines(), 1) if "parking" in one)
    with pytest.raises(LoadError, match=f"^shared.yaml:{line}: unknown tag 'parking'; did you mean 'parting'"):
        loader.load(folder)


@pytest.mark.parametrize("stem", loader.FILES)
def test_a_file_that_is_missing_or_empty_or_not_text_is_named(folder: Path, stem: str) -> None:
    path = folder / f"{stem}.yaml"
    path.write_bytes(b"\n# one\nkey: \xff\n")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:3: this is not UTF-8"):
        loader.load(folder)
    path.write_text("", encoding="utf-8")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: the file is empty"):
        loader.load(folder)
    path.write_text("- a\n- b\n", encoding="utf-8")
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: here stands a list; write keys with values"):
        loader.load(folder)
    path.unlink()
    with pytest.raises(LoadError, match=rf"^{stem}.yaml:1: the file cannot be read"):
        loader.load(folder)


def test_revisions_change_with_the_files_that_make_them(folder: Path) -> None:
    before = loader.load(folder)
    assert before.revision == loader.load().revision
    path = folder / "text_safe.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("What would help most?", "What would help?"), encoding="utf-8"
    )
    after = loader.load(folder)
    assert after.revision != before.revision
    assert after.flows["text_safe"].revision != before.flows["text_safe"].revision
    assert after.flows["return_interview"].revision == before.flows["return_interview"].revision


def test_a_faster_ladder_loads(folder: Path) -> None:
    path = folder / "ladder.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("after: 45", "after: 40").replace("again: 60", "again: 50")
    path.write_text(text, encoding="utf-8")
    ladder = loader.load(folder).ladders[Level.L3]
    assert ladder.rungs[-1].after_minutes == 40
    assert ladder.again_after_minutes == 10


def test_nothing_that_was_loaded_can_be_changed() -> None:
    source = loader.load()
    with pytest.raises(dataclasses.FrozenInstanceError):
        source.revision = "x"  # type: ignore[misc]
    for part in (source.flows, source.categories, source.ladders, source.limits, source.numbers, source.homes):
        with pytest.raises(TypeError):
            part["x"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        source.flows["text_safe"].steps["x"] = None  # type: ignore[index]


# --- any file at all --------------------------------------------------------------------------------------------------

TEXTS = {stem: (loader.LIBRARY / f"{stem}.yaml").read_text(encoding="utf-8") for stem in loader.FILES}
PIECES = st.sampled_from(
    (
        *(
            "",
            " ",
            "\n",
            "  ",
            ":",
            "-",
            "[",
            "]",
            "{",
            "}",
            '"',
            "'",
            "#",
            "&a ",
            "*a",
            "!!int ",
            "|",
            ">",
            "%",
            "\t",
            "\x00",
        ),
        *(
            "null",
            "~",
            "true",
            "0",
            "- ",
            "key: ",
            "a: b",
            "when: ",
            "? ",
            "\u2028",
            "\ud7ff",
            "\U0001f600",
            "---\n",
            "...\n",
        ),
    )
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, str]:
    """One file with up to three pieces cut out of it or put into it."""
    stem = draw(st.sampled_from(loader.FILES))
    text = TEXTS[stem]
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 30))
        text = text[:start] + draw(PIECES) + text[start + cut :]
    return stem, text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_any_file_loads_or_is_refused_with_a_line(folder: Path, one: tuple[str, str]) -> None:
    stem, text = one
    for name, written in TEXTS.items():
        (folder / f"{name}.yaml").write_text(text if name == stem else written, encoding="utf-8")
    try:
        source = loader.load(folder)
    except LoadError as error:
        told = str(error)
    else:
        told = f"{stem}.yaml:1: loads with {len(source.flows)} flows"
    assert re.match(r"\w+\.yaml:[1-9]\d*: \S", told)


@given(st.text(alphabet="ab:-[]{}\"'&*!|>%@`#, \n\t?01\\xuU\x85\ufeff", max_size=60))
def test_any_text_is_yaml_or_refused(text: str) -> None:
    told = "any.yaml:1: is plain YAML"
    try:
        lines.parse(text, "any.yaml")
    except LoadError as error:
        told = str(error)
    assert re.match(r"any\.yaml:[1-9]\d*: \S", told)


def test_lists_in_lists_without_end_are_refused() -> None:
    for text in ("[" * 5000, "a: " + "[" * 300 + "]" * 300, "&a [*a]", "&a {b: *a}"):
        with pytest.raises(LoadError):
            lines.parse(text, "deep.yaml")
