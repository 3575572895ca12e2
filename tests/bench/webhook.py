"""Rows over HTTP: signed webhooks beside a naive app, and how long a child waits at half of what we can do."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench import load, table
from tests.bench.table import Row

if TYPE_CHECKING:
    from tests.bench.plan import Plan

# Fewer, and the 99th of a hundred is the one slowest text.
ENOUGH = 500


def rows(plan: Plan, database: str, url: str, naive_url: str) -> list[Row]:
    """Webhook and latency, on one database."""
    with ExitStack() as stack:
        count = plan.web * (plan.rounds + 2)
        mine = stack.enter_context(load.serving("waymark", url, count))
        theirs = stack.enter_context(load.serving("naive", naive_url, count))

        def numbers(at: int) -> range:
            return range(at * plan.web, (at + 1) * plan.web)

        found = table.alternate(
            plan.rounds, [lambda at: load.fast(mine, numbers(at)), lambda at: load.fast(theirs, numbers(at))]
        )
        half = sorted(found[0])[len(found[0]) // 2] / 2
        waits = load.paced(mine, numbers(plan.rounds + 1), half)
    shown = f"Starlette + SQLModel {table.rate(found[1])}"
    p50, p99 = waits[len(waits) // 2] * 1000, waits[min(len(waits) - 1, len(waits) * 99 // 100)] * 1000
    return [
        Row(
            table.WEBHOOK,
            database,
            table.rate(found[0]),
            shown,
            table.ratio(found[0], found[1]),
            spread=table.spread(found[0], found[1]),
        ),
        Row(
            table.LATENCY,
            database,
            f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
            f"at {half:,.0f}/s",
            p99,
            f"{len(waits)} texts",
            small=len(waits) < ENOUGH,
        ),
    ]
