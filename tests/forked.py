"""The real program as a process, forked from one that has read and imported everything: a start costs a tenth.

`Seed` is that process, one for the tests of a worker: it does nothing but fork. What it forks is `python -m bot ...` in all
but the reading: a process of its own with its own environment, descriptors and connections, which runs `bot/__main__.py`
from its first line, ends as Python ends, and is killed as any other. Between it and the seed stands a parent that waits
and tells how it ended. What only a start from nothing shows (an import that is missing, another seed of Python's hashes)
is shown by the tests that start it so, and `Seed` may not be the only way in which it is started.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).parents[1]
_LENGTH: Final = 8
# Imported late by whoever needs them, so not found by importing what is ours.
_LATE: Final = (
    "psycopg",
    "twilio.rest",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
)


# --- in the tests -----------------------------------------------------------------------------------------------------


class Running:
    """A process that was forked; the names are those of `subprocess.Popen`."""

    def __init__(self, ended: int) -> None:
        self._ended = os.fdopen(ended, "rb", buffering=0)
        self.returncode: int | None = None
        self.pid = int(self._told())

    def _told(self) -> bytes:
        told = b""
        while not told.endswith(b"\n"):
            piece = self._ended.read(1)
            assert piece, "the process was not started"
            told += piece
        return told

    def poll(self) -> int | None:
        """How it ended: its exit code, or minus the signal that ended it."""
        return self._look(0)

    def _look(self, seconds: float) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], seconds)[0]:
            self.returncode = int(self._told())
            self._ended.close()
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Until it ended. Raises TimeoutError."""
        if (code := self._look(timeout)) is None:
            raise TimeoutError(f"process {self.pid} has not ended")
        return code

    def send_signal(self, number: int) -> None:
        """As the machine would; nothing once it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """As a power cut."""
        self.send_signal(signal.SIGKILL)


class Seed:
    """The process that forks. Ends with the tests, however they end."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._door.close()
        self._process.wait(30)

    def start(
        self, *arguments: str, environ: Mapping[str, str], out: int, err: int, stdin: int | None = None
    ) -> Running:
        """`python ARGUMENTS` with this environment, `-m MODULE ...` or `-c CODE ...`; what is passed stays the caller's."""
        ended, theirs = os.pipe()
        order = json.dumps({"arguments": arguments, "environ": dict(environ)}).encode()
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
            given = [nothing.fileno() if stdin is None else stdin, out, err, theirs]
            socket.send_fds(self._door, [len(order).to_bytes(_LENGTH)], given)
        os.close(theirs)
        self._door.sendall(order)
        return Running(ended)

    def run(
        self, *arguments: str, environ: Mapping[str, str], timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """As `start`, to its end, with nothing to read. Raises TimeoutError, and it is killed."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            running = self.start(*arguments, environ=environ, out=out.fileno(), err=err.fileno())
            try:
                code = running.wait(timeout)
            finally:
                running.kill()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(arguments, code, out.read().decode(), err.read().decode())


# --- in the seed ------------------------------------------------------------------------------------------------------


def _load() -> None:
    """All that a start imports and reads that depends on no setting."""
    import bot
    from bot import app, i18n

    every = (found.name for found in pkgutil.walk_packages(bot.__path__, "bot."))
    for name in (*_LATE, *(name for name in every if name != "bot.__main__")):
        importlib.import_module(name)
    app.source()
    app.ears()
    i18n.load_catalogues(app.LOCALES)
    gc.collect()
    gc.freeze()


def _serve(door: socket.socket) -> list[str]:
    """Fork whatever is asked for: returns in what was forked, with the arguments it has to run with; [] at the end."""
    waiting = 0
    while True:
        head, descriptors, *_ = socket.recv_fds(door, _LENGTH, 4)
        if not head:
            return []
        order = json.loads(_read(door, int.from_bytes(head)))
        if os.fork() == 0:
            door.close()
            return _begin(order, *descriptors)
        waiting += 1
        while waiting and os.waitpid(-1, os.WNOHANG) != (0, 0):
            waiting -= 1
        for one in descriptors:
            os.close(one)


def _read(door: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        read += door.recv(length - len(read))
    return read


def _begin(order: dict[str, Any], stdin: int, out: int, err: int, ended: int) -> list[str]:
    """Fork once more: one waits, the other becomes the program."""
    pid = os.fork()
    for number, one in enumerate((stdin, out, err)):
        # Who waits must hold no end of a pipe, or nobody would see that it is closed.
        if pid == 0:
            os.dup2(one, number)
        os.close(one)
    if pid != 0:
        os.write(ended, f"{pid}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(ended, f"{code}\n".encode())
        os._exit(0)
    os.close(ended)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order["environ"])
    time.tzset()
    return list(order["arguments"])


def _become(how: str, what: str, *arguments: str) -> None:
    """As `python HOW WHAT ARGUMENTS` does it: a module is run anew, and where the program was found is its name."""
    sys.argv[:] = [how, *arguments]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - what a test wrote


if __name__ == "__main__":
    # Who interrupts the tests interrupts the program; what stands behind it goes when they have gone.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    if asked := _serve(socket.socket(fileno=int(sys.argv[1]))):
        _become(*asked)
