"""Ids for rows: in order of time, not to be guessed, the same on both databases. May not read anything but the clock.

Fourteen hexadecimal digits of microseconds (never the same twice in one process) and twelve of chance: new rows land at
the end of an index, however many rows stand before them, and two processes never need to ask each other.
"""

from __future__ import annotations

import threading

from storage import chance

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
