"""What every test stands on: two kinds of database, no network beyond this machine, no setting of yours."""

from __future__ import annotations

import gc
import ipaddress
import itertools
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings

from tests import absent, commands, engines, forked, migrated, parked, postgres

if TYPE_CHECKING:
    from collections.abc import Iterator

# A shared machine is slow at times; how fast we are is what `make bench` says.
settings.register_profile("waymark", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("waymark")

for _name in [name for name in os.environ if name.startswith("WAYMARK_") and not name.startswith("WAYMARK_TEST_")]:
    del os.environ[_name]

# Files of tests live in memory where there is room: what is killed here is programs, never the machine, so nothing is
# shown by waiting for a disk, and a test of SQLite waited for it hundreds of times.
_MEMORY, _ROOM = Path("/dev/shm"), 3 * 1024**3


def _has_room() -> bool:
    """Whether what a worker leaves there, half a gigabyte at most, fits the file system and the machine for each of them."""
    if not os.access(_MEMORY, os.W_OK):
        return False
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    free = min(shutil.disk_usage(_MEMORY).free, os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return free > max(_ROOM, workers * 1024**3 // 2)


if "TMPDIR" not in os.environ and _has_room():
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

# What the tests share is most of what there is, and stays: garbage is looked for less often.
gc.set_threshold(20_000, 20, 20)

# These wait, for a browser or a program that was killed, more than they compute; grouped so that each half waits as long.
_WAITING: Final = (("faults",), ("browser", "test_bench.py"))

BACKENDS: Final = ("sqlite", "postgresql")
_TESTS: Final = Path(__file__).parent
_MIGRATED: Final = "migrated"
_numbers = itertools.count(1)
_connect = socket.socket.connect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits comes first in each half of the tests: of the processes that share them some wait while others compute, and
    at the end nobody is left waiting alone.
    """
    waiting: list[list[pytest.Item]] = [[] for _ in _WAITING]
    others: list[pytest.Item] = []
    for item in items:
        place = item.path.relative_to(_TESTS).parts[0]
        found = next((mine for names, mine in zip(_WAITING, waiting, strict=True) if place in names), others)
        found.append(item)
    half = max(0, len(items) // 2 - len(waiting[0]))
    items[:] = [*waiting[0], *others[:half], *waiting[1], *others[half:]]


def _only_here(self: socket.socket, address: Any) -> None:
    """Connect within this machine; anything further is a test that would need the world."""
    if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] != "localhost":
        try:
            inside = ipaddress.ip_address(address[0]).is_loopback
        except ValueError:
            inside = False
        assert inside, "a test tried to leave this machine"
    _connect(self, address)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """No test and no library under test leaves this machine."""
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _only_here)
    yield
    patch.undo()


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """A statement is compiled once, and the commands are built once, not once for every test."""
    with pytest.MonkeyPatch.context() as patch:
        engines.share(patch)
        parked.share(patch)
        commands.share(patch)
        yield


@pytest.fixture(scope="session")
def seed() -> Iterator[forked.Seed]:
    """What the program as a process is forked from, all tests of this process share it."""
    with forked.Seed() as made:
        yield made


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """The server that all tests of this process share. Who stops it starts it again."""
    programs = postgres.binaries()
    if programs is None:
        absent.leave_out("postgres", "PostgreSQL is not installed: apt-get install postgresql")
    server = postgres.Server(programs, durable=False)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the whole schema and no row, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "waymark.db"
    file.write_bytes(migrated.file())
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres_server: postgres.Server) -> str:
    """A PostgreSQL database with the whole schema and no row, to be copied."""
    migrated.bring_up(postgres_server.create(_MIGRATED))
    return _MIGRATED


@pytest.fixture(scope="session")
def used_databases(postgres_server: postgres.Server, migrated_template: str) -> Iterator[postgres.Used]:
    """PostgreSQL databases of this process, emptied between tests."""
    used = postgres.Used(postgres_server, migrated_template)
    yield used
    used.close()


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    """An SQLite database of the test's own with the whole schema and no row."""
    file = tmp_path / "waymark.db"
    shutil.copyfile(migrated_file, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own with the whole schema and no row: the test runs on both kinds."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
    else:
        with request.getfixturevalue("used_databases").one() as url:
            yield url


@pytest.fixture(params=BACKENDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own without a table, for what migrates."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server, name = request.getfixturevalue("postgres_server"), f"test_{next(_numbers)}"
        yield server.create(name)
        server.drop(name)
