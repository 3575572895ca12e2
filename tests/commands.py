"""The commands of the program, built once for all tests of a process.

Each run of a command in a test built all of them anew, from the annotations of a hundred functions: a sixth of a second, more
than most commands take. What is built is the same every time, and holds nothing of a run.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import typer.main
import typer.testing

if TYPE_CHECKING:
    import pytest


def share(patch: pytest.MonkeyPatch) -> None:
    """Every run from here on finds what another has built."""
    once = functools.cache(typer.main.get_command)
    patch.setattr(typer.main, "get_command", once)
    patch.setattr(typer.testing, "_get_command", once)
