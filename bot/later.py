"""What nothing of a child's waits for: done with what happened, and where it fails in its own time, by a timer. What fails three
times is told to people (`waking`).

May not know what the work is.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from storage import apart, timers

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Transaction
    from storage.timers import Timer

log = logging.getLogger(__name__)


def if_not_now(tx: Transaction, work: Callable[[], object], timer: Timer) -> None:
    """Do the work; where it fails, what it wrote is undone and the timer is set, once."""
    why = apart.tried(tx, work)
    if why is None:
        return
    log.error("not done with what happened", exc_info=why, extra={"of": timer.name, "subject": timer.subject_id})
    there = (one for one in timers.of(tx, timer.subject_id) if (one.name, one.about) == (timer.name, timer.about))
    if not any(one.at <= timer.at for one in there):
        timers.add_all(tx, (timer,))
