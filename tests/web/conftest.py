"""What stands behind the doors in every test of the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.web.asking import House
from tests.web.chatting import Chatting

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def chatting(database_url: str) -> Iterator[Chatting]:
    """The page on a store of its own."""
    made = Chatting(database_url)
    yield made
    made.close()
