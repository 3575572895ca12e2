"""What stands behind the doors in every test of the web app."""

from __future__ import annotations

import pytest

from tests.web.asking import House


@pytest.fixture
def house() -> House:
    return House()
