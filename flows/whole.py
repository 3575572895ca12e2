"""The whole library: the flows, and every file that is read only when a worker writes, a clock runs or a form is filed.

A slip in one of those would stop what it is for in the middle of a night, long after the port was opened; so `serve`, `doctor`
and `check` read all of them first. May not decide what a file means.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from flows import canned, composer, deadline_meaning, floors, lines, loader, parents, report, toolkit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from flows.loader import Source

LATE: Final[Mapping[str, Callable[[Path], object]]] = {
    "clocks": deadline_meaning.load,
    "composer": composer.load,
    "canned": canned.load,
    "parents": parents.load,
    "report": report.load,
    "toolkit": toolkit.load,
}


def load(folder: Path | None = None) -> Source:
    """As `loader.load`, and everything else of the folder can be read. LoadError for the first thing that is wrong.

    A folder of another's own may lack what is read late: then ours is used.
    """
    source = loader.load(folder)
    floors.check(source)
    found = {name: (folder or loader.LIBRARY) / f"{name}.yaml" for name in LATE}
    for name, path in found.items():
        if folder is None or path.exists():
            LATE[name](path)
    steps = {key: step for flow in source.flows.values() for key, step in flow.steps.items()}
    if found["clocks"].exists():
        deadline_meaning.check(lines.read(found["clocks"]), steps, source.categories)
    if found["toolkit"].exists():
        toolkit.check(lines.read(found["toolkit"]), steps)
    return source


@lru_cache(maxsize=1)
def ours() -> Source:
    """Our own library, read once a process. LoadError as `load`."""
    return load()
