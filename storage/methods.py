"""How a person of the staff is reached: by text, by voice, on Telegram, by e-mail; and what proves that it is them there.

A way counts as verified when a code sent there came back, or a manager gave their word. One that is not is still used
while nothing else is there: a page to an unproved number beats no page. May not send anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, insert, select, update

from storage import ids, keys, tables
from storage.codes import Method

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.database import Transaction

# By what a way was verified; a staff id stands there when it was a manager's word.
CODE: Final = "code"
INVENTED: Final = "invented"

VALID: Final = timedelta(minutes=30)
WAIT: Final = timedelta(minutes=2)
MOST_A_DAY: Final = 5
MOST_TRIES: Final = 5
_DAY: Final = timedelta(days=1)

# A number is one whether it is texted or rung. The places are those of the rows these came from.
_PLACE: Final = {Method.SMS: "phone", Method.VOICE: "phone", Method.TELEGRAM: "telegram", Method.EMAIL: "email"}

_M: Final = tables.methods.c
_METHODS: Final = frozenset(one.value for one in Method)
_BY_ID: Final = _M.id == bindparam("method")
_COLUMNS: Final = (_M.id, _M.staff_id, _M.kind, _M.address, _M.verified_at, _M.verified_by, _M.added_at)
_OF: Final = select(*_COLUMNS).where(_M.staff_id == bindparam("staff")).order_by(_M.kind, _M.added_at, _M.id)
_BEST: Final = (
    select(*_COLUMNS)
    .where(_M.staff_id == bindparam("staff"), _M.kind == bindparam("kind"))
    .order_by(_M.verified_at.is_(None), _M.added_at.desc(), _M.id.desc())
    .limit(1)
)
_ONE: Final = select(*_COLUMNS).where(_BY_ID)
_KINDS: Final = select(_M.kind, _M.verified_at).where(_M.staff_id == bindparam("staff"))
_ALL_VERIFIED: Final = select(_M.staff_id, _M.kind).where(_M.verified_at.is_not(None))
_ALL: Final = select(_M.staff_id, _M.kind)
_ADD: Final = insert(tables.methods)
_VERIFY: Final = (
    update(tables.methods)
    .where(_BY_ID)
    .values(verified_at=bindparam("now"), verified_by=bindparam("proof"), code=None, tries=0)
)
_REMOVE: Final = delete(tables.methods).where(_M.staff_id == bindparam("staff"), _M.kind == bindparam("kind"))
_OLDER: Final = _REMOVE.where(_M.id != bindparam("kept"))
_ASKED: Final = select(_M.asked_at, _M.asked).where(_BY_ID)
_ASK: Final = (
    update(tables.methods)
    .where(_BY_ID)
    .values(code=bindparam("mark"), expires_at=bindparam("until"), asked_at=bindparam("now"), asked=bindparam("count"))
    .values(tries=0)
)
_WAITING: Final = (
    select(_M.id, _M.code, _M.tries)
    .where(_M.staff_id == bindparam("staff"), _M.code.is_not(None), _M.expires_at > bindparam("now"))
    .order_by(_M.id)
)
_WRONG: Final = update(tables.methods).where(_BY_ID).values(tries=_M.tries + 1)
_SPENT: Final = update(tables.methods).where(_BY_ID).values(code=None)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person. `address`: E.164, a chat's number, or an e-mail address. `verified_by`: `code`,
    `invented`, or the id of the manager who gave their word.
    """

    id: str
    staff: str
    kind: Method
    address: str = field(repr=False)
    verified_at: datetime | None
    verified_by: str | None
    added_at: datetime

    @property
    def ending(self) -> str:
        """What may be shown of it: enough to know it by, too little to use it."""
        if self.kind is Method.EMAIL:
            name, _, host = self.address.partition("@")
            return f"{name[:1]}...@{host}"
        return f"...{self.address[-3:]}"


class TooSoon(ValueError):
    """A code was sent there a moment ago, or five times today: use that one, or wait."""


def add(tx: Transaction, staff: str, kind: str, address: str, at: datetime, *, proof: str | None = None) -> Way:
    """A new way, or the one that is there already. `proof`: what verifies it at once.

    One that is verified stays in use beside a new one until that is verified too: a slip in a number cuts nobody off.
    """
    method = Method(kind)
    known = next((one for one in of(tx, staff) if (one.kind, one.address) == (method, address)), None)
    if known is None:
        mark = _mark(tx, method, address)
        way = ids.derived(at, tx.keys.mac("method", staff, method, address))
        tx.execute(
            _ADD,
            {
                "id": way,
                "staff_id": staff,
                "kind": method,
                "address": tx.keys.seal(address, "staff", staff, _PLACE[method]),
                "fingerprint": mark,
                "verified_at": None,
                "verified_by": None,
                "added_at": at,
                "asked": 0,
                "tries": 0,
            },
        )
        known = Way(way, staff, method, address, None, None, at)
    if proof is not None and known.verified_at is None:
        _prove(tx, known, proof, at)
    return look(tx, known.id)


def look(tx: Transaction, method: str) -> Way:
    """One way by id."""
    return _way(tx, *tx.read(_ONE, {"method": method})[0])


def of(tx: Transaction, staff: str) -> tuple[Way, ...]:
    """Every way a person has, verified or not."""
    return tuple(_way(tx, *row) for row in tx.read(_OF, {"staff": staff}))


def reach(tx: Transaction, staff: str, method: str) -> str | None:
    """Where a person is reached by this method, when that is verified; else None."""
    way = _best(tx, staff, method)
    return None if way is None or way.verified_at is None else way.address


def address(tx: Transaction, staff: str, method: str) -> str | None:
    """Where to send: the verified way, else the newest that is not; None when there is none, or nobody is reached so.

    A row that names a channel for children raises nothing: it would hold up every page that is claimed with it.
    """
    if method not in _METHODS:
        return None
    way = _best(tx, staff, method)
    return None if way is None else way.address


def known(tx: Transaction, staff: str) -> frozenset[str]:
    """The methods by which a person might be reached. Opens nothing: one way that no key opens may not keep from the others."""
    return frozenset(kind.value for kind, _ in tx.read(_KINDS, {"staff": staff}))


def verified(tx: Transaction, staff: str) -> frozenset[str]:
    """The methods by which a person is surely reached. Opens nothing either."""
    return frozenset(kind.value for kind, at in tx.read(_KINDS, {"staff": staff}) if at is not None)


def verified_of_all(tx: Transaction) -> dict[str, frozenset[str]]:
    """As `verified`, for everybody who has any, by staff id."""
    return _gathered((staff, kind) for staff, kind in tx.execute(_ALL_VERIFIED))


def known_of_all(tx: Transaction) -> dict[str, frozenset[str]]:
    """The methods by which each person might be reached, verified or not, by staff id."""
    return _gathered((staff, kind) for staff, kind in tx.execute(_ALL))


def is_verified_phone(tx: Transaction, staff: str, phone: str) -> bool:
    """Whether this number is surely theirs."""
    return any(one.address == phone and one.verified_at is not None for one in of(tx, staff))


def remove(tx: Transaction, staff: str, kind: str) -> bool:
    """Take every way of one kind away; False when there was none."""
    return tx.execute(_REMOVE, {"staff": staff, "kind": Method(kind)}).rowcount > 0


# --- proving ----------------------------------------------------------------------------------------------------------


def vouch(tx: Transaction, way: Way, by: str, at: datetime) -> None:
    """A manager (by id) gives their word that this is where the person is."""
    _prove(tx, way, by, at)


def ask(tx: Transaction, way: Way, now: datetime) -> str:
    """A code to send there, the only one that counts from now on. Raises TooSoon."""
    asked_at, asked = tx.execute(_ASKED, {"method": way.id}).one()
    today = 0 if asked_at is None or asked_at <= now - _DAY else asked
    if today and (now < asked_at + WAIT or today >= MOST_A_DAY):
        raise TooSoon(TooSoon.__doc__)
    code = keys.new_code()
    held = {"mark": _code_mark(tx, way.id, code), "until": now + VALID, "now": now, "count": today + 1}
    tx.execute(_ASK, {"method": way.id, **held})
    return code


def prove(tx: Transaction, staff: str, given: str, now: datetime) -> tuple[Way, ...]:
    """Somebody gives a code that was sent to this person: the ways it verifies. None when it is wrong, used or too old.

    A number that was texted is proved for a call as well. Five wrong codes, and the right one is worth nothing either:
    so commit whatever this returns.
    """
    plain = "".join(mark for mark in given.upper() if mark.isascii() and mark.isalnum())
    waiting = tx.execute(_WAITING, {"staff": staff, "now": now}).all()
    for way, mark, _ in waiting:
        if mark == _code_mark(tx, way, plain):
            return _prove_all(tx, look(tx, way), now)
    for way, _, tries in waiting:
        tx.execute(_SPENT if tries + 1 >= MOST_TRIES else _WRONG, {"method": way})
    return ()


def _prove_all(tx: Transaction, way: Way, now: datetime) -> tuple[Way, ...]:
    same = [one for one in of(tx, way.staff) if (_PLACE[one.kind], one.address) == (_PLACE[way.kind], way.address)]
    for one in same:
        _prove(tx, one, CODE, now)
    return tuple(look(tx, one.id) for one in same)


def _prove(tx: Transaction, way: Way, proof: str, at: datetime) -> None:
    """From here on this is the one of its kind; the others may ring at somebody else's."""
    tx.execute(_VERIFY, {"method": way.id, "now": at, "proof": proof})
    tx.execute(_OLDER, {"staff": way.staff, "kind": way.kind, "kept": way.id})


# --- reading rows -----------------------------------------------------------------------------------------------------


def phone_mark(tx: Transaction, phone: str) -> bytes:
    """How a number is found without being kept."""
    return tx.keys.mac("staff phone", phone)


def chat_mark(tx: Transaction, chat: str) -> bytes:
    """As `phone_mark`, for a chat on Telegram."""
    return _mark(tx, Method.TELEGRAM, chat)


def _mark(tx: Transaction, kind: Method, written: str) -> bytes:
    return tx.keys.mac(f"staff {_PLACE[kind]}", written)


def _code_mark(tx: Transaction, method: str, code: str) -> bytes:
    return tx.keys.mac("method code", method, code)


def _best(tx: Transaction, staff: str, kind: str) -> Way | None:
    rows = tx.read(_BEST, {"staff": staff, "kind": Method(kind)})
    return _way(tx, *rows[0]) if rows else None


def _gathered(pairs: Iterable[tuple[str, Method]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for staff, kind in pairs:
        found[staff] = found.get(staff, frozenset()) | {kind.value}
    return found


def _way(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    method: str,
    staff: str,
    kind: Method,
    sealed: bytes,
    verified_at: datetime | None,
    verified_by: str | None,
    added_at: datetime,
) -> Way:
    return Way(
        method, staff, kind, tx.keys.open(sealed, "staff", staff, _PLACE[kind]), verified_at, verified_by, added_at
    )
