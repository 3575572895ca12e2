"""Seeded chance gives codes that anybody could work out: a transcript's alone, never a served child's."""

from __future__ import annotations

import ast
from pathlib import Path

from bot import serving, talking
from bot.play import stage

ROOT = Path(__file__).resolve().parents[2]


def users(name: str) -> set[str]:
    """The modules of the program that call `chance.<name>`."""
    found = set()
    for part in ("bot", "storage", "flows"):
        for path in (ROOT / part).rglob("*.py"):
            calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute))
            if any(one.attr == name for one in calls):
                found.add(path.relative_to(ROOT).as_posix())
    return found


def imported(path: Path) -> set[str]:
    """What a module imports of our own, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return {one for one in found if one.split(".")[0] in {"bot", "storage", "flows"}}


def reached(module: str) -> set[str]:
    """Every module of ours that a module comes to, however far."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        one = todo.pop()
        path = ROOT / f"{one.replace('.', '/')}.py"
        if one in seen or not path.is_file():
            continue
        seen.add(one)
        todo += imported(path)
    return seen


def test_only_the_stage_of_a_play_seeds() -> None:
    assert users("seeded") == {"bot/play/stage.py"}


def test_serve_comes_to_no_stage() -> None:
    assert "bot.runner" in reached("bot.serving")
    assert not [one for one in reached("bot.serving") if one.startswith("bot.play")]
    assert stage.__name__ in reached(talking.__name__)
    assert serving.__name__ == "bot.serving"
