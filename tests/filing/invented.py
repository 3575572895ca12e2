"""Invented children with times missing, straight into a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from storage import cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.cases import Episode
    from storage.database import Transaction

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=LONDON).astimezone(UTC)


def child(tx: Transaction, number: str, born: str | None = "2010-03-14", **details: str) -> str:
    known = {"looked_after": "yes", **({"birth_date": born} if born else {}), **details}
    return cases.add(tx, number, NOW, known).id


def episode(tx: Transaction, case: str, start: str, end: str | None, status: str = "missing", **more: str) -> Episode:
    back = local(end) if end else None
    return cases.add_episode(tx, case, local(start), back, {"status": status, **more}, ended_at=back)


def xan_and_zed(tx: Transaction) -> tuple[str, str]:
    """T29: carried in, away and missing on one day, still open at the year's end; and a child at home."""
    xan = child(tx, "1001")
    episode(tx, xan, "2025-03-28 20:00", "2025-04-02 09:00")
    episode(tx, xan, "2025-05-10 08:00", "2025-05-10 12:00", "away")
    episode(tx, xan, "2025-05-10 22:00", "2025-05-11 03:00")
    episode(tx, xan, "2026-03-30 21:00", "2026-04-02 10:00", notified_at="2026-04-02T09:30:00+00:00")
    zed = child(tx, "1002", "2011-01-01", looked_after="no")
    episode(tx, zed, "2025-06-01 20:00", "2025-06-02 09:00")
    episode(tx, zed, "2025-09-01 20:00", "2025-09-02 09:00")
    return xan, zed


def many(tx: Transaction, children: int, each: int, year: int) -> list[tuple[str, date]]:
    """So many children in care with so many times missing each in the collection of a year; returns who they are."""
    first = datetime(year - 1, 3, 29, 21, 0, tzinfo=UTC)
    known = []
    for number in range(children):
        born = date(year - 17 + number % 7, 1 + number % 12, 1 + number % 28)
        known.append((f"C{number}", born))
        case = child(tx, f"C{number}", born.isoformat())
        for turn, (start, hours, status) in enumerate(_times(number, each, first)):
            is_open = turn == each - 1 and number % 11 == 0
            end = None if is_open else start + timedelta(hours=hours)
            cases.add_episode(tx, case, start, end, {"status": status})
    return known


def _times(number: int, each: int, first: datetime) -> Iterator[tuple[datetime, int, str]]:
    for turn in range(each):
        start = first + timedelta(days=turn * (360 // each) + number % 20, minutes=number % 700)
        yield start, 2 + (number * 7 + turn * 31) % 400, "away" if (number + turn) % 4 == 0 else "missing"
