"""Whether an offer of an interview was made: by what became of its text. What never left was offered to nobody (decisions 5).

May not compute a deadline, nor write to a child.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flows import inviting
from flows.deadlines import Attempt
from storage import cases, contacts, conversations, offers, timers
from storage.codes import Status
from storage.outbox import HELD

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, tzinfo

    from storage.database import Transaction
    from storage.offers import Offer, Text

_STANDS: Final = {
    Status.WAITING: "waits to leave",
    Status.LEASED: "waits to leave",
    Status.IN_DOUBT: "nobody knows whether it left",
    Status.EXPIRED: "not sent: too late",
}


@dataclass(frozen=True, slots=True)
class Made:
    """An offer and when it left, None while it has not: nothing that is no attempt counts as one (R05, R06)."""

    offer: Offer
    texts: tuple[Text, ...]

    @property
    def at(self) -> datetime | None:
        """When its text left; of one that did not arrive, when the child came by its code all the same."""
        return next((one.at for one in self.texts if one.left), self.offer.used_at)


def of(tx: Transaction, case: str, keys: Collection[str]) -> tuple[Made, ...]:
    """Every offer of the interview by text, of joined cases too, as they were typed. `keys`: the texts that are one."""
    typed = (one for member in cases.members(tx, cases.root(tx, case)) for one in offers.of_case(tx, member))
    return tuple(
        Made(one, offers.texts(tx, one.conversation, keys) if one.conversation is not None else ())
        for one in sorted(typed, key=lambda one: (one.offered_at, one.id))
    )


def attempt(made: Made) -> tuple[Attempt, ...]:
    """The try it was, if it was one."""
    return () if made.at is None else (Attempt(made.at, made.offer.channel, by_person=False),)


def result(tx: Transaction, made: Made, tz: tzinfo) -> str:
    """How it stands, for people."""
    if made.at is not None:
        return "sent"
    if made.texts:
        return _of_text(made.texts[-1])
    talk = made.offer.conversation
    if contacts.load(tx, made.offer.contact).opted_out:
        return "not sent: STOP"
    if talk is None:
        return "not sent"
    if inviting.KEPT_BACK in conversations.peek(tx, talk).counts:
        return "not sent: a person is needed first"
    waits = next((one.at for one in timers.of(tx, talk) if one.name == inviting.TIMER), None)
    return "not sent" if waits is None else f"waits for {waits.astimezone(tz):%H:%M}"


def _of_text(text: Text) -> str:
    if text.status is Status.WAITING and text.error == HELD:
        return "waits until the child writes"
    if text.status is Status.CANCELLED:
        return "not sent"
    return _STANDS.get(text.status, "did not arrive")
