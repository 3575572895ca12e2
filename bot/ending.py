"""The end of somebody's access, whoever ends it: signed out and reached no more in the same moment, and nothing they had in
hand stays with them.

What they had goes on by a timer each, due at once: every chat and every alert has a lock of its own, and to take them all in
one transaction would make two of these wait for each other. May not decide whose access ends, or who comes next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import roster
from storage import alerts, audit, leases, people, sessions, timers
from storage.codes import Subject

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.people import Person

# The timer of a chat or an alert whose person is gone; `about` is their id.
GONE: Final = "person_gone"


def end(tx: Transaction, person: Person, at: datetime, by: str, what: str, *more: str) -> None:
    """Out at once, from every session and the rota; the audit says `by` whom, `what`, and what `more` it was for.

    Each alert they took, or were asked for as the last, climbs as if they had said that they cannot; each child they have waits
    for another and is told so. Their passkeys and links are worth nothing while they are not active.
    """
    people.set_active(tx, person.id, on=False)
    if person.name.startswith(people.UNREADABLE):
        people.mark_again(tx, person)
    sessions.end_of(tx, person.id)
    audit.record(tx, at, by, what, person.id, *more)
    for alert, _ in alerts.open_ids(tx):
        timers.add(tx, Subject.ALERT, alert, GONE, at, 0, about=person.id)
    for lease in leases.by(tx, person.id):
        timers.add(tx, Subject.CONVERSATION, lease.conversation, GONE, at, 0, about=person.id)
    # They leave a gap.
    roster.wake(tx, at)
