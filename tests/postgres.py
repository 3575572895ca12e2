"""A PostgreSQL server of the tests' own: a temporary folder, a free port of this machine, gone when the tests are.

A `durable` one syncs to the disk as in earnest, for `make bench`. The tests' own does not: what they kill is programs and the
server itself, never the machine, and what a killed server had handed to the system is still there; syncing made every
test wait two seconds for its database to be dropped. It cannot run as root, so root becomes `postgres` or `nobody` for it; and
it dies with the process that started it, however that one ends.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER: Final = "waymark"
START_SECONDS: Final = 60
SETTINGS: Final = {
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    "max_connections": "80",
    "max_wal_size": "1GB",
    "shared_buffers": "64MB",
    "synchronous_commit": "on",
}

_USES: Final = 40  # of one database: nobody vacuums here
# What it is made of: a database whose schema a test has changed is not used again.
_SHAPE: Final = """
    SELECT md5(string_agg(told, ',' ORDER BY told)) FROM (
        SELECT oid::text AS told FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT oid::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(' ', attrelid, attname, atttypid, attnotnull, atthasdef) FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT version_num FROM alembic_version
    ) AS parts
"""
_EMPTY: Final = """
    DO $$
    DECLARE one record;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR one IN
            SELECT oid::regclass AS name, relkind FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') AND relname <> 'alembic_version'
        LOOP
            IF one.relkind = 'S' THEN
                EXECUTE format('ALTER SEQUENCE %s RESTART', one.name);
            ELSE
                EXECUTE format('DELETE FROM %s', one.name);
            END IF;
        END LOOP;
    END $$
"""


class CannotStart(RuntimeError):
    """The server did not come up; the text is the end of what it wrote."""


def binaries() -> Path | None:
    """The folder of the newest server installed, where Debian puts each version or on the PATH. None: there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda found: int(found.parts[-3]))
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found and shutil.which("initdb") else None


class Used:
    """Databases of one server that were migrated once and are emptied between tests, which takes a tenth of making one."""

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[tuple[str, str, int]] = []
        self._made = 0

    @contextmanager
    def one(self) -> Iterator[str]:
        """The address of a database with the whole schema and no row."""
        name, shape, uses = self._free.pop() if self._free else self._new()
        yield self._server.url(name)
        if uses >= _USES or self._server.shape(name) != shape:
            self._server.drop(name)
        else:
            self._server.empty(name)
            self._free.append((name, shape, uses + 1))

    def _new(self) -> tuple[str, str, int]:
        self._made += 1
        name = f"used_{self._made}"
        self._server.create(name, self._template)
        return name, self._server.shape(name), 1


class Server:
    """One server. `url(name)` is for SQLAlchemy; `stop` and `start` are for tests that take the database away."""

    def __init__(self, programs: Path, *, durable: bool = True) -> None:
        self._programs = programs
        self._settings = SETTINGS | {"fsync": "on" if durable else "off"}
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

    def shape(self, name: str) -> str:
        """What tables, indexes and sequences a database has."""
        with psycopg.connect(self._where(name), autocommit=True) as connection:
            ((found,),) = connection.execute(_SHAPE).fetchall()
        return str(found)

    def empty(self, name: str) -> None:
        """Take every row from a migrated database, and whoever still uses it away."""
        self._command(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {}", name, literal=True
        )
        with psycopg.connect(self._where(name), autocommit=True) as connection:
            connection.execute(_EMPTY)

    def _command(self, text: str, *names: str, literal: bool = False) -> None:
        with psycopg.connect(self._where(), autocommit=True) as connection:
            connection.execute(sql.SQL(text).format(*map(sql.Literal if literal else sql.Identifier, names)))

    def _where(self, name: str = "postgres") -> str:
        return f"host=127.0.0.1 port={self.port} user={OWNER} dbname={name} connect_timeout=5"

    def _answers(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while self._process is not None and self._process.poll() is None and time.monotonic() < until:
            try:
                psycopg.connect(self._where()).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                # Another server may be the one that answered, if ours was too late for the port.
                return self._process.poll() is None and (self._data / "postmaster.pid").exists()
        return False

    def _popen(self) -> subprocess.Popen[bytes]:
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
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
