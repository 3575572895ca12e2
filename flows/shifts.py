"""The values of a rota: weekly patterns, shifts, swaps, gaps. Instants are UTC; a pattern alone knows the wall clock.

People are named by id. Nothing here may decide who stands where (that is `flows.rota`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime, time


@dataclass(frozen=True, slots=True)
class Pattern:
    """The same hours every week. `days`: 0 is Monday, the day on which a shift begins. `until`: the last such day."""

    id: str
    staff: str
    role: str
    days: frozenset[int]
    starts: time
    ends: time
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of a person in a role. `id` is empty for a part of one that a swap has cut. `pattern`: what it comes from."""

    id: str
    staff: str
    role: str
    starts_at: datetime
    ends_at: datetime
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """`into` stands for `out` in a role between two instants, wherever `out` would have stood."""

    id: str
    role: str
    out: str
    into: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody stands in a role. `starts_at` None: nobody was there before; `ends_at` None: nobody comes after."""

    role: str
    starts_at: datetime | None
    ends_at: datetime | None
