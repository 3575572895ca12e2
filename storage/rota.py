"""The rota as it is kept: weekly patterns, planned shifts, swaps, what was told. May not decide who stands where.

A planned shift stays when it is swapped away; what stands instead is written anew by `stand`, so that a swap can be undone.
Every writer takes `lock` first.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete, insert, select, update

from flows.shifts import Cover, Pattern, Shift
from storage import ids, tables
from storage.codes import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import Row

    from storage.database import Transaction

_P: Final = tables.patterns.c
_H: Final = tables.shifts.c
_C: Final = tables.covers.c
_T: Final = tables.rota_told.c
_PATTERNS: Final = select(_P.id, _P.staff_id, _P.role, _P.days, _P.starts, _P.ends, _P.since, _P.until).order_by(_P.id)
_ADD_PATTERN: Final = insert(tables.patterns)
_END_PATTERN: Final = update(tables.patterns).where(_P.id == bindparam("pattern")).values(until=bindparam("last"))
_SHIFT: Final = (_H.id, _H.staff_id, _H.role, _H.starts_at, _H.ends_at, _H.pattern_id)
_PLANNED: Final = select(*_SHIFT).where(_H.planned, _H.ends_at > bindparam("since")).order_by(_H.starts_at, _H.id)
_STANDING: Final = (
    select(*_SHIFT)
    .join(tables.staff, tables.staff.c.id == _H.staff_id)
    .where(_H.stands, _H.ends_at > bindparam("since"), _H.starts_at < bindparam("until"), tables.staff.c.active)
    .order_by(_H.starts_at, _H.id)
)
_ADD_SHIFT: Final = insert(tables.shifts)
_REMOVE: Final = delete(tables.shifts).where(_H.id == bindparam("shift"))
_PARTS: Final = select(*_SHIFT).where(~_H.planned, _H.ends_at > bindparam("since"))
_FLAGS: Final = select(_H.id, _H.stands).where(_H.planned, _H.ends_at > bindparam("since"))
_STANDS: Final = update(tables.shifts).where(_H.id == bindparam("shift")).values(stands=bindparam("state"))
_SERIES: Final = select(_H.id, _H.starts_at).where(_H.series == bindparam("event"), _H.planned)
_COVERS: Final = (
    select(_C.id, _C.role, _C.out_id, _C.into_id, _C.starts_at, _C.ends_at)
    .where(_C.undone_at.is_(None), _C.ends_at > bindparam("since"))
    .order_by(_C.made_at, _C.id)
)
_UNDONE: Final = (
    select(_C.id, _C.role, _C.out_id, _C.into_id, _C.starts_at, _C.ends_at)
    .where(_C.undone_at.is_not(None), _C.ends_at > bindparam("since"))
    .order_by(_C.undone_at, _C.id)
)
_ADD_COVER: Final = insert(tables.covers)
_UNDO: Final = (
    update(tables.covers).where(_C.id == bindparam("cover"), _C.undone_at.is_(None)).values(undone_at=bindparam("now"))
)
_WAS_TOLD: Final = select(_T.mark).where(_T.mark == bindparam("what"))
_SEEN: Final = select(_T.at).where(_T.mark == bindparam("what"))
_TELL: Final = insert(tables.rota_told)
_FORGET: Final = delete(tables.rota_told).where(_T.at < bindparam("before"))


def lock(tx: Transaction) -> None:
    """Be the only one who changes the rota until the commit."""
    tx.lock_name("waymark rota")


# --- patterns ---------------------------------------------------------------------------------------------------------


def add_pattern(tx: Transaction, pattern: Pattern, at: datetime) -> Pattern:
    """A new weekly pattern; `pattern.id` is given here."""
    made = ids.derived(at, tx.keys.mac("pattern", pattern.staff, pattern.role, *_plain(pattern).values()))
    row = {"id": made, "staff_id": pattern.staff, "role": Role(pattern.role), "added_at": at}
    tx.execute(_ADD_PATTERN, row | _plain(pattern) | {"until": _day(pattern.until)})
    return Pattern(
        made, pattern.staff, pattern.role, pattern.days, pattern.starts, pattern.ends, pattern.since, pattern.until
    )


def patterns(tx: Transaction) -> tuple[Pattern, ...]:
    """Every pattern there ever was, oldest first."""
    return tuple(_pattern(row) for row in tx.execute(_PATTERNS))


def end_pattern(tx: Transaction, pattern: str, last: date) -> None:
    """No shift of it begins after that day."""
    tx.execute(_END_PATTERN, {"pattern": pattern, "last": last.isoformat()})


def _plain(pattern: Pattern) -> dict[str, str]:
    return {
        "days": "".join(map(str, sorted(pattern.days))),
        "starts": f"{pattern.starts:%H:%M}",
        "ends": f"{pattern.ends:%H:%M}",
        "since": pattern.since.isoformat(),
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _pattern(row: Row[Any]) -> Pattern:
    until = None if row.until is None else date.fromisoformat(row.until)
    days = frozenset(map(int, row.days))
    starts, ends = time.fromisoformat(row.starts), time.fromisoformat(row.ends)
    return Pattern(row.id, row.staff_id, row.role.value, days, starts, ends, date.fromisoformat(row.since), until)


# --- shifts -----------------------------------------------------------------------------------------------------------


def shift_id(tx: Transaction, shift: Shift, of: str) -> str:
    """The id of a shift that can only be once: of this pattern, event or swap, for this person and role from then."""
    return ids.derived(shift.starts_at, tx.keys.mac("shift", of, shift.staff, shift.role, shift.ends_at.isoformat()))


def plan(tx: Transaction, shifts: Iterable[Shift], *, series: bytes | None = None) -> None:
    """Write planned shifts; each has its id."""
    rows = [_row(one, planned=True) | {"series": series} for one in shifts]
    if rows:
        tx.execute(_ADD_SHIFT, rows)


def unplan(tx: Transaction, shifts: Collection[str]) -> None:
    """Take planned shifts away."""
    for one in shifts:
        tx.execute(_REMOVE, {"shift": one})


def planned(tx: Transaction, since: datetime) -> tuple[Shift, ...]:
    """What is planned and ends after an instant, soonest first, swapped away or not."""
    return tuple(_shift(row) for row in tx.execute(_PLANNED, {"since": since}))


def standing(tx: Transaction, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Who really stands where between two instants; whoever has left the service does not."""
    return tuple(_shift(row) for row in tx.execute(_STANDING, {"since": since, "until": until}))


def of_series(tx: Transaction, series: bytes) -> dict[str, datetime]:
    """The shifts that were read from one calendar event: id and start."""
    return {row.id: row.starts_at for row in tx.execute(_SERIES, {"event": series})}


def stand(tx: Transaction, since: datetime, whole: Collection[str], parts: Iterable[Shift]) -> None:
    """Write what stands: the planned shifts of `whole`, and `parts` of others, instead of what was written before."""
    for shift, stands in tx.execute(_FLAGS, {"since": since}).all():
        if stands != (shift in whole):
            tx.execute(_STANDS, {"shift": shift, "state": shift in whole})
    before = {row.id for row in tx.execute(_PARTS, {"since": since}).all()}
    wanted = {one.id: one for one in parts}
    for gone in before - set(wanted):
        tx.execute(_REMOVE, {"shift": gone})
    rows = [_row(one, planned=False) for shift, one in wanted.items() if shift not in before]
    if rows:
        tx.execute(_ADD_SHIFT, rows)


def _row(shift: Shift, *, planned: bool) -> dict[str, object]:
    return {
        "id": shift.id,
        "staff_id": shift.staff,
        "role": Role(shift.role),
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "planned": planned,
        "stands": True,
        "pattern_id": shift.pattern,
    }


def _shift(row: Row[Any]) -> Shift:
    return Shift(row.id, row.staff_id, row.role.value, row.starts_at, row.ends_at, row.pattern_id)


# --- swaps ------------------------------------------------------------------------------------------------------------


def add_cover(tx: Transaction, cover: Cover, at: datetime) -> Cover:
    """Somebody stands for somebody else; `cover.id` is given here."""
    mark = tx.keys.mac(
        "cover", cover.role, cover.out, cover.into, cover.starts_at.isoformat(), cover.ends_at.isoformat()
    )
    made = Cover(ids.derived(at, mark), cover.role, cover.out, cover.into, cover.starts_at, cover.ends_at)
    row = {"id": made.id, "role": Role(cover.role), "out_id": cover.out, "into_id": cover.into}
    tx.execute(_ADD_COVER, row | {"starts_at": cover.starts_at, "ends_at": cover.ends_at, "made_at": at})
    return made


def covers(tx: Transaction, since: datetime) -> tuple[Cover, ...]:
    """The swaps that still count and end after an instant, in the order in which they were made."""
    return tuple(
        Cover(row.id, row.role.value, row.out_id, row.into_id, row.starts_at, row.ends_at)
        for row in tx.execute(_COVERS, {"since": since})
    )


def undone(tx: Transaction, since: datetime) -> tuple[Cover, ...]:
    """The swaps that were taken back and would end after an instant."""
    return tuple(
        Cover(row.id, row.role.value, row.out_id, row.into_id, row.starts_at, row.ends_at)
        for row in tx.execute(_UNDONE, {"since": since})
    )


def undo_cover(tx: Transaction, cover: str, now: datetime) -> bool:
    """A swap does not count any more; False when there is none of that id that does."""
    return tx.execute(_UNDO, {"cover": cover, "now": now}).rowcount == 1


# --- what was told ----------------------------------------------------------------------------------------------------


def tell_once(tx: Transaction, what: str, now: datetime) -> bool:
    """Whether this has not been told yet; from now on it has."""
    if tx.execute(_WAS_TOLD, {"what": what}).first() is not None:
        return False
    tx.execute(_TELL, {"mark": what, "at": now})
    return True


def seen(tx: Transaction, what: str, now: datetime) -> datetime:
    """When something was first seen: now, if it was not seen before."""
    if tell_once(tx, what, now):
        return now
    at: datetime = tx.execute(_SEEN, {"what": what}).scalar_one()
    return at


def forget_told(tx: Transaction, before: datetime) -> None:
    """What was told long ago will not be asked about again."""
    tx.execute(_FORGET, {"before": before})
