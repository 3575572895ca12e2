"""The bytes of a file of episodes, the same each time they are read: from a disk, or through a pipe, which can be read but once.

May not know what stands in a line. What is held of a pipe is never larger than the largest file, and stands in memory alone: a
child's data is not written to a disk that nobody chose.
"""

from __future__ import annotations

import io
import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

LARGEST: Final = 64 * 1024 * 1024


class WrongFile(ValueError):
    """The file as a whole cannot be read: what, where, how to mend it. Nothing of it was taken."""


class Source:
    """One file. Raises WrongFile when it cannot be read or is too large."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: bytes | None = None
        with _readable(path) as file:
            found = os.fstat(file.fileno())
            self._stamp = _stamp(found)
            if not stat.S_ISREG(found.st_mode):
                self._held = _drained(file)
            elif found.st_size > LARGEST:
                raise WrongFile(f"is {found.st_size // (1024 * 1024)} MB: {_AT_MOST}")

    def open(self) -> BinaryIO:
        """The bytes from their beginning. Raises WrongFile when the file is another than it was."""
        if self._held is not None:
            return io.BytesIO(self._held)
        file = _readable(self._path)
        try:
            self.still(file)
        except WrongFile:
            file.close()
            raise
        return file

    def still(self, file: BinaryIO) -> None:
        """Nobody wrote to it meanwhile: what was found good is what is taken. Raises WrongFile."""
        if self._held is None and _stamp(os.fstat(file.fileno())) != self._stamp:
            raise WrongFile("was changed while it was read: give it again when it is written")


_AT_MOST: Final = f"give at most {LARGEST // (1024 * 1024)} MB at once, in several files"


def _readable(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError:
        raise WrongFile("cannot be read: is it there, and may this user read it?") from None


def _drained(file: BinaryIO) -> bytes:
    try:
        held = file.read(LARGEST + 1)
    except OSError:
        raise WrongFile("cannot be read: is it a file?") from None
    if len(held) > LARGEST:
        raise WrongFile(f"is larger than any file may be: {_AT_MOST}")
    return held


def _stamp(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_ino, found.st_size, found.st_mtime_ns
