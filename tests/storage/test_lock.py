from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from storage.lock import AlreadyWriting, WriterLock

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_writer_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "w.sqlite"):
        with pytest.raises(AlreadyWriting, match=f"process {os.getpid()}"), WriterLock(tmp_path / "w.sqlite"):
            pass
        with WriterLock(tmp_path / "another.sqlite"):
            pass
    with WriterLock(tmp_path / "w.sqlite"):
        pass


def test_a_writer_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import sys, os; from storage.lock import WriterLock; "
        "WriterLock(sys.argv[1]).__enter__(); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "w.sqlite")], check=False)
    assert ended.returncode == -9
    with WriterLock(tmp_path / "w.sqlite"):
        assert (tmp_path / "w.sqlite.lock").read_text() == str(os.getpid())
