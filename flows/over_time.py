"""What is known of a child and changes: ethnicity, being looked after, by whom. One value a day, and one resolved value for any
day (domain H8).

May not guess: what was never recorded is unknown. A history is one line, `2024-03-01=WBRI 2026-11-14=MWBC`; a blank in a value
stands there by its number, as in `City%0020of%0020London`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LATEST: Final = date.max
_HISTORY: Final = "{}_history"
_PARTS: Final = re.compile(r"[%\s]")
_NUMBERED: Final = re.compile(r"%([0-9a-f]{4})", re.ASCII)


def history(line: str) -> dict[date, str]:
    """Day -> value, oldest first. ValueError for a line this module did not write."""
    pairs = (part.partition("=") for part in line.split())
    return dict(sorted((date.fromisoformat(day), _opened(value)) for day, _, value in pairs))


def noted(line: str, day: date, value: str) -> str:
    """The line with `value` recorded on a day; what stood for that day is replaced, and a value that goes on is not
    repeated.
    """
    known = history(line)
    # Only what was recorded up to that day goes on; that the first counts for the time before it is no record.
    up_to = [held for at, held in known.items() if at <= day]
    if up_to and up_to[-1] == value:
        return line
    return " ".join(f"{at.isoformat()}={_in_one(held)}" for at, held in sorted({**known, day: value}.items()))


def on(line: str, day: date) -> str | None:
    """The value that counts on a day: the last recorded up to it; before the first, the first; None without any."""
    known = history(line)
    up_to = [value for at, value in known.items() if at <= day]
    return up_to[-1] if up_to else next(iter(known.values()), None)


def recorded(
    known: Mapping[str, str | int | None], given: Mapping[str, str], day: date, changing: Iterable[str]
) -> dict[str, str]:
    """What is to be kept of a child when `given` is recorded as being so from a day on; `changing`: the fields that have a
    history, so that what counted for an earlier time missing does not change.
    """
    found = dict(given)
    for name in changing:
        if name in given:
            held_so_far = noted(line(known, name), day, given[name])
            found[_HISTORY.format(name)] = held_so_far
            found[name] = str(on(held_so_far, LATEST))
    return found


def held(known: Mapping[str, str | int | None], name: str, day: date) -> str | None:
    """The value of a day, out of what is kept of a child."""
    return on(line(known, name), day)


def line(known: Mapping[str, str | int | None], name: str) -> str:
    """The history; what was recorded before histories were kept has always been so."""
    kept = str(known.get(_HISTORY.format(name)) or "")
    before = known.get(name)
    return kept if kept or before is None else f"{date.min.isoformat()}={_in_one(str(before))}"


def _in_one(value: str) -> str:
    return _PARTS.sub(lambda mark: f"%{ord(mark[0]):04x}", value)


def _opened(value: str) -> str:
    return _NUMBERED.sub(lambda mark: chr(int(mark[1], 16)), value)
