"""How often we may write: once a second into one chat, thirty times a second in all (Telegram's own advice). Pure.

May not wait: a sender that waits holds up everybody's pages. It says for how long, and the outbox tries again then.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

EACH_CHAT: Final = 1.0  # seconds between two texts into one chat
WINDOW: Final = 1.0  # seconds in which at most `overall` texts leave


class Pace:
    """Counts what this process sent; `clock` gives seconds that only rise. Another process is seen by the provider's 429.

    May be asked by several threads at once.
    """

    def __init__(self, clock: Callable[[], float], overall: int = 30) -> None:
        self._clock = clock
        self._overall = overall
        self._lock = threading.Lock()
        self._chats: dict[str, float] = {}
        self._all: deque[float] = deque()

    def wait(self, chat: str) -> float:
        """0.0: send now, and it is counted. Else the seconds until it may be asked again; nothing is counted."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            again = max(self._chat_free(chat, now), self._all_free(now))
            if again <= 0:
                self._chats[chat] = now
                self._all.append(now)
                return 0.0
            return again

    def _chat_free(self, chat: str, now: float) -> float:
        last = self._chats.get(chat)
        return 0.0 if last is None else last + EACH_CHAT - now

    def _all_free(self, now: float) -> float:
        return 0.0 if len(self._all) < self._overall else self._all[0] + WINDOW - now

    def _forget(self, now: float) -> None:
        while self._all and self._all[0] + WINDOW <= now:
            self._all.popleft()
        if len(self._chats) > self._overall * 4:
            self._chats = {chat: at for chat, at in self._chats.items() if at + EACH_CHAT > now}
