"""A migrated database of each kind, with keys of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.commit import Committer
from storage.database import Database
from storage.keys import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def keys() -> Keys:
    return Keys.load(Keys.new())


@pytest.fixture
def database(database_url: str, keys: Keys) -> Iterator[Database]:
    made = Database(database_url, keys)
    if not made.is_current():
        made.migrate()
    yield made
    made.close()


@pytest.fixture
def committer(database: Database) -> Iterator[Committer]:
    made = Committer(database)
    yield made
    made.close()
