"""Plays that tests of the clocks begin from: opened with the lines of a transcript, played on, closed when the test is over."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from bot.play import script
from bot.play.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def opening(url: str, head: str) -> Iterator[Callable[..., Stage]]:
    """What opens a play on this database: `head` (or another), then the lines that are given, played through."""
    with contextlib.ExitStack() as opened:

        def open_stage(*lines: str, head: str = head) -> Stage:
            made = opened.enter_context(Stage(script.parse(head + "\n".join(lines) + "\n"), url))
            for line in made.play.lines:
                made.line(line)
            return made

        yield open_stage


def play(stage: Stage, text: str) -> list[dict[str, Any]]:
    """Play on; what came of it."""
    before = len(stage.outcomes)
    for line in script.parse(text + "\n").lines:
        stage.line(line)
    return stage.outcomes[before:]
