"""Staff and their shifts. Names and numbers are sealed; a person is found by the HMAC of either. May not page
anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, or_, select, update

from flows.model import MANAGERS, OnDuty
from storage import ids, methods, tables
from storage.codes import Method, Role
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

LONGEST_NAME: Final = 40
# Stands before the id of whoever has a name that no key opens.
UNREADABLE: Final = "(unreadable) "
_S: Final = tables.staff.c
_H: Final = tables.shifts.c
_M: Final = tables.methods.c
_ADD: Final = insert(tables.staff)
_ADD_SHIFT: Final = insert(tables.shifts)
_COLUMNS: Final = (_S.id, _S.name, _S.role, _S.locale, _S.active)
_ALL: Final = select(*_COLUMNS).order_by(_S.id)
_BY_ID: Final = select(*_COLUMNS).where(_S.id == bindparam("staff"))
_BY_NAME: Final = select(*_COLUMNS).where(_S.name_mark == bindparam("mark"))
_BY_PHONE: Final = (
    select(*_COLUMNS)
    .join(tables.methods, _M.staff_id == _S.id)
    .where(_M.fingerprint == bindparam("mark"), or_(_M.kind == Method.SMS, _M.kind == Method.VOICE), _S.active)
    .order_by(_M.verified_at.is_(None), _S.id)
    .limit(1)
)
_BY_CHAT: Final = (
    select(*_COLUMNS)
    .join(tables.methods, _M.staff_id == _S.id)
    .where(_M.fingerprint == bindparam("mark"), _M.kind == Method.TELEGRAM, _M.verified_at.is_not(None), _S.active)
    .order_by(_S.id)
    .limit(1)
)
_ACTIVE: Final = update(tables.staff).where(_S.id == bindparam("staff")).values(active=bindparam("on"))
_MARK: Final = update(tables.staff).where(_S.id == bindparam("staff")).values(name_mark=bindparam("mark"))
_FALLBACK: Final = update(tables.staff).where(_S.id == bindparam("staff")).values(fallback=bindparam("on"))
_FALLBACKS: Final = select(_S.id, _S.name).where(_S.fallback, _S.active).order_by(_S.id)
_ON_DUTY: Final = (
    select(_S.id, _S.name, _H.role)
    .join(tables.shifts, _H.staff_id == _S.id)
    .where(_H.ends_at > bindparam("now"), _H.starts_at <= bindparam("now"), _S.active, _H.stands)
    .order_by(_H.role, _H.starts_at, _H.id)
)
_SHIFTS: Final = (
    select(_H.id, _S.id.label("staff"), _S.name, _H.role, _H.starts_at, _H.ends_at)
    .join(tables.staff, _S.id == _H.staff_id)
    .where(_H.ends_at > bindparam("since"), _H.starts_at < bindparam("until"), _H.stands)
    .order_by(_H.starts_at, _H.id)
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the service. `name` is unique; how to reach them is found only when something is sent."""

    id: str
    name: str
    role: Role
    locale: str
    active: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """Hours of a person in a role, UTC."""

    id: str
    staff: str
    name: str
    role: Role
    starts_at: datetime
    ends_at: datetime


class NameTaken(ValueError):
    """Somebody of that name is on the staff already: add a letter of the surname."""


def may_be_called(name: str) -> bool:
    """Whether a colleague may have this name: it stands in pages and is typed into commands: one line."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and name == " ".join(name.split())


def add(  # noqa: PLR0913 - a person has this many parts
    tx: Transaction,
    name: str,
    role: str,
    at: datetime,
    *,
    phone: str | None = None,
    email: str | None = None,
    locale: str = "en",
    proof: str | None = None,
) -> Person:
    """Take a person on. `phone`: E.164, for texts and calls. `proof`: as in `methods.add`. Raises NameTaken; ValueError
    for an unknown role.
    """
    staff = ids.new()
    mark = _name_mark(tx, name)
    if tx.execute(_BY_NAME, {"mark": mark}).first() is not None:
        raise NameTaken(NameTaken.__doc__)
    tx.execute(
        _ADD,
        {
            "id": staff,
            "name": tx.keys.seal(name, "staff", staff, "name"),
            "name_mark": mark,
            "role": Role(role),
            "locale": locale,
            "active": True,
            "fallback": False,
            "added_at": at,
        },
    )
    for kind, written in ((Method.SMS, phone), (Method.VOICE, phone), (Method.EMAIL, email)):
        if written is not None:
            methods.add(tx, staff, kind, written, at, proof=proof)
    return Person(staff, name, Role(role), locale, active=True)


def everyone(tx: Transaction) -> tuple[Person, ...]:
    """All staff, those who left too."""
    return tuple(_person(tx, *row) for row in tx.execute(_ALL))


def of_service(tx: Transaction) -> tuple[Person, ...]:
    """Who works here now. An official who asks for check-ins is not of the service."""
    return tuple(one for one in everyone(tx) if one.active and one.role is not Role.REQUESTER)


def load(tx: Transaction, staff: str) -> Person:
    """A person by id."""
    return _person(tx, *tx.read(_BY_ID, {"staff": staff})[0])


def known(tx: Transaction, staff: str) -> bool:
    """Whether this is the id of somebody of the staff, and not a part of the program."""
    return bool(tx.read(_BY_ID, {"staff": staff}))


def unreadable(tx: Transaction) -> tuple[str, ...]:
    """The ids of those here whose name no key opens."""
    return tuple(one.id for one in everyone(tx) if one.active and one.name.startswith(UNREADABLE))


def by_name(tx: Transaction, name: str) -> Person | None:
    """A person by name, whatever its case, or by what stands for a name that no key opens."""
    if name.startswith(UNREADABLE):
        rows = tx.read(_BY_ID, {"staff": name.removeprefix(UNREADABLE)})
        return _person(tx, *rows[0]) if rows else None
    rows = tx.read(_BY_NAME, {"mark": _name_mark(tx, name)})
    return _person(tx, *rows[0]) if rows else None


def by_phone(tx: Transaction, phone: str) -> Person | None:
    """Whose number this is. A claim, not proof: nothing but a reply depends on it (decisions 7)."""
    rows = tx.read(_BY_PHONE, {"mark": methods.phone_mark(tx, phone)})
    return _person(tx, *rows[0]) if rows else None


def by_chat(tx: Transaction, chat: str) -> Person | None:
    """Whose own chat with the bot this is, once they have proved it."""
    rows = tx.read(_BY_CHAT, {"mark": methods.chat_mark(tx, chat)})
    return _person(tx, *rows[0]) if rows else None


def set_active(tx: Transaction, staff: str, *, on: bool) -> None:
    """Let a person in or out; nothing is sent to who is not active."""
    tx.execute(_ACTIVE, {"staff": staff, "on": on})


def mark_again(tx: Transaction, person: Person) -> None:
    """Have a person found by the name that can be read now; one that no key opens is free for another. Raises NameTaken."""
    other = by_name(tx, person.name)
    if other is not None and other.id != person.id:
        raise NameTaken(NameTaken.__doc__)
    tx.execute(_MARK, {"staff": person.id, "mark": _name_mark(tx, person.name)})


def set_fallback(tx: Transaction, staff: str, *, on: bool) -> None:
    """Name a person whom the last rung reaches when nobody else stands there; or no longer."""
    tx.execute(_FALLBACK, {"staff": staff, "on": on})


def fallbacks(tx: Transaction) -> tuple[str, ...]:
    """The names of those who are named for the last rung."""
    return tuple(_name(tx, staff, name) for staff, name in tx.read(_FALLBACKS, {}))


def add_shift(tx: Transaction, staff: str, role: str, starts_at: datetime, ends_at: datetime) -> str:
    """Put a person on for these hours; returns the shift's id."""
    if ends_at <= starts_at:
        message = "a shift ends after it starts"
        raise ValueError(message)
    shift = ids.new()
    tx.execute(
        _ADD_SHIFT,
        {"id": shift, "staff_id": staff, "role": Role(role), "starts_at": starts_at, "ends_at": ends_at}
        | {"planned": True, "stands": True},
    )
    return shift


def shifts(tx: Transaction, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Shifts that touch a time, soonest first."""
    return tuple(
        Shift(row.id, row.staff, _name(tx, row.staff, row.name), row.role, row.starts_at, row.ends_at)
        for row in tx.execute(_SHIFTS, {"since": since, "until": until})
    )


def on_duty(tx: Transaction, now: datetime) -> tuple[OnDuty, ...]:
    """Who can be reached now, by role and then by who began first; nobody twice in one role."""
    rows = tx.read(_ON_DUTY, {"now": now})
    return tuple(dict.fromkeys(OnDuty(_name(tx, staff, name), role.value) for staff, name, role in rows))


def shifts_of(tx: Transaction, person: Person, now: datetime) -> frozenset[str]:
    """The roles somebody stands in now by the rota."""
    return frozenset(one.role for one in on_duty(tx, now) if one.name == person.name)


def roles_of(tx: Transaction, person: Person, now: datetime) -> frozenset[str]:
    """Their own role, and those of the shifts they stand in: who is paged as duty tonight may open the alert tonight.

    An official outside the service is that alone, whatever a rota says.
    """
    if person.role is Role.REQUESTER:
        return frozenset({person.role.value})
    return frozenset({person.role.value, *shifts_of(tx, person, now)} - {Role.REQUESTER.value})


def is_manager(tx: Transaction, person: Person, now: datetime) -> bool:
    """Whether somebody is a manager now, by their own role or by one they stand in."""
    return not roles_of(tx, person, now).isdisjoint(MANAGERS)


def _name_mark(tx: Transaction, name: str) -> bytes:
    return tx.keys.mac("staff name", " ".join(name.casefold().split()))


def _name(tx: Transaction, staff: str, name: bytes) -> str:
    """A name; of one that no key opens the id stands for it, for one row must not keep everybody else from being paged."""
    try:
        return tx.keys.open(name, "staff", staff, "name")
    except SealBroken:
        return f"{UNREADABLE}{staff}"


def _person(tx: Transaction, staff: str, name: bytes, role: Role, locale: str, active: bool) -> Person:  # noqa: FBT001 - a row
    return Person(staff, _name(tx, staff, name), role, locale, active)
