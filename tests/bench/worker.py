"""A process of its own: `python -m tests.bench.worker URL KEYS FIRST COUNT FLIGHT ROUNDS`. Invites, and works when told to.

Prints `ready`; then for each line it reads it takes the next group of children and prints one JSON object: `messages`,
`rate` a second, `rss` in MB after it.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

from tests.bench import interview, ours


def rss() -> float:
    """Resident memory of this process in MB (Linux)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else 0.0


def main(url: str, keys: str, first: int, count: int, flight: int, rounds: int) -> None:
    """One process of Waymark, working through its own children, a group a round."""
    waymark = ours.Waymark(url, keys=keys)
    groups = [
        [interview.child(number) for number in range(first + at * count, first + (at + 1) * count)]
        for at in range(rounds + 1)
    ]
    waymark.invite(one for group in groups for one in group)
    _say("ready")
    for group in groups:
        sys.stdin.readline()
        began = time.perf_counter()
        messages = waymark.in_flight(group, flight)
        rate = messages / (time.perf_counter() - began)
        waymark.check(group)
        _say(json.dumps({"messages": messages, "rate": rate, "rss": rss()}))
    waymark.close()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:7]))
