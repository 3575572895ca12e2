"""What is written is there as a whole, for its owner alone, or not at all."""

from __future__ import annotations

import errno
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot import app, exporting, keeping
from bot.config import Settings
from storage import people, rotation
from storage.errors import StoreUnavailable
from storage.keys import Keys

if TYPE_CHECKING:
    from pathlib import Path

FULL = "No space left on device"
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError(errno.ENOSPC, FULL)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.usefixtures("full")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(keeping.NotFound, match=FULL):
        exporting.write(tmp_path / "out.csv", b"a child")
    with pytest.raises(keeping.NotFound, match=FULL):
        keeping.new_keys(Settings(keys_file=tmp_path / "keys"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full")
def test_a_rotation_on_a_full_disk_leaves_the_keys_as_they_were(tmp_path: Path) -> None:
    ring = tmp_path / "keys"
    ring.write_text(before := Keys.new(), "utf-8")
    given = Settings(keys_file=ring, database_url=f"sqlite:///{tmp_path / 'w.db'}")
    database = app.database(given)
    database.migrate()
    database.close()
    with pytest.raises(keeping.NotFound, match=FULL):
        keeping.rotate_keys(given)
    assert ring.read_text("utf-8") == before
    assert not (tmp_path / "keys.new").exists()


def test_a_rotation_that_the_store_refused_is_finished_by_the_next(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Settings(keys_file=tmp_path / "keys", database_url=database_url)
    keeping.new_keys(given)
    keeping.within(given, lambda tx: people.add(tx, "ana", "duty", AT))

    def refused(_: object) -> int:
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(rotation, "rewrap", refused)
        with pytest.raises(StoreUnavailable, match=r"a new key stands in .*copy that file"):
            keeping.rotate_keys(given)
    ring = (tmp_path / "keys").read_text("utf-8")
    assert ring.count("key=") == 2
    assert keeping.rotate_keys(given) == (False, (1, ()))
    assert (tmp_path / "keys").read_text("utf-8") == ring, "no key was added"
    assert keeping.rotate_keys(given) == (True, (1, ()))
    assert (tmp_path / "keys").read_text("utf-8").count("key=") == 3


def test_what_a_killed_first_ring_left_is_no_ring(tmp_path: Path) -> None:
    given = Settings(keys_file=tmp_path / "keys")
    (tmp_path / "keys").touch()
    keeping.new_keys(given)
    app.keys(given)
    with pytest.raises(keeping.NotFound, match="never written over"):
        keeping.new_keys(given)


def test_keys_that_may_not_be_written_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(keeping.NotFound, match="cannot be written"):
        keeping.new_keys(Settings(keys_file=tmp_path / "file" / "keys"))


def test_what_was_left_half_written_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    left, now = tmp_path / ".waymark-abcd1234", tmp_path / ".waymark-efgh5678"
    for one in (left, now):
        one.touch()
    yesterday = time.time() - 86_400
    os.utime(left, (yesterday, yesterday))
    exporting.write(tmp_path / "out.csv", b"a child")
    assert sorted(one.name for one in tmp_path.iterdir()) == [now.name, "out.csv"]


def test_a_new_database_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "w.db"
    app.database(Settings(keys=Keys.new(), database_url=f"sqlite:///{file}")).close()
    assert file.stat().st_mode & 0o777 == 0o600
