"""What is handed in over all children: is the time, and the memory, that of the episodes and no more?

A store and one four times as large are filled, and each return is written of each in a process of its own. The ratio is what
an episode of the large store takes over what one of the small takes: 1 is linear.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from storage.database import Database
from storage.keys import Keys
from tests.bench import table
from tests.bench.table import Row

if TYPE_CHECKING:
    from tests.bench.plan import Plan

EACH: Final = 3  # episodes of a child
STEP: Final = 4
YEAR: Final = 2026
ROOT: Final = Path(__file__).parents[2]


def rows(plan: Plan, folder: Path) -> list[Row]:
    """Seconds and peak memory of an episode over every return, small store and large, on SQLite."""
    small, large = plan.children // STEP, plan.children
    spent = {children: _measured(folder, children) for children in (small, large)}
    each = {children: seconds / (children * EACH) for children, (seconds, _, _) in spent.items()}
    drawn = {children: seconds / (children * EACH) for children, (_, _, seconds) in spent.items()}
    # Memory is compared beyond what the program takes with hardly a child.
    hardly = max(1, small // 50)
    _, bare, _ = spent.get(hardly) or _measured(folder, hardly)
    grown = max(1, spent[large][1] - bare) / (large * EACH)
    little = max(1, spent[small][1] - bare) / (small * EACH)
    note = f"{large * EACH:,} episodes, four returns: {spent[large][0]:.0f} s, peak {spent[large][1] // 1024} MB"
    tiny = plan.children < table.CASES_MEANT
    shown = [f"{1e3 * each[one]:.2f} ms" for one in (large, small)]
    pictures = [f"{1e3 * drawn[one]:.2f} ms" for one in (large, small)]
    counted = f"{large * EACH:,} episodes: {spent[large][2]:.0f} s, once a quarter of an hour"
    return [
        Row(table.EXPORTS, "SQLite", shown[0], shown[1], each[large] / each[small], note, small=tiny),
        Row(table.EXPORTS_MEMORY, "SQLite", f"{grown:.1f} KB", f"{little:.1f} KB", grown / little, small=tiny),
        Row(table.PLOTS, "SQLite", pictures[0], pictures[1], drawn[large] / drawn[small], counted, small=tiny),
    ]


def _measured(folder: Path, children: int) -> tuple[float, int, float]:
    """Seconds of all returns, the peak of the process that wrote them in kilobytes, and seconds of the managers' plots."""
    keys = Keys.new()
    _run("fill", folder, children, keys)
    seconds, kilobytes, written, plots = _run("write", folder, children, keys).split()
    if int(written) < children:
        raise RuntimeError("rows are missing")
    return float(seconds), int(kilobytes), float(plots)


def _run(act: str, folder: Path, children: int, keys: str) -> str:
    command = [sys.executable, "-m", "tests.bench.exports", act, str(folder), str(children)]
    return subprocess.run(command, cwd=ROOT, input=keys, capture_output=True, text=True, check=True).stdout


def _peak() -> int:
    """Kilobytes this program has needed at most. Linux hands `ru_maxrss` on from whoever started it."""
    status = Path("/proc/self/status")
    for line in status.read_text("utf-8").splitlines() if status.exists() else ():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def fill(url: str, keys: str, children: int) -> None:
    """So many invented children in care."""
    from tests.filing import invented

    database = Database(url, Keys.load(keys))
    database.migrate()
    with database.transaction() as tx:
        invented.many(tx, children, EACH, YEAR)
    database.close()


def write(url: str, keys: str, folder: Path) -> None:
    """Write each return once, in this process; print seconds, kilobytes, rows of the longest, and the seconds of the plots."""
    from bot import calendar, plots, reporting
    from bot.config import Settings
    from tests.filing.invented import LONDON, NOW

    settings = Settings(database_url=url, keys=keys)
    days = calendar.load(LONDON)
    began = time.perf_counter()
    longest = 0
    for kind, work in (
        ("ssda903", reporting.ssda903_missing(YEAR, LONDON, None, NOW.date())),
        ("annex_a", reporting.annex_a_missing(NOW.date(), LONDON, None)),
        ("ssd_missing", reporting.ssd_missing(LONDON)),
        ("dataset", reporting.counted("dataset", YEAR, days)),
    ):
        done = reporting.run(settings, kind, "", work, folder / f"{kind}.csv", NOW)
        longest = max(longest, done.rows)
    seconds, peak, began = time.perf_counter() - began, _peak(), time.perf_counter()
    database = Database(url, Keys.load(keys))
    with database.snapshot() as tx:
        plots.everything(tx, days, datetime(YEAR, 3, 31, 12, tzinfo=UTC))
    database.close()
    print(seconds, peak, longest, time.perf_counter() - began)


if __name__ == "__main__":
    act, place, number = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    address, given = f"sqlite:///{place / f'exports-{number}.db'}", sys.stdin.read()
    if act == "fill":
        fill(address, given, number)
    else:
        write(address, given, place)
