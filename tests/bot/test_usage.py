"""A user's mistake: one line that says what, where and how to mend it, exit 2, and nothing done."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from bot import __main__, app
from bot.channels import addresses
from bot.play import script
from flows import loader
from flows.listening.entries import LexiconError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.forked import Seed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(seed: Seed) -> Callable[..., subprocess.CompletedProcess[str]]:
    return lambda *arguments: seed.run("-m", "bot", *arguments, environ={**os.environ, "NO_COLOR": "1"})


_LOADED = """
import atexit, sys
atexit.register(lambda: print("sqlalchemy" in sys.modules, file=sys.stderr))
sys.argv[1:] = ["--help"]
from bot.__main__ import main
main()
"""


def test_who_asks_for_help_waits_for_no_database() -> None:
    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "serve" in done.stdout
    assert done.stderr == "False\n"


def test_a_language_without_phrases_is_told_of(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run("listen", "--locale", "de")
    assert (done.returncode, done.stdout) == (0, "")
    assert "there are no phrases in de" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("talk", "text_safe", "--locale", "qq"), "--locale qq: no texts in it; use one of am, ar"),
        (("talk", "chat"), "no flow 'chat': use return_interview or text_safe"),
        (("listen", "--age", "-5"), "--age -5: give an age from 0 to 25, or leave it out"),
        (("offer", "amber-heron"), "Missing option '--to'; see 'python -m bot offer --help'"),
        (("rota", "show", "--days", "99999999999"), "should be less than or equal to 366"),
        (("rota", "gaps", "--days", "0"), "should be greater than or equal to 1"),
        (("listen", "--locale", "klingon"), "--locale klingon: is no language tag"),
        (("listen", "--locale", "xx"), "--locale xx: is no language tag"),
        (("rota", "interpreter", "xx", "--provider", "Tolk", "--phone", "07700900220"), "'xx' is no language"),
        (
            ("request", "--number", "07700900123", "--ref", "M-1", "--language", "klingon"),
            "--language klingon: is no language tag",
        ),
        (("sing",), "No such command 'sing'"),
        (("play", "--loud"), "No such option: --loud"),
    ],
)
def test_a_mistake_is_one_line(
    run: Callable[..., subprocess.CompletedProcess[str]], arguments: tuple[str, ...], told: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("waymark: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


def test_check_of_another_folder_names_the_file_whole(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    for stem in loader.FILES:
        shutil.copy(loader.LIBRARY / f"{stem}.yaml", tmp_path)
    (tmp_path / "ladder.yaml").write_text("laders: []\n", "utf-8")
    done = run("check", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith(f"waymark: {tmp_path}/ladder.yaml:1: unknown key 'laders'")


@pytest.mark.parametrize("ended", ["returned", "located"])
def test_an_episode_does_not_end_before_it_began(ended: str) -> None:
    text = f'now: 2026-11-16 12:00\nepisode: missing="2026-11-16 10:00" {ended}="2026-11-14 18:00"\n'
    with pytest.raises(script.PlayError, match=rf"^p:2: {ended} before missing"):
        script.parse(text, "p")


@pytest.mark.parametrize(
    ("written", "code"), [("111", "short"), ("hello", "unreadable"), ("07700 900123 ext. 5", "impossible")]
)
def test_a_number_that_cannot_be_texted_is_told_with_how_to_write_one(written: str, code: str) -> None:
    with pytest.raises(addresses.NotAPhone, match=r"write it like 07700 900123") as refused:
        addresses.e164(written)
    assert refused.value.code == code
    assert written not in str(refused.value)


def test_a_list_that_cannot_be_read_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> NoReturn:
        message = "en.life.yaml:47: using: '*' is no word: see flows/listening/syntax.py for what a phrase may be"
        raise LexiconError(message)

    monkeypatch.setattr(app, "ears", broken)
    monkeypatch.setattr("sys.argv", ["waymark", "listen"])
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n"))
    with pytest.raises(SystemExit) as done:
        __main__.main()
    said = capsys.readouterr()
    assert (done.value.code, said.out) == (2, "")
    assert said.err.startswith("waymark: en.life.yaml:47: using:")
    assert said.err.count("\n") == 1
