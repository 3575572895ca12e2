"""Rows of many: two processes on one PostgreSQL, and a store that has grown, beside one that is empty.

A store grows by copies of finished interviews with new ids: rows, indexes and pages as in life, words that nobody reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import insert, select, text

from storage import tables
from storage.database import Database
from storage.keys import Keys
from tests.bench import interview, ours, table
from tests.bench.load import ROOT
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Table

    from storage.database import Transaction
    from tests.bench.plan import Plan

ID: Final = 26
AT_ONCE: Final = 200
# In the order of their foreign keys. The audit chain is one line after another and is not copied.
COPIED: Final = (
    tables.contacts, tables.addresses, tables.cases, tables.offers, tables.conversations, tables.messages,
    tables.answers, tables.timers, tables.inbox, tables.outbox,
)  # fmt: skip


class Worker:
    """A process of Waymark, its children invited and waiting."""

    def __init__(self, url: str, keys: str, first: int, count: int, flight: int) -> None:
        command = [sys.executable, "-m", "tests.bench.worker", url, keys, *map(str, (first, count, flight))]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("a worker did not start")

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def done(self) -> dict[str, float]:
        out, _ = self.process.communicate()
        found: dict[str, float] = json.loads(out)
        return found


# --- processes --------------------------------------------------------------------------------------------------------


def processes(plan: Plan, url: str) -> Row:
    """The same children by one process and by two; deadlocks are counted by the server."""
    keys = Keys.new()
    with closing(ours.Waymark(url, keys=keys)) as waymark:
        waymark.staff()
    children = plan.interviews * 2
    one, two = table.alternate(
        plan.rounds,
        [
            lambda number: _together(url, keys, plan, (2 * number * children, children)),
            lambda number: _together(
                url,
                keys,
                plan,
                ((2 * number + 1) * children, children // 2),
                ((2 * number + 1) * children + children // 2, children // 2),
            ),
        ],
    )
    with closing(Database(url, Keys.load(keys))) as database, database.snapshot() as tx:
        dead = tx.execute(text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")).scalar_one()
    shown = f"1 process {table.rate(one)}"
    ratio = table.ratio(two, one) if not dead else 0.0
    return Row(table.PROCESSES, "PostgreSQL", f"2 processes {table.rate(two)}", shown, ratio, f"{dead} deadlocks")


def _together(url: str, keys: str, plan: Plan, *parts: tuple[int, int]) -> float:
    workers = [Worker(url, keys, first, count, plan.flight) for first, count in parts]
    for one in workers:
        one.go()
    return sum(one.done()["rate"] for one in workers)


# --- growth and memory ------------------------------------------------------------------------------------------------


def rows(plan: Plan, database: str, empty: str, full: str, stored: int) -> list[Row]:
    """Rate and memory with `stored` conversations, beside none."""
    keys = {url: Keys.new() for url in (empty, full)}
    for url in (empty, full):
        with closing(ours.Waymark(url, keys=keys[url])) as waymark:
            waymark.staff()
            if url == full:
                grow(waymark, stored)
    memory: dict[str, list[float]] = {empty: [], full: []}

    def side(url: str) -> Callable[[int], float]:
        def run(number: int) -> float:
            worker = Worker(url, keys[url], (number + 1) * plan.interviews, plan.interviews, plan.flight)
            worker.go()
            found = worker.done()
            memory[url].append(found["rss"])
            return found["rate"]

        return run

    mine, theirs = table.alternate(plan.rounds, [side(full), side(empty)])
    more = (table.ratio(memory[full], memory[empty]) - 1) * 100
    held = f"{stored:,} conversations"
    return [
        Row(table.GROWTH, database, f"{held} {table.rate(mine)}", f"empty {table.rate(theirs)}", table.ratio(mine, theirs)),
        Row(table.MEMORY, database, f"{held} {table.rate(memory[full], ' MB')}", f"empty {table.rate(memory[empty], ' MB')}", more),
    ]


def grow(waymark: ours.Waymark, stored: int) -> None:
    """Add `stored` finished conversations."""
    first = interview.child(0)
    waymark.invite([first])
    waymark.one_at_a_time([first])
    with waymark.database.transaction() as tx:
        kept = {one: [dict(row) for row in tx.execute(select(one)).mappings()] for one in COPIED}
    for start in range(0, stored, AT_ONCE):
        with waymark.database.transaction() as tx:
            _copies(tx, kept, min(AT_ONCE, stored - start))


def _copies(tx: Transaction, kept: Mapping[Table, Sequence[Mapping[str, Any]]], many: int) -> None:
    every: dict[Table, list[dict[str, Any]]] = {one: [] for one in COPIED}
    for _ in range(many):
        ids: dict[str, str] = {}
        for one, found in kept.items():
            every[one].extend(_copy(one, row, ids) for row in found)
    for one, made in every.items():
        if made:
            tx.execute(insert(one), made)


# What a constraint says there is only one of, beside the ids.
_UNIQUE: Final = frozenset({"fingerprint", "mark", "code", "reference", "external_id"})


def _copy(of: Table, row: Mapping[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    made = {name: _value(name, value, ids) for name, value in row.items()}
    if of is tables.inbox:
        del made["id"]
    if of is tables.outbox:
        made["status"] = "sent"
    return made


def _value(name: str, value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str) and len(value) == ID and (name == "id" or name.endswith("_id")) and name != "external_id":
        return ids.setdefault(value, value[:14] + os.urandom(6).hex())
    if name in _UNIQUE and value is not None:
        return os.urandom(len(value)) if isinstance(value, bytes) else os.urandom(16).hex()
    return value


def small(folder: Path, name: str) -> str:
    """An SQLite database of this run."""
    return f"sqlite:///{folder / name}"
