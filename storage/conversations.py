"""Conversations as values: kept whole under the contact's key, found by address, saved as one row. May not decide
anything.

Everything that changes a conversation takes one lock first, the person's: `find` by address, `load` by id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from flows.model import Conversation, Level
from storage import codec, contacts, ids, tables
from storage.codes import Holder
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.contacts import Contact
    from storage.database import Transaction

_C: Final = tables.conversations.c
_LATEST: Final = (
    select(_C.id, _C.value)
    .where(_C.contact_id == bindparam("contact"))
    .order_by(_C.started_at.desc(), _C.id.desc())
    .limit(1)
)
_BY_ID: Final = select(_C.value).where(_C.id == bindparam("conversation"))
_OF_CONTACT: Final = select(_C.id, _C.value).where(_C.contact_id == bindparam("contact")).order_by(_C.started_at, _C.id)
_SPOKEN: Final = select(_C.id, _C.holder, _C.state, _C.started_at, _C.last_inbound_at, _C.last_outbound_at).where(
    _C.contact_id == bindparam("contact")
)
_OF_CASE: Final = select(_C.id).where(_C.case_id == bindparam("case")).order_by(_C.started_at, _C.id)
_CASE: Final = select(_C.case_id).where(_C.id == bindparam("conversation"))
_LEVEL: Final = select(_C.level).where(_C.id == bindparam("conversation"))
_ADD: Final = insert(tables.conversations)
_SAVED: Final = (
    "locale",
    "channel",
    "state",
    "holder",
    "level",
    "turn",
    "outcome",
    "last_inbound_at",
    "last_outbound_at",
    "value",
)
# Columns that an index holds: SQLite takes its entry out and puts it in again even where nothing has changed.
_INDEXED: Final = ("state", "holder")
_SAVE: Final = (
    update(tables.conversations)
    .where(_C.id == bindparam("conversation"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED})
)
_SAVE_REST: Final = (
    update(tables.conversations)
    .where(_C.id == bindparam("conversation"))
    .values({name: bindparam(f"new_{name}") for name in _SAVED if name not in _INDEXED})
)


class Spoken(NamedTuple):
    """When somebody last spoke in a conversation, when the child last wrote there, who has it, and how it stands."""

    at: datetime
    id: str
    heard_at: datetime | None
    holder: Holder
    state: str


def new_id() -> str:
    """An id for a conversation that is about to be started."""
    return ids.new()


def latest(tx: Transaction, contact: str) -> Conversation | None:
    """The conversation a contact began last."""
    rows = tx.read(_LATEST, {"contact": contact})
    return _opened(tx, contact, *rows[0]) if rows else None


def spoken(tx: Transaction, contact: str) -> tuple[Spoken, ...]:
    """When somebody last spoke in each conversation of a contact; none is opened."""
    rows = tx.read(_SPOKEN, {"contact": contact})
    return tuple(
        Spoken(max(one for one in (began, came, went) if one), talk, came, Holder(holder), state)
        for talk, holder, state, began, came, went in rows
    )


def last_spoken(tx: Transaction, contact: str) -> tuple[datetime, Conversation] | None:
    """The conversation of a contact in which somebody spoke last, and when; not always the one that began last."""
    last = max(spoken(tx, contact), default=None)
    return None if last is None else (last.at, of(tx, contact, last.id))


def of(tx: Transaction, contact: str, conversation: str) -> Conversation:
    """A conversation of a contact that is locked already."""
    ((value,),) = tx.read(_BY_ID, {"conversation": conversation})
    return _opened(tx, contact, conversation, value)


def start(tx: Transaction, contact: str, conversation: Conversation, case: str | None = None) -> Conversation:
    """Keep a new conversation of a contact (its id from `new_id`), about a case when there is one."""
    owner = contacts.load(tx, contact)
    columns = _columns(tx, contact, conversation)
    columns |= {
        "id": conversation.id,
        "contact_id": contact,
        "store": owner.store,
        "case_id": case,
        "flow": conversation.flow,
        "revision": conversation.revision,
        "started_at": conversation.started_at,
    }
    tx.write(_ADD, columns)
    tx.link(conversation.id, contact)
    return conversation


def load(tx: Transaction, conversation: str) -> Conversation:
    """A conversation by id, its person locked until the commit. Raises Erased; NoResultFound for an unknown id."""
    tx.lock_conversation(conversation)
    return peek(tx, conversation)


def peek(tx: Transaction, conversation: str) -> Conversation:
    """As `load`, without the lock: to show, never to save."""
    contact = tx.contact_of(conversation)
    if conversation in tx.saved:
        tx.data_key(contact)  # of an erased child nothing is shown, not even what was saved a moment ago
        return tx.saved[conversation]
    ((value,),) = tx.read(_BY_ID, {"conversation": conversation})
    return _opened(tx, contact, conversation, value)


def readable(tx: Transaction, conversation: str) -> Conversation | None:
    """As `peek`; None when the child was erased, or no key opens it: nobody is kept from the others by it."""
    try:
        return peek(tx, conversation)
    except (Erased, SealBroken):
        return None


def known(tx: Transaction, conversation: str) -> bool:
    """Whether there is a conversation of this id."""
    return tx.execute(_BY_ID, {"conversation": conversation}).first() is not None


def level(tx: Transaction, conversation: str) -> Level:
    """The gravest that was heard in a conversation; opens no key."""
    return Level(tx.execute(_LEVEL, {"conversation": conversation}).scalar_one())


def save(tx: Transaction, conversation: Conversation) -> None:
    """Keep what a conversation has become."""
    columns = _columns(tx, tx.contact_of(conversation.id), conversation)
    stands = _stands(conversation)
    moved = tx.stood.get(conversation.id) != stands
    named = {f"new_{name}": held for name, held in columns.items() if moved or name not in _INDEXED}
    tx.write(_SAVE if moved else _SAVE_REST, {"conversation": conversation.id, **named})
    tx.saved[conversation.id] = conversation
    tx.stood[conversation.id] = stands


def contact_of(tx: Transaction, conversation: str) -> Contact:
    """Whom a conversation is with."""
    return contacts.load(tx, tx.contact_of(conversation))


def case_of(tx: Transaction, conversation: str) -> str | None:
    """The id of the case a conversation is about; never one for text-safe."""
    ((found,),) = tx.read(_CASE, {"conversation": conversation})
    return str(found) if found is not None else None


def of_contact(tx: Transaction, contact: str) -> tuple[Conversation, ...]:
    """All conversations of a contact, oldest first."""
    rows = tx.execute(_OF_CONTACT, {"contact": contact}).all()
    return tuple(_opened(tx, contact, row.id, row.value) for row in rows)


def of_case(tx: Transaction, case: str) -> tuple[str, ...]:
    """Ids of the conversations about a case, oldest first."""
    return tuple(row[0] for row in tx.read(_OF_CASE, {"case": case}))


def _opened(tx: Transaction, contact: str, conversation: str, value: bytes) -> Conversation:
    tx.link(conversation, contact)
    opened = codec.load(Conversation, tx.data_key(contact).open_bytes(value, "conversations", conversation))
    tx.stood[conversation] = _stands(opened)
    return opened


def _stands(conversation: Conversation) -> tuple[str, str]:
    """What the indexed columns say."""
    return conversation.state, _holder(conversation.holder)


def _columns(tx: Transaction, contact: str, conversation: Conversation) -> dict[str, Any]:
    return {
        "locale": conversation.locale,
        "channel": conversation.channel,
        "state": conversation.state,
        "holder": _holder(conversation.holder),
        "level": int(conversation.level),
        "turn": conversation.turn,
        "outcome": conversation.outcome,
        "last_inbound_at": conversation.last_inbound_at,
        "last_outbound_at": conversation.last_outbound_at,
        "value": tx.data_key(contact).seal(codec.dump(conversation), "conversations", conversation.id),
    }


def _holder(holder: str) -> Holder:
    return Holder(holder) if holder in (Holder.BOT, Holder.NOBODY) else Holder.PERSON
