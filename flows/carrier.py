"""What a carrier has made of a child's text, or of ours: it is so, whatever we think of the word (decisions 5).

May not read a child's words: `engine` does, and hears them as any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows import commands, effects

if TYPE_CHECKING:
    from datetime import datetime

    from flows.commands import Found
    from flows.model import Conversation
    from flows.turn import Turn

_SINCE_STOP: Final = "since_stop"


def stopped(turn: Turn, found: Found | None) -> Found:
    """The carrier took a text for STOP: nothing of ours arrives any more. The command to obey."""
    if found is not None and found.command.does == "stop":
        return found
    return commands.Found("stop", next(one for one in turn.library.commands if one.does == "stop"))


def opt_in(turn: Turn) -> None:
    """START after a STOP: a clear wish, and our texts arrive again."""
    turn.c = replace(turn.c, opted_out=False)
    turn.done.append(effects.OptIn())
    turn.tell_holder("started")


def bounced(turn: Turn, reason: str) -> None:
    """A text of ours did not arrive. Blocked after a STOP that we never saw is a STOP."""
    turn.tell_holder(f"cannot_text_back:{reason}")
    if reason == "opted_out":
        opt_out(turn)


def opt_out(turn: Turn) -> None:
    """What we start has ended; nothing is said of it here."""
    before = turn.c.opted_out
    keep_stop(turn)
    if not before:
        turn.done.append(effects.OptOut())


def keep_stop(turn: Turn) -> None:
    """From here nothing is begun, and nothing answered until the child writes again."""
    turn.c = with_stop(turn.c, turn.at)


def with_stop(c: Conversation, at: datetime) -> Conversation:
    """A chat of a number that said STOP, wherever it said so."""
    counts = {key: one for key, one in c.counts.items() if key != _SINCE_STOP}
    return replace(c, opted_out=True, stopped_at=at, counts=counts)


def wrote(turn: Turn) -> None:
    """Something came in: after a STOP it is answered, as any other text (decisions 5)."""
    if turn.c.opted_out:
        turn.count(_SINCE_STOP)


def silent_since_stop(turn: Turn) -> bool:
    """Whether STOP is the last we heard: whatever we said now, we would have started."""
    return turn.c.opted_out and _SINCE_STOP not in turn.c.counts
