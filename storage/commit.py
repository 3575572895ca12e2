"""How anything gets written: `submit(work)` runs work in a transaction and commits. May not know what the work is.

Today one event is one transaction. Whoever submits cannot tell, so events that queue up may later share a commit.

Work may run twice: when a race was lost (serialization failure, deadlock) everything it did is rolled back and it runs
again. So it may do nothing but read and write through its `tx`, and send nothing. A connection that breaks during the
commit leaves open whether it was kept; `StoreUnavailable` is raised, the provider sends again, and the inbox knows what
it has.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from sqlalchemy.exc import DBAPIError

from storage.errors import StoreUnavailable, may_run_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database, Transaction

T = TypeVar("T")
TRIES: Final = 6
_FIRST_WAIT: Final = 0.005

__all__ = ["Committer", "StoreUnavailable", "look"]


class Committer:
    """One writer at a time on SQLite; on PostgreSQL as many as ask, and up to `writers` for an event loop."""

    def __init__(self, database: Database, *, writers: int = 8) -> None:
        self.database = database
        self._inside = threading.local()
        self._threads = ThreadPoolExecutor(writers if database.postgresql else 1, thread_name_prefix="waymark-writer")

    def submit(self, work: Callable[[Transaction], T]) -> T:
        """Run `work(tx)`, commit, return what it returned. Raises what it raised (after a rollback) or
        StoreUnavailable.

        In the thread that asks: handing a text to another thread and waiting for it took a tenth of the whole.
        """
        if getattr(self._inside, "busy", False):
            message = "submit was called from inside work: use the tx the work was given"
            raise RuntimeError(message)
        return self._run(work)

    async def asubmit(self, work: Callable[[Transaction], T]) -> T:
        """As `submit`, without holding up the event loop. A cancelled caller does not undo work that has begun."""
        return await asyncio.wrap_future(self._threads.submit(self._run, work))

    def close(self) -> None:
        """Finish what is queued; nothing can be submitted from an event loop after."""
        self._threads.shutdown(wait=True)

    def _run(self, work: Callable[[Transaction], T]) -> T:
        self._inside.busy = True
        try:
            return _until_kept(self.database, work)
        finally:
            self._inside.busy = False


def look(database: Database, work: Callable[[Transaction], T]) -> T:
    """Read one instant, holding up nobody; what `work` writes is thrown away. Raises StoreUnavailable."""
    with database.snapshot() as tx:
        return work(tx)


def _until_kept(database: Database, work: Callable[[Transaction], T]) -> T:
    """Run, and run again after a lost race, a few times with a growing, uneven pause."""
    for attempt in range(TRIES):
        try:
            with database.transaction() as tx:
                return work(tx)
        except DBAPIError as error:
            if not may_run_again(error.orig) or attempt == TRIES - 1:
                raise
        time.sleep(_FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - spreads racers, guards nothing
    raise AssertionError
