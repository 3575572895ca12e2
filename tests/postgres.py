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

from tests import parked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import LiteralString

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
# A database whose schema a test has changed is not used again: it notes that itself.
_WATCHED: Final = """
    CREATE SCHEMA watched;
    CREATE TABLE watched.changed (what text);
    CREATE FUNCTION watched.note() RETURNS event_trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO watched.changed VALUES (tg_tag); END $$;
    CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION watched.note()
"""
_STANDS: Final = """
    concat_ws(',', (SELECT count(*) FROM watched.changed), (SELECT string_agg(version_num, ',') FROM alembic_version))
"""
# What says how it stands, and which tables have rows; and what sets its numbers back. Most tests write to few tables.
_LOOK: Final = f"""
    SELECT 'SELECT {_STANDS.replace("'", "''")}, ARRAY[' || string_agg(
        format('CASE WHEN EXISTS (SELECT FROM %s) THEN %L END', oid::regclass, oid::regclass), ', ') || ']'
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""  # noqa: S608 - nothing of it is given from outside
_NUMBERS: Final = """
    SELECT 'SELECT ' || string_agg(format('setval(%L, 1, false)', oid::regclass), ', ')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
"""
_ALONE: Final = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND NOT pid = ANY(%s)
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
        self._free: list[_Emptied] = []
        self._made = 0
        with server.connect(template) as connection:
            connection.execute(_WATCHED)

    @contextmanager
    def one(self) -> Iterator[str]:
        """The address of a database with the whole schema and no row."""
        one = self._free.pop() if self._free else self._new()
        yield self._server.url(one.name)
        if one.again():
            self._free.append(one)
        else:
            parked.let_go(one.name)
            self._server.drop(one.name)

    def close(self) -> None:
        """Let go of those that nobody uses."""
        for one in self._free:
            parked.let_go(one.name)
            one.close()

    def _new(self) -> _Emptied:
        self._made += 1
        name = f"used_{self._made}"
        self._server.create(name, self._template)
        parked.keep(name)
        return _Emptied(self._server, name)


class _Emptied:
    """A database, and who empties it: by one connection, for to open three each time took longer than most tests do."""

    def __init__(self, server: Server, name: str) -> None:
        self.name = name
        self._server = server
        self._connection = server.connect(name)
        self._uses = 0
        self._look = self._ask(_LOOK)[0]
        self._numbers = self._ask(_NUMBERS)[0]
        self._stood, _ = self._ask(self._look)

    def again(self) -> bool:
        """Empty it and take whoever still uses it away; False: it is used up, or not what it was."""
        self._uses += 1
        try:
            return self._emptied()
        except psycopg.OperationalError:
            # The test stopped the server, and started it again.
            self.close()
            self._connection = self._server.connect(self.name)
            return self._emptied()

    def close(self) -> None:
        self._connection.close()

    def _emptied(self) -> bool:
        # Whoever is parked does nothing; anybody else may still write.
        self._connection.execute(_ALONE, [parked.backends(self.name)])
        try:
            stands, full = self._ask(self._look)
        except psycopg.ProgrammingError:
            stands, full = None, []  # a table is gone
        if self._uses >= _USES or stands != self._stood:
            self.close()
            return False
        rows = [f"DELETE FROM {table}" for table in full if table]  # noqa: S608 - names of our own tables
        # In whatever order they hold to each other.
        work = ("BEGIN", "SET LOCAL session_replication_role = replica", *rows, self._numbers, "COMMIT")
        self._connection.execute("; ".join(work))
        return True

    def _ask(self, what: LiteralString) -> tuple[Any, ...]:
        (found,) = self._connection.execute(what).fetchall()
        return found


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
        with self.connect() as connection:
            # As files, as before PostgreSQL 15: page by page takes five times as long.
            files = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, template)))
            connection.execute(made + sql.SQL(files))
        return self.url(name)

    def drop(self, name: str) -> None:
        """Take a database away from whoever still uses it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to a database, each statement a transaction of its own."""
        return psycopg.connect(self._where(name), autocommit=True)

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
