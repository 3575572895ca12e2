"""A signed record that says something else than it did is filed anew, whoever's act that is: a signature, an amendment, what
the child says later, what a person decides of it. What was filed before stands.

May not change a record, nor send it anywhere (that is `delivering`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot import conflict, delivering, giving, later, noticing, pages, records
from flows import quiet_hours
from flows.model import BOT, MANAGERS, Task
from flows.report import Report
from storage import audit, conversations, people, reports, tasks
from storage.codes import Subject
from storage.database import Erased
from storage.timers import Timer

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction

# Whoever signed looks at it the same day: nobody else opens a record that is done.
LOOK: Final = Task("look_at_signed_record", "worker", "today")
TIMER: Final = "refile"
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
    _beside(tx, house, by, conversation, at)


def told_more(tx: Transaction, house: House, conversation: str, at: datetime) -> None:
    """More was said: where that is after the signature it is filed, and whoever signed hears so, once until they have looked."""
    _beside(tx, house, BOT, conversation, at)


def _beside(tx: Transaction, house: House, by: str, conversation: str, at: datetime) -> None:
    """With what happened, which a record that cannot be read or built may not undo: a page and a decision matter more."""
    if reports.is_there(tx, conversation):
        work = partial(_anew, tx, house, by, conversation, at)
        later.if_not_now(tx, work, Timer(0, Subject.CONVERSATION, conversation, TIMER, at, 0, about=by))


def due(tx: Transaction, house: House, timer: Timer, now: datetime) -> None:
    """What could not be filed with what happened. Of an erased child nothing is left to file."""
    try:
        _anew(tx, house, timer.about, timer.subject_id, now)
    except Erased:
        audit.record(tx, now, BOT, "refile.erased", timer.subject_id)


def _anew(tx: Transaction, house: House, by: str, conversation: str, at: datetime) -> None:
    held = reports.last(tx, conversation, Report)[0]
    if held is None or not held.signed:
        return
    _again(tx, house, by, conversation, held, at, at + _ONE_GO if by == BOT else at)
    if by == BOT and not tasks.open_of(tx, conversation, LOOK.what):
        _have_looked_at(tx, house, conversation, held, at)


def _have_looked_at(tx: Transaction, house: House, conversation: str, held: Report, at: datetime) -> None:
    kept = conflict.kept_from(tx, conversation)
    here = {one.name: one.role for one in people.everyone(tx) if one.active and one.name not in kept}
    told = tuple(dict.fromkeys(one.by for one in held.signatures if one.by in here))
    task, about = (LOOK, "told_more") if told else (replace(LOOK, role=MANAGERS[0]), "told_more:left")
    giving.work(tx, house, task, at, conversation=conversation)
    # What does not wait for the morning pages by itself.
    day = quiet_hours.next_day(at, house.settings.timezone)
    text = pages.about(about, conversations.contact_of(tx, conversation).reference)
    for name in told or tuple(name for name, role in here.items() if role.value in MANAGERS):
        noticing.notice(tx, house, name, text, day)


def looked(tx: Transaction, who: str, conversation: str, at: datetime) -> None:
    """Whoever signs it or amends it has read what was said since."""
    for task in tasks.open_of(tx, conversation, LOOK.what):
        tasks.done(tx, task.id, who, at)
