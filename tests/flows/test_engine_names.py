"""The engine knows flows by tags and tables: no question, no text and no category is named in it."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

from flows import loader, naming
from tests.library import SOURCE

FOLDER = Path(loader.__file__).parent
KEYS = {key for flow in SOURCE.flows.values() for key in flow.steps if "_" in key}
# The same word of the record and of a question: conditions may ask for either.
OF_THE_RECORD = KEYS & set(naming.KNOWN)
READERS = {"loader", "flowfile", "housefile", "claims", "lines", "naming", "floors"}


@functools.cache
def tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))


def imported(module: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module == "flows":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flows."):
            found.add((node.module or "").split(".")[1])
    return {name for name in found if (FOLDER / f"{name}.py").exists()}


def engine() -> list[str]:
    """engine.py and all it is split into, by its own imports."""
    known, waiting = set[str](), ["engine"]
    while waiting:
        here = waiting.pop()
        known.add(here)
        waiting.extend(imported(here) - known - READERS)
    return sorted(known)


def constants(module: str) -> list[tuple[int, str]]:
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def test_the_modules_are_found() -> None:
    assert {"agenda", "answering", "engine", "going_on", "machine", "responding", "turn"} <= set(engine())
    assert len(KEYS) > 50


@pytest.mark.parametrize("module", engine())
def test_names_no_question_and_no_text(module: str) -> None:
    named = [
        (line, word)
        for line, text in constants(module)
        for word in re.findall(r"[a-z][a-z0-9_]*", text)
        if word in KEYS - OF_THE_RECORD
    ]
    assert named == []


@pytest.mark.parametrize("module", engine())
def test_names_no_category(module: str) -> None:
    codes = [(line, text) for line, text in constants(module) if re.search(r"\bD[0-9]{2}\b", text)]
    documented = {
        ast.get_docstring(node, clean=False) for node in ast.walk(tree(module)) if isinstance(node, _DOCUMENTED)
    }
    assert [(line, text) for line, text in codes if text not in documented] == []


_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
