"""What `waymark doctor` finds: how grave it is, what it is about, how it is mended. May not look at anything itself.

It is asked when something is wrong: no look that fails, and none that never ends, may take along what the others find.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final

from bot import logs
from storage.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longer than anything here takes where it ends at all: a lock, a page that leaves, the reader of sentences.
SECONDS: Final = 90


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


def looked(topic: str, look: Iterator[Seen]) -> Iterator[Seen]:
    """What a look finds; that it failed is a finding too."""
    try:
        yield from look
    except StoreUnavailable as down:
        yield Seen(Weight.FAIL, "database", str(down))
    except Exception as bug:  # noqa: BLE001 - its message may quote a child
        told = f"cannot be looked at ({type(bug).__name__} at {logs.place(bug)}), a fault of Waymark's own; the rest is looked at"
        yield Seen(Weight.FAIL, topic, told)


def timely(found: Iterator[Seen]) -> Iterator[Seen]:
    """Each finding as it comes. Where none comes for so long that none ever will, that is the last one."""
    coming: SimpleQueue[Seen | None] = SimpleQueue()

    def look() -> None:
        try:
            for one in looked("doctor", found):
                coming.put(one)
        finally:
            coming.put(None)

    # A daemon: the program ends without it.
    threading.Thread(target=look, name="waymark-doctor", daemon=True).start()
    while True:
        try:
            one = coming.get(timeout=SECONDS)
        except Empty:
            told = f"no answer for {SECONDS} seconds: what comes after the line above hangs, and the rest is not known"
            yield Seen(Weight.FAIL, "doctor", told)
            return
        if one is None:
            return
        yield one
