"""A handful of pictures for managers: bars as SVG in the page itself, told apart by pattern, with the table behind each.

May not count: that is `plots`'. Nothing is loaded for a picture and nothing in it is styled by an attribute, so that the page
keeps its strict policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import plots
from bot.desk import said
from bot.desk.asking import Page
from bot.desk.routes import MANAGERS, Route

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from bot.plots import Plot
    from storage.database import Transaction

# All in the units of the picture, which grows with the page.
WIDTH: Final = 720
# Beside the longest bar stand its numbers, in letters that a telephone shows large enough to read.
ROOM: Final = 250
LABEL: Final = 28
BAR: Final = 24
GAP: Final = 5
BETWEEN: Final = 16
LASTS: Final = timedelta(minutes=15)
PATTERNS: Final = ("solid", "lines")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar. `pattern`: how it is filled, `told`: what stands behind it; without a value there is no bar, only the words."""

    y: int
    width: float
    pattern: str
    told: str

    @property
    def middle(self) -> float:
        """Where its words stand."""
        return self.y + BAR - 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot with its geometry. `rows`: (label, where it stands, its bars)."""

    plot: Plot
    height: int
    rows: tuple[tuple[str, float, tuple[Drawn, ...]], ...]
    legend: tuple[tuple[str, str], ...]


def drawn(plot: Plot) -> Picture:
    """Bars that lie below their label, so that both have the whole width of a telephone."""
    most = max((bar.value or 0.0 for _, bars in plot.rows for bar in bars), default=0.0)
    if plot.unit == "%":
        most = 100.0
    y, rows = 0, []
    for label, bars in plot.rows:
        several: list[Drawn] = []
        place_of_label, y = y + LABEL - 8, y + LABEL
        for place, bar in enumerate(bars):
            wide = (WIDTH - ROOM) * (bar.value or 0.0) / most if most else 0.0
            several.append(Drawn(y, round(wide, 1), PATTERNS[place % len(PATTERNS)], bar.told))
            y += BAR + GAP
        rows.append((label, place_of_label, tuple(several)))
        y += BETWEEN
    legend = tuple(zip(PATTERNS, plot.series, strict=False)) if len(plot.series) > 1 else ()
    return Picture(plot, y, tuple(rows), legend)


def show(tx: Transaction, ask: Ask) -> Answer:
    """The pictures, as they were at most a quarter of an hour ago: of a large service they take long, and with them the texts of
    children who write meanwhile.
    """
    calendar = ask.house.shelf.calendar
    found = ask.house.lately.of("plots", ask.at, LASTS, lambda: plots.everything(tx, calendar, ask.at))
    values = {
        "here": "/plots",
        "pictures": [drawn(one) for one in found[1].plots] if found else [],
        "lacking": plots.lacking(tx, found[1]) if found else (),
        "because": said.UNREADABLE,
        "of": found[0] if found else None,
        "width": WIDTH,
        "bar_height": BAR,
    }
    return Page("plots.html", "Plots", values)


ROUTES: Final = (Route("GET", "/plots", MANAGERS, show),)
