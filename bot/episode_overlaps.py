"""What must fit between the rows of a file of missing episodes: no time missing within another, no reference twice.

May not keep a word of a row: numbers alone, so that the memory it takes is that of its rows however long they are.
"""

from __future__ import annotations

import hashlib
from array import array
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from bot.episode_cells import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.episode_file import Row

_OPEN: Final = 1 << 62


class Seen:
    """What must fit between rows, as numbers: 48 bytes a row however long its words are."""

    def __init__(self) -> None:
        self.child, self.start, self.end = array("q"), array("q"), array("q")
        self.line, self.birth, self.police = array("q"), array("q"), array("q")

    def add(self, row: Row) -> None:
        """Take one row in."""
        found = [at for at in (row.returned, _instant(row.details.get("located_at"))) if at is not None]
        self.child.append(_number(row.child.casefold()))
        self.start.append(int(row.missing.timestamp()))
        self.end.append(int(max(found).timestamp()) if found else _OPEN)
        self.line.append(row.line)
        self.birth.append(row.birth.toordinal() if row.birth else 0)
        self.police.append(_number(row.details["police_ref"].casefold()) if "police_ref" in row.details else 0)

    def problems(self) -> Iterator[Problem]:
        """What is wrong between rows, each with the later row's line."""
        order = sorted(range(len(self.line)), key=lambda at: (self.child[at], self.start[at], self.line[at]))
        good: int | None = None  # the last row of this child with which nothing was wrong
        born = 0
        for at in order:
            if good is None or self.child[at] != self.child[good]:
                good, born = at, self.birth[at]
                continue
            wrong = list(self._between(good, at))
            born = born or self.birth[at]
            if self.birth[at] not in (0, born):
                wrong.append(Problem(self.line[at], "birth_date", "is another than in another row of this child"))
            yield from wrong
            good = good if wrong else at
        yield from self._references()

    def _between(self, before: int, after: int) -> Iterator[Problem]:
        line, other = self.line[after], self.line[before]
        if self.start[before] == self.start[after]:
            yield Problem(line, "missing", f"this child's episode of this time stands in line {other} already")
        elif self.end[before] == _OPEN:
            yield Problem(line, "missing", f"the episode of line {other} began earlier and is still open")
        elif self.end[before] > self.start[after]:
            yield Problem(line, "missing", f"overlaps with the episode of line {other}")

    def _references(self) -> Iterator[Problem]:
        order = sorted(
            (at for at in range(len(self.line)) if self.police[at]), key=lambda at: (self.police[at], self.line[at])
        )
        for before, after in pairwise(order):
            if self.police[before] == self.police[after]:
                yield Problem(self.line[after], "police_ref", f"stands in line {self.line[before]} already")


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True) or 1


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
