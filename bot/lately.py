"""What takes long to work out and need not be of this minute, kept for a while by this process. May not keep anything of one
child but an id, which leads to nothing any more the moment they are forgotten.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

T = TypeVar("T")


class Lately:
    """What was worked out, by its name, with the time of which it is."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[datetime, Any]] = {}
        self._working = threading.Lock()

    def of(self, name: str, at: datetime, lasts: timedelta, work: Callable[[], T]) -> tuple[datetime, T] | None:
        """What is at most `lasts` old, or is worked out now. While somebody else works it out, what there was before, or None:
        nobody waits for it, and it is worked out once.
        """
        held = self._held.get(name)
        if held is not None and held[0] <= at < held[0] + lasts:
            return held
        if not self._working.acquire(blocking=False):
            return held
        try:
            self._held[name] = made = (at, work())
        finally:
            self._working.release()
        return made
