"""How a child is invited: offers of a return interview by one-time code, and official requests for a text-safe
check-in.

May not keep a code: only a keyed hash of it stands here, and the answer to a requester is accepted or not, nothing
after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import bindparam, func, insert, select, update

from flows.model import Service
from storage import ids, keys, tables
from storage.codes import Direction, Status

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from storage.contacts import Contact
    from storage.database import Transaction

# What a thumb puts between the signs of a code; and a whole code.
_OTHER: Final = re.compile(r"[^0-9A-Z]+")
_CODE: Final = re.compile(rf"[{keys.ALPHABET}]{{{keys.CODE_LENGTH}}}")
_O: Final = tables.offers.c
_R: Final = tables.requests.c
_ADD: Final = insert(tables.offers)
_COLUMNS: Final = (
    _O.id,
    _O.case_id,
    _O.contact_id,
    _O.conversation_id,
    _O.channel,
    _O.offered_at,
    _O.expires_at,
    _O.used_at,
)
_BY_CODE: Final = select(*_COLUMNS).where(_O.code == bindparam("mark")).with_for_update()
_LOOK: Final = select(_O.used_at, _O.expires_at).where(_O.code == bindparam("mark"))
_USE: Final = update(tables.offers).where(_O.id == bindparam("offer")).values(used_at=bindparam("now"))
_OF_CASE: Final = select(*_COLUMNS).where(_O.case_id == bindparam("case")).order_by(_O.id)
_ATTACH: Final = (
    update(tables.offers).where(_O.id == bindparam("offer")).values(conversation_id=bindparam("conversation"))
)
_M: Final = tables.messages.c
_S: Final = tables.outbox.c
_TEXTS: Final = (
    select(_S.status, _S.error, func.coalesce(_S.sent_at, _M.at))
    .join(tables.messages, _M.id == _S.message_id)
    .where(_M.conversation_id == bindparam("conversation"), _M.direction == Direction.OUT)
    .where(_M.key.in_(bindparam("keys", expanding=True)))
    .order_by(_S.seq)
)
_ASK: Final = insert(tables.requests)
_OPEN: Final = select(_R.id).where(_R.contact_id == bindparam("contact"), _R.accepted, _R.closed_at.is_(None)).limit(1)
_CLOSE: Final = (
    update(tables.requests)
    .where(_R.contact_id == bindparam("contact"), _R.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)
_ASKED: Final = (
    select(_R.id, _R.contact_id, _R.requester, _R.language, _R.age_band, _R.accepted, _R.asked_at)
    .where(_R.contact_id == bindparam("contact"))
    .order_by(_R.id)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A return interview was offered to a contact, about a case."""

    id: str
    case: str
    contact: str
    conversation: str | None
    channel: str
    offered_at: datetime
    expires_at: datetime
    used_at: datetime | None


class Text(NamedTuple):
    """How a text of the thread that an offer began stands; `at`: when it left, or was written."""

    status: Status
    error: str | None
    at: datetime

    @property
    def left(self) -> bool:
        """Whether a provider has it and has not said that it did not arrive."""
        return self.status in {Status.SENT, Status.DELIVERED, Status.READ}


@dataclass(frozen=True, slots=True)
class Request:
    """An official asked for a text-safe check-in. `requester`: a staff id or an official account's."""

    id: str
    contact: str
    requester: str
    language: str | None
    age_band: str | None
    accepted: bool
    asked_at: datetime


def offer(  # noqa: PLR0913 - an offer has this many parts
    tx: Transaction,
    case: str,
    contact: Contact,
    channel: str,
    at: datetime,
    expires_at: datetime,
    *,
    conversation: str | None = None,
) -> tuple[Offer, str]:
    """Note an offer; returns it and its one-time code, which is never seen again after the text is written."""
    if contact.store is not Service.RETURN_INTERVIEW:
        message = "a return interview is offered to a return-interview contact"
        raise ValueError(message)
    code = keys.new_code()
    made = Offer(ids.new(), case, contact.id, conversation, channel, at, expires_at, None)
    tx.execute(
        _ADD,
        {
            "id": made.id,
            "case_id": case,
            "contact_id": contact.id,
            "conversation_id": conversation,
            "code": _mark(tx, code),
            "channel": channel,
            "offered_at": at,
            "expires_at": expires_at,
        },
    )
    return made, code


def attach(tx: Transaction, offer: str, conversation: str) -> None:
    """Say which conversation an offer began."""
    tx.execute(_ATTACH, {"offer": offer, "conversation": conversation})


def redeem(tx: Transaction, code: str, now: datetime) -> Offer | None:
    """Use a code up: the offer it belongs to, or None when it is wrong, used or too old (one answer for all three)."""
    row = tx.execute(_BY_CODE, {"mark": _mark(tx, code)}).first()
    if row is None or row.used_at is not None or row.expires_at <= now:
        return None
    tx.execute(_USE, {"offer": row.id, "now": now})
    return Offer(*row)


def is_open(tx: Transaction, code: str, now: datetime) -> bool:
    """Whether a code could be used now; it is not."""
    row = tx.execute(_LOOK, {"mark": _mark(tx, code)}).first()
    return row is not None and row.used_at is None and row.expires_at > now


def of_case(tx: Transaction, case: str) -> tuple[Offer, ...]:
    """All offers about a case, oldest first."""
    return tuple(Offer(*row) for row in tx.read(_OF_CASE, {"case": case}))


def texts(tx: Transaction, conversation: str, keys: Collection[str]) -> tuple[Text, ...]:
    """What was to be sent in a conversation under these keys of the catalogue, oldest first."""
    asked = {"conversation": conversation, "keys": sorted(keys)}
    return tuple(Text(*row) for row in tx.execute(_TEXTS, asked))


def looks_like_code(text: str) -> bool:
    """Whether a whole text could be a code of ours."""
    return _CODE.fullmatch(_plain(text)) is not None


def request(  # noqa: PLR0913 - a request has this many parts
    tx: Transaction,
    contact: Contact,
    requester: str,
    case_reference: str,
    at: datetime,
    *,
    accepted: bool,
    language: str | None = None,
    age_band: str | None = None,
) -> Request:
    """Keep a request, accepted or not; whether it may be is the caller's rule."""
    if contact.store is not Service.TEXT_SAFE:
        message = "a text-safe check-in is asked for a text-safe contact"
        raise ValueError(message)
    made = Request(ids.new(), contact.id, requester, language, age_band, accepted, at)
    tx.execute(
        _ASK,
        {
            "id": made.id,
            "contact_id": contact.id,
            "requester": requester,
            "case_reference": tx.data_key(contact.id).seal(case_reference, "requests", made.id),
            "language": language,
            "age_band": age_band,
            "accepted": accepted,
            "asked_at": at,
        },
    )
    return made


def has_open_request(tx: Transaction, contact: str) -> bool:
    """Whether an accepted request for this contact is open: one at a time (decisions 10)."""
    return tx.execute(_OPEN, {"contact": contact}).first() is not None


def close_requests(tx: Transaction, contact: str, now: datetime) -> None:
    """The episode ended, or the contact said STOP."""
    tx.execute(_CLOSE, {"contact": contact, "now": now})


def requests(tx: Transaction, contact: str) -> tuple[Request, ...]:
    """All requests for a contact, oldest first."""
    return tuple(Request(*row) for row in tx.execute(_ASKED, {"contact": contact}))


def _plain(code: str) -> str:
    return _OTHER.sub("", code.upper())


def _mark(tx: Transaction, code: str) -> bytes:
    return tx.keys.mac("offer", _plain(code))
