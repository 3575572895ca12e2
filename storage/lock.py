"""One writing process on SQLite: a second is refused with a clear word, instead of both waiting for each other."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType


class AlreadyWriting(RuntimeError):
    """Another process writes to this SQLite database. Stop it first, or move to PostgreSQL to run several."""


class WriterLock:
    """Held as long as the process lives, whatever ends it: the system lets go of it, no stale file can stand in the
    way.
    """

    def __init__(self, database: str | Path) -> None:
        self.path = Path(f"{database}.lock")
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock. Raises AlreadyWriting with the number of the process that has it."""
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            self._let_go()
            message = f"{AlreadyWriting.__doc__} (process {holder})"
            raise AlreadyWriting(message) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let others in."""
        self._let_go()

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
