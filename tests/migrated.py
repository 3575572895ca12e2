"""The whole schema with no row, made once a test process by the program's own migrations, to be copied."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from storage.database import Database
from storage.keys import Keys


@cache
def file() -> bytes:
    """As an SQLite file."""
    with tempfile.TemporaryDirectory(prefix="waymark-migrated-") as folder:
        path = Path(folder) / "waymark.db"
        bring_up(f"sqlite:///{path}")
        return path.read_bytes()


def bring_up(url: str) -> None:
    """Migrate what stands empty at `url`."""
    database = Database(url, Keys.load(Keys.new()))
    database.migrate()
    database.close()
