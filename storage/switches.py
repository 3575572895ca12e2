"""What a manager may turn on and off while the house runs: `closed` (nobody is at the desk) and `flood`.

May not decide what follows from one: who asks reads it as a fact. One that has a time ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import tables
from storage.codes import Switch

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_S: Final = tables.switches.c
_READ: Final = select(_S.turned_on, _S.until).where(_S.name == bindparam("switch"))
_ALL: Final = select(_S.name, _S.turned_on, _S.staff_id, _S.at, _S.until).order_by(_S.name)
_SET: Final = (
    update(tables.switches)
    .where(_S.name == bindparam("switch"))
    .values(
        turned_on=bindparam("state"), staff_id=bindparam("staff"), at=bindparam("now"), until=bindparam("until_then")
    )
)
_ADD: Final = insert(tables.switches)


@dataclass(frozen=True, slots=True)
class Turned:
    """A switch that is on: by whom (a staff id), since when, and until when if that was said."""

    name: Switch
    by: str
    at: datetime
    until: datetime | None


def on(tx: Transaction, name: str, now: datetime) -> bool:
    """Whether a switch is on. ValueError for one that there is not."""
    rows = tx.read(_READ, {"switch": Switch(name)})
    return bool(rows) and bool(rows[0][0]) and (rows[0][1] is None or now < rows[0][1])


def shown(tx: Transaction, now: datetime) -> tuple[Turned, ...]:
    """Every switch that is on."""
    return tuple(
        Turned(name, staff, at, until)
        for name, turned_on, staff, at, until in tx.execute(_ALL)
        if turned_on and (until is None or now < until)
    )


def turn(tx: Transaction, name: str, *, on: bool, by: str, at: datetime, until: datetime | None = None) -> None:
    """Turn a switch on (`until` a time, or until it is turned off) or off; the caller audits. ValueError as in `on`."""
    tx.lock_name("waymark switches")
    held = {"switch": Switch(name), "state": on, "staff": by, "now": at, "until_then": until if on else None}
    if tx.execute(_SET, held).rowcount:
        return
    row = {"name": Switch(name), "turned_on": on, "staff_id": by, "at": at, "until": until if on else None}
    tx.execute(_ADD, row)
