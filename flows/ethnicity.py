"""A child's ethnicity as it was recorded over time: one value a day, and one resolved value for any day (domain H8).

May not guess: what was never recorded is unknown. The history is one line, `2024-03-01=WBRI 2026-11-14=MWBC`.
"""

from __future__ import annotations

from datetime import date


def history(line: str) -> dict[date, str]:
    """Day -> value, oldest first. ValueError for a line this module did not write."""
    pairs = (part.partition("=") for part in line.split())
    return dict(sorted((date.fromisoformat(day), value) for day, _, value in pairs))


def noted(line: str, day: date, value: str) -> str:
    """The line with `value` recorded on a day; what stood for that day is replaced, and a value that goes on is not
    repeated.
    """
    known = history(line)
    if on(line, day) == value:
        return line
    return " ".join(f"{at.isoformat()}={held}" for at, held in sorted({**known, day: value}.items()))


def on(line: str, day: date) -> str | None:
    """The value that counts on a day: the last recorded up to it; before the first, the first; None without any."""
    known = history(line)
    up_to = [value for at, value in known.items() if at <= day]
    return up_to[-1] if up_to else next(iter(known.values()), None)
