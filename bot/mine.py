"""Whose a thing that is owed is: everybody's in the role that has it, of a child with their own worker that worker's, of whoever
was told their own duty to report (R31, R32). Of a child whom no key opens it is everybody's in the role: nobody's list
stops at one child. May not change who owes anything.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from flows import deadline_meaning
from storage import cases, conversations, messages, notes, people
from storage.codes import Direction
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.clocks import Owed
    from storage.database import Transaction
    from storage.messages import Message
    from storage.people import Person
    from storage.tasks import Given

TOLD = "recorder"
_WORKER = "worker"


class Mine:
    """What one person has to do with what is owed: by their role, by the shift they are on now, by name."""

    __slots__ = ("_roles", "_tx", "_workers", "who")

    def __init__(self, tx: Transaction, who: Person, now: datetime) -> None:
        self.who = who
        self._tx, self._roles = tx, people.roles_of(tx, who, now)
        self._workers: dict[str, str] = {}

    def has_clock(self, one: Owed, work_for: str | None, told: str | None) -> bool:
        """Whether a clock is theirs to stop, or the work it made theirs to do; what others owe is not, until it is chased."""
        if told == self.who.name:
            return True
        role = work_for or deadline_meaning.STAFF.get(one.role, one.role)
        return self._has(role, one.case)

    def has_task(self, given: Given) -> bool:
        """Whether this work is theirs."""
        case = given.case
        if case is None and given.conversation is not None:
            case = conversations.case_of(self._tx, given.conversation)
        return self._has(given.role, case)

    def _has(self, role: str, case: str | None) -> bool:
        if role not in self._roles:
            return False
        return role != _WORKER or case is None or self._worker(case) in {"", self.who.name.casefold()}

    def _worker(self, case: str) -> str:
        """The child's own worker, if they are still here; empty when anybody in the role may do it, or nobody can read who."""
        if case not in self._workers:
            named = ""
            with contextlib.suppress(Erased, SealBroken):
                named = str(cases.known(self._tx, cases.load(self._tx, case)).get("worker") or "")
            person = people.by_name(self._tx, named) if named else None
            self._workers[case] = person.name.casefold() if person is not None and person.active else ""
        return self._workers[case]


def told(tx: Transaction, one: Owed) -> str | None:
    """Who was told what this clock wants reported, by name: who noted it, or who was talking with the child when they said it
    (decisions 8). None when a chat with nobody in it was told, or one that no key opens, and of every other clock.
    """
    if one.role != TOLD:
        return None
    staff = notes.who_noted(tx, one.part) or notes.who_first(
        tx, "fgm_done", case=one.case, conversation=one.conversation
    )
    if staff is not None:
        return next((person.name for person in people.everyone(tx) if person.id == staff), None)
    if one.conversation is None:
        return None
    said: list[Message] = []
    with contextlib.suppress(Erased, SealBroken):
        said = [m for m in messages.of(tx, one.conversation) if m.direction is Direction.OUT and m.at <= one.started_at]
    person = people.by_name(tx, said[-1].by) if said else None
    return person.name if person is not None else None
