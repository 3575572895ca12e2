from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flows import listening
from tests.listening import measure

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.listening.model import Model
    from flows.model import Heard


@pytest.fixture(scope="session")
def model() -> Model:
    return measure.model()


@pytest.fixture(scope="session")
def hear(model: Model) -> Callable[..., Heard]:
    def listen(text: str, *, locale: str = "en", age: int | None = 14, recent: tuple[str, ...] = ()) -> Heard:
        return listening.listen(text, listening.Context(locale, age, recent), model)

    return listen
