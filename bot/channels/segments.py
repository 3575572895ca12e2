"""How many SMS segments a text costs, equal to Twilio's own calculator with smart encoding off. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.channels import graphemes

if TYPE_CHECKING:
    from collections.abc import Iterable

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

# GSM 03.38: the basic table and, at two septets each, its extension. The back-tick and most accents are in neither.
_BASIC = frozenset(
    "\n\r !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "\u00a1\u00a3\u00a4\u00a5\u00a7\u00bf\u00c4\u00c5\u00c6\u00c7\u00c9\u00d1\u00d6\u00d8\u00dc\u00df"
    "\u00e0\u00e4\u00e5\u00e6\u00e8\u00e9\u00ec\u00f1\u00f2\u00f6\u00f8\u00f9\u00fc"
    "\u0393\u0394\u0398\u039b\u039e\u03a0\u03a3\u03a6\u03a8\u03a9"
)
_EXTENSION = frozenset("\f[\\]^{|}~\u20ac")

_SEPTET, _UNIT = 7, 16
_SEGMENT = 140 * 8
_HEADER = 6 * 8


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs. `encoding`: `GSM-7` or `UCS-2`; `units`: septets or UTF-16 units, without headers."""

    encoding: str
    units: int
    segments: int


def count(text: str) -> Segments:
    """Count what a carrier bills for `text`. One character outside GSM-7 makes the whole text UCS-2."""
    if _BASIC.issuperset(text) or all(char in _BASIC or char in _EXTENSION for char in text):
        sizes = [2 if char in _EXTENSION else 1 for char in text]
        return Segments(GSM_7, sum(sizes), _pack(size * _SEPTET for size in sizes))
    sizes = [_utf16(piece) for cluster in graphemes.clusters(_paired(text)) for piece in _apart(cluster)]
    return Segments(UCS_2, sum(sizes), _pack(size * _UNIT for size in sizes))


def _pack(sizes: Iterable[int]) -> int:
    """Fill segments of 1,120 bits. The first carries a header only once there is a second: its tail then moves on."""
    filled = [0]
    first: list[int] = []
    for size in sizes:
        if filled[-1] + size > _SEGMENT:
            filled.append(_HEADER + (_overhang(first) if len(filled) == 1 else 0))
        filled[-1] += size
        if len(filled) == 1:
            first.append(size)
    return len(filled)


def _overhang(first: list[int]) -> int:
    """Bits that no longer fit into the first segment beside its header; characters move whole."""
    room = _SEGMENT - _HEADER - sum(first)
    moved = 0
    while room + moved < 0:
        moved += first.pop()
    return moved


def _paired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _apart(cluster: str) -> tuple[str, ...]:
    return ("\r", "\n") if cluster == "\r\n" else (cluster,)


def _utf16(piece: str) -> int:
    return len(piece.encode("utf-16-le", "surrogatepass")) // 2
