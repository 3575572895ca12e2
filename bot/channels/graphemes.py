"""What a reader sees as one character, so that an emoji is never counted as torn between two segments.

The rules are UAX 29 of Unicode 10.0 as Twilio's own calculator applies them, its oddities included: a newer Unicode
would be right about glyphs and wrong about the bill. Pure; knows nothing of segments.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BREAKERS = frozenset({"CR", "LF", "Control"})
_BASES = frozenset({"E_Base", "E_Base_GAZ"})
_HANGUL = {
    "L": frozenset({"L", "V", "LV", "LVT"}),
    "V": frozenset({"V", "T"}),
    "LV": frozenset({"V", "T"}),
    "T": frozenset({"T"}),
    "LVT": frozenset({"T"}),
}
_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS = 0xAC00, 0xD7A3, 28


def clusters(text: str) -> Iterator[str]:
    """Cut `text` into what a reader sees as characters; joined again they are `text`. Linear in its length."""
    start = 0
    cluster: _Cluster | None = None
    for at, char in enumerate(text):
        kind = _kind(ord(char))
        if cluster is not None and cluster.takes(kind):
            cluster.add(kind)
            continue
        if cluster is not None:
            yield text[start:at]
        start, cluster = at, _Cluster(kind)
    if cluster is not None:
        yield text[start:]


@dataclass(slots=True)
class _Cluster:
    """What must be remembered of the cluster so far. `flags`: regional indicators after its first code point."""

    last: str
    before: str | None = None
    length: int = 1
    flags: int = 0
    last_flag: int = 0
    extended: bool = False

    def __post_init__(self) -> None:
        self.extended = self.last == "Extend"

    def add(self, kind: str) -> None:
        if kind == "Regional_Indicator":
            self.flags, self.last_flag = self.flags + 1, self.length
        self.extended = self.extended or kind == "Extend"
        self.before, self.last, self.length = self.last, kind, self.length + 1

    def takes(self, kind: str) -> bool:
        if self.last in _BREAKERS or kind in _BREAKERS:
            return self.last == "CR" and kind == "LF"
        if self._closed_flag():
            return False
        if kind in ("Extend", "ZWJ", "SpacingMark") or self.last == "Prepend":
            return True
        return kind in _HANGUL.get(self.last, ()) or self._joins_emoji(kind) or self._pairs_flag(kind)

    def _closed_flag(self) -> bool:
        """After a flag with a mark of its own the calculator begins a new character, even for another mark."""
        contiguous = self.flags > 0 and self.flags == self.last_flag
        return contiguous and self.last not in ("Prepend", "Regional_Indicator")

    def _joins_emoji(self, kind: str) -> bool:
        if kind == "E_Modifier":
            return (self.before if self.extended and self.last == "Extend" else self._bare_last()) in _BASES
        return self.last == "ZWJ" and kind in ("Glue_After_Zwj", "E_Base_GAZ")

    def _bare_last(self) -> str | None:
        return None if self.extended else self.last

    def _pairs_flag(self, kind: str) -> bool:
        return kind == "Regional_Indicator" == self.last and self.flags == 0


@lru_cache(maxsize=4096)
def _kind(code: int) -> str:
    if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
        return "LV" if (code - _FIRST_SYLLABLE) % _FINALS == 0 else "LVT"
    starts, ends, kinds = _table()
    row = bisect_right(starts, code) - 1
    return kinds[row] if row >= 0 and code <= ends[row] else "Other"


@lru_cache(maxsize=1)
def _table() -> tuple[list[int], list[int], list[str]]:
    ranges = sorted([(0x0A, 0x0A, "LF"), (0x0D, 0x0D, "CR"), *_read()])
    return [row[0] for row in ranges], [row[1] for row in ranges], [row[2] for row in ranges]


def _read() -> Iterator[tuple[int, int, str]]:
    kind = ""
    for line in resources.files("bot.channels").joinpath("graphemes.txt").read_text("ascii").splitlines():
        if line.startswith("#"):
            continue
        words = line.split()
        if not line.startswith(" "):
            kind = words.pop(0)
        for word in words:
            first, _, last = word.partition("-")
            yield int(first, 16), int(last or first, 16), kind
