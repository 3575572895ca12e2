"""Alerts as values, and every try to reach a person about one. May not climb a ladder (that is `flows.escalation`)."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, bindparam, exists, insert, or_, select, update

from flows.model import MANAGERS, UNDECIDED, Alert
from storage import codec, ids, tables
from storage.codes import AlertState, Role
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storage.database import Transaction

_A: Final = tables.alerts.c
_P: Final = tables.pages.c
_T: Final = tables.timers.c
_ADD: Final = insert(tables.alerts)
_SAVED: Final = ("level", "state", "serial", "taken_at", "value")
_SAVE: Final = (
    update(tables.alerts).where(_A.id == bindparam("alert")).values({name: bindparam(f"new_{name}") for name in _SAVED})
)
_BY_ID: Final = select(_A.id, _A.conversation_id, _A.value).where(_A.id == bindparam("alert"))
_STANDS: Final = select(_A.conversation_id, _A.level).where(_A.id == bindparam("alert"))
_OF: Final = (
    select(_A.id, _A.conversation_id, _A.value)
    .where(_A.conversation_id == bindparam("conversation"))
    .order_by(_A.opened_at, _A.id)
)
_OF_ALL: Final = (
    select(_A.id, _A.conversation_id, _A.value)
    .join(tables.conversations, tables.conversations.c.id == _A.conversation_id)
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id)
    .where(tables.contacts.c.erased_at.is_(None))
)
_UNDECIDED: Final = or_(*(_A.state == AlertState(one) for one in UNDECIDED))
_OPEN: Final = _OF_ALL.where(_UNDECIDED).order_by(_A.level.desc(), _A.opened_at)
_OPEN_PLAIN: Final = _OPEN.with_only_columns(
    _A.id, _A.conversation_id, tables.contacts.c.reference, _A.level, _A.opened_at
)
_AS_MANAGER: Final = or_(*(_P.role == Role(one) for one in MANAGERS))
# Of what is decided only that has a timer which a manager must decide too: it climbs on.
_CLIMBS: Final = exists().where(_T.subject_id == _A.id, _T.turn == _A.serial)
_DECIDED: Final = _OF_ALL.where(_A.state == AlertState.DECIDED, _CLIMBS).order_by(_A.opened_at, _A.id)
_WAITS: Final = or_(_UNDECIDED, and_(_A.state == AlertState.DECIDED, _CLIMBS))
_UNDECIDED_OF: Final = _OF.where(_UNDECIDED)
_OPEN_FOR: Final = _OF.where(_A.state != AlertState.CLOSED)
_OPEN_OF: Final = _OF.where(_WAITS)
_OPEN_IDS: Final = _OF_ALL.with_only_columns(_A.id, _A.conversation_id).where(_WAITS)
_PAGED: Final = insert(tables.pages)
# Of a page, as `Paged` takes them.
COLUMNS: Final = (
    _P.id,
    _P.alert_id,
    _P.staff_id,
    _P.role,
    _P.method,
    _P.serial,
    _P.rung,
    _P.round,
    _P.at,
    _P.used_at,
    _P.outbox_id,
)
_PAGES: Final = select(*COLUMNS).where(_P.alert_id == bindparam("alert")).order_by(_P.id)
_BY_OUTBOX: Final = select(*COLUMNS).where(_P.outbox_id == bindparam("outbox"))
_PAGE: Final = select(*COLUMNS).where(_P.id == bindparam("page"))
_PAGES_TO: Final = (
    select(*COLUMNS)
    .join(tables.alerts, _A.id == _P.alert_id)
    .join(tables.conversations, tables.conversations.c.id == _A.conversation_id)
    .join(tables.contacts, tables.contacts.c.id == tables.conversations.c.contact_id)
    .where(
        _P.staff_id == bindparam("staff"),
        or_(_UNDECIDED, and_(_A.state == AlertState.DECIDED, _AS_MANAGER, _CLIMBS)),
        tables.contacts.c.erased_at.is_(None),
    )
    .order_by(_P.id.desc())
)
_PAGED_BETWEEN: Final = (
    select(_P.staff_id).where(_P.at >= bindparam("since"), _P.at < bindparam("until")).where(_AS_MANAGER).distinct()
)
_USED: Final = (
    update(tables.pages).where(_P.id == bindparam("page"), _P.used_at.is_(None)).values(used_at=bindparam("now"))
)

# A call carries no code: what it asks is answered by a key, which is proof where a code is a claim.
CALL: Final = "voice"
_SPENT: Final = update(tables.pages).where(
    _P.alert_id == bindparam("alert"),
    _P.staff_id == bindparam("staff"),
    _P.serial == bindparam("turn"),
    _P.used_at.is_(None),
)


@dataclass(frozen=True, slots=True)
class Paged:
    """One try to reach one person. `staff`: their id."""

    id: str
    alert: str
    staff: str
    role: Role
    method: str
    serial: int
    rung: int
    round: int
    at: datetime
    used_at: datetime | None
    outbox: str | None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What the columns say of an alert that no key opens. `case`: two words."""

    id: str
    conversation: str
    case: str
    level: int
    opened_at: datetime


def new_id() -> str:
    """An id for an alert that is about to be opened, or a page that is about to be written."""
    return ids.new()


def add(tx: Transaction, alert: Alert) -> None:
    """Open an alert, in the transaction of the words that caused it."""
    columns = _columns(tx, alert)
    tx.execute(
        _ADD,
        columns | {"id": alert.id, "conversation_id": alert.conversation, "opened_at": alert.opened_at},
    )


def save(tx: Transaction, alert: Alert) -> None:
    """Keep what an alert has become."""
    columns = _columns(tx, alert)
    tx.execute(_SAVE, {"alert": alert.id} | {f"new_{name}": held for name, held in columns.items()})


def load(tx: Transaction, alert: str) -> Alert:
    """An alert by id, with the person it is about locked: the same lock as their conversation's."""
    row = tx.execute(_BY_ID, {"alert": alert}).one()
    tx.lock_conversation(row.conversation_id)
    return peek(tx, alert)


def peek(tx: Transaction, alert: str) -> Alert:
    """As `load`, without the lock: to show, never to save."""
    return _alert(tx, *tx.execute(_BY_ID, {"alert": alert}).one())


def readable(tx: Transaction, alert: str) -> Alert | None:
    """As `peek`; None when the child was erased, or no key opens it: what is sent and answered for others goes on without it."""
    try:
        return peek(tx, alert)
    except (Erased, SealBroken):
        return None


def stands(tx: Transaction, alert: str) -> tuple[str, int]:
    """The conversation and the level of an alert; opens no key."""
    row = tx.execute(_STANDS, {"alert": alert}).one()
    return row.conversation_id, int(row.level)


def open_for(tx: Transaction, conversation: str) -> Alert | None:
    """The latest alert of a conversation that is not closed, decided or not."""
    found = tuple(_opened(tx, tx.read(_OPEN_FOR, {"conversation": conversation})))
    return found[-1] if found else None


def of(tx: Transaction, conversation: str) -> tuple[Alert, ...]:
    """All alerts of a conversation, oldest first."""
    return tuple(_opened(tx, tx.read(_OF, {"conversation": conversation})))


def undecided_of(tx: Transaction, conversation: str) -> Alert | None:
    """The alert of a conversation that nobody has decided; there is at most one at a time (decisions 7)."""
    found = tuple(_opened(tx, tx.read(_UNDECIDED_OF, {"conversation": conversation})))
    return found[-1] if found else None


def open_of(tx: Transaction, conversation: str) -> tuple[Alert, ...]:
    """The alerts of a conversation that wait for a decision, be it a manager's of what somebody else has decided."""
    return tuple(one for one in _opened(tx, tx.read(_OPEN_OF, {"conversation": conversation})) if one.is_open)


def open_ids(tx: Transaction) -> tuple[tuple[str, str], ...]:
    """The ids of each alert that waits for a decision and of its conversation, of everybody but the erased. None is opened,
    so that one which no key opens keeps nobody from the others.
    """
    return tuple((alert, conversation) for alert, conversation in tx.execute(_OPEN_IDS).all())


def undecided(tx: Transaction) -> tuple[Alert, ...]:
    """All alerts that are raised or acknowledged, of everybody whom a key opens, the gravest first."""
    return tuple(_opened(tx, tx.read(_OPEN, {})))


def unreadable(tx: Transaction) -> tuple[Unreadable, ...]:
    """The alerts that are raised or acknowledged and that no key opens, the gravest first: they are shown all the same."""
    rows = (Unreadable(*row) for row in tx.execute(_OPEN_PLAIN))
    return tuple(one for one in rows if readable(tx, one.id) is None)


def for_manager(tx: Transaction) -> tuple[Alert, ...]:
    """The alerts that somebody has decided and a manager must decide too, oldest first, however long they have waited."""
    return tuple(one for one in _opened(tx, tx.read(_DECIDED, {})) if one.for_manager)


# --- pages ------------------------------------------------------------------------------------------------------------


def paged(  # noqa: PLR0913, PLR0917 - a page has this many parts
    tx: Transaction,
    alert: Alert,
    staff: str,
    role: str,
    rung: int,
    method: str,
    at: datetime,
    outbox: str | None = None,
    page: str | None = None,
) -> str:
    """Note that a person (by id) is being paged; returns the id of the page (`page`, from `new_id`). The code is `code`'s."""
    page = page or ids.new()
    tx.execute(
        _PAGED,
        {
            "id": page,
            "alert_id": alert.id,
            "staff_id": staff,
            "role": Role(role),
            "method": method,
            "serial": alert.serial,
            "rung": rung,
            "round": alert.round,
            "outbox_id": outbox,
            "at": at,
        },
    )
    return page


def code(tx: Transaction, alert: Alert, staff: str, rung: int) -> str:
    """The six characters of a page: per alert, serial, rung and person; never stored."""
    return tx.keys.page_code(alert.id, alert.serial, rung, staff)


def code_of(tx: Transaction, page: Paged) -> str:
    """The code that a page which was written carries, whatever has become of its alert since."""
    return tx.keys.page_code(page.alert, page.serial, page.rung, page.staff)


def page(tx: Transaction, page: str) -> Paged | None:
    """One try by its id."""
    return _page(tx, page)


def _page(tx: Transaction, page: str) -> Paged | None:
    row = tx.execute(_PAGE, {"page": page}).first()
    return None if row is None else Paged(*row)


def page_of(tx: Transaction, outbox: str) -> Paged | None:
    """The try that a sending was."""
    row = tx.execute(_BY_OUTBOX, {"outbox": outbox}).first()
    return None if row is None else Paged(*row)


def pages_to(tx: Transaction, staff: str) -> tuple[Paged, ...]:
    """Every try to reach this person about an alert that waits for a decision, newest first; of no erased child."""
    return tuple(Paged(*row) for row in tx.execute(_PAGES_TO, {"staff": staff}))


def counts(page: Paged, alert: Alert) -> bool:
    """Whether a page asks for what its alert waits for: of what somebody has decided, only one to a manager does."""
    return alert.is_open and (not alert.for_manager or page.role.value in MANAGERS)


def managers_paged(tx: Transaction, since: datetime, until: datetime) -> tuple[str, ...]:
    """The ids of those who were paged as managers between two instants."""
    return tuple(staff for (staff,) in tx.read(_PAGED_BETWEEN, {"since": since, "until": until}))


def used(tx: Transaction, page: str, now: datetime) -> bool:
    """Use up a page, and with it every other by which this person was asked the same; False when it was used already.

    A code, link or button leaves the call, whose key proves what they claim (decisions 7); a key leaves nothing.
    """
    if tx.execute(_USED, {"page": page, "now": now}).rowcount != 1:
        return False
    mine = _page(tx, page)
    if mine is not None:
        spent = _SPENT if mine.method == CALL else _SPENT.where(_P.method != CALL)
        asked = {"alert": mine.alert, "staff": mine.staff, "turn": mine.serial}
        tx.execute(spent.values(used_at=now), asked)
    return True


def pages(tx: Transaction, alert: str) -> tuple[Paged, ...]:
    """Every try to reach a person about an alert, oldest first."""
    return tuple(Paged(*row) for row in tx.execute(_PAGES, {"alert": alert}))


def _alert(tx: Transaction, alert: str, conversation: str, value: bytes) -> Alert:
    return codec.load(Alert, tx.key_of(conversation).open_bytes(value, "alerts", alert))


def _opened(tx: Transaction, rows: Iterable[tuple[str, str, bytes]]) -> Iterator[Alert]:
    """One that no key opens keeps no text of a child from being heard, nor anybody from the others: its timer fails, and is told
    of.
    """
    for row in rows:
        with contextlib.suppress(SealBroken):
            yield _alert(tx, *row)


def _columns(tx: Transaction, alert: Alert) -> dict[str, Any]:
    return {
        "level": int(alert.level),
        "state": AlertState(alert.state),
        "serial": alert.serial,
        "taken_at": alert.taken_at,
        "value": tx.key_of(alert.conversation).seal(codec.dump(alert), "alerts", alert.id),
    }
