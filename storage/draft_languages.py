"""Languages that a manager offers to children though no native reader has signed their texts: by whom, since when and why.

The reason is the manager's own words, sealed. May not decide what follows: which languages are offered is asked for by every
process again and again, so that list holds no reason and opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, insert, select, update

from storage import ids, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_L: Final = tables.draft_languages.c
_ON: Final = select(_L.locale).where(_L.ended_at.is_(None))
_SHOWN: Final = (
    select(_L.id, _L.locale, _L.begun_by, _L.begun_at, _L.reason).where(_L.ended_at.is_(None)).order_by(_L.locale)
)
_ADD: Final = insert(tables.draft_languages)
_END: Final = (
    update(tables.draft_languages)
    .where(_L.locale == bindparam("tag"), _L.ended_at.is_(None))
    .values(ended_by=bindparam("staff"), ended_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class TurnedOn:
    """A language that is on: by whom (a staff id), since when, and why in their words."""

    locale: str
    by: str
    at: datetime
    reason: str = field(repr=False)


def on(tx: Transaction) -> frozenset[str]:
    """The languages that are on."""
    return frozenset(tx.execute(_ON).scalars())


def shown(tx: Transaction) -> tuple[TurnedOn, ...]:
    """The languages that are on, with the reasons."""
    return tuple(
        TurnedOn(locale, by, at, tx.keys.open(reason, "draft_languages", row))
        for row, locale, by, at, reason in tx.execute(_SHOWN)
    )


def turn_on(tx: Transaction, locale: str, by: str, reason: str, at: datetime) -> bool:
    """Offer it from now on; False when it is on already, with the reason it has. The caller audits."""
    tx.lock_name("waymark draft languages")
    if locale in on(tx):
        return False
    made = ids.new()
    sealed = tx.keys.seal(reason, "draft_languages", made)
    tx.execute(_ADD, {"id": made, "locale": locale, "begun_by": by, "begun_at": at, "reason": sealed})
    return True


def turn_off(tx: Transaction, locale: str, by: str, at: datetime) -> bool:
    """Offer it no longer; False when it was not on. The caller audits."""
    return tx.execute(_END, {"tag": locale, "staff": by, "now": at}).rowcount > 0
