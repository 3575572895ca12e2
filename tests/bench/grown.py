"""Rows of many: two processes on one PostgreSQL, and a store that has grown, beside one that is empty.

A store grows by copies of finished interviews with new ids: rows, indexes and pages as in life, words that nobody reads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, Self

from sqlalchemy import insert, select, text

from storage import tables
from storage.database import Database
from storage.keys import Keys, Sealed
from storage.types import BigId
from tests.bench import interview, ours, table
from tests.bench.load import ROOT
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Table

    from storage.database import Transaction
    from tests.bench.plan import Plan

ID: Final = 26
AT_ONCE: Final = 200
MEANT: Final = 1_000_000
# In the order of their foreign keys. The audit chain is one line after another and is not copied.
COPIED: Final = (
    tables.contacts, tables.addresses, tables.cases, tables.offers, tables.conversations, tables.messages,
    tables.answers, tables.timers, tables.inbox, tables.outbox,
)  # fmt: skip


class Worker:
    """A process of Waymark, its children invited and waiting, a group a round."""

    def __init__(self, url: str, keys: str, first: int, count: int, plan: Plan) -> None:
        sizes = map(str, (first, count, plan.flight, plan.rounds))
        command = [sys.executable, "-m", "tests.bench.worker", url, keys, *sizes]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        if self._line() != "ready\n":
            raise RuntimeError("a worker did not start")
        return self

    def __exit__(self, *error: object) -> None:
        self.process.communicate()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def done(self) -> dict[str, float]:
        found: dict[str, float] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


# --- processes --------------------------------------------------------------------------------------------------------


def processes(plan: Plan, url: str) -> Row:
    """As many children by one process as by two; deadlocks are counted by the server."""
    keys, count, half = Keys.new(), plan.interviews * 2, plan.interviews
    with closing(ours.Waymark(url, keys=keys)) as waymark:
        waymark.staff()
    with (
        Worker(url, keys, 0, count, plan) as alone,
        Worker(url, keys, count * (plan.rounds + 1), half, plan) as first,
        Worker(url, keys, (count + half) * (plan.rounds + 1), half, plan) as second,
    ):
        one, two = table.alternate(plan.rounds, [lambda _: _together(alone), lambda _: _together(first, second)])
    with closing(Database(url, Keys.load(keys))) as database, database.snapshot() as tx:
        dead = tx.execute(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        ).scalar_one()
    ratio = 0.0 if dead else table.ratio(two, one)
    shown = f"1 process {table.rate(one)}"
    return Row(
        table.PROCESSES,
        "PostgreSQL",
        f"2 processes {table.rate(two)}",
        shown,
        ratio,
        f"{dead} deadlocks",
        table.spread(two, one),
    )


def _together(*workers: Worker) -> float:
    """All their messages by the clock on the wall: adding up rates would hide that one waits for the other."""
    began = time.perf_counter()
    for one in workers:
        one.go()
    messages = sum(one.done()["messages"] for one in workers)
    return messages / (time.perf_counter() - began)


# --- growth and memory ------------------------------------------------------------------------------------------------


def rows(plan: Plan, database: str, empty: str, full: str, stored: int) -> list[Row]:
    """Rate and memory with `stored` conversations, beside none."""
    keys = Keys.new()
    for url in (empty, full):
        with closing(ours.Waymark(url, keys=keys)) as waymark:
            waymark.staff()
            if url == full:
                grow(waymark, stored)
    memory: dict[str, list[float]] = {empty: [], full: []}
    with Worker(full, keys, 1, plan.interviews, plan) as grown, Worker(empty, keys, 1, plan.interviews, plan) as bare:

        def side(url: str, worker: Worker) -> float:
            worker.go()
            found = worker.done()
            memory[url].append(found["rss"])
            return found["rate"]

        mine, theirs = table.alternate(plan.rounds, [lambda _: side(full, grown), lambda _: side(empty, bare)])
    more = (table.ratio(memory[full], memory[empty]) - 1) * 100
    held, rss = f"{stored:,} conversations", [table.rate(memory[url], " MB") for url in (full, empty)]
    small = stored < MEANT
    note = f"the target is for {MEANT:,} conversations" if small else ""
    rates = (f"{held} {table.rate(mine)}", f"empty {table.rate(theirs)}")
    spread = table.spread(mine, theirs)
    return [
        Row(table.GROWTH, database, *rates, table.ratio(mine, theirs), note, spread, small),
        Row(table.MEMORY, database, f"{held} {rss[0]}", f"empty {rss[1]}", more, note, small=small),
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
    counted = {column.name for column in of.primary_key if isinstance(column.type, BigId)}
    made = {name: _value(name, value, ids) for name, value in row.items() if name not in counted}
    if of is tables.outbox:
        made["status"] = "sent"
    return made


def _value(name: str, value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str) and len(value) == ID and (name == "id" or name.endswith("_id")) and name != "external_id":
        return ids.setdefault(value, value[:14] + os.urandom(6).hex())
    if name in _UNIQUE and value is not None:
        return os.urandom(len(value)) if isinstance(value, bytes) else os.urandom(16).hex()
    # Read back it is plain bytes; sealed it was, under an id that is no longer its own, and nobody will open it.
    return Sealed(value) if isinstance(value, bytes) else value
