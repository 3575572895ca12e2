from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from flows import listening, loader
from flows.listening import model as models

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.listening.model import Model
    from flows.model import Heard


@cache
def _loaded() -> Model:
    return models.load(loader.LIBRARY / "listening")


@pytest.fixture(scope="session")
def model() -> Model:
    return _loaded()


@pytest.fixture(scope="session")
def hear(model: Model) -> Callable[..., Heard]:
    def listen(text: str, *, locale: str = "en", age: int | None = 14, recent: tuple[str, ...] = ()) -> Heard:
        return listening.listen(text, listening.Context(locale, age, recent), model)

    return listen
