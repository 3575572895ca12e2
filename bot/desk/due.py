"""What is late and what is due next, by two words: the part of it that a board and a hand-over show, and all of it.

What turns late within a day either way stands before what has been late for long, however much that is: it is what somebody can
still do in time. May not show why a clock is blocked, or a word a child wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import owing
from bot.desk.asking import Page
from bot.desk.routes import DUTY, Route
from bot.saying import KEEP_PROMISE
from storage import board

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

    Line = dict[str, Any]

# Of what is late and of what is due, each: neither takes the other's place.
MOST: Final = 20
_NEAR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """`lines`: what is shown; `more`: how many are not. `deadlines`, `tasks`: how many are late, shown or not."""

    lines: tuple[Line, ...]
    more: int
    deadlines: int
    tasks: int


def of(owed: Iterable[Line], now: datetime, most: int | None = MOST) -> Due:
    """Of what is owed what is late, amber, or due within a day; promises to children stand by themselves."""
    every = sorted((line for line in owed if line["what"] != KEEP_PROMISE and _is_near(line, now)), key=_at)
    late, soon = (
        [line for line in every if line["colour"] == "red"],
        [line for line in every if line["colour"] != "red"],
    )
    shown = every if most is None else _latest(late, now, most) + soon[:most]
    return Due(
        lines=tuple(_ordered(shown, now)),
        more=len(every) - len(shown),
        deadlines=sum(line["kind"] == "deadline" for line in late),
        tasks=sum(line["kind"] != "deadline" for line in late),
    )


def _latest(late: Sequence[Line], now: datetime, most: int) -> list[Line]:
    """What turned late within a day, the longest late first to be shown; where there is room, what turned late last before it."""
    new = [line for line in late if _at(line) >= now - _NEAR]
    old = late[: len(late) - len(new)]
    return [*old[max(0, len(old) + len(new) - most) :], *new[:most]]


def _at(line: Line) -> datetime:
    return datetime.fromisoformat(line["due"])


def _is_near(line: Line, now: datetime) -> bool:
    if line["due"] is None or line["status"] == "blocked":
        return False
    return line["colour"] in ("red", "amber") or _at(line) <= now + _NEAR


def _ordered(lines: Sequence[Line], now: datetime) -> list[Line]:
    return sorted(lines, key=lambda line: _at(line) < now - _NEAR)


def show(tx: Transaction, ask: Ask) -> Answer:
    """All of it."""
    owed = owing.owed(tx, ask.at, ask.zone, board.kept_from(tx, ask.who.id))
    return Page("due.html", "Late and soon due", {"here": "/board", "due": of(owed, ask.at, None)})


ROUTES: Final = (Route("GET", "/due", DUTY, show),)
