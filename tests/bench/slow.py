"""The row of a slow disk: both sides run with every sync to the disk two milliseconds longer.

Nothing is pretended: a small library is compiled and loaded before the C library (LD_PRELOAD), and its fsync and fdatasync
wait, then sync. Without a C compiler or Linux the row is not measured. `python -m tests.bench.slow URL FILE ...` is the
process that runs under it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.bench import ours, raw, table
from tests.bench.ingest import Groups
from tests.bench.load import ROOT
from tests.bench.table import Row

if TYPE_CHECKING:
    from tests.bench.plan import Plan

SHIM: Final = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static int late(const char *name, int file) {
    struct timespec wait = {0, 2000000};
    nanosleep(&wait, 0);
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}
int fsync(int file) { return late("fsync", file); }
int fdatasync(int file) { return late("fdatasync", file); }
"""


def row(plan: Plan, folder: Path) -> Row:
    """32 in flight beside one minimal transaction each, on the same slow disk."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return table.unmeasured(table.SLOW, "SQLite", "needs Linux and a C compiler to make every sync 2 ms longer")
    source, library = folder / "slow.c", folder / "slow.so"
    source.write_text(SHIM, "ascii")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True, capture_output=True
    )
    sizes = [str(one) for one in (plan.rounds, plan.interviews, plan.flight)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.slow", str(folder), *sizes],
        cwd=ROOT, env=os.environ | {"LD_PRELOAD": str(library)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    mine, theirs = json.loads(done.stdout)
    return Row(
        table.SLOW,
        "SQLite",
        table.rate(mine),
        f"raw, one each: {table.rate(theirs)}",
        table.ratio(mine, theirs),
        spread=table.spread(mine, theirs),
    )


def main(folder: Path, rounds: int, interviews: int, flight: int) -> None:
    """Both sides, under the shim."""
    with ExitStack() as stack:
        waymark = stack.enter_context(ours.opened(f"sqlite:///{folder / 'slow.db'}"))
        plain = stack.enter_context(closing(raw.Sqlite(folder / "slow-raw.db")))
        groups = Groups(interviews)
        waymark.invite(groups.all(rounds + 1))

        def mine(number: int) -> float:
            began = time.perf_counter()
            return waymark.in_flight(groups.of(number), flight) / (time.perf_counter() - began)

        found = table.alternate(rounds, [mine, lambda _: plain.run(interviews * 10, 1)])
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
