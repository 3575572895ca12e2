"""What one round of the ticker did. May not know how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """What one round did, and whether something may still have been due at its end."""

    timers: int
    retried: int
    sent: int
    left: bool

    @property
    def any(self) -> bool:
        """Whether there may be more to do at once."""
        return self.left and bool(self.timers or self.retried or self.sent)
