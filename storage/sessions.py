"""Who is signed in: found by a mark of their cookie, ended by rest, by the day's length, by hand, or with the person.

May not keep the cookie, or remember a role: what somebody may do is read again with every request.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.keys import Keys

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
# How often it is worth writing down that somebody is still there.
SEEN_EVERY: Final = timedelta(minutes=1)
_TOKEN_BYTES: Final = 32

_T: Final = tables.sessions.c
_FIND: Final = (
    select(_T.staff_id, _T.by, _T.begun_at, _T.seen_at)
    .join(tables.staff, tables.staff.c.id == _T.staff_id)
    .where(
        _T.mark == bindparam("known"),
        _T.seen_at > bindparam("alive"),
        _T.begun_at > bindparam("today"),
        tables.staff.c.active,
    )
)
_ADD: Final = insert(tables.sessions)
_SEE: Final = update(tables.sessions).where(_T.mark == bindparam("known")).values(seen_at=bindparam("now"))
_END: Final = delete(tables.sessions).where(_T.mark == bindparam("known"))
_END_OF: Final = delete(tables.sessions).where(_T.staff_id == bindparam("staff"))
_END_BY: Final = delete(tables.sessions).where(_T.by == bindparam("passkey"))
_FORGET: Final = delete(tables.sessions).where((_T.seen_at <= bindparam("alive")) | (_T.begun_at <= bindparam("today")))
_SEEN: Final = select(_T.staff_id).where(_T.seen_at > bindparam("since"))
_COUNT: Final = select(func.count()).select_from(tables.sessions).where(_T.seen_at > bindparam("alive"))


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `by`: the passkey's or the account's id, or `code`."""

    token: str
    staff: str
    by: str
    begun_at: datetime
    seen_at: datetime


def begin(tx: Transaction, staff: str, by: str, now: datetime) -> str:
    """Sign somebody in; returns what their cookie holds: always a new one, so that none can be planted before."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    tx.execute(_FORGET, _limits(now))
    tx.execute(_ADD, {"mark": _mark(tx, token), "staff_id": staff, "by": by, "begun_at": now, "seen_at": now})
    return token


def find(tx: Transaction, token: str, now: datetime) -> Session | None:
    """The session of a cookie; None when it is over, or the person has left."""
    row = tx.execute(_FIND, {"known": _mark(tx, token), **_limits(now)}).first()
    return None if row is None else Session(token, *row)


def is_stale(session: Session, now: datetime) -> bool:
    """Whether it is time to call `see`."""
    return now - session.seen_at >= SEEN_EVERY


def see(tx: Transaction, session: Session, now: datetime) -> None:
    """Somebody is still there."""
    tx.execute(_SEE, {"known": _mark(tx, session.token), "now": now})


def end(tx: Transaction, token: str) -> None:
    """They signed out."""
    tx.execute(_END, {"known": _mark(tx, token)})


def end_of(tx: Transaction, staff: str) -> int:
    """Sign a person out everywhere, now; returns of how many browsers."""
    return tx.execute(_END_OF, {"staff": staff}).rowcount


def end_by(tx: Transaction, passkey: str) -> int:
    """End what a passkey began: it was removed."""
    return tx.execute(_END_BY, {"passkey": passkey}).rowcount


def seen_since(tx: Transaction, since: datetime) -> frozenset[str]:
    """Who was at the desk since then, by id."""
    return frozenset(tx.execute(_SEEN, {"since": since}).scalars())


def count(tx: Transaction, now: datetime) -> int:
    """How many browsers are signed in."""
    found: int = tx.execute(_COUNT, {"alive": now - IDLE}).scalar_one()
    return found


def form_mark(keys: Keys, token: str) -> str:
    """What a form of this session carries, so that no other site can post in its name."""
    return keys.mac("desk form", token)[:16].hex()


def _limits(now: datetime) -> dict[str, datetime]:
    return {"alive": now - IDLE, "today": now - LONGEST}


def _mark(tx: Transaction, token: str) -> bytes:
    return tx.keys.mac("desk session", token)
