"""A browser for all tests of the process, a program and a person for each."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import absent
from tests.browser import chromium
from tests.browser.chromium import Browser, Profile
from tests.browser.serving import Program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium, without a window."""
    found = chromium.program()
    if found is None:
        absent.leave_out("chromium", "Chromium is not installed: apt-get install chromium-headless-shell")
    made = Browser(found, tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The judge of pages, as a script."""
    home = Path(os.environ.get("WAYMARK_TEST_NODE") or Path(__file__).parents[2] / "build" / "node")
    script = home / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        absent.leave_out("node", "axe-core is not installed: run `make node`")
    return script.read_text(encoding="utf-8")


@pytest.fixture
def program(database_url: str) -> Iterator[Program]:
    """The program, serving."""
    made = Program(database_url).start()
    yield made
    made.close()


@pytest.fixture
def person(browser: Browser) -> Iterator[Profile]:
    """Somebody with a browser of their own."""
    made = browser.profile()
    yield made
    made.close()
