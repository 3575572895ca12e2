"""A signed record that says something else than it did is filed anew, whoever's act that is: a signature, an amendment, what
the child says later, what a person decides of it. What was filed before stands.

May not change a record, nor send it anywhere (that is `delivering`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import alarms, conflict, delivering, pages, records
from flows import quiet_hours
from flows.model import Task
from flows.report import Report
from flows.turn import BOT
from storage import conversations, people, reports, tasks

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction

# Whoever signed looks at it the same day: nobody else opens a record that is done.
LOOK: Final = Task("look_at_signed_record", "worker", "today")
# What a child writes in one go is filed as one.
_ONE_GO: Final = timedelta(minutes=10)


def again(tx: Transaction, house: House, by: str, conversation: str, made: Report, at: datetime) -> None:
    """Whatever is signed is filed, and filed anew when it says something else. `by`: whose act it was."""
    _again(tx, house, by, conversation, made, at, at)


def _again(  # noqa: PLR0913, PLR0917 - whose act, of which record, and from when it leaves
    tx: Transaction, house: House, by: str, conversation: str, made: Report, at: datetime, leaves: datetime
) -> None:
    if made.signed and delivering.places(house.settings):
        record = replace(records.build(tx, house, conversation), report=made)
        delivering.queue(tx, house.settings, conversation, records.digest(record, whole=True), by, at, leaves)


def decided(tx: Transaction, house: House, by: str, conversation: str, at: datetime) -> None:
    """A person decided of an alert: what was signed before is filed with it (F9)."""
    if (held := reports.last(tx, conversation, Report)[0]) is not None:
        again(tx, house, by, conversation, held, at)


def told_more(tx: Transaction, house: House, conversation: str, at: datetime) -> None:
    """More was said: where that is after the signature it is filed, and whoever signed hears so, once until they have looked."""
    held = reports.last(tx, conversation, Report)[0]
    if held is None or not held.signed:
        return
    _again(tx, house, BOT, conversation, held, at, at + _ONE_GO)
    if _to_look(tx, conversation):
        return
    due = house.shelf.due(at, LOOK.within)
    tasks.add(tx, LOOK, due, at, conversation=conversation)
    house.observe("task", conversation, task=LOOK, due=due)
    # What does not wait for the morning pages by itself.
    day = quiet_hours.next_open(at, house.settings.timezone, quiet_hours.DAY_FROM_HOUR, quiet_hours.DAY_TO_HOUR)
    text = pages.about("told_more", conversations.contact_of(tx, conversation).reference)
    kept = conflict.kept_from(tx, conversation)
    for name in dict.fromkeys(one.by for one in held.signatures if one.by not in kept):
        if (person := people.by_name(tx, name)) is not None and person.active:
            alarms.notice(tx, house, name, text, day)


def looked(tx: Transaction, who: str, conversation: str, at: datetime) -> None:
    """Whoever signs it or amends it has read what was said since."""
    for task in _to_look(tx, conversation):
        tasks.done(tx, task, who, at)


def _to_look(tx: Transaction, conversation: str) -> tuple[str, ...]:
    return tuple(one.id for one in tasks.of(tx, conversation) if one.what == LOOK.what and one.done_at is None)
