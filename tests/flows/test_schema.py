"""The editor's schemas say what the loader says: every file of the library fits, and keys that one refuses so does the other."""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from flows import loader, schema
from flows.lines import LoadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.forked import Seed

    At = tuple[str | int, ...]

NAMES: Final = schema.names()
UNKNOWN: Final = "zzz"
# Mappings of one place that are tried: each takes a whole reading of the library.
MOST: Final = 1
# It has a reader of its own.
OTHERWISE: Final = {"deadlines"}


# --- a file as an editor sees it --------------------------------------------------------------------------------------


def value(node: Any) -> Any:
    """YAML 1.2 by its core rules: what stands in quotation marks is text, and `yes` and `on` are words."""
    if isinstance(node, yaml.SequenceNode):
        return [value(item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {key.value: value(item) for key, item in node.value}
    plain = not node.style
    if plain and re.fullmatch(r"[-+]?[0-9]+", node.value):
        return int(node.value)
    return {"true": True, "false": False}.get(node.value, node.value) if plain else node.value


@lru_cache
def read(name: str) -> Any:
    return value(yaml.compose((loader.LIBRARY / f"{name}.yaml").read_text("utf-8"), Loader=yaml.SafeLoader))


# --- a validator ------------------------------------------------------------------------------------------------------

TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda one: isinstance(one, dict),
    "array": lambda one: isinstance(one, list),
    "string": lambda one: isinstance(one, str),
    "boolean": lambda one: isinstance(one, bool),
    "integer": lambda one: isinstance(one, int) and not isinstance(one, bool),
    "number": lambda one: isinstance(one, int | float) and not isinstance(one, bool),
}
# Every keyword we use, by JSON Schema draft 7; another is a KeyError, for it would be passed over unseen.
KEYWORDS: Final[dict[str, Callable[[Any, Any, dict[str, Any]], bool]]] = {
    **dict.fromkeys(("title", "definitions"), lambda *_: True),
    "$schema": lambda _, rule, __: rule == schema.DRAFT,
    "$ref": lambda one, rule, root: fits(one, root["definitions"][rule.removeprefix("#/definitions/")], root),
    "type": lambda one, rule, _: any(TYPES[sort](one) for sort in ([rule] if isinstance(rule, str) else rule)),
    "enum": lambda one, rule, _: one in rule,
    "const": lambda one, rule, _: one == rule,
    "not": lambda one, rule, root: not fits(one, rule, root),
    "anyOf": lambda one, rule, root: any(fits(one, other, root) for other in rule),
    "pattern": lambda one, rule, _: not isinstance(one, str) or bool(re.search(rule, one)),
    "minimum": lambda one, rule, _: not TYPES["number"](one) or one >= rule,
    "maximum": lambda one, rule, _: not TYPES["number"](one) or one <= rule,
    "items": lambda one, rule, root: not isinstance(one, list) or all(fits(part, rule, root) for part in one),
    "minItems": lambda one, rule, _: not isinstance(one, list) or len(one) >= rule,
    "maxItems": lambda one, rule, _: not isinstance(one, list) or len(one) <= rule,
    "minProperties": lambda one, rule, _: not isinstance(one, dict) or len(one) >= rule,
    "required": lambda one, rule, _: not isinstance(one, dict) or set(rule) <= set(one),
    "propertyNames": lambda one, rule, root: not isinstance(one, dict) or all(fits(key, rule, root) for key in one),
}


def fits(one: Any, by: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether JSON Schema takes a value."""
    known, other = by.get("properties", {}), by.get("additionalProperties", {})
    rules = [(word, rule) for word, rule in by.items() if word not in ("properties", "additionalProperties")]
    if not all(KEYWORDS[word](one, rule, root) for word, rule in rules):
        return False
    if not isinstance(one, dict):
        return True
    if other is False and set(one) - set(known):
        return False
    return all(fits(part, known.get(key, other), root) for key, part in one.items() if key in known or other)


def takes(name: str, one: Any) -> bool:
    by = schema.schema(name)
    return fits(one, by, by)


# --- the same as the loader -------------------------------------------------------------------------------------------


def changed(one: Any, at: At, change: Callable[[dict[str, Any]], None]) -> Any:
    """A copy in which the mapping at a place is another."""
    copy = json.loads(json.dumps(one))
    inner = copy
    for part in at:
        inner = inner[part]
    change(inner)
    return copy


def mappings(one: Any, at: At = ()) -> Iterator[tuple[At, dict[str, Any]]]:
    if isinstance(one, dict):
        yield at, one
    parts = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
    for key, part in parts:
        yield from mappings(part, (*at, key))


def kinds(name: str, most: int) -> Iterator[tuple[At, dict[str, Any]]]:
    """Mappings of each kind there is in a file, by its place without numbers: those with the most keys, not twice the same."""
    found: dict[tuple[str, ...], dict[tuple[str, ...], At]] = {}
    every = sorted(mappings(read(name)), key=lambda row: -len(row[1]))
    for at, one in every:
        place = tuple(part for part in at if isinstance(part, str))
        found.setdefault(place if len(place) < 5 else place[-3:], {}).setdefault(tuple(sorted(one)), at)
    places = dict(every)
    for by_keys in found.values():
        for at in list(by_keys.values())[:most]:
            yield at, places[at]


def complaint(folder: Path, name: str, one: Any) -> str:
    """What the loader says, or nothing. JSON is YAML."""
    (folder / f"{name}.yaml").write_text(json.dumps(one), encoding="utf-8")
    try:
        loader.load(folder)
    except LoadError as error:
        return error.message
    return ""


def _without(key: str, one: dict[str, Any]) -> None:
    del one[key]


@pytest.fixture
def folder(tmp_path: Path, loaded_often: None) -> Path:
    for file in loader.LIBRARY.glob("*.yaml"):
        shutil.copy(file, tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_our_own_file_fits(name: str) -> None:
    assert takes(name, read(name))


def test_there_is_a_schema_for_every_file_the_loader_reads() -> None:
    assert set(NAMES) == {*loader.FILES, loader.PAGE} - OTHERWISE


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_the_loader_does_not_know_the_schema_does_not_know(name: str, folder: Path) -> None:
    tried = 0
    for at, _ in kinds(name, MOST):
        other = changed(read(name), at, lambda one: one.update({UNKNOWN: "x"}))
        said = complaint(folder, name, other)
        if said.startswith("unknown key"):
            tried += 1
            assert not takes(name, other), at
        elif not said:
            assert takes(name, other), at
    assert tried


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_must_be_must_be_for_both(name: str, folder: Path) -> None:
    tried = 0
    for at, one in kinds(name, MOST):
        for key in one:
            other = changed(read(name), at, partial(_without, key))
            said = complaint(folder, name, other)
            if "is missing; add it here" in said:
                tried += 1
                assert not takes(name, other), (at, key)
            elif not said:
                assert takes(name, other), (at, key)
    assert tried


@pytest.mark.parametrize(
    ("name", "at", "key", "wrong"),
    [
        ("shared", ("steps", 0), "kind", "chioce"),
        ("shared", ("steps", 0), "tags", ["gates"]),
        ("shared", ("steps", 0), "path", "X"),
        ("shared", ("steps", 0), "easy", "perhaps"),
        ("shared", ("steps", 0), "key", "Gate one"),
        ("shared", ("steps", 0), "text", ""),
        ("shared", ("steps", 0, "outcomes", 0), "privacy", "sometimes"),
        ("shared", ("steps", 0, "outcomes", 2), "level", "L5"),
        ("shared", ("steps", 0, "outcomes", 2), "guard", "locked"),
        ("text_safe", (), "flow", "return_interview"),
        ("text_safe", (), "service", "other"),
        ("text_safe", ("moves", 0), "to", "Gate"),
        ("commands", ("commands", 0), "does", "dance"),
        ("ladder", ("limits",), "idle_hours", 0),
        ("ladder", ("limits",), "idle_hours", 25),
        ("ladder", ("ladders", "L2", "rungs", 0), "method", "pigeon"),
        ("ladder", ("ladders", "L2", "rungs", 0), "roles", []),
        ("directory", ("numbers", 0), "verified_on", "yesterday"),
        ("directory", ("numbers", 0), "number", "ring us"),
        ("categories", ("categories", 0), "code", "D1"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_both(name: str, at: At, key: str, wrong: Any, folder: Path) -> None:
    other = changed(read(name), at, lambda one: one.update({key: wrong}))
    assert complaint(folder, name, other)
    assert not takes(name, other)


def test_a_keyword_nobody_reads_would_be_seen() -> None:
    with pytest.raises(KeyError):
        fits("x", {"patern": "y"}, {})


def test_the_command_writes_them(seed: Seed, tmp_path: Path) -> None:
    assert seed.run("-m", "bot", "schema", "--out", str(tmp_path / "made"), environ=os.environ).returncode == 0
    written = {file.name: json.loads(file.read_text("utf-8")) for file in (tmp_path / "made").iterdir()}
    assert written == {f"{name}.schema.json": schema.schema(name) for name in NAMES}
    (tmp_path / "file").write_text("")
    wrong = seed.run("-m", "bot", "schema", "--out", str(tmp_path / "file"), environ=os.environ)
    assert wrong.returncode == 2
    assert "name another folder" in wrong.stderr
    assert wrong.stderr.count("\n") == 1
