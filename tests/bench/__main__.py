"""`make bench`: every row that can be measured, in one table, on both databases.

Exit 0 whatever it says: it asserts nothing.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
import warnings
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from tests import postgres
from tests.bench import cases, desk, exports, grown, ingest, pages, parts, plan, slow, table, webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.bench.plan import Plan
    from tests.bench.table import Row

VERSIONS = (
    "sqlalchemy",
    "sqlmodel",
    "transitions",
    "starlette",
    "uvicorn",
    "psycopg",
    "aiogram",
    "aiosqlite",
    "python-telegram-bot",
)


def measured(
    size: Plan, folder: Path, server: postgres.Server | None, stored: int
) -> Iterator[tuple[str, Callable[[], list[Row]]]]:
    """Every measurement: its name, and what runs it."""
    lite = f"sqlite:///{folder}"
    yield "peers", lambda: ingest.peers(size, folder)
    yield "ingest sqlite", lambda: [ingest.sqlite(size, folder)]
    yield "webhook sqlite", lambda: webhook.rows(size, "SQLite", f"{lite}/web.db", f"{lite}/naive.db")
    yield "page sqlite", lambda: pages.rows(size, "SQLite", f"{lite}/page.db")
    yield "desk sqlite", lambda: desk.rows(size, "SQLite", f"{lite}/desk.db")
    yield "slow disk", lambda: [slow.row(size, folder)]
    yield "growth sqlite", lambda: grown.rows(size, "SQLite", f"{lite}/empty.db", f"{lite}/grown.db", stored)
    yield "send", lambda: [parts.send(size, folder)]
    yield "step", lambda: [parts.step(size, folder)]
    yield "listening", lambda: [parts.heard(size)]
    yield "start", lambda: parts.start(size, folder)
    yield "episodes", lambda: cases.rows(size, folder)
    yield "exports", lambda: exports.rows(size, folder)
    yield "crash", lambda: [parts.crash(size)]
    if server is None:
        missing: tuple[table.Target, ...] = (
            table.FLIGHT_POSTGRES,
            table.WEBHOOK,
            table.LATENCY,
            table.PAGE,
            table.SCREEN,
            table.TO_PAGE,
            table.PROCESSES,
            table.GROWTH,
            table.MEMORY,
            table.CASES,
            table.CASES_MEMORY,
        )
        yield (
            "postgresql",
            lambda: [table.unmeasured(one, "PostgreSQL", "PostgreSQL is not installed") for one in missing],
        )
        return
    made = server
    yield "ingest postgresql", lambda: [ingest.postgres(size, made.create("flight"), made.create("raw"))]
    yield "webhook postgresql", lambda: webhook.rows(size, "PostgreSQL", made.create("web"), made.create("naive"))
    yield "page postgresql", lambda: pages.rows(size, "PostgreSQL", made.create("page"))
    yield "desk postgresql", lambda: desk.rows(size, "PostgreSQL", made.create("desk"))
    yield "episodes postgresql", lambda: cases.rows(size, folder, "PostgreSQL", made.create)
    yield "processes", lambda: [grown.processes(size, made.create("processes"))]
    yield (
        "growth postgresql",
        lambda: grown.rows(size, "PostgreSQL", made.create("empty"), made.create("grown"), stored),
    )


def run(size: Plan, stored: int, only: str = "") -> list[Row]:
    """Measure, and say on stderr what is being measured."""
    rows: list[Row] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-bench-")))
        server = _server(stack)
        for name, work in measured(size, folder, server, stored):
            if only and only not in name:
                continue
            began = time.perf_counter()
            try:
                rows += work()
            except AssertionError as wrong:
                # What was measured in an hour is not lost for what a moment of a busy machine did to one row.
                rows.append(
                    table.unmeasured(table.Target(name, 1, 1), "this run", str(wrong) or "it was not done right")
                )
            sys.stderr.write(f"  {name}: {time.perf_counter() - began:.0f} s\n")
    return rows


def _server(stack: ExitStack) -> postgres.Server | None:
    programs = postgres.binaries()
    if programs is None:
        return None
    server = postgres.Server(programs)
    stack.callback(server.remove)
    server.start()
    return server


def machine() -> list[str]:
    """What it ran on: nothing that names this one machine."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.machine(),
    )
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return [
        f"Waymark bench, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {os.cpu_count()} x {model}; {platform.system()}; load {load}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        + ", ".join(f"{one} {version(one)}" for one in VERSIONS),
        (
            "Both sides of a ratio alternate in this run; medians of the rounds. "
            "Load above the number of cores: somebody else works here."
        ),
    ]


def _lines(file: str) -> Sequence[str]:
    path = Path(file)
    return path.read_text("utf-8").splitlines() if path.exists() else ()


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="How fast it is, beside its limits and its peers."
    )
    parser.add_argument("--quick", action="store_true", help="coarse; a minute or two")
    parser.add_argument(
        "--only", default="", help="a part of the name of a measurement, such as peers, webhook, growth"
    )
    parser.add_argument("--rounds", type=int, help="rounds of each pair")
    parser.add_argument("--kills", type=int, help="how often each database's program is killed")
    parser.add_argument("--growth", type=int, help="conversations in the grown store (1000000 takes hours)")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    size = plan.QUICK if given.quick else plan.FULL
    if given.rounds:
        size = replace(size, rounds=given.rounds)
    if given.kills:
        size = replace(size, kills=given.kills)
    rows = run(size, given.growth or size.stored, given.only)
    print("\n".join([*machine(), "", *table.lines(row for row in rows if row.ratio is not None)]))
    notes = [f"{row.target.name}, {row.database}: {row.note}" for row in rows if row.note and row.ratio is not None]
    missing = [f"{row.target.name}, {row.database}: {row.note}" for row in rows if row.ratio is None]
    for title, said in (("Beside the table", notes), ("Not measured", missing)):
        if said:
            print(f"\n{title}:\n  " + "\n  ".join(said))


if __name__ == "__main__":
    main()
