"""Children as contacts: found by the HMAC of an address, named by two words. May not join the two stores (G13).

`store` is part of every look-up and of the fingerprint itself: a number that writes to both services is two contacts
with two keys, and nothing in the database says that they are one.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update

from flows.model import Service
from storage import ids, tables, words
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_C: Final = tables.contacts.c
_A: Final = tables.addresses.c
_COLUMNS: Final = (_C.id, _C.store, _C.reference, _C.opted_out, _C.code_word, _C.data_key, _C.erased_at, _C.on_hold)
_FIND: Final = (
    select(*_COLUMNS)
    .join(tables.addresses, _A.contact_id == _C.id)
    .where(_A.store == bindparam("store"), _A.channel == bindparam("channel"), _A.fingerprint == bindparam("mark"))
    .with_for_update(of=tables.contacts)
)
_FIND_ALL: Final = (
    select(*_COLUMNS)
    .join(tables.addresses, _A.contact_id == _C.id)
    .where(
        _A.channel == bindparam("channel"),
        or_(*(and_(_A.store == store, _A.fingerprint == bindparam(store.value)) for store in Service)),
    )
    .order_by(_C.id)
    .with_for_update(of=tables.contacts)
)
_BY_ID: Final = select(*_COLUMNS).where(_C.id == bindparam("contact"))
_BY_REFERENCE: Final = select(*_COLUMNS).where(_C.reference == bindparam("reference"))
_TAKEN: Final = select(_C.id).where(_C.reference == bindparam("reference"))
_STOPPED: Final = select(tables.stops.c.at).where(tables.stops.c.fingerprint == bindparam("mark"))
_UNSTOP: Final = delete(tables.stops).where(tables.stops.c.fingerprint == bindparam("mark"))
_ADD: Final = insert(tables.contacts)
_ADD_ADDRESS: Final = insert(tables.addresses)
_DROP_ADDRESS: Final = delete(tables.addresses).where(_A.fingerprint == bindparam("mark"))
# Instead of a channel: an address by which nobody writes or is written to any more.
_ASIDE: Final = "aside"
_SET_ASIDE: Final = (
    update(tables.addresses)
    .where(_A.fingerprint == bindparam("mark"))
    .values(channel=_ASIDE, fingerprint=bindparam("aside"))
)
_OPT: Final = update(tables.contacts).where(_C.id == bindparam("contact")).values(opted_out=bindparam("out"))
_HOLD: Final = update(tables.contacts).where(_C.id == bindparam("contact")).values(on_hold=bindparam("held"))
_WORD: Final = update(tables.contacts).where(_C.id == bindparam("contact")).values(code_word=bindparam("word"))
_WORD_OF: Final = select(_C.code_word).where(_C.id == bindparam("contact"))
_ADDRESSES: Final = select(_A.id, _A.channel, _A.address).where(_A.contact_id == bindparam("contact")).order_by(_A.id)


@dataclass(frozen=True, slots=True)
class Contact:
    """A child as storage knows them. `reference`: the two words staff say."""

    id: str
    store: Service
    reference: str
    opted_out: bool
    has_code_word: bool
    erased: bool
    on_hold: bool = False


def find(tx: Transaction, store: Service, channel: str, address: str, at: datetime) -> Contact:
    """The contact behind an address in this store, made when unseen, locked until the commit.

    `address`: E.164 number or provider id, already in its one written form.
    """
    mark = tx.keys.fingerprint(store, channel, address)
    asked = {"store": store, "channel": channel, "mark": mark}
    rows = tx.read(_FIND, asked)
    if not rows:
        tx.lock_name(f"address {mark.hex()}")
        rows = tx.read(_FIND, asked)
    return _contact(tx, *rows[0]) if rows else _make(tx, store, channel, address, at)


def opens(tx: Transaction, contact: str) -> bool:
    """Whether a key of ours opens what is kept of a contact."""
    try:
        tx.data_key(contact)
    except SealBroken:
        return False
    return True


def anew(tx: Transaction, lost: Contact, channel: str, address: str, at: datetime) -> Contact:
    """In the place of a contact whom no key opens: who writes from the address is heard as somebody new, and a STOP holds. To the
    old one nothing is sent any more; their address stays for the day their key is found.
    """
    aside = tx.keys.fingerprint(lost.store, _ASIDE, address)
    tx.execute(_DROP_ADDRESS, {"mark": aside})
    tx.execute(_SET_ASIDE, {"mark": tx.keys.fingerprint(lost.store, channel, address), "aside": aside})
    made = _add(tx, lost.store, at, stopped=lost.opted_out)
    add_address(tx, made, channel, address, at)
    return made


def known(tx: Transaction, store: Service, channel: str, address: str) -> Contact | None:
    """The contact behind an address in this store, locked until the commit; None for an address never seen."""
    asked = {"store": store, "channel": channel, "mark": tx.keys.fingerprint(store, channel, address)}
    rows = tx.read(_FIND, asked)
    return _contact(tx, *rows[0]) if rows else None


def known_anywhere(tx: Transaction, channel: str, address: str) -> tuple[Contact, ...]:
    """The contacts of every store that this address has, locked until the commit, always in one order.

    Only for finding whose a text is: nothing of one store may be shown or said in the other (G13).
    """
    marks = {store.value: tx.keys.fingerprint(store, channel, address) for store in Service}
    return tuple(_contact(tx, *row) for row in tx.read(_FIND_ALL, {"channel": channel, **marks}))


def is_stopped(tx: Transaction, channel: str, address: str) -> bool:
    """Whether a number said STOP, to whichever service: it is said to a number, and nothing of ours is begun there."""
    return any(one.opted_out for one in known_anywhere(tx, channel, address))


def load(tx: Transaction, contact: str) -> Contact:
    """A contact by id."""
    (row,) = tx.read(_BY_ID, {"contact": contact})
    return _contact(tx, *row)


def by_reference(tx: Transaction, reference: str) -> Contact | None:
    """A contact by its two words."""
    row = tx.execute(_BY_REFERENCE, {"reference": reference.strip().lower()}).first()
    return None if row is None else _contact(tx, *row)


def add_address(tx: Transaction, contact: Contact, channel: str, address: str, at: datetime) -> None:
    """One more way to reach a contact, in the contact's own store. Fails when another contact of the store has it."""
    row_id = ids.new()
    tx.execute(
        _ADD_ADDRESS,
        {
            "id": row_id,
            "contact_id": contact.id,
            "store": contact.store,
            "channel": channel,
            "fingerprint": tx.keys.fingerprint(contact.store, channel, address),
            "address": tx.data_key(contact.id).seal(address, "addresses", row_id),
            "added_at": at,
        },
    )


def take_address(tx: Transaction, contact: Contact, channel: str, address: str, at: datetime) -> None:
    """An address that another contact of the same store had is now this one's; theirs it is no more."""
    tx.execute(_DROP_ADDRESS, {"mark": tx.keys.fingerprint(contact.store, channel, address)})
    add_address(tx, contact, channel, address, at)


def addresses(tx: Transaction, contact: str) -> tuple[tuple[str, str], ...]:
    """(channel, address) of a contact: whoever calls this is about to send, or to break glass (and audits it)."""
    rows = tx.execute(_ADDRESSES, {"contact": contact}).all()
    return tuple((row.channel, tx.data_key(contact).open(row.address, "addresses", row.id)) for row in rows)


def opt_out(tx: Transaction, contact: str, *, out: bool = True) -> None:
    """STOP: we start nothing with this contact. Inbound stays open; only `out=False` by a clear wish undoes it."""
    tx.execute(_OPT, {"contact": contact, "out": out})


def hold(tx: Transaction, contact: str, *, on: bool) -> None:
    """Freeze (or free) retention for a contact."""
    tx.execute(_HOLD, {"contact": contact, "held": on})


def set_code_word(tx: Transaction, contact: str, word: str) -> None:
    """Keep the child's own word as a hash under their own key; the word itself is stored nowhere."""
    tx.execute(_WORD, {"contact": contact, "word": tx.data_key(contact).mac("code word", _folded(word))})


def is_code_word(tx: Transaction, contact: str, text: str) -> bool:
    """Whether a whole text is the child's word. It is a signal, never proof of who is typing (decisions 4)."""
    held = tx.execute(_WORD_OF, {"contact": contact}).scalar()
    return held is not None and hmac.compare_digest(held, tx.data_key(contact).mac("code word", _folded(text)))


def _folded(word: str) -> str:
    return " ".join(word.casefold().split())


def _contact(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    contact: str,
    store: Service,
    reference: str,
    opted_out: bool,  # noqa: FBT001
    code_word: bytes | None,
    data_key: bytes | None,
    erased_at: datetime | None,
    on_hold: bool,  # noqa: FBT001
) -> Contact:
    tx.know(contact, data_key)
    return Contact(contact, store, reference, opted_out, code_word is not None, erased_at is not None, on_hold)


def unreached(tx: Transaction, store: Service, at: datetime) -> Contact:
    """A child without any address: nothing is sent to them, and nothing comes."""
    return _add(tx, store, at)


def _make(tx: Transaction, store: Service, channel: str, address: str, at: datetime) -> Contact:
    """A contact never seen in this store; a STOP that outlived an erasure still holds."""
    mark = tx.keys.fingerprint(store, channel, address)
    stopped = tx.execute(_STOPPED, {"mark": mark}).first() is not None
    made = _add(tx, store, at, stopped=stopped)
    add_address(tx, made, channel, address, at)
    if stopped:
        tx.execute(_UNSTOP, {"mark": mark})
    return made


def _add(tx: Transaction, store: Service, at: datetime, *, stopped: bool = False) -> Contact:
    contact, reference = ids.new(), _free_reference(tx)
    _, wrapped = tx.keys.new_data_key("contacts", contact)
    tx.execute(
        _ADD,
        {
            "id": contact,
            "store": store,
            "reference": reference,
            "data_key": wrapped,
            "opted_out": stopped,
            "created_at": at,
        },
    )
    tx.know(contact, wrapped)
    return Contact(contact, store, reference, opted_out=stopped, has_code_word=False, erased=False)


def _free_reference(tx: Transaction) -> str:
    """Two words nobody has; the unique constraint stands behind this look."""
    attempt = 0
    while tx.execute(_TAKEN, {"reference": (reference := words.reference(attempt))}).first() is not None:
        attempt += 1
    return reference
