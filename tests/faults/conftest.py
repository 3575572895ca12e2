"""Keys made by the program itself, a provider on this machine, and the program as a process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.faults.program import Program
from tests.faults.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.forked import Seed


@pytest.fixture(scope="session")
def keys_file(tmp_path_factory: pytest.TempPathFactory, seed: Seed) -> Path:
    """What `waymark keys new` writes."""
    file = tmp_path_factory.mktemp("keys") / "keys"
    environ = os.environ | {"WAYMARK_KEYS_FILE": str(file)}
    done = seed.run("-m", "bot", "keys", "new", environ=environ)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as made:
        yield made


@pytest.fixture
def program(database_url: str, keys_file: Path, provider: Provider, seed: Seed) -> Iterator[Program]:
    """Not started yet; two people are on duty."""
    with Program(database_url, keys_file, provider.base, seed) as made:
        made.staff()
        yield made
