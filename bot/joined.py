"""Two cases that are one child's: joined and split again with their telephones, and every clock of both computed anew.

May not move or seal anything anew: `storage.joining` has the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms, clocks, clockwork
from bot.casework import NotPossible
from storage import cases, contacts, joining, waits

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runner import House
    from storage.database import Transaction
    from storage.people import Person


def join(tx: Transaction, house: House, who: Person, kept: str, other: str, at: datetime) -> None:
    """They are one child: `kept` is the case to look at from now on, and a text from either telephone is about it. Raises
    NotPossible.
    """
    try:
        joining.join_cases(tx, kept, other, who.id, at)
        one, two = (cases.load(tx, case).contact for case in (kept, other))
        if one is not None and two is not None and joining.are_apart(tx, one, two):
            joining.join_contacts(tx, one, two, who.id, at, other)
    except joining.CannotJoin as why:
        raise NotPossible(str(why)) from None
    for telephone in joining.child(tx, case=kept)[0][:1]:
        waits.spread(tx, telephone)
    alarms.look_again(tx, at)
    clocks.set_aside(tx, house, other, at)
    clocks.refresh(tx, house, kept, at)


def split(tx: Transaction, house: House, who: Person, other: str, at: datetime) -> str:
    """They were two children after all: what was of `other` is theirs alone again. Returns the case it had been joined to.
    Raises NotPossible.

    What stays: whoever was kept from a chat of the one is kept from those of the other that there are by now; a chat begun by
    the code of an offer is about the case that was offered (`share_telephone` says when a telephone is both children's still).
    """
    try:
        kept = joining.split_case(tx, other, who.id, at)
        if (telephones := joining.joined_by(tx, other)) is not None:
            joining.split_contact(tx, telephones[1], who.id, at)
    except joining.CannotJoin as why:
        raise NotPossible(str(why)) from None
    for case in (kept, other):
        clocks.refresh(tx, house, case, at)
        clockwork.unplan(tx, house, case)
    return kept


def share_telephone(tx: Transaction, one: str, other: str) -> str | None:
    """The two words of a telephone by which both cases are reached, though they are two children's; None when there is none."""
    first, second = (cases.load(tx, case).contact for case in (one, other))
    if first is None or second is None or second not in joining.contacts_of(tx, first):
        return None
    return contacts.load(tx, second).reference
