"""What there is to do now, in one look. May take nothing and change nothing: whoever takes it looks for themselves.

A look may say that there is something where those who take find nothing (another process holds it, or an earlier text of
the same child still waits); it never says that there is nothing where they would find something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, exists, or_, select

from storage import outbox, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_I: Final = tables.inbox.c
_O: Final = tables.outbox.c
_LOOK: Final = select(
    exists().where(tables.timers.c.due_at <= bindparam("now")),
    exists().where(_I.handled_at.is_(None), _I.retry_at <= bindparam("now")),
    # Also what is too late to leave before its next try.
    exists(
        select(_O.seq).where(outbox.IS_UNSENT, or_(_O.due_at <= bindparam("now"), _O.expires_at <= bindparam("now")))
    ),
    exists().where(tables.removals.c.due_at <= bindparam("now")),
)


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a timer, a message that could not be handled, a text that must leave, a text that must be removed is due."""

    timers: bool
    inbox: bool
    outbox: bool
    removals: bool

    @property
    def any(self) -> bool:
        """Whether anything is."""
        return self.timers or self.inbox or self.outbox or self.removals


def look(tx: Transaction, now: datetime) -> Due:
    """What is due at `now`."""
    ((timers, inbox, unsent, removals),) = tx.read(_LOOK, {"now": now})
    return Due(bool(timers), bool(inbox), bool(unsent), bool(removals))
