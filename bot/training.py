"""Who is trained and whose background check is in date, from the command line. May not take anybody on or let them go."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot import keeping, staffing
from bot.keeping import CLI, NotFound
from storage import people, training
from storage.training import Training

if TYPE_CHECKING:
    from datetime import datetime

    from bot.config import Settings
    from storage.database import Transaction


def record(settings: Settings, name: str, until: str, dbs: str, at: datetime, *, regulated: bool) -> str:
    """Keep both dates; returns what it means today."""
    trained_until, dbs_until = _day("--until", until), _day("--dbs", dbs)
    today = at.astimezone(settings.timezone).date()

    def work(tx: Transaction) -> Training:
        made = Training(staffing.named(tx, name).id, trained_until, dbs_until, regulated)
        training.record(tx, made, CLI, at)
        return made

    holds = keeping.within(settings, work).holds(today)
    return f"{name}: {'counts as trained today' if holds else 'does NOT count as trained today: one of the dates has passed'}"


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(f"{option} {text}: is no day; write it like 2027-11-30") from None


def everyone(settings: Settings, at: datetime) -> list[dict[str, object]]:
    """All who are active, with their dates."""
    today = at.astimezone(settings.timezone).date()

    def work(tx: Transaction) -> list[dict[str, object]]:
        return [
            _line(person.name, training.of(tx, person.id), today) for person in people.everyone(tx) if person.active
        ]

    return keeping.within(settings, work)


def _line(name: str, known: Training | None, today: date) -> dict[str, object]:
    return {
        "name": name,
        "counts": known is not None and known.holds(today),
        "trained_until": known.trained_until.isoformat() if known else None,
        "dbs_until": known.dbs_until.isoformat() if known else None,
        "regulated": known is not None and known.regulated,
    }


def told(line: dict[str, object]) -> str:
    """A line for a person to read."""
    state = "counts" if line["counts"] else "NOT in date"
    return (
        f"{line['name']:<20} {state:<12} trained until {line['trained_until'] or 'never recorded'}, "
        f"background check until {line['dbs_until'] or 'never recorded'}{', regulated' if line['regulated'] else ''}"
    )
