"""What was to happen when a backup was made and may have happened since: nothing of it reaches a child by itself.

What the child wrote after the backup is lost: a STOP, a code word, an answer, "he reads my texts". So each text that waited and
each timer of a conversation, past or still to come, is marked here and looked at by `bot.restored`, which gives to a person
whatever would have been said. Timers of alerts, cases and the house stay: they page and tell staff, who may hear a thing twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, literal, update

from storage import outbox, tables, timers
from storage.codes import Status, Subject
from storage.timers import Timer

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.database import Transaction

# Stands before the name of a timer that was set before the restore.
MARK: Final = "restored."
# The name of one that stands for a text that waited to leave.
TEXT: Final = "text"
_O: Final = tables.outbox.c
_T: Final = tables.timers.c
_DOUBT: Final = (
    update(tables.outbox)
    .where(outbox.IS_UNSENT, _O.contact_id.is_not(None))
    .values(status=Status.IN_DOUBT, text=None)
    .returning(_O.conversation_id)
)
_SET_ASIDE: Final = (
    update(tables.timers)
    .where(_T.subject == Subject.CONVERSATION, _T.name.not_in(bindparam("stay", expanding=True)))
    .where(_T.name.not_like(f"{MARK}%"))
    .values(name=literal(MARK) + _T.name, due_at=bindparam("now"))
)


def set_aside(tx: Transaction, now: datetime, stay: Collection[str]) -> None:
    """Mark all of that, due at `now`. `stay`: names of timers of a conversation that write to no child. Texts that waited may
    have left: they are in doubt, as after a sender that died.
    """
    waited = {talk for (talk,) in tx.execute(_DOUBT) if talk is not None}
    tx.execute(_SET_ASIDE, {"stay": list(stay), "now": now})
    timers.add_all(tx, (Timer(0, Subject.CONVERSATION, talk, MARK + TEXT, now, 0) for talk in sorted(waited)))
