"""One thing that `waymark check` has to say. May not find anything itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What follows: an error fails the check; a draft or a warning is shown; a note is something a reviewer decided."""

    ERROR = "error"
    WARNING = "warning"
    DRAFT = "draft"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """Where it is, what it is, and what to change. `line` counts from 1; `topic` groups findings when they are shown."""

    file: str
    line: int
    topic: str
    message: str
    weight: Weight = Weight.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"
