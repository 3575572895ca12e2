"""Rows of ingest: the interview through the whole real path in process, beside the machine's limit and beside the peers."""

from __future__ import annotations

import itertools
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from tests.bench import interview, ours, raw, table
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bench.interview import Child
    from tests.bench.plan import Plan


class Groups:
    """A new group of children for every round, the same group for every side."""

    def __init__(self, size: int, first: int = 0) -> None:
        self.size = size
        self.first = first

    def of(self, number: int, part: int = 1) -> list[Child]:
        """The children of a round; `part` 4: a quarter of them."""
        start = self.first + number * self.size
        return [interview.child(one) for one in range(start, start + max(1, self.size // part))]

    def all(self, rounds: int) -> Iterator[Child]:
        return itertools.chain.from_iterable(self.of(number) for number in range(rounds))


def _timed(run: Callable[[list[Child]], int], check: Callable[[list[Child]], None], some: list[Child]) -> float:
    began = time.perf_counter()
    count = run(some)
    taken = time.perf_counter() - began
    check(some)
    return count / taken


def peers(plan: Plan, folder: Path) -> list[Row]:
    """One at a time, and 32 in flight, on SQLite: Waymark, aiogram, python-telegram-bot.

    Those are imported here: aiogram takes seven seconds to import, and whoever only collects the tests need not wait for it.
    """
    from tests.bench import peer_aiogram, peer_ptb

    with ExitStack() as stack:
        waymark = stack.enter_context(ours.opened(f"sqlite:///{folder / 'peers.db'}"))
        alone = stack.enter_context(closing(peer_aiogram.Aiogram(folder / "alone.db", grouped=False)))
        together = stack.enter_context(closing(peer_aiogram.Aiogram(folder / "together.db", grouped=True)))
        ptb = stack.enter_context(closing(peer_ptb.Ptb(folder / "ptb.pickle", stored=plan.stored)))
        one, many = Groups(plan.interviews), Groups(plan.interviews, plan.interviews * (plan.rounds + 1))
        waymark.invite([*one.all(plan.rounds + 1), *many.all(plan.rounds + 1)])
        rows = [_peers(plan, table.ONE, one, 1, (waymark, alone, together, ptb))]
        rows.append(_peers(plan, table.PEERS, many, plan.flight, (waymark, alone, together, ptb)))
    return rows


def _peers(plan: Plan, target: table.Target, groups: Groups, many: int, sides: tuple[Any, ...]) -> Row:
    def side(one: Any) -> Callable[[int], float]:
        run = one.one_at_a_time if many == 1 else lambda some: one.in_flight(some, many)
        part = getattr(one, "part", 1)
        return lambda number: _timed(run, one.check, groups.of(number, part))

    found = dict(
        zip((one.name for one in sides), table.alternate(plan.rounds, [side(one) for one in sides]), strict=True)
    )
    mine = found.pop(ours.Waymark.name)
    best = min(found, key=lambda name: table.ratio(mine, found[name]))
    shown = "; ".join(f"{name} {table.rate(rates)}" for name, rates in found.items())
    return Row(
        target,
        "SQLite",
        table.rate(mine),
        f"{best} {table.rate(found[best])}",
        table.ratio(mine, found[best]),
        shown,
        table.spread(mine, found[best]),
    )


def sqlite(plan: Plan, folder: Path) -> Row:
    """32 in flight beside the standard library's driver in groups of 32."""
    with ExitStack() as stack:
        waymark = stack.enter_context(ours.opened(f"sqlite:///{folder / 'flight.db'}"))
        plain = stack.enter_context(closing(raw.Sqlite(folder / "raw.db")))
        groups = Groups(plan.interviews)
        waymark.invite(groups.all(plan.rounds + 1))
        mine, theirs = table.alternate(
            plan.rounds,
            [
                lambda number: _timed(
                    lambda some: waymark.in_flight(some, plan.flight), waymark.check, groups.of(number)
                ),
                lambda _: plain.run(plan.raw, raw.GROUP),
            ],
        )
    against = f"raw, groups of {raw.GROUP}: {table.rate(theirs)}"
    return Row(
        table.FLIGHT_SQLITE,
        "SQLite",
        table.rate(mine),
        against,
        table.ratio(mine, theirs),
        spread=table.spread(mine, theirs),
    )


def postgres(plan: Plan, url: str, raw_url: str) -> Row:
    """One process, 32 in flight, beside the server's own benchmark with eight clients."""
    plain = raw.Postgres(raw_url)
    with ours.opened(url) as waymark:
        groups = Groups(plan.interviews)
        waymark.invite(groups.all(plan.rounds + 1))
        mine, theirs = table.alternate(
            plan.rounds,
            [
                lambda number: _timed(
                    lambda some: waymark.in_flight(some, plan.flight), waymark.check, groups.of(number)
                ),
                lambda _: plain.run(plan.seconds),
            ],
        )
    against = f"{plain.name}: {table.rate(theirs)}"
    return Row(
        table.FLIGHT_POSTGRES,
        "PostgreSQL",
        table.rate(mine),
        against,
        table.ratio(mine, theirs),
        spread=table.spread(mine, theirs),
    )
