"""Ids for rows: in order of time, not to be guessed, the same on both databases. May not read anything but the clock.

Fourteen hexadecimal digits of microseconds (never the same twice in one process) and twelve of chance: new rows land at
the end of an index, however many rows stand before them, and two processes never need to ask each other.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from storage import chance

if TYPE_CHECKING:
    from datetime import datetime

_lock = threading.Lock()
_last = 0


def new() -> str:
    """26 characters, sorting after every id this process made before (in a transcript: this play)."""
    global _last  # noqa: PLW0603 - the one number that makes ids of one process rise
    with _lock:
        micros = chance.micros()
        if not chance.is_seeded():
            micros = _last = max(_last + 1, micros)
    return f"{micros:014x}{chance.token(6)}"


def derived(at: datetime, mark: bytes) -> str:
    """The id of something that can only be once: from its time and a keyed hash of what makes it so. Made again, it is
    the same, and it takes nothing from chance.
    """
    return f"{int(at.timestamp() * 1_000_000):014x}{mark[:6].hex()}"
