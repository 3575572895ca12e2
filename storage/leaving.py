"""Pages that leave together or wait for each other: read at once, put off at once, marked at once; and what has been overtaken.

May not say whether a page is still wanted (that is `flows.standing`) or which leave together (that is `bot.bundling`).
What is asked of hundreds of pages is one statement here: asked one by one, a night's backlog would hold up the next page.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, exists, func, or_, select, update

from flows.model import Alert
from storage import codec, tables
from storage.alerts import COLUMNS, Paged
from storage.codes import AlertState, Holder, Sending, Status
from storage.keys import SealBroken
from storage.outbox import IS_UNSENT

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import BindParameter

    from storage.database import Transaction

# A page that stands so will reach nobody.
NEVER_LEFT: Final = frozenset({Status.CANCELLED, Status.EXPIRED, Status.FAILED, Status.UNDELIVERED})

_T: Final = tables.outbox
_O: Final = _T.c
_P: Final = tables.pages.c
_A: Final = tables.alerts.c
_NEWER: Final = tables.pages.alias("newer")
_N: Final = _NEWER.c
_THESE: Final[BindParameter[list[str]]] = bindparam("these", expanding=True)
_PAGES: Final = select(*COLUMNS).where(_P.outbox_id.in_(_THESE))
_ALERTS: Final = (
    select(_A.id, _A.conversation_id, _A.value, tables.contacts.c.id, tables.contacts.c.data_key)
    .join(tables.conversations, tables.conversations.c.id == _A.conversation_id)
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id)
    .where(_A.id.in_(_THESE), tables.contacts.c.data_key.is_not(None))
)
_SUPERSEDED: Final = (
    select(_P.outbox_id)
    .join(_NEWER, (_N.alert_id == _P.alert_id) & (_N.staff_id == _P.staff_id) & (_N.method == _P.method))
    .join(_T, _O.id == _N.outbox_id)
    .where(_P.outbox_id.in_(_THESE), _N.serial > _P.serial, _O.status.not_in(NEVER_LEFT))
    .distinct()
)
_OF_ONE: Final = (_O.staff_id == bindparam("staff"), _O.channel == bindparam("way"))
_WAITS: Final = (_O.kind == Sending.PAGE, _O.status == Status.WAITING)
_SUPERSEDE: Final = (
    update(_T)
    .where(_O.alert_id == bindparam("alert"), *_OF_ONE, *_WAITS, _O.serial < bindparam("turn"))
    .values(status=Status.CANCELLED, text=None)
)
_LAST_SENT: Final = (
    select(func.max(_O.sent_at))
    .where(*_OF_ONE, _O.sent_at > bindparam("since"), _O.status == Status.SENT, _O.id != bindparam("outbox"))
    .where(_O.kind == Sending.PAGE)
)
# The words of the index, so that it is used.
_PUT_OFF: Final = (
    update(_T)
    .where(IS_UNSENT, *_OF_ONE, *_WAITS, _O.method_id.is_(None), _O.due_at < bindparam("until"))
    .values(due_at=bindparam("until"))
)
_FREE: Final = (
    update(_T)
    .where(_O.id.in_(_THESE), _O.status.in_((Status.WAITING, Status.LEASED)))
    .values(status=Status.WAITING, due_at=bindparam("until"))
)
_CANCEL: Final = (
    update(_T)
    .where(_O.id.in_(_THESE), _O.status.in_((Status.WAITING, Status.LEASED)))
    .values(status=Status.CANCELLED, text=None)
)
# To a child: whoever answers for them has decided, or is there.
_LATER: Final = _T.alias("later")
_LATER_SAID: Final = tables.messages.alias("later_said")
_M: Final = tables.messages.c
_ALARMED: Final = exists().where(_A.conversation_id == _O.conversation_id)
_OVERTAKEN: Final = (
    select(_O.id)
    .join(tables.messages, and_(_M.id == _O.message_id, _M.conversation_id == _O.conversation_id))
    .join(tables.conversations, tables.conversations.c.id == _O.conversation_id)
    .where(_O.id == bindparam("outbox"), _M.key == bindparam("key"))
    .where(
        or_(
            tables.conversations.c.holder == Holder.PERSON,
            and_(_ALARMED, ~_ALARMED.where(_A.state.in_((AlertState.RAISED, AlertState.ACKNOWLEDGED)))),
            exists().where(
                _LATER.c.contact_id == _O.contact_id,
                _LATER.c.seq > _O.seq,
                _LATER.c.status == Status.WAITING,
                _LATER_SAID.c.id == _LATER.c.message_id,
                _LATER_SAID.c.conversation_id == _O.conversation_id,
                _LATER_SAID.c.key == bindparam("key"),
            ),
        )
    )
)
_HOW: Final = select(_O.status, _O.due_at).where(_O.id == bindparam("outbox"))
_SENT: Final = (
    update(_T)
    .where(_O.id.in_(_THESE), _O.status.in_((Status.WAITING, Status.LEASED, Status.IN_DOUBT)))
    .values(status=Status.SENT, sent_at=bindparam("now"), provider_id=None, text=None, error=None)
)


def pages(tx: Transaction, sendings: Collection[str]) -> dict[str, Paged]:
    """What each of these rows of the outbox pages somebody about; without those that are no page of an alert."""
    found = (Paged(*row) for row in tx.execute(_PAGES, {"these": list(sendings)}))
    return {page.outbox: page for page in found if page.outbox is not None}


def alerts(tx: Transaction, these: Collection[str]) -> dict[str, Alert | None]:
    """These alerts, to be read and never saved, None for one that no key opens; without those of an erased child."""
    found: dict[str, Alert | None] = {}
    for alert, conversation, value, contact, wrapped in tx.execute(_ALERTS, {"these": list(these)}):
        tx.link(conversation, contact)
        found[alert] = None
        with contextlib.suppress(SealBroken):
            tx.know(contact, wrapped)
            found[alert] = codec.load(Alert, tx.data_key(contact).open_bytes(value, "alerts", alert))
    return found


def superseded(tx: Transaction, sendings: Collection[str]) -> frozenset[str]:
    """Those for which a newer page of the same alert left, or waits to leave, for the same person by the same way."""
    return frozenset(tx.execute(_SUPERSEDED, {"these": list(sendings)}).scalars())


def supersede(tx: Transaction, alert: str, staff: str, channel: str, turn: int) -> int:
    """A newer page is about to wait: older ones of this alert to this person by this way stay. Returns how many."""
    asked = {"alert": alert, "staff": staff, "way": channel, "turn": turn}
    return tx.execute(_SUPERSEDE, asked).rowcount


def last_sent(tx: Transaction, staff: str, channel: str, since: datetime, but: str) -> datetime | None:
    """When the last page but one left for this person on a channel, if after `since` and nothing is known of its end."""
    asked = {"staff": staff, "way": channel, "since": since, "outbox": but}
    found: datetime | None = tx.execute(_LAST_SENT, asked).scalar()
    return found


def put_off(tx: Transaction, staff: str, channel: str, until: datetime) -> int:
    """No page to this person leaves on this channel before a time. Returns how many wait for it."""
    return tx.execute(_PUT_OFF, {"staff": staff, "way": channel, "until": until}).rowcount


def free(tx: Transaction, sendings: Collection[str], due: datetime) -> None:
    """Leased and not sent: they wait again, until `due`."""
    if sendings:
        tx.execute(_FREE, {"these": list(sendings), "until": due})


def cancel(tx: Transaction, sendings: Collection[str]) -> None:
    """Nobody waits for these any more: they are not sent."""
    if sendings:
        tx.execute(_CANCEL, {"these": list(sendings)})


def is_overtaken(tx: Transaction, sending: str, key: str) -> bool:
    """Whether a text of this key, which says that a person is sought, is so no more: the same waits to leave after it, a person
    has the chat, or every alert of it is decided. Opens no key.
    """
    return tx.execute(_OVERTAKEN, {"outbox": sending, "key": key}).first() is not None


def follow(tx: Transaction, first: str, along: Collection[str], now: datetime, otherwise: datetime) -> None:
    """What becomes of those that were in one text with another: sent with it, tried again with it, or by themselves."""
    how = tx.execute(_HOW, {"outbox": first}).first()
    if how is not None and how.status is Status.SENT:
        tx.execute(_SENT, {"these": list(along), "now": now})
        return
    waits = how is not None and how.status is Status.WAITING
    free(tx, along, how.due_at if how is not None and waits else otherwise)
