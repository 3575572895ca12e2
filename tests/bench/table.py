"""Rows, targets and verdicts. May not measure anything and knows no time that must hold: a target is a ratio or a promise."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Target:
    """What a row is held to. `unit` "x": ours over theirs; "ms", "s", "%": ours as it is. `less`: smaller is better.
    `holds`: it must be so now; the others are what is being worked towards.
    """

    name: str
    must: float
    reach: float
    unit: str = "x"
    less: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `ratio` is in the unit of the target; None: not measured, and `note` says why.

    `small`: too little was measured for a verdict.
    """

    target: Target
    database: str
    ours: str = ""
    against: str = ""
    ratio: float | None = None
    note: str = ""
    spread: tuple[float, float] | None = None
    small: bool = False

    @property
    def verdict(self) -> str:
        """`reached`, `holds`, `short`; `-`: not measured; `unsure`: rounds fell on both sides of what must be reached."""
        if self.ratio is None:
            return "-"
        target = self.target
        if self.small or (self.spread and self.spread[0] < target.must < self.spread[1]):
            return "unsure"
        ratio = self.ratio

        def better(limit: float) -> bool:
            return ratio <= limit if target.less else ratio >= limit

        if better(target.reach):
            return "reached"
        return "holds" if better(target.must) else ("SHORT, MUST HOLD" if target.holds else "short")


ONE: Final = Target("ingest, one at a time", 0.8, 1.5, holds=True)
FLIGHT_SQLITE: Final = Target("ingest, SQLite, 32 in flight", 0.25, 0.8)
FLIGHT_POSTGRES: Final = Target("ingest, PostgreSQL, 1 process", 0.5, 1.3)
PEERS: Final = Target("ingest against peers", 3, 10)
WEBHOOK: Final = Target("webhook", 4, 15)
LATENCY: Final = Target("latency p99 at half load", 50, 10, "ms", less=True, holds=True)
SLOW: Final = Target("slow disk (+2 ms fsync)", 8, 15)
PROCESSES: Final = Target("processes, 1 -> 2", 1.15, 1.3)
GROWTH: Final = Target("growth", 0.8, 0.95)
MEMORY: Final = Target("memory", 10, 2, "%", less=True)
SEND: Final = Target("commit to send p50", 5, 2, less=True)
STEP: Final = Target("engine step", 5, 1.5, less=True)
LISTEN: Final = Target("listening p95", 2, 0.5, "ms", less=True)
HELP: Final = Target("start: waymark --help", 1.5, 1, less=True)
READY: Final = Target("start: server ready", 2, 1, "s", less=True)
PAGE: Final = Target("page: text to answer p95", 500, 100, "ms", less=True)
PAGE_MEMORY: Final = Target("page: memory", 400, 250, "MB", less=True)
SCREEN: Final = Target("desk: text to worker's screen p95", 1000, 500, "ms", less=True)
TO_PAGE: Final = Target("desk: alert to page handed over p95", 5000, 1000, "ms", less=True)
CASES: Final = Target("episodes: time a row, x4", 1.25, 1.05, less=True)
CASES_MEMORY: Final = Target("episodes: memory a row, x4", 1.25, 1.05, less=True)
EXPORTS: Final = Target("exports: time an episode, x4", 1.25, 1.05, less=True)
EXPORTS_MEMORY: Final = Target("exports: memory an episode, x4", 1.25, 1.05, less=True)
PLOTS: Final = Target("plots: time an episode, x4", 1.25, 1.05, less=True)
CASES_MEANT: Final = 10_000
CRASH: Final = Target("crash: kill -9", 1, 1, "x", holds=True)


def unmeasured(target: Target, database: str, why: str) -> Row:
    """A row that cannot be measured here and now."""
    return Row(target, database, note=why)


def alternate(rounds: int, sides: Sequence[Callable[[int], float]]) -> list[list[float]]:
    """Every side once a round, in turn, the first one changing; what each returned, by side.

    Round 0 warms everybody up (statements compiled, caches filled, files grown) and is not counted: there is one more round
    of children than there are results.
    """
    found: list[list[float]] = [[] for _ in sides]
    for one in sides:
        one(0)
    for number in range(1, rounds + 1):
        for step in range(len(sides)):
            at = (number + step) % len(sides)
            found[at].append(sides[at](number))
    return found


def ratio(ours: Iterable[float], theirs: Iterable[float]) -> float:
    """The median of the ratios of each round: what slows the machine for a while slows both sides of a round."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def spread(ours: Iterable[float], theirs: Iterable[float]) -> tuple[float, float]:
    """The least and the greatest ratio of a round."""
    each = [one / other for one, other in zip(ours, theirs, strict=True)]
    return min(each), max(each)


def rate(found: Iterable[float], unit: str = "/s") -> str:
    """The median, as it stands in the table."""
    middle = statistics.median(found)
    return f"{middle:,.0f}{unit}" if middle >= 10 else f"{middle:.2f}{unit}"


def lines(rows: Iterable[Row]) -> list[str]:
    """The table as text."""
    head = ("name", "database", "ours", "against", "ratio", "rounds", "must", "reach", "verdict")
    body = [_cells(row) for row in rows]
    widths = [max(len(line[at]) for line in (head, *body)) for at in range(len(head))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (head, *body)
    ]


def _cells(row: Row) -> tuple[str, ...]:
    target = row.target
    sign = "<= " if target.less else ">= "
    unit = f" {target.unit}"
    shown = "-" if row.ratio is None else f"{row.ratio:.2f}{unit}"
    between = "-" if row.spread is None else f"{row.spread[0]:.2f}-{row.spread[1]:.2f}"
    limits = (f"{sign}{target.must:g}{unit}", f"{sign}{target.reach:g}{unit}")
    return (target.name, row.database, row.ours or "-", row.against or "-", shown, between, *limits, row.verdict)
