"""A deadline as a value: what storage keeps and the board shows. May not compute anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


WITHDRAWN = "withdrawn"


class Status(StrEnum):
    """How a deadline stands. Late from the instant it is due; done late stays late, with `met_at`."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a deadline was until `until`, when a fact was corrected or taken back."""

    due: datetime
    status: Status
    inputs: tuple[tuple[str, str], ...]
    version: str
    met_at: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock of one rule; `rule` and `part` tell it from every other of a case. Instants in UTC.

    `role` owes it. `stopped_by` names the event of `met_at`, `found` when the child was found before it was done.
    `minutes_late`: whole minutes, growing until it is done. `reasons`: why it is blocked; `withdrawn` when the facts
    that started it no longer hold, so that a person looks. `inputs`: what it was computed from, times in ISO 8601.
    `amber`: it runs and `amber_at` has come.
    """

    rule: str
    part: str
    due: datetime
    status: Status
    role: str
    started_at: datetime
    inputs: tuple[tuple[str, str], ...]
    version: str
    amber_at: datetime | None = None
    met_at: datetime | None = None
    stopped_by: str = ""
    minutes_late: int = 0
    reasons: tuple[str, ...] = ()
    superseded: tuple[Earlier, ...] = ()
    amber: bool = False

    @property
    def withdrawn(self) -> bool:
        """Whether what started it no longer holds."""
        return self.reasons == (WITHDRAWN,)
