"""What `waymark doctor` finds: how grave it is, what it is about, how it is mended. May not look at anything itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """`fail`: children or staff would not be reached. `warn`: a person should look."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Seen:
    """One finding; the message of what is not ok says how to mend it."""

    weight: Weight
    topic: str
    message: str

    def __str__(self) -> str:
        return f"{self.weight:<5}{self.topic}: {self.message}"
