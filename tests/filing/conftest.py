"""A service's database of each kind that can be filled by hand, and the DfE's rules."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.config import Settings
from storage.database import Database
from storage.keys import Keys
from tests import absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEYS = Keys.new()
RULES = Path(__file__).with_name("dfe_rules.py")


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(database_url=database_url, keys=KEYS)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keys.load(KEYS))
    yield made
    made.close()


@pytest.fixture(scope="session")
def dfe() -> Callable[..., dict[str, Any]]:
    """Asks the DfE's rules: `dfe(year, [files], prev=[files], rules=[codes])`."""
    home = Path(os.environ.get("WAYMARK_TEST_VALIDATOR") or Path(__file__).parents[2] / "build" / "validator")
    python = home / "bin" / "python"
    if not python.exists():
        absent.leave_out("validator", "the DfE's rules are not installed: make validator")

    def ask(year: int, this: list[Path], prev: list[Path] | None = None, rules: list[str] | None = None) -> Any:
        asked = {"year": str(year), "this": [*map(str, this)], "prev": [*map(str, prev or ())], "rules": rules}
        done = subprocess.run(
            [str(python), "-W", "ignore", str(RULES)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    return ask
