"""A record put into a folder that another system empties: as a whole or not at all. May not write over another record."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from bot.filing.webhook import NotDelivered

_DIGEST: Final = 12


def put(folder: Path, case: str, digest: str, text: str) -> Path:
    """Write the record of a case under a name that its content gives: again is the same file. Raises NotDelivered."""
    if not folder.is_dir():
        raise NotDelivered("no_folder")
    place = folder / f"waymark-{case}-{digest[:_DIGEST]}.json"
    try:
        file, name = tempfile.mkstemp(dir=folder, prefix=".waymark-", suffix=".part")
        try:
            with os.fdopen(file, "w", encoding="utf-8") as opened:
                opened.write(text)
                opened.flush()
                os.fsync(opened.fileno())
            Path(name).replace(place)
            settle(folder)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError:
        raise NotDelivered("not_written") from None
    return place


def settle(folder: Path) -> None:
    """The new name itself outlives a power cut."""
    held = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)
