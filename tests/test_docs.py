"""What the documents name exists, and what exists is named: commands, settings, files, languages, make's targets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
import typer.main
from typer.core import TyperGroup

from bot import config, i18n
from bot.__main__ import app

ROOT: Final = Path(__file__).parents[1]
DOCUMENTS: Final = (
    "README.md",
    "CONTRIBUTING.md",
    "flows/README.md",
    "locales/README.md",
    "storage/README.md",
    "docs/restore.md",
)
TEXTS: Final = {name: (ROOT / name).read_text("utf-8") for name in DOCUMENTS if (ROOT / name).exists()}
# What is not there yet is named under its own heading.
TEXTS["README.md"] = TEXTS["README.md"].partition("\n## Not yet")[0]


def commands() -> dict[str, str]:
    """Every command as it is typed, with its help."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    found: dict[str, str] = {}
    for name, command in root.commands.items():
        if isinstance(command, TyperGroup):
            found |= {f"{name} {inner}": one.help or "" for inner, one in command.commands.items()}
        else:
            found[name] = command.help or ""
    return found


COMMANDS: Final = commands()


@pytest.mark.parametrize("name", TEXTS)
def test_every_command_that_is_named_exists(name: str) -> None:
    groups = {one.split()[0] for one in COMMANDS if " " in one}
    for first, second in re.findall(r"(?:^ {4}|`)waymark ([a-z-]+)(?: ([a-z-]+))?", TEXTS[name], re.MULTILINE):
        typed = f"{first} {second}" if first in groups and second else first
        assert typed in COMMANDS or (typed in groups and not second), typed


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_itself_in_an_example(command: str) -> None:
    _, _, example = COMMANDS[command].partition("Example: ")
    assert f"waymark {command}" in example, COMMANDS[command]


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    table = TEXTS["README.md"].partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(WAYMARK_[A-Z_]+)`", table)) == set(config.VARIABLES)


@pytest.mark.parametrize("name", TEXTS)
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"\bWAYMARK_[A-Z_]+[A-Z]\b", TEXTS[name]))
    assert {one for one in named if not one.startswith(config.TESTS)} <= set(config.VARIABLES)


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_is_named_exists(name: str) -> None:
    """In backticks, with a slash, no gap to be filled in: a path from the top, or from beside the document."""
    for path in re.findall(r"`((?:bot|flows|storage|locales|tests|\.ci)/[^`\s<*{:]*)`", TEXTS[name]):
        assert (ROOT / path).exists() or (ROOT / name).with_name(path).exists(), path


@pytest.mark.parametrize("name", TEXTS)
def test_every_target_of_make_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", TEXTS[name], re.MULTILINE)) <= targets


def test_every_folder_of_locales_is_a_catalogue() -> None:
    catalogues = i18n.load_catalogues(ROOT / "locales")
    folders = {
        path.name.replace("_", "-") for path in (ROOT / "locales").iterdir() if path.is_dir() and path.name[0] != "_"
    }
    assert folders == set(catalogues)
