"""Rows of figures as a page to print: a table for each question. May not know where the figures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from bot.filing import cells, page, paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.filing.cells import Cell

# The column that says which table a row is of, and those that say the same in every row.
_OF: Final = ("question", "table")
_SAME: Final = ("from", "to")
_NOTE: Final = "note"
TITLES: Final = {
    "dataset": "Missing children: the figures of a year",
    "foi": "Missing children: answers to what is asked",
    "interviews": "Return interviews: the figures of a year",
}


class Paper:
    """Figures on their way to a PDF, written to `out` when they are finished. Raises NotInstalled."""

    def __init__(self, out: BinaryIO, kind: str, period: str) -> None:
        self._out, self._title, self._period = out, TITLES[kind], period
        self._tables: dict[str, list[list[str]]] = {}
        self._notes: list[str] = []
        self._header: list[str] = []

    def head(self, header: Sequence[str]) -> None:
        """The names of the columns."""
        self._header = list(header)

    def row(self, row: Sequence[Cell]) -> None:
        """The next row, of the table that it names."""
        held = dict(zip(self._header, row, strict=True))
        of = next(cells.printable(str(held.pop(name))) for name in _OF if name in held)
        shown = [
            "" if value is None else cells.printable(str(value)) for name, value in held.items() if name not in _SAME
        ]
        if of == _NOTE:
            self._notes.append(shown[0])
        else:
            self._tables.setdefault(of, []).append(shown)

    def finish(self) -> None:
        """Write it. Raises NotDrawn."""
        columns = [name for name in self._header if name not in (*_OF, *_SAME)]
        html = page.figures(self._title, self._period, columns, self._tables, self._notes)
        self._out.write(paper.pdf(html))
