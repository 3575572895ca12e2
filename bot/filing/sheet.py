"""Rows as a workbook of one sheet (Office Open XML). The only user of XlsxWriter; may not know what stands in a row.

Text is text, whatever it looks like: nothing in it is run, and no code, date or number of a child becomes another. The same rows
give the same bytes: the file says of no time but a fixed one.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final

from bot.filing import cells
from bot.filing.extra import NotInstalled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter import Workbook

    from bot.filing.cells import Cell

# A workbook's own most, in rows and in the characters of a cell.
MOST: Final = 1_048_576
LONGEST: Final = 32_767
_NAME: Final = 31
_WIDEST: Final = 60
_NO_TIME: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - it says nothing, which is the point


class TooLong(ValueError):
    """A workbook holds no more rows, or a cell no more letters: write it as CSV."""


class Book:
    """One workbook, written to `out` when it is finished. Raises NotInstalled."""

    def __init__(self, out: BinaryIO, name: str) -> None:
        self._book = _workbook(out)
        self._book.set_properties({"title": name, "created": _NO_TIME})
        self._sheet = self._book.add_worksheet(name[:_NAME])
        self._bold = self._book.add_format({"bold": True})
        self._at = 0

    def head(self, header: Sequence[str]) -> None:
        """The names of the columns, which stay in sight."""
        for column, name in enumerate(header):
            self._sheet.write_string(0, column, cells.printable(name), self._bold)
            self._sheet.set_column(column, column, min(_WIDEST, max(12, len(name) + 2)))
        self._sheet.freeze_panes(1, 0)

    def row(self, row: Sequence[Cell]) -> None:
        """The next row: a number as a number, all else as the text it is. Raises TooLong."""
        self._at += 1
        if self._at >= MOST:
            raise TooLong(TooLong.__doc__)
        for column, value in enumerate(row):
            if isinstance(value, int):
                self._sheet.write_number(self._at, column, value)
            elif value:
                if len(value) > LONGEST:
                    raise TooLong(TooLong.__doc__)
                self._sheet.write_string(self._at, column, cells.printable(value))

    def finish(self) -> None:
        """Write it."""
        self._book.close()


def _workbook(out: BinaryIO) -> Workbook:
    try:
        from xlsxwriter import Workbook  # noqa: PLC0415 - an extra: only who wants a workbook needs it
    except ImportError:
        raise NotInstalled(
            "a workbook needs XlsxWriter, which is not installed: in Waymark's own folder, pip install '.[xlsx]'"
        ) from None
    # In memory: a file aside would hold names where nobody looks for them.
    return Workbook(
        out,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False},
    )
