from __future__ import annotations

from functools import lru_cache
from typing import Final

import pytest

from flows import lines, spelling

# Of a library in which one file is wrong all the others are as they were: they are parsed, and their words taken apart, once
# and not for every mistake.
_PARSE: Final = lru_cache(maxsize=32)(lines.parse)
_TOKENS: Final = lru_cache(maxsize=4096)(spelling.tokens.__wrapped__)


@pytest.fixture
def loaded_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "parse", _PARSE)
    monkeypatch.setattr(spelling, "tokens", _TOKENS)
