"""One event loop in one thread, for a library that only knows coroutines. May not know which library.

The rest of the program sends from plain threads; `run` brings them together with a time after which nobody waits any more.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future

T = TypeVar("T")


class OneLoop:
    """Starts its thread when it is first needed; `close` ends it, and it starts again when it is needed again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T], timeout: float) -> T:
        """What `work` gives, from any thread but the loop's own. TimeoutError when it is not there in `timeout` seconds."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, timeout), self._running())
        return future.result()

    def close(self) -> None:
        """Stop the thread, if there is one; what still runs in it is cancelled."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_spin, args=(self._loop,), name=self._name, daemon=True)
                self._thread.start()
            return self._loop


def _spin(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        for task in (waiting := asyncio.all_tasks(loop)):
            task.cancel()
        if waiting:
            loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
