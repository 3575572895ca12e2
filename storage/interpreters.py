"""Who interprets a language by telephone: provider, number, PIN, hours. Sealed but for language and hours. May not ring."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from storage.database import Transaction

_I: Final = tables.interpreters.c
_COLUMNS: Final = (_I.id, _I.language, _I.value, _I.days, _I.starts, _I.ends)
_ALL: Final = select(*_COLUMNS).where(_I.ended_at.is_(None)).order_by(_I.language, _I.added_at, _I.id)
_OF: Final = _ALL.where(_I.language == bindparam("tag"))
_ADD: Final = insert(tables.interpreters)
_END: Final = (
    update(tables.interpreters)
    .where(_I.id == bindparam("interpreter"), _I.ended_at.is_(None))
    .values(ended_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A provider for one language. `days`: 0 is Monday, the day on which the hours begin; hours by the wall clock, which may
    go over midnight; the same twice is round the clock.
    """

    id: str
    language: str
    provider: str
    phone: str = field(repr=False)
    pin: str = field(repr=False)
    days: frozenset[int]
    starts: time
    ends: time

    def is_open(self, at: datetime, tz: tzinfo) -> bool:
        """Whether somebody answers there then."""
        local = at.astimezone(tz)
        wall, today = local.time().replace(tzinfo=None), local.weekday()
        if self.starts < self.ends:
            return today in self.days and self.starts <= wall < self.ends
        begun_today = today in self.days and wall >= self.starts
        return begun_today or ((today - 1) % 7 in self.days and wall < self.ends)


def add(tx: Transaction, given: Interpreter, at: datetime) -> Interpreter:
    """Keep one; `given.id` is made here."""
    made = ids.new()
    value = json.dumps({"provider": given.provider, "phone": given.phone, "pin": given.pin}, ensure_ascii=False)
    row = {"id": made, "language": given.language, "value": tx.keys.seal(value, "interpreters", made), "added_at": at}
    hours = {"starts": f"{given.starts:%H:%M}", "ends": f"{given.ends:%H:%M}"}
    tx.execute(_ADD, row | hours | {"days": "".join(map(str, sorted(given.days)))})
    return Interpreter(
        made, given.language, given.provider, given.phone, given.pin, given.days, given.starts, given.ends
    )


def everyone(tx: Transaction) -> tuple[Interpreter, ...]:
    """All that are kept, by language."""
    return tuple(_interpreter(tx, *row) for row in tx.execute(_ALL))


def on_call(tx: Transaction, language: str, now: datetime, tz: tzinfo) -> tuple[Interpreter, ...]:
    """Who can be rung now for a language (`vi`; `zh-Hant` is also looked for as `zh`), the exact one first."""
    tags = dict.fromkeys((language, language.partition("-")[0]))
    found = (_interpreter(tx, *row) for tag in tags for row in tx.execute(_OF, {"tag": tag}))
    return tuple(one for one in found if one.is_open(now, tz))


def end(tx: Transaction, interpreter: str, now: datetime) -> bool:
    """Not to be rung any more; False when there is none of that id."""
    return tx.execute(_END, {"interpreter": interpreter, "now": now}).rowcount == 1


def _interpreter(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction, made: str, language: str, value: bytes, days: str, starts: str, ends: str
) -> Interpreter:
    held = json.loads(tx.keys.open(value, "interpreters", made))
    hours = time.fromisoformat(starts), time.fromisoformat(ends)
    return Interpreter(made, language, held["provider"], held["phone"], held["pin"], frozenset(map(int, days)), *hours)
