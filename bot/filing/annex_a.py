"""Ofsted's child-level list 8 (children looked after): its four columns about being missing. May not fill in what the
council's own system knows of the rest of the list.

Source: the inspection's Annex A, list 8; values as the sector writes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import children
from bot.children import Answer
from flows.working_time import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, tzinfo

    from bot.children import Child
    from storage.cases import Episode

HEADER: Final = (
    "Child Unique ID",
    "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months",
    "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months",
    "Was the child offered a Return Interview after their last missing episode (Y/N)?",
    "Did the child accept a Return Interview after their last missing episode (Y/N)?",
)
_SAID: Final = {Answer.YES: "a) Yes", Answer.NO: "b) No", Answer.NOT_YET: "b) No", Answer.UNKNOWN: "c) Unknown"}


def collect(everyone: Iterable[Child], on: date, tz: tzinfo) -> list[tuple[str | int, ...]]:
    """One row a looked-after child, by reference. The window is the twelve months that end with `on` (R39)."""
    return sorted(_rows(everyone, on, tz), key=lambda row: str(row[0]))


def _rows(everyone: Iterable[Child], on: date, tz: tzinfo) -> Iterator[tuple[str | int, ...]]:
    after = Calendar.months(on, -12)
    for child in everyone:
        if not _listed(child, on):
            continue
        within = [
            one
            for one in child.episodes
            if after < children.day(one.missing_at, tz) <= on and child.looked_after(one) is not False
        ]
        missing = [one for one in within if not children.is_away(one)]
        last = missing[-1] if missing else None
        yield child.number, len(missing), len(within) - len(missing), *_interview(child, last)


def _listed(child: Child, on: date) -> bool:
    if not child.looked_after(on=on) or (child.birth is not None and child.birth > on):
        return False
    age = child.age_on(on)
    return age is None or age < children.ADULT


def _interview(child: Child, last: Episode | None) -> tuple[str, str]:
    """Blank when there was no missing episode; else of the last one alone."""
    if last is None:
        return "", ""
    return _SAID[children.offered(child, last)], _SAID[children.accepted(child, last)]
