"""Recall and false alarms as one SVG, drawn by hand: shapes tell the measures apart, so it reads without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.listening.measure import Rates, Share

_LEFT, _WIDE, _TOP, _STEP = 110, 640, 96, 34
_MUST: Final = {"en": (0.95, 0.85), "pooled": (0.92, 0.85), "": (0.84, 0.72)}
_FONT: Final = 'font-family="sans-serif" font-size="13" fill="#111"'


def draw(title: str, each: Mapping[str, Rates]) -> str:
    """One line a language: heard, paged, and false alarms on hard negatives, each with its 95 % interval."""
    high = _TOP + _STEP * len(each) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDE + 40}" height="{high}" role="img">',
        f"<title>{escape(title)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="12" y="22" {_FONT} font-weight="bold">{escape(title)}</text>',
        *_legend(),
        *_scale(high - 34),
    ]
    for at, (name, rates) in enumerate(each.items()):
        parts += _line(name, rates, _TOP + _STEP * at)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _x(rate: float) -> float:
    return round(_LEFT + _WIDE * rate, 1)


def _scale(bottom: int) -> Iterator[str]:
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        yield f'<line x1="{x}" x2="{x}" y1="{_TOP - 18}" y2="{bottom}" stroke="#bbb"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" {_FONT}>{tenth * 10} %</text>'


def _legend() -> Iterator[str]:
    marks = (
        ("dot", "heard"),
        ("square", "paged"),
        ("cross", "hard negatives heard"),
        ("bar", "to be reached: heard, paged"),
    )
    for at, (kind, words) in enumerate(marks):
        x = _LEFT + 162 * at
        yield _mark(kind, x, 52)
        yield f'<text x="{x + 12}" y="57" {_FONT}>{words}</text>'


def _line(name: str, rates: Rates, y: int) -> Iterator[str]:
    heard, paged = _MUST.get(name, _MUST[""])
    yield f'<text x="12" y="{y + 4}" {_FONT}>{escape(name)}</text>'
    yield from _measure("dot", rates.heard, y - 7, heard)
    yield from _measure("square", rates.paged, y + 2, paged)
    yield from _measure("cross", rates.false_heard, y + 11, None)


def _measure(kind: str, share: Share, y: int, must: float | None) -> Iterator[str]:
    if not share.of:
        return
    low, high = share.interval
    yield f'<line x1="{_x(low)}" x2="{_x(high)}" y1="{y}" y2="{y}" stroke="#111"/>'
    yield _mark(kind, _x(share.rate), y)
    if must is not None:
        yield _mark("bar", _x(must), y)


def _mark(kind: str, x: float, y: int) -> str:
    if kind == "dot":
        return f'<circle cx="{x}" cy="{y}" r="4" fill="#111"/>'
    if kind == "square":
        return f'<rect x="{x - 4}" y="{y - 4}" width="8" height="8" fill="#fff" stroke="#111" stroke-width="1.5"/>'
    if kind == "bar":
        return f'<line x1="{x}" x2="{x}" y1="{y - 5}" y2="{y + 5}" stroke="#111" stroke-width="3"/>'
    return f'<path d="M{x - 4} {y - 4}l8 8m0 -8l-8 8" stroke="#111" stroke-width="1.5" fill="none"/>'
