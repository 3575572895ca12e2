"""What may not stand in any file of this repository, whoever wrote it and whatever it is for."""

from __future__ import annotations

import ast
import functools
import re
import statistics
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

from flows import loader

ROOT: Final = Path(__file__).parents[1]
LONGEST_FILE: Final = 350
LONG_FUNCTION: Final = 35

# Written with one letter in brackets, so that this file does not hold what it looks for.
NOWHERE: Final = {
    "the address of a package registry": r"[p]ypi\.org|[p]ythonhosted\.org|[r]egistry\.npmjs|"
    r"[d]eb\.debian\.org|[a]rchive\.ubuntu\.com|[p]roxy\.golang\.org|[s]tatic\.crates\.io",
    "a path of one machine": r"(?<![\w.~-])/([w]ork|[f]arm|[r]oot|[o]pt|[h]ome/[a-z]+)/",
    "the mark of another service": r"\b[T]extSafe\b",
    "how it was made": r"(?i)\b([c]laude|[a]nthropic|[o]penai|[c]hatgpt|[c]opilot|[l]lms?|"
    r"[s]ub-?agents?|[A]I-generated)\b",
    "an issue by its number": r"(?i)\b([i]ssue|[t]icket) #?\d+|\b[1-9] [o]f 7\b",
    "a private key": r"[B]EGIN [A-Z ]*PRIVATE KEY",
    "a bot's token": r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b",
    "work left for nobody": r"(?i)#\s*([t]odo|[f]ixme|[x]xx)\b|[N]otImplementedError|pragma: [n]o cover",
    "a test that cannot fail": r"mark\.([s]kip|[x]fail)|\bassert [T]rue\b|except [E]xception: *pass",
}
LOCKS: Final = {"requirements.lock", "requirements-dev.lock"}

# Numbers as British people and providers write them, help lines included; hexadecimal digests are no numbers.
NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z.#/_-])(?:\+44 ?\(?0?\)? ?|0044 ?|0)(?:[1-9](?:[ -]?[0-9]){8,9}|800[ -]?[0-9]{4})(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])\+[1-9][0-9]{8,14}(?![0-9])"
)
# Fewer digits: the beginning that a test counts on from.
INVENTED: Final = re.compile(r"(?:44|0044|0|440)7700900[0-9]{0,3}|15005550006|0123456789")
HELP_LINES: Final = "flows/library/directory.yaml"


@functools.cache
def tracked() -> tuple[str, ...]:
    """Every file that is kept, or would be: a file nobody has added yet must pass too."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    return tuple(sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file()))


@functools.cache
def lines(name: str) -> tuple[str, ...]:
    try:
        return tuple((ROOT / name).read_text(encoding="utf-8").splitlines())
    except UnicodeDecodeError:
        return ()


def found(pattern: str | re.Pattern[str]) -> list[tuple[str, str]]:
    """Where it stands (`file:line`) and what stands there."""
    look = re.compile(pattern)
    return [
        (f"{name}:{number}", match.group())
        for name in tracked()
        if name not in LOCKS
        for number, line in enumerate(lines(name), start=1)
        for match in look.finditer(line)
    ]


def test_the_files_are_found() -> None:
    assert {"LICENSE", "Makefile", "flows/model.py", "tests/test_house.py"} <= set(tracked())


@pytest.mark.parametrize("what", NOWHERE)
def test_nowhere_stands(what: str) -> None:
    assert found(NOWHERE[what]) == [], what


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the address of a package registry", "https://[p]ypi.org/simple"),
        ("a path of one machine", "see [/]work/notes"),
        ("the mark of another service", "[T]extSafe"),
        ("how it was made", "with [C]laude"),
        ("an issue by its number", "as [i]ssue 3 says"),
        ("a private key", "-----[B]EGIN EC PRIVATE KEY-----"),
        ("a bot's token", "12345678[9]:" + "Aa0_" * 8 + "abc"),
        ("work left for nobody", "# [T]ODO later"),
        ("a test that cannot fail", "@pytest.mark.[s]kip"),
    ],
)
def test_what_is_looked_for_would_be_found(what: str, text: str) -> None:
    assert re.search(NOWHERE[what], re.sub(r"[\[\]]", "", text))


@pytest.mark.parametrize(
    ("number", "invented"),
    [
        ("+4477009|00123", True),
        ("07700 9|00 123", True),
        ("0044 7700 9|00123", True),
        ("079|11 123456", False),
        ("+44 (0)79|11 123-456", False),
        ("020 79|46 0000", False),
        ("08|00 1111", False),
        ("+849|01234567", False),
    ],
)
def test_a_number_is_seen_and_told_from_an_invented_one(number: str, *, invented: bool) -> None:
    match = NUMBER.search(f"ring {number.replace('|', '')}.")
    assert match is not None
    assert bool(INVENTED.fullmatch(re.sub(r"\D", "", match.group()))) is invented


def test_every_telephone_number_is_invented() -> None:
    """07700 900000 to 900999 belong to nobody, by Ofcom's word. A help line stands in one file, with its age; elsewhere it may
    only stand as it does there, as in a transcript of what was sent."""
    listed = {re.sub(r"\D", "", number.number) for number in loader.load().numbers.values()}
    real = [
        (where, number)
        for where, number in found(NUMBER)
        if not where.startswith(HELP_LINES)
        and (digits := re.sub(r"\D", "", number)) not in listed
        and not INVENTED.fullmatch(digits)
    ]
    assert real == []


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_a_lock_is_hashed_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def locked(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {
        name.lower(): version for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE)
    }


def test_what_runs_and_what_is_tested_are_the_same_versions() -> None:
    runs, tests = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {name: tests.get(name) for name in runs} == runs


def test_what_the_program_asks_for_is_locked() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = settings["project"]["dependencies"] + settings["project"]["optional-dependencies"]["postgres"]
    names = {re.split(r"[\[<>=]", entry)[0].lower() for entry in asked}
    assert names - set(locked("requirements.lock")) == set()
    wanted = {re.split(r"[\[<>=]", entry)[0].lower() for entry in settings["dependency-groups"]["dev"]}
    assert wanted - set(locked("requirements-dev.lock")) == set()


def test_every_package_we_stand_on_is_named_with_its_licence() -> None:
    named = dict(
        re.findall(r"^([a-z0-9@/._-]+) {2,}(\S.*)$", (ROOT / "NOTICE").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(locked("requirements.lock")) | set(locked("requirements-dev.lock")) <= set(named)


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert text.rstrip().endswith("limitations under the License.")


def programs() -> list[str]:
    return [
        name for name in tracked() if re.fullmatch(r"(bot|flows|storage)/.*\.py", name) and "/versions/" not in name
    ]


def test_no_file_has_outgrown_its_room() -> None:
    sizes = {name: len(lines(name)) for name in programs()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}
    assert statistics.median(sizes.values()) <= LONGEST_FILE / 2


def test_functions_stay_short() -> None:
    sizes = sorted(
        (node.end_lineno or node.lineno) - node.lineno + 1
        for name in programs()
        for node in ast.walk(ast.parse("\n".join(lines(name))))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert sizes[len(sizes) * 95 // 100] < LONG_FUNCTION
