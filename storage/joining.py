"""One child under two cases, or with two telephones: joined and split again, each audited, nothing moved or sealed anew.

A joined case points to the one that is kept; whatever is read of the kept case reads the others with it. May not join
across the two services (G13), nor a case that is itself joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select, update

from flows.model import Service
from storage import audit, cases, contacts, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_LOCK: Final = "waymark joining"
_TWO: Final = 2
_C: Final = tables.contacts.c
_JOINED: Final = select(_C.joined_to).where(_C.id == bindparam("contact"))
_POINTING: Final = select(_C.id).where(_C.joined_to == bindparam("contact")).order_by(_C.id)
_ABOUT: Final = tables.conversations.c
_CASES: Final = (
    select(tables.cases.c.id)
    .where(tables.cases.c.contact_id == bindparam("contact"))
    .union(select(_ABOUT.case_id).where(_ABOUT.contact_id == bindparam("contact"), _ABOUT.case_id.is_not(None)))
)
_WHO: Final = (
    select(tables.cases.c.contact_id)
    .where(tables.cases.c.id == bindparam("case"), tables.cases.c.contact_id.is_not(None))
    .union(select(_ABOUT.contact_id).where(_ABOUT.case_id == bindparam("case")))
)
_POINT: Final = update(tables.contacts).where(_C.id == bindparam("contact")).values(joined_to=bindparam("kept"))


class CannotJoin(ValueError):
    """These two cannot be joined, or are not; the message says why."""


def join_cases(tx: Transaction, kept: str, other: str, by: str, at: datetime) -> None:
    """Two cases are of one child: `kept` is the one to look at from now on. Raises CannotJoin.

    The caller computes the deadlines of `kept` again.
    """
    _two(kept, other)
    tx.lock_name(_LOCK)  # two people who join the same two cases the other way round
    if cases.load(tx, kept).joined_to is not None:
        raise CannotJoin("the case to be kept is joined to another: join to that one")
    if cases.load(tx, other).joined_to is not None:
        raise CannotJoin("this case is joined already: split it first")
    if len(cases.members(tx, other)) > 1:
        raise CannotJoin("other cases are joined to this one: split them first, or keep this one")
    cases.set_joined(tx, other, kept)
    audit.record(tx, at, by, "case.joined", other, kept)


def split_case(tx: Transaction, other: str, by: str, at: datetime) -> str:
    """They were two children after all: everything is as it was. Returns the case it had been joined to. Raises CannotJoin.

    The caller computes the deadlines of both again.
    """
    tx.lock_name(_LOCK)
    kept = cases.load(tx, other).joined_to
    if kept is None:
        raise CannotJoin("this case is not joined to another")
    cases.set_joined(tx, other, None)
    audit.record(tx, at, by, "case.split", other, kept)
    return kept


def join_contacts(tx: Transaction, kept: str, other: str, by: str, at: datetime, because: str = "") -> None:
    """Two telephones are one child's. Only of return interviews: who texts the text-safe service stays apart (G13).

    `because`: the case whose joining joined them (`joined_by` finds them by it). Raises CannotJoin.
    """
    _two(kept, other)
    tx.lock_name(_LOCK)
    if {contacts.load(tx, one).store for one in (kept, other)} != {Service.RETURN_INTERVIEW}:
        raise CannotJoin("only contacts of return interviews can be joined")
    if _joined(tx, kept) is not None or _joined(tx, other) is not None or len(contacts_of(tx, other)) > 1:
        raise CannotJoin("one of the two is joined already: split it first")
    tx.execute(_POINT, {"contact": other, "kept": kept})
    audit.record(tx, at, by, "contact.joined", other, kept, *filter(None, (because,)))


def split_contact(tx: Transaction, other: str, by: str, at: datetime) -> str:
    """Not one child's telephones after all. Returns the contact it had been joined to. Raises CannotJoin."""
    kept = _joined(tx, other)
    if kept is None:
        raise CannotJoin("this contact is not joined to another")
    tx.execute(_POINT, {"contact": other, "kept": None})
    audit.record(tx, at, by, "contact.split", other, kept)
    return kept


def joined_by(tx: Transaction, case: str) -> tuple[str, str] | None:
    """The two telephones (the kept first) that were joined when a case was last joined, and are joined still. A case may have
    another telephone by now, so it is the audit that knows. In its older lines a joined telephone names no case: there it is
    the line right behind that of the case.
    """
    found: tuple[str, str] | None = None
    for line in audit.about(tx, case):
        if line.what == "case.joined" and line.about[0] == case:
            behind = audit.line(tx, line.number + 1)
            older = behind is not None and behind.what == "contact.joined" and len(behind.about) == _TWO
            same = older and behind is not None and (behind.who, behind.at) == (line.who, line.at)
            found = (behind.about[1], behind.about[0]) if behind is not None and same else None
        elif line.what == "contact.joined" and line.about[-1] == case:
            found = (line.about[1], line.about[0])
    return found if found is not None and _joined(tx, found[1]) == found[0] else None


def are_apart(tx: Transaction, kept: str, other: str) -> bool:
    """Whether these are two contacts, and neither is joined to any other."""
    free = _joined(tx, kept) is None and _joined(tx, other) is None
    return kept != other and free and len(contacts_of(tx, other)) == 1


def contacts_of(tx: Transaction, contact: str) -> tuple[str, ...]:
    """A contact and those joined to it, or to what it is joined to: every telephone of one child."""
    kept = _joined(tx, contact) or contact
    return (kept, *tx.execute(_POINTING, {"contact": kept}).scalars().all())


def whole(tx: Transaction, contact: str) -> tuple[str, ...]:
    """Every contact that is this child, the contact itself first (see `child`). Of text-safe only the contact."""
    return child(tx, contact=contact)[0]


def child(
    tx: Transaction, *, contact: str | None = None, case: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every contact and every case that is the same child: joined ones, and whoever wrote about the same cases (from a friend's
    telephone, by the code of an offer). What was named comes first. Of text-safe only the contact.
    """
    if contact is not None and contacts.load(tx, contact).store is not Service.RETURN_INTERVIEW:
        return (contact,), ()
    people: dict[str, None] = {} if contact is None else {contact: None}
    books: dict[str, None] = {} if case is None else {case: None}
    looked: set[str] = set()
    while fresh := [one for one in (*people, *books) if one not in looked]:
        looked.update(fresh)
        for one in (one for one in fresh if one in people):
            people |= dict.fromkeys(contacts_of(tx, one))
            books |= dict.fromkeys(tx.execute(_CASES, {"contact": one}).scalars().all())
        for one in (one for one in fresh if one in books):
            books |= dict.fromkeys(cases.members(tx, cases.root(tx, one)))
            people |= dict.fromkeys(tx.execute(_WHO, {"case": one}).scalars().all())
    return tuple(people), tuple(books)


def _joined(tx: Transaction, contact: str) -> str | None:
    found: str | None = tx.execute(_JOINED, {"contact": contact}).scalar_one()
    return found


def _two(kept: str, other: str) -> None:
    if kept == other:
        raise CannotJoin("these are one and the same")
