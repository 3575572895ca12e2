"""The real program as a process of its own, started from the command line with settings from the environment.

Forked from a seed (`tests.forked`) where it is given one; else begun from nothing, as an operator does.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from storage import people
from storage.database import Database
from storage.keys import Keys
from tests.faults import provider

if TYPE_CHECKING:
    from storage.people import Person
    from tests.forked import Running, Seed

ROOT: Final = Path(__file__).parents[2]
READY_SECONDS: Final = 60
ANA: Final = "+447700900990"
BEN: Final = "+447700900991"


def noon() -> str:
    """A zone in which it is about midday now, whenever the tests run: night has rules of its own."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Program:
    """One set of settings. `start` and `kill` as often as wanted; `run` is any other command."""

    def __init__(self, url: str, keys: Path, api_base: str, seed: Seed | None = None) -> None:
        self.url = url
        self.seed = seed
        self.port = free_port()
        self.settings = {
            "WAYMARK_DATABASE_URL": url,
            "WAYMARK_KEYS_FILE": str(keys),
            "WAYMARK_PORT": str(self.port),
            "WAYMARK_DESK_PORT": "0",
            "WAYMARK_PUBLIC_URL": provider.PUBLIC,
            "WAYMARK_TIMEZONE": noon(),
            "WAYMARK_DRAFT_LOCALES": "allow",
            "WAYMARK_TWILIO_ACCOUNT_SID": provider.ACCOUNT,
            "WAYMARK_TWILIO_AUTH_TOKEN": provider.TOKEN,
            "WAYMARK_TWILIO_FROM": provider.SENDER,
            "WAYMARK_TWILIO_API_BASE": api_base,
        }
        self._log = keys.parent / f"log-{self.port}"
        self._process: subprocess.Popen[bytes] | Running | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._process is not None:
            self.kill()

    # --- the process --------------------------------------------------------------------------------------------------

    def start(self, command: str = "serve") -> None:
        """Start, and wait until it says that it is ready."""
        with self._log.open("ab") as log:
            self._process = self._begin(command, log.fileno())
        until = time.monotonic() + READY_SECONDS
        while command == "serve" and self.get("/readyz") != 200:
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < until, self.log()
            time.sleep(0.05)

    def _begin(self, command: str, log: int) -> subprocess.Popen[bytes] | Running:
        if self.seed is not None:
            return self.seed.start("-m", "bot", command, environ=self._environ(), out=log, err=log)
        return subprocess.Popen(self._command(command), cwd=ROOT, env=self._environ(), stderr=log)

    def kill(self) -> None:
        """As a power cut."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(10)
        self._process = None

    def stop(self) -> int:
        """As an operator does; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(30)
        self._process = None
        return code

    def run(self, *arguments: str, without: tuple[str, ...] = (), **changed: str) -> tuple[int, str, str]:
        """Another command to its end: exit code, what it wrote, what it complained of."""
        environ = {name: value for name, value in (self._environ() | changed).items() if name not in without}
        if self.seed is not None:
            done = self.seed.run("-m", "bot", *arguments, environ=environ)
        else:
            done = subprocess.run(
                self._command(*arguments),
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
        return done.returncode, done.stdout, done.stderr

    def log(self) -> str:
        return self._log.read_text("utf-8")[-3000:]

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "bot", *arguments]

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WAYMARK_")}
        return kept | self.settings

    # --- talking to it ------------------------------------------------------------------------------------------------

    def get(self, path: str) -> int:
        """The status, or 0 when nobody answers."""
        return self._ask("GET", path, b"", {})

    def post(self, path: str, form: dict[str, str], token: str = provider.TOKEN) -> int:
        """A signed webhook: the status, or 0 when nobody answers."""
        return self._ask("POST", path, *provider.signed(path, form, token))

    def text(self, sid: str, number: str, words: str) -> int:
        return self.post("/twilio/sms", provider.message(sid, number, words))

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    # --- its database -------------------------------------------------------------------------------------------------

    def database(self) -> Database:
        """What it has kept, read by its own keys. Close it."""
        return Database(self.url, Keys.load(Path(self.settings["WAYMARK_KEYS_FILE"]).read_text("utf-8")))

    def staff(self) -> tuple[Person, Person]:
        """Ana on duty and Ben behind her, for days."""
        now = datetime.now(UTC)
        database = self.database()
        with database.transaction() as tx:
            ana = people.add(tx, "Ana", "duty", now, phone=ANA, proof="invented")
            ben = people.add(tx, "Ben", "backup", now, phone=BEN, proof="invented")
            for person, role in ((ana, "duty"), (ana, "manager"), (ben, "backup"), (ben, "service_manager")):
                people.add_shift(tx, person.id, role, now - timedelta(days=1), now + timedelta(days=9))
        database.close()
        return ana, ben
