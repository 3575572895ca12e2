"""Taking what is due out of the outbox, so that two senders never hold the same row. May not add or mark anything else.

Pages first, then words to children, then notices. For one child: nothing while an earlier text that should have left by
now still waits or is being sent. A text planned for tomorrow does not hold up an answer today.

A text that no key opens lets what follows it pass, for a child must get their next text at once, and is tried again for as
long as it is the last thing said. Once the child has written or something newer has left it stays: read later it could be a
question that another has replaced, or one asked after a disclosure. So it leaves in its turn or not at all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import and_, bindparam, exists, or_, select, text, update

from flows.model import Level
from storage import methods, tables
from storage.codes import Sending, Status
from storage.database import Erased
from storage.keys import SealBroken
from storage.outbox import HELD, IS_UNSENT, LEASE, SEALED, failed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from storage.database import Transaction

    # By person of the staff, channel and the one way that is meant.
    _Addresses: TypeAlias = dict[tuple[str, str, str | None], str | None]

log = logging.getLogger(__name__)

_T: Final = tables.outbox
_O: Final = _T.c
_A: Final = tables.addresses.c
_C: Final = tables.contacts.c
_K: Final = tables.conversations.c
_S: Final = tables.staff.c
_EARLIER: Final = _T.alias("earlier")
_E: Final = _EARLIER.c
_VALID: Final = or_(_O.expires_at.is_(None), _O.expires_at > bindparam("now"))
_BEHIND: Final = exists().where(
    _E.contact_id == _O.contact_id,
    _E.seq < _O.seq,
    text("earlier.status IN ('waiting', 'leased')"),
    _E.not_before <= _O.not_before,
    or_(_E.expires_at.is_(None), _E.expires_at > bindparam("now")),
    or_(
        _E.error.is_(None),
        and_(_E.error != HELD, or_(_E.error != SEALED, _E.status == Status.LEASED, _E.due_at <= bindparam("now"))),
    ),
)
_READY: Final = and_(
    IS_UNSENT,
    _O.due_at <= bindparam("now"),
    or_(_O.status == Status.WAITING, and_(_O.status == Status.LEASED, _O.repeat_in_doubt)),
    _VALID,
    _O.channel.in_(bindparam("channels", expanding=True)),
    or_(_O.contact_id.is_(None), ~_BEHIND),
)
_PICK: Final = (
    select(_O.seq)
    .where(_READY)
    .order_by(_O.priority, _O.due_at, _O.seq)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=_T)
)
_ALONG: Final = (
    select(_O.seq, tables.alerts.c.level)
    .join(tables.alerts, tables.alerts.c.id == _O.alert_id)
    .where(IS_UNSENT, _O.due_at <= bindparam("now"), _O.status == Status.WAITING, _VALID, _O.kind == Sending.PAGE)
    .where(_O.staff_id == bindparam("staff"), _O.channel == bindparam("channel"), _O.method_id.is_(None))
    .order_by(tables.alerts.c.level.desc(), _O.due_at, _O.seq)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=_T)
)
_NEVER_LEFT: Final = (Status.WAITING, Status.CANCELLED, Status.EXPIRED, Status.FAILED)
_OVERTAKEN: Final = select(
    or_(
        exists().where(
            _O.contact_id == bindparam("contact"), _O.seq > bindparam("place"), _O.status.not_in(_NEVER_LEFT)
        ),
        exists().where(_K.contact_id == bindparam("contact"), _K.last_inbound_at > bindparam("written")),
    )
)
_LEASE: Final = (
    update(_T)
    .where(_O.seq.in_(bindparam("picked", expanding=True)))
    .values(status=Status.LEASED, due_at=bindparam("until"), attempts=_O.attempts + 1)
)
_READ: Final = (
    select(
        _O.id,
        _O.seq,
        _O.error,
        _O.kind,
        _O.channel,
        _O.text,
        _O.contact_id,
        _O.staff_id,
        _O.conversation_id,
        _O.message_id,
        _O.alert_id,
        _O.serial,
        _O.rung,
        _O.attempts,
        _O.repeat_in_doubt,
        _O.created_at,
        _O.expires_at,
        _C.data_key,
        _A.id.label("address_id"),
        _A.address,
        _O.method_id,
        _S.active,
    )
    .outerjoin(tables.contacts, _C.id == _O.contact_id)
    .outerjoin(tables.addresses, and_(_A.contact_id == _O.contact_id, _A.channel == _O.channel))
    .outerjoin(tables.staff, _S.id == _O.staff_id)
    .where(_O.seq.in_(bindparam("picked", expanding=True)))
    .order_by(_O.priority, _O.seq, _A.id)
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A leased row, ready to leave. `address` None: the person cannot be reached on this channel (any more). `sealed`: no key
    opens its text or address, which are then not here; mark it so that it is tried again.
    """

    id: str
    kind: Sending
    channel: str
    address: str | None
    text: str
    contact: str | None
    staff: str | None
    conversation: str | None
    message: str | None
    alert: str | None
    serial: int | None
    rung: int | None
    attempts: int
    repeat_in_doubt: bool
    created_at: datetime
    expires_at: datetime | None
    sealed: bool = False


def claim(tx: Transaction, now: datetime, limit: int, channels: Sequence[str]) -> tuple[Outgoing, ...]:
    """Lease up to `limit` rows that are due on these channels, most urgent first. Commit before sending.

    The lease ends after `outbox.LEASE`; mark each row before that. At most one text of a child is leased at a time.
    """
    asked = {"now": now, "limit": limit, "channels": list(channels)}
    found: tuple[Outgoing, ...] = ()
    # Where all that was picked stays, what was behind it is due now.
    while not found and (picked := list(tx.execute(_PICK, asked).scalars())):
        found = _leased(tx, picked, now)
    return found


def along(tx: Transaction, now: datetime, staff: str, channel: str, limit: int, named: int) -> tuple[Outgoing, ...]:
    """Lease what else is due for one person of the staff on one channel, to leave with what was claimed, the gravest first.

    Of L4s, of which none is only counted, no more than `named` at once: what cannot leave now is not leased.
    """
    asked = {"now": now, "staff": staff, "channel": channel, "limit": limit}
    rows = tx.execute(_ALONG, asked).all()
    full = len(rows) > named and rows[named].level >= Level.L4
    return _leased(tx, [row.seq for row in (rows[:named] if full else rows)], now)


def _leased(tx: Transaction, picked: list[int], now: datetime) -> tuple[Outgoing, ...]:
    if not picked:
        return ()
    tx.execute(_LEASE, {"picked": picked, "until": now + LEASE})
    found: dict[str, Outgoing] = {}
    at: _Addresses = {}
    for row in tx.execute(_READ, {"picked": picked}).all():
        if row.error == SEALED and row.contact_id is not None and _is_overtaken(tx, row):
            failed(tx, row.id, SEALED, row.expires_at or now + LEASE)
            continue
        try:
            found[row.id] = _outgoing(row, _text(tx, row), _to(tx, row, at))
        except SealBroken:
            log.error("not opened", extra={"outbox": row.id})  # noqa: TRY400 - where it was raised says nothing of the row
            found[row.id] = replace(_outgoing(row, "", None), sealed=True)
    return tuple(found.values())


def _is_overtaken(tx: Transaction, row: Row[*tuple[Any, ...]]) -> bool:
    asked = {"contact": row.contact_id, "place": row.seq, "written": row.created_at}
    return bool(tx.execute(_OVERTAKEN, asked).scalar())


def _outgoing(row: Row[*tuple[Any, ...]], words: str, address: str | None) -> Outgoing:
    return Outgoing(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        address=address,
        text=words,
        contact=row.contact_id,
        staff=row.staff_id,
        conversation=row.conversation_id,
        message=row.message_id,
        alert=row.alert_id,
        serial=row.serial,
        rung=row.rung,
        attempts=row.attempts,
        repeat_in_doubt=row.repeat_in_doubt,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _to(tx: Transaction, row: Row[*tuple[Any, ...]], at: _Addresses) -> str | None:
    if row.staff_id is None:
        return _address(tx, row)
    whose = (row.staff_id, row.channel, row.method_id)
    if whose not in at:
        at[whose] = _reached_at(tx, row)
    return at[whose]


def _text(tx: Transaction, row: Row[*tuple[Any, ...]]) -> str:
    if row.staff_id is not None:
        return tx.keys.open(row.text, "outbox", row.id)
    tx.know(row.contact_id, row.data_key)
    try:
        return tx.data_key(row.contact_id).open(row.text, "outbox", row.id)
    except Erased:
        # One erased child must not hold up everybody's texts: it has no address either, so nothing leaves.
        return ""


def _reached_at(tx: Transaction, row: Row[*tuple[Any, ...]]) -> str | None:
    """Read at the last moment: who changed their number meanwhile is reached on the new one."""
    if not row.active:
        return None
    if row.method_id is not None:
        return next((one.address for one in methods.of(tx, row.staff_id) if one.id == row.method_id), None)
    return methods.address(tx, row.staff_id, row.channel)


def _address(tx: Transaction, row: Row[*tuple[Any, ...]]) -> str | None:
    tx.know(row.contact_id, row.data_key)
    if row.data_key is None:
        return None
    return None if row.address is None else tx.data_key(row.contact_id).open(row.address, "addresses", row.address_id)
