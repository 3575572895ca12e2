"""What a case knows of its child, as the chats about them go by it: the newest, however late it was learnt (decisions 6).

May not write to a child, nor say what a fact means: `flows` does.
"""

from __future__ import annotations

import logging
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from bot import taken_up
from flows import facts, toolkit
from flows.model import Service
from storage import cases, conversations, timers
from storage.codes import Subject
from storage.database import Erased

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from bot.runner import House
    from flows.events import Event
    from flows.model import Conversation
    from storage.contacts import Contact
    from storage.database import Transaction

log = logging.getLogger(__name__)

# A case knows something that a chat under way does not: fired at once, each chat in its own time.
TIMER: Final = "learnt"
_OF_CHILD: Final = (
    "age", "learning_disability", "looked_after", "vital_medicine", "previous_worker", "comm_help", "worker",
)  # fmt: skip
# Said of a telephone, not of the child: what was made sure when it was to be texted stands.
_OF_NUMBER: Final = ("number_confirmed",)


def first(details: Mapping[str, object], today: date) -> dict[str, str | int]:
    """What a conversation knows from its first text. The age is that of today."""
    return _named(details, (*_OF_CHILD, *_OF_NUMBER), today)


def _named(details: Mapping[str, object], names: Iterable[str], today: date) -> dict[str, str | int]:
    known = {name: value for name in names if isinstance(value := details.get(name), str | int)}
    if (born := details.get("birth_date")) and (age := toolkit.years(date.fromisoformat(str(born)), today)) is not None:
        known["age"] = age
    return known


def anew(tx: Transaction, house: House, c: Conversation, contact: Contact, at: datetime) -> Conversation:
    """A conversation as it is by what its case knows now. Of an erased case nothing is known any more, and of one that cannot be
    read nothing new: no child goes without an answer, and no worker without a chat, for a fault in a record.
    """
    case = conversations.case_of(tx, c.id) if contact.store is Service.RETURN_INTERVIEW else None
    if case is None:
        return c
    try:
        record = _named(cases.known(tx, cases.load(tx, case)), _OF_CHILD, house.shelf.calendar.day(at))
    except Erased:
        return c
    except ValueError:  # sealed under no key of ours, or no date
        unread(case)
        return c
    return facts.learnt(c, record)


@lru_cache(maxsize=1024)
def unread(case: str) -> None:
    """Once in a process: every text and timer of the chat comes by here."""
    log.error("case not read: its chats go by what they knew", extra={"case": case})


def taken_in(tx: Transaction, house: House, c: Conversation, contact: Contact, event: Event) -> Conversation:
    """As `anew`, for an event that goes on by it: the chat is looked at right after, whatever came before `tell`. The first text
    finds what was told about the same time missing elsewhere.
    """
    c = taken_up.first(tx, house, c, event)
    found = anew(tx, house, c, contact, event.at)
    if found is not c and getattr(event, "name", "") != TIMER:
        timers.add(tx, Subject.CONVERSATION, c.id, TIMER, event.at, c.turn)
    return found


def tell(tx: Transaction, house: House, talks: Iterable[Conversation], now: datetime) -> None:
    """Have every one of a case's chats looked at that goes by something older."""
    for c in talks:
        if anew(tx, house, c, conversations.contact_of(tx, c.id), now) is not c:
            timers.add(tx, Subject.CONVERSATION, c.id, TIMER, now, c.turn)
