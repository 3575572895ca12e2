"""Where ids, references and one-time codes get their chance from: the system's, except in a transcript, where the same
play must give the same codes every time. Keys and nonces never come from here.
"""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")
_seeded: Random | None = None
_ticks = 0


def choice(several: Sequence[T]) -> T:
    """One of several."""
    return secrets.choice(several) if _seeded is None else _seeded.choice(several)


def below(limit: int) -> int:
    """A number from 0 to `limit` - 1."""
    return secrets.randbelow(limit) if _seeded is None else _seeded.randrange(limit)


def token(size: int) -> str:
    """`size` bytes in hexadecimal."""
    return os.urandom(size).hex() if _seeded is None else _seeded.randbytes(size).hex()


def is_seeded() -> bool:
    """Whether a transcript is playing."""
    return _seeded is not None


def micros() -> int:
    """Microseconds since 1970; in a transcript, a count."""
    global _ticks  # noqa: PLW0603 - the count of the one play that runs
    if _seeded is None:
        return time.time_ns() // 1000
    _ticks += 1
    return _ticks


@contextmanager
def seeded(seed: str) -> Iterator[None]:
    """Within, the same seed gives the same ids and codes. For transcripts, one at a time in a process."""
    global _seeded, _ticks
    before = _seeded, _ticks
    _seeded, _ticks = Random(seed), 0  # noqa: S311 - guards nothing: invented children only
    try:
        yield
    finally:
        _seeded, _ticks = before
