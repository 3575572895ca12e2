"""Two hundred children texting at once through a provider that brings every text until it is answered 2xx."""

from __future__ import annotations

import http.client
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.faults import provider

if TYPE_CHECKING:
    from collections.abc import Callable

# Numbers that belong to nobody: 07700 900000 to 900899; staff and the sender have the rest.
MOST: Final = 900
PLAIN: Final = ("hello", "1", "1")
DISCLOSES: Final = ("hello", "1", "1", "2", "he raped me")
EVERY: Final = 5
AGAIN: Final = 0.1


@dataclass(slots=True)
class Child:
    """One child and how far they are. Each text waits until the one before it was taken, as a thumb does."""

    number: int
    said: int = 0
    repeated: int = 0

    @property
    def address(self) -> str:
        return f"+447700900{self.number:03d}"

    @property
    def texts(self) -> tuple[str, ...]:
        return DISCLOSES if self.discloses else PLAIN

    @property
    def discloses(self) -> bool:
        return self.number % EVERY == 0

    def sid(self, index: int) -> str:
        return f"SM{self.number:016d}{index:016d}"


@dataclass
class Crowd:
    """`count` children, texted for by `hands` threads at once. `taken` counts texts answered 2xx."""

    port: int
    count: int = 200
    hands: int = 16
    seed: int = 0
    taken: int = 0
    refused: list[int] = field(default_factory=list)
    tries: int = 0

    def __post_init__(self) -> None:
        assert self.count <= MOST
        self.children = [Child(number) for number in range(self.count)]
        self._waiting = list(self.children)
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._hand, args=(number,), daemon=True) for number in range(self.hands)
        ]

    @property
    def total(self) -> int:
        return sum(len(child.texts) for child in self.children)

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        assert self.taken == self.total, f"{self.taken} of {self.total} taken"

    def wait_for(self, taken: int, alive: Callable[[], object], seconds: float = 120) -> None:
        """Until so many texts were taken."""
        until = time.monotonic() + seconds
        while self.taken < min(taken, self.total):
            assert time.monotonic() < until, (self.taken, alive())
            time.sleep(0.001)

    def _hand(self, number: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        while (child := self._next(chance)) is not None:
            self._deliver(child, child.said)
            child.said += 1
            with self._lock:
                self.taken += 1
            if chance.random() < AGAIN:
                # The provider did not hear our answer, and brings an old text again.
                child.repeated += 1
                self._deliver(child, chance.randrange(child.said))
            if child.said < len(child.texts):
                with self._lock:
                    self._waiting.append(child)

    def _next(self, chance: random.Random) -> Child | None:
        while self.taken < self.total:
            with self._lock:
                if self._waiting:
                    return self._waiting.pop(chance.randrange(len(self._waiting)))
            time.sleep(0.002)
        return None

    def _deliver(self, child: Child, index: int) -> None:
        form = provider.message(child.sid(index), child.address, child.texts[index])
        body, headers = provider.signed("/twilio/sms", form)
        while True:
            self.tries += 1
            status = self._post(body, headers)
            if 200 <= status < 300:
                return
            if status:
                self.refused.append(status)
            time.sleep(0.1)

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("POST", "/twilio/sms", body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()
