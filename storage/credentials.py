"""By what a person of the service signs in: passkeys made over a link that works once, and a phrase with six figures.

May not keep a link, a phrase or a code: marks, hashes and sealed secrets stand here. A wrong try is counted whoever's name
was typed, a name nobody has too.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from storage import identities, ids, sessions, tables, totp

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

LINK_VALID: Final = timedelta(hours=24)
CEREMONY_VALID: Final = timedelta(minutes=5)
SHORTEST_PHRASE: Final = 12
LONGEST_PHRASE: Final = 200
# Six figures and a phrase: who may try five times in a quarter of an hour finds neither. Passkeys need no throttle.
WINDOW: Final = timedelta(minutes=15)
MOST_OF_ONE: Final = 5
MOST_IN_ALL: Final = 60

_E: Final = tables.enrolments.c
_C: Final = tables.ceremonies.c
_P: Final = tables.passkeys.c
_A: Final = tables.authenticators.c
_T: Final = tables.tries.c
_LINK: Final = insert(tables.enrolments)
_UNLINK: Final = delete(tables.enrolments).where(_E.staff_id == bindparam("staff"), _E.used_at.is_(None))
_LINKED: Final = (
    select(_E.staff_id)
    .join(tables.staff, tables.staff.c.id == _E.staff_id)
    .where(_E.mark == bindparam("known"), _E.used_at.is_(None), _E.expires_at > bindparam("now"), tables.staff.c.active)
)
_USE_LINK: Final = (
    update(tables.enrolments)
    .where(_E.mark == bindparam("known"), _E.used_at.is_(None), _E.expires_at > bindparam("now"))
    .values(used_at=bindparam("now"))
)
_BEGIN: Final = insert(tables.ceremonies)
_FORGET: Final = delete(tables.ceremonies).where(_C.expires_at <= bindparam("now"))
_CEREMONY: Final = select(_C.staff_id, _C.challenge).where(
    _C.mark == bindparam("known"), _C.expires_at > bindparam("now")
)
_END_CEREMONY: Final = delete(tables.ceremonies).where(_C.mark == bindparam("known"))
_COLUMNS: Final = (_P.id, _P.staff_id, _P.value, _P.counter, _P.added_at, _P.used_at)
_ADD: Final = insert(tables.passkeys)
_BY_MARK: Final = select(*_COLUMNS).where(_P.mark == bindparam("known")).with_for_update()
_OF: Final = select(*_COLUMNS).where(_P.staff_id == bindparam("staff")).order_by(_P.id)
_USED: Final = (
    update(tables.passkeys)
    .where(_P.id == bindparam("passkey"))
    .values(counter=bindparam("new_counter"), used_at=bindparam("now"))
)
_REMOVE: Final = delete(tables.passkeys).where(_P.id == bindparam("passkey"), _P.staff_id == bindparam("staff"))
_REMOVE_ALL: Final = delete(tables.passkeys).where(_P.staff_id == bindparam("staff"))
_AUTHENTICATOR: Final = (
    select(_A.secret, _A.phrase, _A.salt, _A.last_step).where(_A.staff_id == bindparam("staff")).with_for_update()
)
_ADD_AUTHENTICATOR: Final = insert(tables.authenticators)
_STEP: Final = update(tables.authenticators).where(_A.staff_id == bindparam("staff")).values(last_step=bindparam("new"))
_REMOVE_AUTHENTICATOR: Final = delete(tables.authenticators).where(_A.staff_id == bindparam("staff"))
_TRIED: Final = insert(tables.tries)
_FORGET_TRIES: Final = delete(tables.tries).where(_T.at <= bindparam("before"))
_IN_ALL: Final = select(func.count()).select_from(tables.tries).where(_T.at > bindparam("since"))
_OF_ONE: Final = _IN_ALL.where(_T.mark == bindparam("known"))


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person. `value`: its public half, as its library writes it."""

    id: str
    staff: str
    value: bytes
    counter: int
    added_at: datetime
    used_at: datetime | None


# --- the link ---------------------------------------------------------------------------------------------------------


def link(tx: Transaction, staff: str, now: datetime) -> str:
    """A link's secret for a person; the ones that were made before and not used are worth nothing any more."""
    token = secrets.token_urlsafe(32)
    tx.execute(_UNLINK, {"staff": staff})
    held = {"mark": _mark(tx, token), "staff_id": staff, "made_at": now, "expires_at": now + LINK_VALID}
    tx.execute(_LINK, held)
    return token


def whose_link(tx: Transaction, token: str, now: datetime) -> str | None:
    """Whose link this is (a staff id); None when it is wrong, used or too old: one answer for all three."""
    found = tx.execute(_LINKED, {"known": _mark(tx, token), "now": now}).scalar()
    return None if found is None else str(found)


def use_link(tx: Transaction, token: str, now: datetime) -> bool:
    """Use a link up; False for whoever comes second."""
    return tx.execute(_USE_LINK, {"known": _mark(tx, token), "now": now}).rowcount == 1


def link_secret(tx: Transaction, token: str) -> bytes:
    """The secret an authenticator gets over this link: made of the link, so that nothing waits in a table."""
    return tx.keys.mac("desk authenticator", token)[: totp.SECRET_BYTES]


# --- passkeys ---------------------------------------------------------------------------------------------------------


def begin(tx: Transaction, challenge: bytes, now: datetime, staff: str | None = None) -> str:
    """Keep a challenge; returns what its answer must carry."""
    token = secrets.token_urlsafe(32)
    tx.execute(_FORGET, {"now": now})
    held = {"mark": _mark(tx, token), "staff_id": staff, "challenge": challenge, "expires_at": now + CEREMONY_VALID}
    tx.execute(_BEGIN, held)
    return token


def challenge(tx: Transaction, token: str, now: datetime, staff: str | None = None) -> bytes | None:
    """The challenge of a ceremony of this person (None: a sign-in), once; None when there is none."""
    row = tx.execute(_CEREMONY, {"known": _mark(tx, token), "now": now}).first()
    if row is None or row.staff_id != staff:
        return None
    ended = tx.execute(_END_CEREMONY, {"known": _mark(tx, token)}).rowcount == 1
    return bytes(row.challenge) if ended else None


def add(tx: Transaction, staff: str, credential: bytes, value: bytes, counter: int, now: datetime) -> Passkey:
    """Keep a passkey. `credential`: its id, as the browser names it."""
    made = Passkey(ids.new(), staff, value, counter, now, None)
    tx.execute(
        _ADD,
        {
            "id": made.id,
            "staff_id": staff,
            "mark": _credential_mark(tx, credential),
            "value": tx.keys.seal(value, "passkeys", made.id),
            "counter": counter,
            "added_at": now,
        },
    )
    return made


def by_credential(tx: Transaction, credential: bytes) -> Passkey | None:
    """The passkey a browser names."""
    row = tx.execute(_BY_MARK, {"known": _credential_mark(tx, credential)}).first()
    return None if row is None else _passkey(tx, *row)


def of(tx: Transaction, staff: str) -> tuple[Passkey, ...]:
    """A person's passkeys, oldest first."""
    return tuple(_passkey(tx, *row) for row in tx.execute(_OF, {"staff": staff}).all())


def used(tx: Transaction, passkey: str, counter: int, now: datetime) -> None:
    """A passkey signed somebody in."""
    tx.execute(_USED, {"passkey": passkey, "new_counter": counter, "now": now})


def remove(tx: Transaction, staff: str, passkey: str) -> bool:
    """Take a person's passkey away, and end what it began; False when they have no such passkey."""
    gone = tx.execute(_REMOVE, {"passkey": passkey, "staff": staff}).rowcount == 1
    if gone:
        sessions.end_by(tx, passkey)
    return gone


def remove_all(tx: Transaction, staff: str) -> None:
    """Everything by which a person could sign in: passkeys, accounts, authenticator, a link not used; and who did is out."""
    for removal in (_REMOVE_ALL, _REMOVE_AUTHENTICATOR, _UNLINK):
        tx.execute(removal, {"staff": staff})
    identities.remove_all(tx, staff)
    sessions.end_of(tx, staff)


# --- a phrase and six figures -----------------------------------------------------------------------------------------


def set_authenticator(tx: Transaction, staff: str, secret: bytes, phrase: str, step: int, now: datetime) -> None:
    """Keep a person's authenticator in place of the one before. `step`: of the code that proved it."""
    salt = secrets.token_bytes(16)
    tx.execute(_REMOVE_AUTHENTICATOR, {"staff": staff})
    held = {
        "staff_id": staff,
        "secret": tx.keys.seal(secret, "authenticators", staff),
        "phrase": _hashed(phrase, salt),
        "salt": salt,
        "last_step": step,
        "added_at": now,
    }
    tx.execute(_ADD_AUTHENTICATOR, held)


def proves(tx: Transaction, staff: str | None, phrase: str, code: str, now: datetime) -> bool:
    """Whether phrase and code are this person's; uses the code up. For nobody it takes as long as for somebody."""
    row = tx.execute(_AUTHENTICATOR, {"staff": staff or ""}).first()
    secret = bytes(totp.SECRET_BYTES) if row is None else tx.keys.open_bytes(row.secret, "authenticators", staff or "")
    wanted, salt, last = (b"", b"nobody's salt...", -1) if row is None else (row.phrase, row.salt, row.last_step)
    step = totp.step_of(secret, code, now)
    fits = hmac.compare_digest(_hashed(phrase, salt), wanted)
    if row is None or step is None or not fits or step <= last:
        return False
    tx.execute(_STEP, {"staff": staff, "new": step})
    return True


def is_throttled(tx: Transaction, name: str, now: datetime) -> bool:
    """Whether so many wrong tries came lately, under this name or in all, that none is looked at."""
    since = {"since": now - WINDOW}
    of_one: int = tx.execute(_OF_ONE, since | {"known": _name_mark(tx, name)}).scalar_one()
    in_all: int = tx.execute(_IN_ALL, since).scalar_one()
    return of_one >= MOST_OF_ONE or in_all >= MOST_IN_ALL


def wrong(tx: Transaction, name: str, now: datetime) -> None:
    """Count a try that was wrong."""
    tx.execute(_FORGET_TRIES, {"before": now - WINDOW})
    tx.execute(_TRIED, {"id": ids.new(), "mark": _name_mark(tx, name), "at": now})


def _hashed(phrase: str, salt: bytes) -> bytes:
    said = " ".join(phrase.split())[:LONGEST_PHRASE]
    return hashlib.scrypt(said.encode("utf-8", "replace"), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _passkey(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction, row: str, staff: str, value: bytes, counter: int, added_at: datetime, used_at: datetime | None
) -> Passkey:
    return Passkey(row, staff, tx.keys.open_bytes(value, "passkeys", row), counter, added_at, used_at)


def _mark(tx: Transaction, token: str) -> bytes:
    return tx.keys.mac("desk link", token)


def _credential_mark(tx: Transaction, credential: bytes) -> bytes:
    return tx.keys.mac("desk passkey", credential.hex())


def _name_mark(tx: Transaction, name: str) -> bytes:
    return tx.keys.mac("desk try", " ".join(name.casefold().split())[:200])
