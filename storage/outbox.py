"""What must leave: written with the state that caused it, sent after the commit, at least once. May not send anything
itself.

claim -> send -> `sent` / `failed` / `in_doubt`. A row is leased while it is being sent; a lease that runs out means
that a sender died in the middle, which is *in doubt*: only a row that may be repeated is sent again. Whom it goes to is
an id; the address is read at the last moment. A later text to a child never leaves before an earlier one, but for one that no
key opens: that leaves in its turn or not at all (`claiming`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, text, update

from storage import ids, tables
from storage.codes import Sending, Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.database import Transaction

LEASE: Final = timedelta(seconds=60)
PRIORITY: Final = {Sending.PAGE: 0, Sending.SAY: 1, Sending.NOTICE: 2}
# A status is only ever replaced by one that ranks higher: provider reports overtake each other, and a handset's receipt
# outweighs a carrier's failure.
RANK: Final = {
    Status.WAITING: 0,
    Status.LEASED: 1,
    Status.IN_DOUBT: 2,
    Status.CANCELLED: 3,
    Status.EXPIRED: 3,
    Status.SENT: 4,
    Status.FAILED: 5,
    Status.UNDELIVERED: 6,
    Status.DELIVERED: 7,
    Status.READ: 8,
}
_LONGEST_CODE: Final = 40
# In `error` of a waiting row: it may not leave before the person writes to us, and holds up nothing behind it.
HELD: Final = "held"
# In `error` of a waiting row: no key opened its text or address. It is whole for whoever has its key.
SEALED: Final = "sealed"
_LONGEST_ID: Final = 80
_T: Final = tables.outbox
_O: Final = _T.c
_UNSENT: Final = (Status.WAITING, Status.LEASED)
# The words of the indexes, so that they are used: else every look reads all that was ever sent.
IS_UNSENT: Final = text("outbox.status IN ('waiting', 'leased')")
_ADD: Final = insert(_T)
_BY_ID: Final = _O.id == bindparam("outbox")
_SENT: Final = (
    update(_T)
    .where(_BY_ID, _O.status.in_((Status.WAITING, Status.LEASED, Status.IN_DOUBT)))
    .values(status=Status.SENT, provider_id=bindparam("provider"), sent_at=bindparam("now"), text=None, error=None)
)
_AGAIN: Final = (
    update(_T)
    .where(_BY_ID, _O.status.in_(_UNSENT))
    .values(status=Status.WAITING, error=bindparam("reason"), due_at=bindparam("retry"))
)
_GAVE_UP: Final = (
    update(_T).where(_BY_ID, _O.status.in_(_UNSENT)).values(status=Status.FAILED, error=bindparam("reason"), text=None)
)
_DOUBT: Final = update(_T).where(_BY_ID, _O.status.in_(_UNSENT)).values(status=Status.IN_DOUBT, text=None)
# What is held has not left: a report that names it is of the template that left in its place.
_STATUS: Final = select(_O.status).where(_BY_ID, func.coalesce(_O.error, "") != HELD).with_for_update()
_MOVE: Final = update(_T).where(_BY_ID).values(status=bindparam("to"), error=bindparam("reason"), text=None)
_WAITING: Final = _O.status == Status.WAITING
_CANCEL: Final = update(_T).where(_BY_ID, _WAITING).values(status=Status.CANCELLED, text=None)
_FORGET: Final = delete(_T).where(_BY_ID)
_FORGET_ALL: Final = delete(_T).where(_O.channel == bindparam("channel"))
_CANCEL_ALERT: Final = (
    update(_T)
    .where(_O.alert_id == bindparam("alert"), _O.kind == Sending.PAGE, _WAITING)
    .values(status=Status.CANCELLED, text=None)
)
_CANCEL_SAYS: Final = (
    update(_T).where(_O.contact_id == bindparam("contact"), IS_UNSENT).values(status=Status.CANCELLED, text=None)
)
_LATE: Final = and_(_WAITING, _O.expires_at.is_not(None), _O.expires_at <= bindparam("now"))
_STRANDED: Final = and_(_O.status == Status.LEASED, _O.due_at <= bindparam("now"), ~_O.repeat_in_doubt)
_LOST: Final = select(_O.id).where(IS_UNSENT, or_(_LATE, _STRANDED)).order_by(_O.due_at).limit(bindparam("limit"))
_EXPIRE: Final = update(_T).where(_BY_ID, _LATE).values(status=Status.EXPIRED, text=None)
_STRAND: Final = update(_T).where(_BY_ID, _STRANDED).values(status=Status.IN_DOUBT, text=None)
_HOLD: Final = (
    update(_T)
    .where(_BY_ID, _O.status.in_(_UNSENT))
    .values(status=Status.WAITING, error=HELD, due_at=bindparam("until"), expires_at=bindparam("until"))
)
_HELD_ROW: Final = and_(_WAITING, _O.error == HELD)
_LET_OUT: Final = update(_T).where(_BY_ID, _HELD_ROW).values(error=None, due_at=bindparam("now"))
_COUNT_SEALED: Final = select(func.count()).where(IS_UNSENT, _WAITING, _O.error == SEALED)
_NEXT: Final = select(_O.due_at).where(IS_UNSENT).order_by(_O.due_at).limit(1)
_SHOWN: Final = (
    _O.id,
    _O.kind,
    _O.channel,
    _O.status,
    _O.error,
    _O.contact_id,
    _O.staff_id,
    _O.conversation_id,
    _O.message_id,
    _O.alert_id,
    _O.attempts,
    _O.created_at,
    _O.sent_at,
    _O.provider_id,
)
_LOOK: Final = select(*_SHOWN).where(_BY_ID)
_OF_HELD: Final = (
    select(*_SHOWN)
    .where(_O.contact_id == bindparam("contact"), _O.channel == bindparam("channel"), IS_UNSENT, _HELD_ROW)
    .order_by(_O.seq)
)
_OF_MESSAGE: Final = select(*_SHOWN).where(_O.message_id == bindparam("message"))
_M: Final = tables.messages.c
_NOT_SENT: Final = (
    select(_O.message_id, _O.status, _O.error)
    .join(tables.messages, _M.id == _O.message_id)
    .where(_M.conversation_id == bindparam("conversation"))
    .where(_O.status.not_in((Status.SENT, Status.DELIVERED, Status.READ)))
    .order_by(_O.seq)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to leave. Exactly one of `contact` and `staff` (ids); `message`: the row of the thread it shows as; of a page
    with buttons, the page.

    `repeat_in_doubt`: whether a send that may have worked may be sent again (a page: yes; a child's text: as the caller
    says). `alert`, `serial`, `rung`: for pages, so that the facts can be read again before it leaves. `method`: the one way
    of a person that is meant, verified or not (a code that shall prove it).
    """

    kind: Sending
    channel: str
    text: str
    not_before: datetime
    contact: str | None = None
    staff: str | None = None
    conversation: str | None = None
    message: str | None = None
    alert: str | None = None
    serial: int | None = None
    rung: int | None = None
    expires_at: datetime | None = None
    method: str | None = None
    repeat_in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """How a sending stands."""

    id: str
    kind: Sending
    channel: str
    status: Status
    error: str | None
    contact: str | None
    staff: str | None
    conversation: str | None
    message: str | None
    alert: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    provider_id: str | None

    @property
    def held(self) -> bool:
        """It waits (or waited, until its time was up) for the person to write to us."""
        return self.error == HELD


def add(tx: Transaction, draft: Draft, now: datetime) -> str:
    """Put one thing in the outbox; returns its id."""
    return add_all(tx, (draft,), now)[0]


def add_all(tx: Transaction, drafts: Iterable[Draft], now: datetime) -> tuple[str, ...]:
    """Put several in, in their order; returns their ids."""
    rows = [_row(tx, draft, now) for draft in drafts]
    if rows:
        tx.write(_ADD, *rows)
    return tuple(str(row["id"]) for row in rows)


def _row(tx: Transaction, draft: Draft, now: datetime) -> dict[str, object]:
    outbox = ids.new()
    if (draft.contact is None) == (draft.staff is None):
        message = "an outbox draft goes to one contact or to one person of the staff"
        raise ValueError(message)
    key = tx.keys if draft.contact is None else tx.data_key(draft.contact)
    return {
        "id": outbox,
        "kind": draft.kind,
        "priority": PRIORITY[draft.kind],
        "contact_id": draft.contact,
        "staff_id": draft.staff,
        "conversation_id": draft.conversation,
        "channel": draft.channel,
        "text": key.seal(draft.text, "outbox", outbox),
        "alert_id": draft.alert,
        "serial": draft.serial,
        "rung": draft.rung,
        "message_id": draft.message,
        "method_id": draft.method,
        "repeat_in_doubt": draft.repeat_in_doubt,
        "status": Status.WAITING,
        "attempts": 0,
        "created_at": now,
        "not_before": draft.not_before,
        "due_at": draft.not_before,
        "expires_at": draft.expires_at,
    }


def sent(tx: Transaction, outbox: str, provider_id: str | None, now: datetime) -> None:
    """The provider took it. The text is gone from here; the thread has it."""
    provider = None if provider_id is None else provider_id[:_LONGEST_ID]
    tx.execute(_SENT, {"outbox": outbox, "provider": provider, "now": now})


def failed(tx: Transaction, outbox: str, reason: str, retry_at: datetime | None = None) -> None:
    """The provider did not take it: again at `retry_at`, or never. `reason` is a code, never a provider's sentence."""
    code = {"outbox": outbox, "reason": reason[:_LONGEST_CODE]}
    if retry_at is None:
        tx.execute(_GAVE_UP, code)
    else:
        tx.execute(_AGAIN, code | {"retry": retry_at})


def in_doubt(tx: Transaction, outbox: str, retry_at: datetime | None = None) -> None:
    """The send timed out: it may have worked. With `retry_at` (only for what may be repeated) it goes again."""
    if retry_at is None:
        tx.execute(_DOUBT, {"outbox": outbox})
    else:
        tx.execute(_AGAIN, {"outbox": outbox, "reason": "in_doubt", "retry": retry_at})


def status(tx: Transaction, outbox: str, to: Status, error: str | None = None) -> bool:
    """A provider's report. False when it is unknown, or older than what we know (reports arrive out of order), or of what waits
    for the person to write to us.
    """
    now: Status | None = tx.execute(_STATUS, {"outbox": outbox}).scalar()
    if now is None or RANK[to] <= RANK[now]:
        return False
    tx.execute(_MOVE, {"outbox": outbox, "to": to, "reason": None if error is None else error[:_LONGEST_CODE]})
    return True


def hold(tx: Transaction, outbox: str, until: datetime) -> None:
    """It may not leave before this person writes to us: it waits until `let_out`, at the longest `until`."""
    tx.execute(_HOLD, {"outbox": outbox, "until": until})


def held(tx: Transaction, contact: str, channel: str) -> tuple[Sent, ...]:
    """What waits for this contact to write on this channel, oldest first."""
    return tuple(Sent(*row) for row in tx.execute(_OF_HELD, {"contact": contact, "channel": channel}))


def let_out(tx: Transaction, outbox: str, now: datetime) -> None:
    """They wrote: what was held leaves now."""
    tx.execute(_LET_OUT, {"outbox": outbox, "now": now})


def cancel(tx: Transaction, outbox: str) -> bool:
    """Do not send it after all; False when it has left (or is leaving) already."""
    return tx.execute(_CANCEL, {"outbox": outbox}).rowcount == 1


def forget(tx: Transaction, outbox: str) -> None:
    """Delete a row that must leave no trace: the watchdog's."""
    tx.execute(_FORGET, {"outbox": outbox})


def forget_channel(tx: Transaction, channel: str) -> None:
    """As `forget`, for every row of a channel that no person is behind."""
    tx.execute(_FORGET_ALL, {"channel": channel})


def cancel_pages(tx: Transaction, alert: str) -> int:
    """The alert was taken: pages of it that have not left stay. Returns how many."""
    return tx.execute(_CANCEL_ALERT, {"alert": alert}).rowcount


def cancel_for(tx: Transaction, contact: str) -> int:
    """Nothing that waits for this contact leaves (STOP, erasure). Returns how many."""
    return tx.execute(_CANCEL_SAYS, {"contact": contact}).rowcount


def lost(tx: Transaction, now: datetime, limit: int) -> tuple[str, ...]:
    """What is too late to be sent, or was leased to a sender that died and may not be repeated: the ids, earliest due first."""
    return tuple(tx.execute(_LOST, {"now": now, "limit": limit}).scalars())


def expire(tx: Transaction, outbox: str, now: datetime) -> bool:
    """One that is too late to be sent is not sent; False when it is not, or not any more."""
    return tx.execute(_EXPIRE, {"outbox": outbox, "now": now}).rowcount == 1


def strand(tx: Transaction, outbox: str, now: datetime) -> bool:
    """A lease that ran out on what may not be repeated: in doubt, for a person to see. False when it is none, or not any more."""
    return tx.execute(_STRAND, {"outbox": outbox, "now": now}).rowcount == 1


def sealed(tx: Transaction) -> int:
    """How many wait that no key opens."""
    return int(tx.execute(_COUNT_SEALED).scalar() or 0)


def next_at(tx: Transaction) -> datetime | None:
    """When the next row is due."""
    rows = tx.read(_NEXT, {})
    return rows[0][0] if rows else None


def look(tx: Transaction, outbox: str) -> Sent | None:
    """How one sending stands."""
    row = tx.execute(_LOOK, {"outbox": outbox}).first()
    return None if row is None else Sent(*row)


def of_message(tx: Transaction, message: str) -> tuple[Sent, ...]:
    """How a text of the thread was sent."""
    return tuple(Sent(*row) for row in tx.execute(_OF_MESSAGE, {"message": message}))


def not_sent(tx: Transaction, conversation: str) -> dict[str, tuple[Status, str | None]]:
    """The texts of a thread that no provider is known to have taken, or that came back: message -> status and error."""
    rows = tx.execute(_NOT_SENT, {"conversation": conversation})
    return {message: (status, error) for message, status, error in rows}
