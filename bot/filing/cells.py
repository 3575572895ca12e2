"""Rows as CSV that is safe to open in a spreadsheet. May not know what stands in a row.

A cell that a spreadsheet would read as a formula is written as text, whoever wrote it: a child's words, a reference, a name.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Final, Protocol, TextIO, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell: TypeAlias = "str | int | None"

# What begins a formula, also in the wide forms of East Asian keyboards and after blanks, which programs strip.
_FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]")


@runtime_checkable
class Taker(Protocol):
    """Takes rows as values, to make of them something else than CSV."""

    def take(self, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
        """Header and rows, as they come; returns how many rows."""


class Into(Protocol):
    """What rows are put into one by one."""

    def head(self, header: Sequence[str]) -> None:
        """The names of the columns, first of all."""

    def row(self, row: Sequence[Cell]) -> None:
        """The next row."""

    def finish(self) -> None:
        """There are no more: it is written now."""


def printable(value: str) -> str:
    """Text without what cannot be printed, or would turn what stands beside it around."""
    return _UNPRINTABLE.sub("\ufffd", value)


def text(value: Cell) -> str:
    """One cell: a number as it is, nothing as nothing, text without what cannot be printed and never as a formula."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    plain = printable(value)
    return f"'{plain}" if _FORMULA.match(plain) else plain


def write(out: TextIO | Taker, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> int:
    """Header and rows, as they come, lines ended as RFC 4180 has it; returns how many rows. Open `out` with newline=""; a Taker
    is given them as they are.
    """
    if isinstance(out, Taker):
        return out.take(header, rows)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([text(name) for name in header])
    number = 0
    for row in rows:
        writer.writerow([text(value) for value in row])
        number += 1
    return number
