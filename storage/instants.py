"""Instants as text and back, exactly as `datetime` writes and reads them. May not know any column.

A message writes some sixteen and reads a dozen, most of them the same few; the library's own way of writing one takes as long
as a small statement of SQLite. What is remembered are times in UTC, by themselves: nobody's words, and nobody's at all.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_MOST: Final = 4096
_SECONDS, _FRACTION = 19, 26  # where the seconds end, and the fraction behind them


@lru_cache(maxsize=_MOST)
def _of_utc(at: datetime) -> str:
    """Only for times whose `tzinfo` is UTC itself: those that are equal are written alike."""
    return at.isoformat(timespec="microseconds")


@lru_cache(maxsize=_MOST)
def read(text: str) -> datetime:
    """What `datetime.fromisoformat` reads. Raises ValueError."""
    return datetime.fromisoformat(text)


def whole(at: datetime) -> str:
    """`isoformat` with microseconds: of one length, so that the text of UTC times sorts as they do."""
    return _of_utc(at) if at.tzinfo is UTC else at.isoformat(timespec="microseconds")


def plain(at: datetime) -> str:
    """`isoformat`, without a fraction where there is none."""
    if at.tzinfo is not UTC:
        return at.isoformat()
    text = _of_utc(at)
    return text if at.microsecond else text[:_SECONDS] + text[_FRACTION:]
