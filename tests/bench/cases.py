"""Children and their episodes from a file: is the time, and the memory, that of the rows and no more?

A small file and one four times as large, each into an empty store of its own, and every deadline computed. The ratio is what
a row of the large one takes over what a row of the small one takes: 1 is linear.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from storage.database import Database
from storage.keys import Keys
from tests.bench import table
from tests.bench.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.bench.plan import Plan

NOW: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EACH: Final = 3  # episodes of a child
STEP: Final = 4
ROOT: Final = Path(__file__).parents[2]


def file(path: Path, children: int) -> Path:
    """A file of invented children with three times missing each, the rows of one child apart from each other."""
    with path.open("w", encoding="utf-8") as opened:
        opened.write("child,birth_date,looked_after,social_worker,status,missing,returned,police_ref\n")
        opened.writelines(_lines(children))
    return path


def _lines(children: int) -> Iterator[str]:
    for number in range(EACH):
        for child in range(children):
            start = NOW - timedelta(days=60 - 20 * number, minutes=child % 1000)
            back = start + timedelta(hours=5 + child % 60)
            care = "yes" if child % 3 else "no"
            yield (
                f"LA-{child},2012-02-29,{care},yes,missing,{start:%Y-%m-%d %H:%M},{back:%Y-%m-%d %H:%M},P-{child}-{number}\n"
            )


def rows(plan: Plan, folder: Path, database: str = "SQLite", create: Callable[[str], str] | None = None) -> list[Row]:
    """Seconds and peak memory of a row, small file and large; each in a process and a store of its own. `create`: makes an
    empty database of that name and gives its address; without it a file of SQLite.
    """
    url = create or (lambda name: f"sqlite:///{folder / name}.db")
    small, large = plan.children // STEP, plan.children
    spent = {children: _measured(folder, children, url(f"cases_{children}")) for children in (small, large)}
    each = {children: (seconds / (children * EACH), kilobytes) for children, (seconds, kilobytes) in spent.items()}
    # Memory is compared beyond what the program takes with hardly a row.
    tiny_file = max(1, small // 50)
    _, bare = spent.get(tiny_file) or _measured(folder, tiny_file, url(f"cases_bare_{tiny_file}"))
    grown = max(1, spent[large][1] - bare) / (large * EACH)
    little = max(1, spent[small][1] - bare) / (small * EACH)
    note = f"{large:,} children, {large * EACH:,} episodes: {spent[large][0]:.0f} s, peak {spent[large][1] // 1024} MB"
    tiny = plan.children < table.CASES_MEANT
    shown = [f"{1e3 * each[one][0]:.2f} ms" for one in (large, small)]
    return [
        Row(table.CASES, database, shown[0], shown[1], each[large][0] / each[small][0], note, small=tiny),
        Row(table.CASES_MEMORY, database, f"{grown:.1f} KB", f"{little:.1f} KB", grown / little, small=tiny),
    ]


def _measured(folder: Path, children: int, url: str) -> tuple[float, int]:
    """Seconds of the import with every deadline computed, and the peak of its process in kilobytes."""
    command = [sys.executable, "-m", "tests.bench.cases", str(folder), str(children), url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, kilobytes, owed = done.stdout.split()
    if int(owed) < children:
        raise RuntimeError("deadlines are missing")
    return float(seconds), int(kilobytes)


def main(folder: Path, children: int, url: str) -> None:
    """Import once, in this process, and print seconds, kilobytes and how many deadlines there are."""
    from bot import importing
    from bot.config import Settings
    from storage import clocks

    keys = Keys.new()
    database = Database(url, Keys.load(keys))
    database.migrate()
    path = file(folder / f"{children}.csv", children)
    began = time.perf_counter()
    done = importing.episodes(Settings(database_url=url, keys=keys), path, NOW)
    seconds = time.perf_counter() - began
    if done.episodes_new != children * EACH or not done.applied:
        raise RuntimeError("not every row was taken")
    with database.snapshot() as tx:
        owed = sum(1 for _ in clocks.unmet(tx))
    database.close()
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, owed)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
