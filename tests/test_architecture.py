"""What the import contracts of `pyproject.toml` cannot say: read from the syntax trees and the import graph."""

from __future__ import annotations

import ast
import functools
import graphlib
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import grimp
import pytest
import yaml

ROOT: Final = Path(__file__).parents[1]
OURS: Final = ("bot", "flows", "storage")
SOURCES: Final = sorted(path for folder in OURS for path in (ROOT / folder).rglob("*.py"))

# A bug here would cost a child's words or keep a page from leaving: each puts back what it could not do.
CATCHES_ALL: Final = {
    "bot/desk/door.py",
    "bot/desk/streams.py",
    "bot/finding.py",
    "bot/looping.py",
    "bot/removing.py",
    "bot/runner.py",
    "bot/serving.py",
    "bot/ticker.py",
    "bot/watchdog.py",
    "bot/parent_page.py",
    "bot/web/links.py",
    "bot/web/page.py",
    "bot/web/streams.py",
    "storage/apart.py",
    "storage/commit.py",
    "bot/web/webhooks.py",
    "flows/listening/__init__.py",
    "flows/listening/model.py",
}
# Only these read the flows' own files; all else in flows/ is handed values.
READS_FILES: Final = {
    "flows/lines.py",
    "flows/loader.py",
    "flows/listening/language.py",
    "flows/listening/model.py",
    "flows/listening/sentences.py",
    "flows/listening/statistical.py",
}
IMPURE: Final = {"now", "utcnow", "today", "open", "print", "input", "read_text", "read_bytes", "write_text", "getenv"}
# Texts that the engine itself says, whatever the flow: the gate, and what answers a photo or an answer it cannot read.
ENGINE_SAYS: Final = {"again", "gate", "media", "unclear"}
READERS: Final = {"flows/loader.py", "flows/flowfile.py", "flows/housefile.py", "flows/naming.py", "flows/floors.py"}
BANNED_NAMES: Final = ("util", "helper", "manager", "service", "handler")


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The first part of every name a file imports, wherever in the file it does."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@functools.cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)


@functools.cache
def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def test_every_library_has_a_contract_that_says_where_it_may_be_used() -> None:
    covered = {library for contract in contracts() for library in contract.get("forbidden_modules", [])}
    used = set().union(*(imported(path) for path in SOURCES)) - set(OURS) - set(sys.stdlib_module_names)
    assert used - covered == set(), "add a contract to pyproject.toml that names the one file that imports it"


def test_every_contract_names_files_of_ours() -> None:
    """A contract for a file that was renamed would guard nothing."""
    for contract in contracts():
        for ignored in contract.get("ignore_imports", []):
            where = ignored.partition(" -> ")[0]
            assert where.split(".")[0] in OURS, ignored


def chains(importer: str, target: str) -> list[str]:
    known = graph().modules
    if importer not in known or target not in known:
        return []
    found = graph().find_shortest_chains(importer=importer, imported=target, as_packages=True)
    return sorted(" -> ".join(chain) for chain in found)


def test_the_childs_pages_cannot_reach_the_desk() -> None:
    assert chains("bot.web", "bot.desk") == []
    assert chains("bot.desk", "bot.web") == []


def test_a_channel_only_translates() -> None:
    for target in ("bot.runner", "bot.web", "bot.desk", "storage", "flows.engine"):
        assert chains("bot.channels", target) == [], target


def test_storage_takes_values_of_flows_and_nothing_that_decides() -> None:
    allowed = {"flows.model", "flows.events", "flows.effects", "flows.shifts"}
    taken = {
        target
        for module in graph().modules
        if module.startswith("storage")
        for target in graph().find_modules_directly_imported_by(module)
        if target.startswith("flows")
    }
    assert taken - allowed == set()


def test_nothing_of_ours_is_imported_in_a_circle() -> None:
    """Files that import each other, by however many others, are one file; and each can be the first that is imported."""
    at_run_time = grimp.build_graph(*OURS, exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: at_run_time.find_modules_directly_imported_by(module) for module in at_run_time.modules}
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as circle:
        pytest.fail(" <- ".join(circle.args[1]))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_only_what_puts_back_may_catch_everything(path: Path) -> None:
    if named(path) in CATCHES_ALL:
        return
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            assert caught not in ("everything", "Exception"), f"{named(path)}:{node.lineno}: name what can go wrong"


@pytest.mark.parametrize("path", [path for path in SOURCES if named(path).startswith("flows/")], ids=named)
def test_flows_takes_time_and_files_as_values(path: Path) -> None:
    reads = {"read_text", "read_bytes", "open"} if named(path) in READS_FILES else set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in IMPURE - reads, f"{named(path)}:{node.lineno}: {called} - hand it in"


def question_keys() -> set[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("key"), str):
                found.add(node["key"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    for path in (ROOT / "flows" / "library").glob("*.yaml"):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        if "blocks" in table:
            walk(table)
    return found


def test_the_engine_names_no_question_and_no_category() -> None:
    keys = question_keys()
    assert {"gate", "safe_now"} <= keys
    names = keys - ENGINE_SAYS | {f"D{number:02}" for number in range(100)}
    for path in sorted((ROOT / "flows").glob("*.py")):
        if named(path) not in READERS:
            for node in ast.walk(tree(path)):
                text = node.value if isinstance(node, ast.Constant) else None
                assert text not in names, f"{named(path)}: {text} belongs in flows/library"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)) or not tree(path).body or path.parent.name == "versions"


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))], ids=named)
def test_names_are_nouns_of_the_trade(path: Path) -> None:
    assert path.stem.removesuffix("s") not in BANNED_NAMES
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ClassDef):
            ending = node.name.lower().removesuffix("s")
            # "Service" alone is a word of the trade: the two services a child may be in.
            assert ending == "service" or not ending.endswith(BANNED_NAMES), f"{named(path)}: {node.name}"
