"""Many alerts at once: what waits for the same person is grouped. May drop nothing, and hold up no L4.

Each alert keeps a code of its own, also in a text that names five (decisions 7: a code is per page and person). One code for
all would let one tired answer take ten children, and stop nine ladders for whom nobody has begun anything. A text holds as
many as two segments do; an L4 is always named with its code, what is less grave is counted once there are more than ten, and
stands on the board and on its ladder as before. Calls are not grouped here: one call asks about everything (`answering`), so
while one rings or is spoken in, the next is put off, and is not placed if its alert was answered in the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import pages, paging
from flows.model import Level
from storage import alerts, claiming, leaving, outbox
from storage.codes import Sending, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from bot.runner import House
    from flows.model import Alert
    from storage.alerts import Paged
    from storage.claiming import Outgoing
    from storage.database import Transaction

# From so many on they are grouped: two texts are clearer than one about two.
GROUPED: Final = 3
IN_ONE_TEXT: Final = 5
# Less grave than an L4, named with their codes; the others are counted.
NAMED: Final = 10
_MOST: Final = 500
# How long a call may ring and be spoken in before another is placed; how soon it is looked whether it ended before.
CALL: Final = timedelta(seconds=90)
_CALL_AGAIN: Final = timedelta(seconds=30)
_AGAIN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves as one text. `named`: with their codes, the gravest first; `counted`: what is only a number in it.

    `every`: how many wait for this person, in this text or another of the same moment; `level`: of the gravest; `as_of`: what was
    known of its alerts when it was worded, which is no later than when it leaves.
    """

    named: tuple[Outgoing, ...]
    counted: tuple[Outgoing, ...] = ()
    every: int = 1
    level: Level = Level.L0
    as_of: datetime | None = None

    @property
    def rows(self) -> tuple[Outgoing, ...]:
        """All that leave in it."""
        return (*self.named, *self.counted)

    @property
    def pages(self) -> bool:
        """Whether it calls somebody to an alert."""
        return self.named[0].kind is Sending.PAGE


def claimed(tx: Transaction, now: datetime, limit: int, channels: Sequence[str]) -> tuple[Leaving, ...]:
    """Lease what is due, and every other page that waits for the same people on the same way: at most `limit` texts, for
    each may take as long as its provider does and the lease must hold at the last. None is left out: what finds no place
    waits for the next round.
    """
    first = claiming.claim(tx, now, limit, channels)
    whom = dict.fromkeys((one.staff or "", one.channel) for one in first if _may_group(one))
    named = limit * IN_ONE_TEXT
    more = [one for staff, way in whom for one in claiming.along(tx, now, staff, way, _MOST, named)]
    leased = {one.id: one for one in (*first, *more)}
    together: list[Leaving] = []
    for at in whom:
        rows = [one for one in leased.values() if _may_group(one) and (one.staff, one.channel) == at]
        wanted = paging.still_wanted(tx, [one.id for one in rows])
        dropped = [one.id for one in rows if one.id not in wanted]
        leaving.cancel(tx, dropped)
        for one in dropped:
            del leased[one]
        together += _together([(asked[1].level, one) for one in rows if (asked := wanted.get(one.id))])
    grouped = {row.id for text in together for row in text.rows}
    alone = [Leaving((one,)) for one in leased.values() if one.id not in grouped]
    together.sort(key=lambda text: -text.level)
    texts = (*together[: max(limit - len(alone), 1)], *alone)
    leaving.free(tx, leased.keys() - {row.id for text in texts for row in text.rows}, now)
    return texts


def ready(tx: Transaction, house: House, text: Leaving) -> Leaving | None:
    """Of pages: read the facts of every one again in the moment in which it leaves: what nobody waits for is not in the text, and
    is not sent. None: nothing of it is wanted.
    """
    wanted = paging.still_wanted(tx, [row.id for row in text.rows])
    leaving.cancel(tx, [row.id for row in text.rows if row.id not in wanted])
    left = [row for row in text.rows if row.id in wanted]
    if not left:
        return None
    as_of = max((asked[1].level_at for asked in wanted.values() if asked and asked[1].level_at), default=None)
    if len(left) == 1:
        return Leaving((replace(left[0], text=_words(tx, house, left[0], wanted[left[0].id])),), as_of=as_of)
    named, counted = left[: len(text.named)], left[len(text.named) :]
    lines = [_line(tx, *asked) for row in named if (asked := wanted[row.id]) is not None]
    words = pages.bundle(lines, text.every - len(text.rows) + len(left), len(counted))
    return Leaving((replace(named[0], text=words), *named[1:]), tuple(counted), text.every, as_of=as_of)


def follow(tx: Transaction, house: House, text: Leaving, now: datetime) -> None:
    """What becomes of those that were in one text with another: sent with it, tried again with it, or by themselves."""
    first, *along = text.rows
    leaving.follow(tx, first.id, [one.id for one in along], now, now + _AGAIN)
    led = outbox.look(tx, first.id)
    if led is not None and led.status is Status.WAITING and led.error:
        for one in along:
            paging.stuck(tx, house, one.id, led.error, now)


def engaged(tx: Transaction, one: Outgoing, now: datetime) -> bool:
    """Whether another call to this person may still ring or be spoken in: this one would meet an engaged line or their
    mailbox. Then it and every other call to them is put off for a moment.
    """
    last = leaving.last_sent(tx, one.staff or "", one.channel, now - CALL, one.id)
    if last is None:
        return False
    until = min(last + CALL, now + _CALL_AGAIN)
    leaving.free(tx, (one.id,), until)
    leaving.put_off(tx, one.staff or "", one.channel, until)
    return True


def _may_group(one: Outgoing) -> bool:
    return one.kind is Sending.PAGE and one.channel == "sms" and one.alert is not None and one.address is not None


def _together(rows: list[tuple[Level, Outgoing]]) -> Iterator[Leaving]:
    """One person's pages: the gravest first, five to a text; what is only counted goes with the last."""
    if len(rows) < GROUPED:
        return
    rows = sorted(rows, key=lambda one: -one[0])
    count = max(sum(level >= Level.L4 for level, _ in rows), NAMED)
    rest = tuple(row for _, row in rows[count:])
    for start in range(0, min(count, len(rows)), IN_ONE_TEXT):
        end = min(start + IN_ONE_TEXT, count)
        shown = tuple(row for _, row in rows[start:end])
        yield Leaving(shown, rest if end >= min(count, len(rows)) else (), len(rows), rows[start][0])


def _words(tx: Transaction, house: House, row: Outgoing, asked: tuple[Paged, Alert] | None) -> str:
    """What a page says when it leaves: with the level that its alert has by then, which its code is for."""
    if asked is None or asked[1].level_at is None or asked[0].at >= asked[1].level_at:
        return row.text
    return paging.anew(tx, house, *asked)


def _line(tx: Transaction, page: Paged, alert: Alert) -> tuple[str, str, str]:
    return alert.level.name, alert.case_name, alerts.code_of(tx, page)
