"""A child's browser while the page is open: found by a mark of its cookie, gone when they leave or fall silent.

May not keep the cookie, an address of the network or a word that was said. What ends here is the looking on, never the
conversation: its alerts and timers do not know that there is a page.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from flows.model import Service
from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.keys import Keys

CHANNEL: Final = "web"
# The note on a conversation whose child pressed Exit: the visit itself is gone by then.
LEFT: Final = "left_page"
# A page that asks for nothing for so long was left open; the page itself goes blank sooner.
IDLE: Final = timedelta(minutes=30)
# How often it is worth writing down that somebody is still there.
_SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32

_V: Final = tables.visits.c
_A: Final = tables.addresses.c
_C: Final = tables.conversations.c
_COLUMNS: Final = (_V.conversation_id, _V.locale, _V.since, _V.question, _V.begun_at, _V.seen_at)
_FIND: Final = select(*_COLUMNS).where(_V.mark == bindparam("known"), _V.seen_at > bindparam("alive"))
_ADD: Final = insert(tables.visits)
_OF_MARK: Final = _V.mark == bindparam("known")
_SEE: Final = update(tables.visits).where(_OF_MARK).values(seen_at=bindparam("now"))
_ATTACH: Final = (
    update(tables.visits).where(_OF_MARK).values(conversation_id=bindparam("talk"), seen_at=bindparam("now"))
)
_END: Final = delete(tables.visits).where(_OF_MARK)
_END_OF: Final = delete(tables.visits).where(_V.conversation_id == bindparam("talk"))
_FORGET: Final = delete(tables.visits).where(_V.seen_at <= bindparam("before"))
_LAST: Final = select(func.max(_V.seen_at)).where(_V.conversation_id == bindparam("talk"))
_BEGUN: Final = select(func.count()).select_from(tables.visits).where(_V.begun_at > bindparam("since"))
_ALL: Final = select(func.count()).select_from(tables.visits)
# One address may be known to both services; the page shows the chat that was last spoken in, as an answer would go.
_TALKS: Final = (
    select(_C.id, _C.started_at, _C.last_inbound_at, _C.last_outbound_at)
    .join(tables.addresses, _A.contact_id == _C.contact_id)
    .where(
        _A.channel == CHANNEL,
        or_(*((_A.store == service) & (_A.fingerprint == bindparam(service.name.lower())) for service in Service)),
    )
)


@dataclass(frozen=True, slots=True)
class Visit:
    """An open page. Shown is what came after the message `since`, and before it only `question`."""

    token: str
    conversation: str | None
    locale: str | None
    since: str
    question: str | None
    begun_at: datetime
    seen_at: datetime


def new_token() -> str:
    """256 bits of chance, for the cookie and for nothing else."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def address(keys: Keys, token: str) -> str:
    """How this browser is called as an address of its channel: nothing leads back to the cookie."""
    return keys.mac("web address", token)[:16].hex()


def form_mark(keys: Keys, token: str) -> str:
    """What a form of this visit carries, so that no other site can post in its name."""
    return keys.mac("web form", token)[:16].hex()


def find(tx: Transaction, token: str, now: datetime) -> Visit | None:
    """The visit of a cookie; None when there is none, or nobody was seen for too long."""
    row = tx.execute(_FIND, {"known": _mark(tx, token), "alive": now - IDLE}).first()
    return None if row is None else Visit(token, *row)


def begin(  # noqa: PLR0913 - a visit has this many parts
    tx: Transaction,
    token: str,
    now: datetime,
    *,
    locale: str | None = None,
    conversation: str | None = None,
    since: str = "",
    question: str | None = None,
) -> Visit:
    """Keep a new visit. What nobody looks at any more is forgotten on the way."""
    tx.execute(_FORGET, {"before": now - IDLE})
    held = {"locale": locale, "conversation_id": conversation, "since": since, "question": question}
    tx.execute(_ADD, {"mark": _mark(tx, token), "begun_at": now, "seen_at": now, **held})
    return Visit(token, conversation, locale, since, question, now, now)


def attach(tx: Transaction, token: str, conversation: str, now: datetime) -> None:
    """Note which conversation a visit looks on, so that it ends when somebody comes back to that with a code."""
    tx.execute(_ATTACH, {"known": _mark(tx, token), "talk": conversation, "now": now})


def see(tx: Transaction, visit: Visit, now: datetime) -> None:
    """Somebody is still there."""
    tx.execute(_SEE, {"known": _mark(tx, visit.token), "now": now})


def is_stale(visit: Visit, now: datetime) -> bool:
    """Whether it is time to call `see`."""
    return now - visit.seen_at >= _SEEN_EVERY


def end(tx: Transaction, token: str) -> bool:
    """They left; False when they had left already."""
    return tx.execute(_END, {"known": _mark(tx, token)}).rowcount == 1


def end_of(tx: Transaction, conversation: str) -> int:
    """Nobody looks on a conversation any more; returns how many did."""
    return tx.execute(_END_OF, {"talk": conversation}).rowcount


def last_seen(tx: Transaction, conversation: str) -> datetime | None:
    """When somebody was last known to look on a conversation, to a minute; None when every page of it was left."""
    at: datetime | None = tx.execute(_LAST, {"talk": conversation}).scalar()
    return at


def conversation_of(tx: Transaction, token: str) -> str | None:
    """The conversation that is spoken in from this browser, without locking anybody."""
    name = address(tx.keys, token)
    marks = {service.name.lower(): tx.keys.fingerprint(service, CHANNEL, name) for service in Service}
    rows = tx.execute(_TALKS, marks).all()
    if not rows:
        return None
    return str(max(rows, key=lambda row: max(at for at in row[1:] if at is not None))[0])


def begun_since(tx: Transaction, since: datetime) -> int:
    """How many visits have begun since a time and last."""
    count: int = tx.execute(_BEGUN, {"since": since}).scalar_one()
    return count


def count(tx: Transaction) -> int:
    """How many visits there are."""
    held: int = tx.execute(_ALL).scalar_one()
    return held


def _mark(tx: Transaction, token: str) -> bytes:
    return tx.keys.mac("web visit", token)
