"""Cases and missing episodes: a child on the council's books, under a key of its own. Never linked to a text-safe
contact.

`reference` is content-free (it may stand in a page); the council's own reference is found by HMAC and sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from sqlalchemy import bindparam, delete, insert, or_, select, update

from flows.model import Service
from storage import codec, contacts, ids, tables, words
from storage.database import Erased

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.keys import DataKey

# What is known of a child or an episode: field -> value, as `waymark import episodes` names them.
Details: TypeAlias = Mapping[str, "str | int | None"]

_C: Final = tables.cases.c
_E: Final = tables.episodes.c
_ADD: Final = insert(tables.cases)
_COLUMNS: Final = (
    _C.id, _C.reference, _C.contact_id, _C.data_key, _C.details, _C.on_hold, _C.created_at, _C.joined_to,
)  # fmt: skip
_BY_ID: Final = select(*_COLUMNS).where(_C.id == bindparam("case"))
_LOCKED: Final = _BY_ID.with_for_update()
_BY_MARK: Final = select(*_COLUMNS).where(_C.mark == bindparam("mark"))
_BY_REFERENCE: Final = select(*_COLUMNS).where(_C.reference == bindparam("reference"))
_OF_CONTACT: Final = select(_C.id).where(_C.contact_id == bindparam("contact")).order_by(_C.id).limit(1)
_DETAILS: Final = update(tables.cases).where(_C.id == bindparam("case")).values(details=bindparam("new_details"))
_LINK: Final = update(tables.cases).where(_C.id == bindparam("case")).values(contact_id=bindparam("contact"))
_HOLD: Final = update(tables.cases).where(_C.id == bindparam("case")).values(on_hold=bindparam("held"))
_HELD: Final = select(_C.on_hold).where(_C.id == bindparam("case"))
_MEMBERS: Final = select(_C.id).where(_C.joined_to == bindparam("case")).order_by(_C.id)
# For other statements: the case and those joined to it, without knowing beforehand how many they are.
OF_ONE_CHILD: Final = select(_C.id).where(or_(_C.id == bindparam("case"), _C.joined_to == bindparam("case")))
_ROOT: Final = select(_C.joined_to).where(_C.id == bindparam("case"))
_JOIN: Final = update(tables.cases).where(_C.id == bindparam("case")).values(joined_to=bindparam("kept"))
_CLOCKS: Final = select(_C.clocks_at).where(_C.id == bindparam("case"))
_SET_CLOCKS: Final = update(tables.cases).where(_C.id == bindparam("case")).values(clocks_at=bindparam("at"))
_WRAPPED: Final = select(_C.data_key).where(_C.id == bindparam("case"))
_TAKEN: Final = select(_C.id).where(_C.reference == bindparam("reference"))
_ADD_EPISODE: Final = insert(tables.episodes)
_SAVE_EPISODE: Final = (
    update(tables.episodes)
    .where(_E.id == bindparam("episode"))
    .values(
        missing_at=bindparam("new_missing_at"),
        returned_at=bindparam("new_returned_at"),
        ended_at=bindparam("new_ended_at"),
        details=bindparam("new_details"),
    )
)
_DROP_EPISODE: Final = delete(tables.episodes).where(_E.id == bindparam("episode"))
_LOOSEN: Final = (
    update(tables.case_notes).where(tables.case_notes.c.episode_id == bindparam("episode")).values(episode_id=None)
)
_EPISODES: Final = (
    select(_E.id, _E.case_id, _E.missing_at, _E.returned_at, _E.details, _E.ended_at)
    .where(_E.case_id.in_(OF_ONE_CHILD))
    .order_by(_E.missing_at, _E.id)
)


@dataclass(frozen=True, slots=True)
class Case:
    """A child's case. `details`: `child_ref`, `birth_date`, `looked_after`, `learning_disability`, `worker` ..."""

    id: str
    reference: str
    contact: str | None
    details: Details
    on_hold: bool
    created_at: datetime
    joined_to: str | None = None

    @property
    def child(self) -> str | None:
        """What the council calls this child."""
        held = self.details.get("child_ref")
        return str(held) if held else None


@dataclass(frozen=True, slots=True)
class Episode:
    """One time missing. The child is recorded missing until `ended_at`. `details` as `waymark import episodes` has them."""

    id: str
    case: str
    missing_at: datetime
    returned_at: datetime | None
    details: Details
    ended_at: datetime | None = None


class WrongStore(ValueError):
    """A case is never linked to a text-safe contact: nothing crosses without the child's yes (G13)."""


def add(tx: Transaction, child_reference: str, at: datetime, details: Details | None = None) -> Case:
    """A case for the council's reference of a child (kept in `details` as `child_ref`); it is made once."""
    held = by_child(tx, child_reference)
    if held is not None:
        return held
    case = ids.new()
    made_key, wrapped = tx.keys.new_data_key("cases", case)
    tx.case_keys[case] = made_key
    known = {**(details or {}), "child_ref": child_reference}
    made = Case(case, _free_reference(tx), None, known, on_hold=False, created_at=at)
    tx.execute(
        _ADD,
        {
            "id": case,
            "reference": made.reference,
            "mark": mark(tx, child_reference),
            "data_key": wrapped,
            "details": _sealed(made_key, known, "cases", case),
            "on_hold": False,
            "created_at": at,
        },
    )
    return made


def load(tx: Transaction, case: str) -> Case:
    """A case by id. Raises Erased."""
    ((*held,),) = tx.read(_BY_ID, {"case": case})
    return _case(tx, held)


def find(tx: Transaction, named: str) -> Case | None:
    """A case by its two words or by the council's reference, as people name it on the command line."""
    row = tx.execute(_BY_REFERENCE, {"reference": named.strip().lower()}).first()
    return by_child(tx, named) if row is None else _case(tx, row)


def named(tx: Transaction, given: str) -> str | None:
    """The id of a case by its two words or the council's reference, of an erased child too: no key is opened."""
    row = tx.execute(_BY_REFERENCE, {"reference": given.strip().lower()}).first()
    row = row or tx.execute(_BY_MARK, {"mark": mark(tx, given)}).first()
    return None if row is None else str(row.id)


def by_child(tx: Transaction, child_reference: str) -> Case | None:
    """A case by the council's reference of the child."""
    row = tx.execute(_BY_MARK, {"mark": mark(tx, child_reference)}).first()
    return None if row is None else _case(tx, row)


def root(tx: Transaction, case: str) -> str:
    """The case to look at: the one this was joined to, else itself."""
    ((held,),) = tx.read(_ROOT, {"case": case})
    return case if held is None else str(held)


def kept(tx: Transaction, case: str) -> Case:
    """The case that is kept for its child: the one this was joined to, else itself. Raises Erased."""
    return load(tx, root(tx, case))


def members(tx: Transaction, case: str) -> tuple[str, ...]:
    """The case and those joined to it, read once a transaction."""
    if case not in tx.case_members:
        tx.case_members[case] = (case, *(row[0] for row in tx.read(_MEMBERS, {"case": case})))
    return tx.case_members[case]


def set_joined(tx: Transaction, case: str, kept: str | None) -> None:
    """Say that another case is the one to look at, or no more (`joining` has the rules)."""
    tx.execute(_JOIN, {"case": case, "kept": kept})
    tx.case_members.clear()


def clocks_at(tx: Transaction, case: str) -> datetime | None:
    """When the pending timer of this case's deadlines fires."""
    ((found,),) = tx.read(_CLOCKS, {"case": case})
    return found if found is None else cast("datetime", found)


def set_clocks_at(tx: Transaction, case: str, at: datetime | None) -> None:
    """Note when the timer of this case's deadlines fires."""
    tx.write(_SET_CLOCKS, {"case": case, "at": at})


def of_contact(tx: Transaction, contact: str) -> str | None:
    """The id of the case a return-interview contact belongs to; no key is opened."""
    row = tx.execute(_OF_CONTACT, {"contact": contact}).first()
    return None if row is None else str(row.id)


def set_details(tx: Transaction, case: str, details: Details) -> Case:
    """Change what is known of a child; fields not named stay."""
    held = _case(tx, tx.execute(_LOCKED, {"case": case}).one())
    known = {**held.details, **details}
    tx.execute(_DETAILS, {"case": case, "new_details": _sealed(key(tx, case), known, "cases", case)})
    return load(tx, case)


def link(tx: Transaction, case: str, contact: str) -> None:
    """Say which contact the child of a case writes from. Raises WrongStore for a text-safe contact."""
    if contacts.load(tx, contact).store is not Service.RETURN_INTERVIEW:
        raise WrongStore(WrongStore.__doc__)
    tx.execute(_LINK, {"case": case, "contact": contact})


def hold(tx: Transaction, case: str, *, on: bool) -> None:
    """Freeze (or free) retention for a case."""
    tx.execute(_HOLD, {"case": case, "held": on})


def is_held(tx: Transaction, case: str) -> bool:
    """Whether retention is frozen for a case; opens no key."""
    return bool(tx.execute(_HELD, {"case": case}).scalar_one())


def is_erased(tx: Transaction, case: str) -> bool:
    """Whether the key of a case was destroyed."""
    return tx.read(_WRAPPED, {"case": case})[0][0] is None


def known(tx: Transaction, case: Case) -> Details:
    """What is known of the child: of a case that was joined, what the one that is kept says comes first."""
    if case.joined_to is None:
        return case.details
    kept = load(tx, case.joined_to).details
    return {**case.details, **{name: value for name, value in kept.items() if value is not None}}


# --- missing episodes -------------------------------------------------------------------------------------------------


def add_episode(
    tx: Transaction,
    case: str,
    missing_at: datetime,
    returned_at: datetime | None = None,
    details: Details | None = None,
    *,
    ended_at: datetime | None = None,
) -> Episode:
    """One time missing; two may begin at the same time only by mistake, which the importer names."""
    made = Episode(ids.new(), case, missing_at, returned_at, dict(details or {}), ended_at)
    tx.execute(
        _ADD_EPISODE,
        {
            "id": made.id,
            "case_id": case,
            "missing_at": missing_at,
            "returned_at": returned_at,
            "ended_at": ended_at,
            "details": _sealed(key(tx, case), made.details, "missing_episodes", made.id),
        },
    )
    return made


def save_episode(tx: Transaction, episode: Episode) -> None:
    """Keep what an episode has become. Its end says nothing of safety (A6)."""
    sealed = _sealed(key(tx, episode.case), episode.details, "missing_episodes", episode.id)
    tx.execute(
        _SAVE_EPISODE,
        {
            "episode": episode.id,
            "new_missing_at": episode.missing_at,
            "new_returned_at": episode.returned_at,
            "new_ended_at": episode.ended_at,
            "new_details": sealed,
        },
    )


def drop_episode(tx: Transaction, episode: Episode) -> None:
    """It never was. What was noted of it is the case's own."""
    for statement in (_LOOSEN, _DROP_EPISODE):
        tx.execute(statement, {"episode": episode.id})


def episodes(tx: Transaction, case: str) -> tuple[Episode, ...]:
    """All episodes of a child in one view, those of joined cases too, oldest first: they are one pattern (D11)."""
    return tuple(_episode(tx, *row) for row in tx.read(_EPISODES, {"case": case}))


def _episode(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    row: str,
    case: str,
    missing_at: datetime,
    returned_at: datetime | None,
    details: bytes,
    ended_at: datetime | None,
) -> Episode:
    found = _opened(key(tx, case), details, "missing_episodes", row)
    return Episode(row, case, missing_at, returned_at, found, ended_at)


# --- keys and words ---------------------------------------------------------------------------------------------------


def mark(tx: Transaction, child_reference: str) -> bytes:
    """By what a child's case is found without the council's reference standing anywhere."""
    return tx.keys.mac("case", child_reference.strip().casefold())


def _free_reference(tx: Transaction) -> str:
    attempt = 0
    while tx.execute(_TAKEN, {"reference": (reference := words.reference(attempt))}).first() is not None:
        attempt += 1
    return reference


def key(tx: Transaction, case: str) -> DataKey:
    """The data key of a case, opened once a transaction. Raises Erased."""
    if case not in tx.case_keys:
        _unwrapped(tx, case, tx.read(_WRAPPED, {"case": case})[0][0])
    return tx.case_keys[case]


def _unwrapped(tx: Transaction, case: str, wrapped: bytes | None) -> DataKey:
    if wrapped is None:
        raise Erased(Erased.__doc__)
    if case not in tx.case_keys:
        tx.case_keys[case] = tx.keys.unwrap(wrapped, "cases", case)
    return tx.case_keys[case]


def _sealed(key: DataKey, details: Details, *place: str) -> bytes:
    return key.seal(codec.dump_plain(dict(details)), *place)


def _opened(key: DataKey, sealed: bytes, *place: str) -> Details:
    found: Details = codec.load_plain(key.open_bytes(sealed, *place))
    return found


def _case(tx: Transaction, row: Iterable[Any]) -> Case:
    case, reference, contact, wrapped, sealed, on_hold, created_at, joined_to = row
    details = _opened(_unwrapped(tx, case, wrapped), sealed, "cases", case)
    return Case(case, reference, contact, details, on_hold, created_at, joined_to)
