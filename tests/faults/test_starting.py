"""What a user got wrong is one line that says how to mend it, and exit 2; never a traceback."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from tests.faults.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.forked import Seed


@pytest.fixture
def fresh(tmp_path: Path, keys_file: Path, migrated_file: Path, seed: Seed) -> Iterator[Program]:
    file = tmp_path / "waymark.db"
    shutil.copyfile(migrated_file, file)
    with Program(f"sqlite:///{file}", keys_file, "http://127.0.0.1:9", seed) as made:
        yield made


def refused(done: tuple[int, str, str]) -> str:
    code, out, complaint = done
    assert (code, out) == (2, "")
    assert complaint.startswith("waymark: ")
    assert complaint.count("\n") == 1, complaint
    return complaint


def test_a_schema_that_is_not_ours(fresh: Program, tmp_path: Path) -> None:
    fresh.seed = None  # as an operator starts it: from nothing
    said = refused(fresh.run("serve", WAYMARK_DATABASE_URL=f"sqlite:///{tmp_path / 'none.db'}"))
    assert "waymark migrate" in said


def test_no_keys(fresh: Program, tmp_path: Path) -> None:
    assert "waymark keys new" in refused(fresh.run("serve", without=("WAYMARK_KEYS_FILE",)))
    assert "WAYMARK_KEYS_FILE" in refused(fresh.run("serve", WAYMARK_KEYS_FILE=str(tmp_path / "none")))


def test_a_port_that_somebody_has(fresh: Program) -> None:
    with socket.create_server(("127.0.0.1", fresh.port)):
        assert "WAYMARK_PORT" in refused(fresh.run("serve"))


def test_an_account_half_set(fresh: Program) -> None:
    assert "WAYMARK_PUBLIC_URL" in refused(fresh.run("serve", without=("WAYMARK_PUBLIC_URL",)))
