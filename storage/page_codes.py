"""Which page an answer away from the desk fits, and whether its code, link or button counts still. Nothing of it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select

from storage import alerts, keys, tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.alerts import Paged
    from storage.database import Transaction

_O: Final = tables.outbox.c
_SENT: Final = select(_O.sent_at).where(_O.id == bindparam("outbox"))
# A page that leaves later than this after its rung began has its minutes from when it left.
_IN_TIME: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Match:
    """A texted code fits a page. `live`: not used before, and its rung still has its time (decisions 7)."""

    page: Paged
    live: bool


def by_code(tx: Transaction, staff: str, given: str) -> Match | None:
    """Which page of this person a texted code fits, live ones first; None when it fits none of an undecided alert."""
    fits = None
    for page in alerts.pages_to(tx, staff):
        if page.method != alerts.CALL and keys.same_code(given, alerts.code_of(tx, page)):
            live = page.used_at is None and is_current(tx, page)
            fits = Match(page, live) if fits is None or live else fits
    return fits


def is_current(tx: Transaction, page: Paged) -> bool:
    """Whether the rung of this try still has its time: a code dies with its rung (decisions 7), and with the level it named.

    Somebody of the rung who passes it on brings the next one early: the others of theirs keep the minutes they were given. What
    left late, as after an hour without a provider, is read late: it has its rung's minutes from then.
    """
    alert, left = alerts.readable(tx, page.alert), _left(tx, page)
    if alert is None or (alert.level_at is not None and (left or page.at) < alert.level_at):
        return False
    rung, begins, several = (page.rung, page.round), page.at, alerts.pages(tx, page.alert)
    for other in several:
        if other.id < page.id and (other.rung, other.round) != rung:
            begins = page.at
        elif other.id < page.id:
            # Whoever comes on duty in the middle of a rung is given its minutes from then.
            begins = min(begins, other.at) if other.staff == page.staff else begins
    if left is not None and left > page.at + _IN_TIME:
        begins = left
    ends = begins + alert.ladder.lasts(page.rung)
    return all(other.id <= page.id or (other.rung, other.round) == rung or other.at < ends for other in several)


def _left(tx: Transaction, page: Paged) -> datetime | None:
    """When a page left; None for one that has not."""
    left: datetime | None = tx.execute(_SENT, {"outbox": page.outbox}).scalar() if page.outbox else None
    return left
