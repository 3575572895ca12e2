"""A PostgreSQL server of the tests' own: a temporary folder, a free port of this machine, gone when the tests are.

It syncs to disk as in earnest, for the crash tests are about that. It cannot run as root, so root becomes `postgres` or
`nobody` for it; and it dies with the process that started it, however that one ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

OWNER: Final = "waymark"
START_SECONDS: Final = 60
SETTINGS: Final = {
    "autovacuum": "off",
    "fsync": "on",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    "max_connections": "80",
    "max_wal_size": "1GB",
    "shared_buffers": "64MB",
    "synchronous_commit": "on",
}


class CannotStart(RuntimeError):
    """The server did not come up; the text is the end of what it wrote."""


def binaries() -> Path | None:
    """The folder of the newest server installed, where Debian puts each version or on the PATH. None: there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda found: int(found.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found and shutil.which("initdb") else None


class Server:
    """One server. `url(name)` is for SQLAlchemy; `stop` and `start` are for tests that take the database away."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._user = _unprivileged()
        # Not under pytest's own folder, which nobody but its user may enter; and short, for the name of the socket.
        self._home = Path(tempfile.mkdtemp(prefix="waymark-pg-"))
        self._data = self._home / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        if self._user:
            shutil.chown(self._home, self._user.pw_name)
        self._run("initdb", "-D", str(self._data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def start(self) -> None:
        """Start on the port it had, or on a free one. Raises CannotStart."""
        for _ in range(5):
            self.port = self.port or _free_port()
            self._process = self._popen()
            if self._answers():
                return
            self.port = 0  # somebody took it between our looking and our asking
        raise CannotStart((self._home / "log").read_text(encoding="utf-8", errors="replace")[-2000:])

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast` cleanly, `immediate` as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")
            self._process.wait(30)
        self._process = None

    def remove(self) -> None:
        """Stop it and leave nothing behind."""
        self.stop("immediate")
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, name: str) -> str:
        """Where SQLAlchemy finds the database `name`."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str = "template0") -> str:
        """Make a database as a copy of another, to which nobody may be connected; its address."""
        self._command("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Take a database away from whoever still uses it."""
        self._command("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _command(self, text: str, *names: str) -> None:
        with psycopg.connect(self._where, autocommit=True) as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Identifier, names)))

    @property
    def _where(self) -> str:
        return f"host=127.0.0.1 port={self.port} user={OWNER} dbname=postgres connect_timeout=5"

    def _answers(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self._where).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                # Another server may be the one that answered, if ours was too late for the port.
                return self._process.poll() is None and (self._data / "postmaster.pid").exists()
        return False

    def _popen(self) -> subprocess.Popen[bytes]:
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self._home), f"-p{self.port}"]
        with (self._home / "log").open("ab") as log:
            made: subprocess.Popen[bytes] = subprocess.Popen(
                [*_dies_with_us(), *command, *options], stdout=log, stderr=log, **self._as_user()
            )
        return made

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._programs / program), *arguments], capture_output=True, check=False, **self._as_user()
        )
        if done.returncode:
            raise CannotStart(f"{program}: {done.stderr.decode(errors='replace')[-2000:]}")

    def _as_user(self) -> dict[str, Any]:
        user = self._user
        return {"cwd": self._home, "stdin": subprocess.DEVNULL} | (
            {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
        )


def _unprivileged() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _dies_with_us() -> list[str]:
    """On Linux the kernel tells it when we are gone, even by kill -9."""
    return ["setpriv", "--pdeathsig", "QUIT", "--"] if shutil.which("setpriv") else []


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
