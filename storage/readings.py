"""The code by which a child reads its own words, once: it looks like a telephone number that rings nowhere, as every code of
the page does (`reentry`), and wrong ones count against the same throttle. May not read or show an answer.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import audit, ids, reentry, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

# Long enough to find a quiet moment, short enough that a slip of paper is soon worth nothing.
VALID: Final = timedelta(hours=48)
# A page that was opened is answered while whoever opened it still sits there.
OPEN_FOR: Final = timedelta(minutes=30)
RIGHT, CHANGED = "right", "changed"

_R: Final = tables.readings.c
_COLUMNS: Final = (
    _R.id,
    _R.conversation_id,
    _R.by,
    _R.released_at,
    _R.expires_at,
    _R.opened_at,
    _R.done_at,
    _R.outcome,
)
_ADD: Final = insert(tables.readings)
_OF: Final = select(*_COLUMNS).where(_R.conversation_id == bindparam("conversation")).order_by(_R.id)
_END: Final = (
    update(tables.readings)
    .where(_R.conversation_id == bindparam("talk"), _R.done_at.is_(None))
    .values(mark=None, open_mark=None)
)
_WAITING: Final = select(_R.conversation_id).where(
    _R.mark == bindparam("known"), _R.opened_at.is_(None), _R.expires_at > bindparam("now")
)
_OPEN: Final = (
    update(tables.readings)
    .where(_R.mark == bindparam("known"), _R.opened_at.is_(None), _R.expires_at > bindparam("now"))
    .values(mark=None, open_mark=bindparam("opened"), opened_at=bindparam("now"))
)
_OPENED: Final = select(_R.conversation_id).where(_R.open_mark == bindparam("opened"))
_DONE: Final = (
    update(tables.readings)
    .where(_R.open_mark == bindparam("opened"), _R.done_at.is_(None), _R.opened_at > bindparam("since"))
    .values(done_at=bindparam("now"), outcome=bindparam("what"))
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One release. `by`: the staff id of who released it; `outcome`: right or changed."""

    id: str
    conversation: str
    by: str
    released_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    done_at: datetime | None
    outcome: str | None


def of(tx: Transaction, conversation: str) -> tuple[Reading, ...]:
    """Every release there was, the oldest first."""
    return tuple(Reading(*row) for row in tx.read(_OF, {"conversation": conversation}))


def release(tx: Transaction, conversation: str, by: str, now: datetime) -> str:
    """A code for a child to read its words by; the one before is worth nothing any more."""
    code = reentry.fresh()
    tx.execute(_END, {"talk": conversation})
    row = {
        "id": ids.new(),
        "conversation_id": conversation,
        "mark": _mark(tx, code),
        "by": by,
        "released_at": now,
        "expires_at": now + VALID,
    }
    tx.execute(_ADD, row)
    audit.record(tx, now, by, "reading.released", conversation)
    return reentry.shown(code)


def waiting(tx: Transaction, digits: str, now: datetime) -> str | None:
    """The conversation whose words this code shows; None when it is none of ours, used, too old or throttled. A wrong one is
    counted by whoever tries it as another code.
    """
    if reentry.is_throttled(tx, reentry.mark_of(tx, reentry.national(digits)), now):
        return None
    row = tx.execute(_WAITING, {"known": _mark(tx, reentry.national(digits)), "now": now}).first()
    return None if row is None else str(row.conversation_id)


def open_page(tx: Transaction, digits: str, now: datetime) -> str | None:
    """Use a code up: what the page that is shown carries; None for whoever came second."""
    token = secrets.token_urlsafe(32)
    marks = {"known": _mark(tx, reentry.national(digits)), "opened": _open_mark(tx, token), "now": now}
    return token if tx.execute(_OPEN, marks).rowcount == 1 else None


def opened(tx: Transaction, token: str) -> str | None:
    """The conversation of a page that was opened; also of one that was answered or is too old, by which nothing is recorded any
    more (`done`) but what is written there is still a child's.
    """
    row = tx.execute(_OPENED, {"opened": _open_mark(tx, token)}).first()
    return None if row is None else str(row.conversation_id)


def done(tx: Transaction, token: str, outcome: str, now: datetime) -> bool:
    """A page is answered, once. False when it was, or is too old."""
    given = {"opened": _open_mark(tx, token), "since": now - OPEN_FOR, "now": now, "what": outcome}
    return tx.execute(_DONE, given).rowcount == 1


def _mark(tx: Transaction, code: str) -> bytes:
    return tx.keys.mac("reading", code)


def _open_mark(tx: Transaction, token: str) -> bytes:
    return tx.keys.mac("reading open", token)
