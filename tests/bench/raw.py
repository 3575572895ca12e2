"""What the machine can do: a transaction of five small writes, durable, with nothing around it. Measures no one's code."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import psycopg

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

GROUP: Final = 32
TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, payload TEXT)",
    "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, conversation INTEGER, body TEXT)",
    "CREATE TABLE IF NOT EXISTS conversation (id INTEGER PRIMARY KEY, turn INTEGER, state TEXT)",
    "CREATE TABLE IF NOT EXISTS answer (id TEXT PRIMARY KEY, conversation INTEGER, value TEXT)",
    "CREATE TABLE IF NOT EXISTS outbox (id TEXT PRIMARY KEY, conversation INTEGER, body TEXT)",
)
CHILDREN: Final = 1000
_BODY: Final = "x" * 120
WRITES: Final = (
    "INSERT INTO inbox VALUES (?1, ?3)",
    "INSERT INTO message VALUES (?1, ?2, ?3)",
    "UPDATE conversation SET turn = turn + 1, state = ?3 WHERE id = ?2",
    "INSERT INTO answer VALUES (?1, ?2, ?3)",
    "INSERT INTO outbox VALUES (?1, ?2, ?3)",
)


class Sqlite:
    """The standard library's driver, WAL, synchronous=FULL."""

    def __init__(self, file: Path) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", *TABLES):
            self.connection.execute(statement)
        self.connection.executemany(
            "INSERT INTO conversation VALUES (?, 0, '')", [(number,) for number in range(CHILDREN)]
        )
        self.count = 0

    def close(self) -> None:
        self.connection.close()

    def run(self, transactions: int, group: int) -> float:
        """Transactions a second, `group` of them sharing a commit."""
        began = time.perf_counter()
        for start in range(0, transactions, group):
            self._commit(min(group, transactions - start))
        return transactions / (time.perf_counter() - began)

    def commits(self, many: int) -> list[float]:
        """Seconds of each of `many` transactions of one."""
        taken = []
        for _ in range(many):
            began = time.perf_counter()
            self._commit(1)
            taken.append(time.perf_counter() - began)
        return taken

    def _commit(self, group: int) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for _ in range(group):
            self.count += 1
            for statement in WRITES:
                self.connection.execute(statement, (f"{self.count:012d}", self.count % CHILDREN, _BODY))
        self.connection.execute("COMMIT")


class Postgres:
    """pgbench with eight clients where it is installed, else psycopg in eight threads."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url.replace("+psycopg", ""))
        self.dsn = url.replace("+psycopg", "")
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            for statement in TABLES:
                connection.execute(statement.encode())
            connection.execute(b"INSERT INTO conversation SELECT n, 0, '' FROM generate_series(0, 999) n")
        self.pgbench = shutil.which("pgbench")
        self.name = "pgbench, 8 clients" if self.pgbench else "psycopg, 8 threads"

    def run(self, seconds: float, clients: int = 8) -> float:
        """Transactions a second."""
        return self._pgbench(seconds, clients) if self.pgbench else self._threads(seconds, clients)

    def _pgbench(self, seconds: float, clients: int) -> float:
        named = {"?1": "gen_random_uuid()::text", "?2": ":child", "?3": f"'{_BODY}'"}
        writes = [re.sub(r"\?\d", lambda found: named[found[0]], one) + ";" for one in WRITES]
        script = [r"\set child random(0, 999)", "BEGIN;", *writes, "COMMIT;"]
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write("\n".join(script) + "\n")
            file.flush()
            done = subprocess.run(
                [
                    str(self.pgbench), "-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds))),
                    "-f", file.name, "-h", str(self.parts.hostname), "-p", str(self.parts.port),
                    "-U", str(self.parts.username), self.parts.path.lstrip("/"),
                ],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        if done.returncode or found is None:
            raise RuntimeError(f"pgbench: {done.stderr[-500:]}")
        return float(found[1])

    def _threads(self, seconds: float, clients: int) -> float:
        counts = [0] * clients
        until = time.perf_counter() + seconds
        threads = [threading.Thread(target=self._client, args=(at, counts, until)) for at in range(clients)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        return sum(counts) / seconds

    def _client(self, number: int, counts: list[int], until: float) -> None:
        writes: Sequence[bytes] = [
            re.sub(r"\?(\d)", lambda found: ("%(id)s", "%(child)s", "%(body)s")[int(found[1]) - 1], one).encode()
            for one in WRITES
        ]
        with psycopg.connect(self.dsn) as connection:
            while time.perf_counter() < until:
                key = {"id": f"{time.monotonic_ns()}-{number}", "child": counts[number] % CHILDREN, "body": _BODY}
                for statement in writes:
                    connection.execute(statement, key)
                connection.commit()
                counts[number] += 1
