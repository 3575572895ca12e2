"""How anything gets written: `submit(work)` runs work in a transaction and commits. May not know what the work is.

What queues up through `atogether` while a commit runs shares the next one: nobody waits for company, and whoever is alone
commits alone. The work cannot tell. When one of a group fails, nothing of the group is kept and each runs again for itself:
what fails then is its own, and keeps nobody from being heard.

Work may run twice: when a race was lost (serialization failure, deadlock) or another of its group failed, everything it did is
rolled back and it runs again. So it may do nothing but read and write through its `tx`, and send nothing. A connection that
breaks during the commit leaves open whether it was kept; `StoreUnavailable` is raised, the provider sends again, and the inbox
knows what it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from sqlalchemy.exc import DBAPIError

from storage.errors import StoreUnavailable, Trouble, may_run_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database, Transaction

    Waiting: TypeAlias = tuple[Callable[[Transaction], Any], Future[Any]]

T = TypeVar("T")
TRIES: Final = 6
# How many share a commit at most. The first is answered with the last: sixteen make a commit cost next to nothing for each,
# and more would only wait longer.
TOGETHER: Final = 16
_FIRST_WAIT: Final = 0.005

__all__ = ["Committer", "StoreUnavailable", "look"]


class Committer:
    """One writer at a time on SQLite; on PostgreSQL as many as ask, and up to `writers` for an event loop."""

    def __init__(self, database: Database, *, writers: int = 8) -> None:
        self.database = database
        self._inside = threading.local()
        self._waiting: deque[Waiting] = deque()
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

    async def atogether(self, work: Callable[[Transaction], T]) -> T:
        """As `asubmit`, for short work of which much comes at once: what waits for the same writer shares its commit."""
        future: Future[T] = Future()
        self._waiting.append((work, future))
        self._threads.submit(self._take_waiting)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Finish what is queued; nothing can be submitted from an event loop after."""
        self._threads.shutdown(wait=True)

    def _run(self, work: Callable[[Transaction], T]) -> T:
        self._inside.busy = True
        try:
            return _until_kept(self.database, work)
        finally:
            self._inside.busy = False

    def _take_waiting(self) -> None:
        """Take what waits, at most `TOGETHER`, and answer each. Another writer may have taken all of it."""
        taken: list[Waiting] = []
        while len(taken) < TOGETHER and self._waiting:
            try:
                one = self._waiting.popleft()
            except IndexError:
                break
            if one[1].set_running_or_notify_cancel():
                taken.append(one)
        try:
            kept = self._group([work for work, _ in taken]) if len(taken) > 1 else None
        except BaseException as error:  # noqa: BLE001 - as an executor does: whoever waits is told, whatever it was
            for _, future in taken:
                future.set_exception(error)
            return
        if kept is not None:
            for (_, future), found in zip(taken, kept, strict=True):
                future.set_result(found)
            return
        alone = deque(taken)
        # Where one waits for what another process holds, other writers go on with those behind it.
        for _ in taken[1:] if self.database.postgresql else ():
            with contextlib.suppress(RuntimeError):  # nothing can be begun any more: this writer does them all
                self._threads.submit(self._each, alone)
        self._each(alone)

    def _each(self, alone: deque[Waiting]) -> None:
        """Run each for itself, in their order, as long as there are any."""
        while True:
            try:
                work, future = alone.popleft()
            except IndexError:
                return
            try:
                future.set_result(self._run(work))
            except BaseException as error:  # noqa: BLE001 - the same
                future.set_exception(error)

    def _group(self, group: list[Callable[[Transaction], Any]]) -> list[Any] | None:
        """What each of a group returned, kept by one commit. None: nothing was kept, and each has to run for itself. Raises
        StoreUnavailable where that would end as this did.
        """
        self._inside.busy = True
        try:
            return self.database.together(group)
        except StoreUnavailable as error:
            # What one of them waited for on a server holds up that one alone; a file is held from all.
            if error.trouble is not Trouble.HELD or not self.database.postgresql:
                raise
        except Exception:  # noqa: BLE001 - whose fault it was shows when each runs for itself
            return None
        finally:
            self._inside.busy = False
        return None


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
