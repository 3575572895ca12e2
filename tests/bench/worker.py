"""A process of its own: `python -m tests.bench.worker URL KEYS FIRST COUNT FLIGHT`. Invites, waits for a line, works, reports.

Prints `ready`, reads one line, then prints one JSON object: `rate` in messages a second, `rss` in MB at its end.
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


def main(url: str, keys: str, first: int, count: int, flight: int) -> None:
    """One process of Waymark, working through its own children."""
    waymark = ours.Waymark(url, keys=keys)
    children = [interview.child(number) for number in range(first, first + count)]
    waymark.invite(children)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    began = time.perf_counter()
    messages = waymark.in_flight(children, flight)
    rate = messages / (time.perf_counter() - began)
    waymark.check(children)
    sys.stdout.write(json.dumps({"rate": rate, "messages": messages, "rss": rss()}) + "\n")
    waymark.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]))
