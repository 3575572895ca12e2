"""A desk on each kind of database, and one on SQLite for what no database changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.desk.at_desk import AtDesk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk(database_url: str) -> Iterator[AtDesk]:
    made = AtDesk(database_url)
    yield made
    made.close()


@pytest.fixture
def here(migrated_file: Path, tmp_path: Path) -> Iterator[AtDesk]:
    file = tmp_path / "desk.db"
    shutil.copyfile(migrated_file, file)
    made = AtDesk(f"sqlite:///{file}")
    yield made
    made.close()
