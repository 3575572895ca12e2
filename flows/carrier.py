"""What a carrier has made of a child's text, or of ours: it is so, whatever we think of the word (decisions 5).

May not read a child's words: `engine` does, and hears them as any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows import commands, effects

if TYPE_CHECKING:
    from flows.commands import Found
    from flows.turn import Turn


def stopped(turn: Turn, found: Found | None) -> Found:
    """The carrier took a text for STOP: nothing of ours arrives any more. The command to obey."""
    if found is not None and found.command.does == "stop":
        return found
    return commands.Found("stop", next(one for one in turn.library.commands if one.does == "stop"))


def opt_in(turn: Turn) -> None:
    """START after a STOP: a clear wish, and our texts arrive again."""
    turn.c = replace(turn.c, opted_out=False)
    turn.done += [effects.OptIn(), effects.TellHolder("started")]


def bounced(turn: Turn, reason: str) -> None:
    """A text of ours did not arrive. Blocked after a STOP that we never saw is a STOP."""
    turn.done.append(effects.TellHolder(f"cannot_text_back:{reason}"))
    if reason == "opted_out":
        opt_out(turn)


def opt_out(turn: Turn) -> None:
    """What we start has ended; nothing is said of it here."""
    if turn.c.opted_out:
        return
    turn.c = replace(turn.c, opted_out=True)
    turn.done.append(effects.OptOut())
