"""Our own flow files, read once a test process. May not be changed by a test."""

from __future__ import annotations

from typing import Final

from flows import loader

SOURCE: Final = loader.load()
