"""Many alerts at once: what waits for the same person is grouped. May drop nothing, and hold up no L4.

Each alert keeps a code of its own, also in a text that names five (decisions 7: a code is per page and person). One code for
all would let one tired answer take ten children, and stop nine ladders for whom nobody has begun anything. A text holds as
many as two segments do; an L4 is always named with its code, what is less grave is counted once there are more than ten, and
stands on the board and on its ladder as before. Calls are not grouped here: one call asks about everything (`answering`), so
while one rings or is spoken in, the next is put off, and is not placed if its alert was answered in the first.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import pages, paging
from bot.channels.base import PACED, Reason, SendFailed
from flows.model import Level
from storage import alerts, claiming, outbox
from storage.codes import Sending, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from flows.model import Alert
    from storage.claiming import Outgoing
    from storage.database import Transaction

# From so many on they are grouped: two texts are clearer than one about two.
GROUPED: Final = 3
IN_ONE_TEXT: Final = 5
# Less grave than an L4, named with their codes; the others are counted.
NAMED: Final = 10
_MOST: Final = 500
# How long a call may ring and be spoken in before another is placed.
CALL: Final = timedelta(seconds=90)
_AGAIN: Final = timedelta(seconds=5)
_CALL_AGAIN: Final = 30.0


def claimed(
    tx: Transaction, now: datetime, limit: int, channels: Sequence[str]
) -> tuple[tuple[Outgoing, tuple[Outgoing, ...]], ...]:
    """Lease what is due, and every other page that waits for the same people on the same way.

    Each sending comes with those that leave with it, in one text which is then its own; none is left out.
    """
    first = claiming.claim(tx, now, limit, channels)
    people = dict.fromkeys((one.staff or "", one.channel) for one in first if _may_group(one))
    more = [one for staff, channel in people for one in claiming.along(tx, now, staff, channel, _MOST)]
    together = [row for at in people for row in _together(tx, [*first, *more], at)]
    taken = {row.id for one, along in together for row in (one, *along)}
    return (*together, *((one, ()) for one in (*first, *more) if one.id not in taken))


def follow(tx: Transaction, first: str, along: tuple[Outgoing, ...], now: datetime) -> None:
    """What becomes of those that were in one text with another: sent with it, or due again by themselves."""
    shown = outbox.look(tx, first)
    for one in along:
        if shown is not None and shown.status is Status.SENT:
            outbox.sent(tx, one.id, None, now)
        else:
            outbox.failed(tx, one.id, "grouped", now + _AGAIN)


def take_turn(tx: Transaction, one: Outgoing, now: datetime) -> None:
    """Raises SendFailed (put off, nothing went wrong) while another call to this person may still ring or be spoken in:
    this one would meet an engaged line or their mailbox.
    """
    others = (page.outbox for page in alerts.pages_to(tx, one.staff or "") if page.method == one.channel)
    calls = (outbox.look(tx, held) for held in others if held and held != one.id)
    if any(call and call.status is Status.SENT and call.sent_at and now - call.sent_at < CALL for call in calls):
        raise SendFailed(Reason.THROTTLED, code=PACED, retry_after=_CALL_AGAIN)


def _may_group(one: Outgoing) -> bool:
    return one.kind is Sending.PAGE and one.channel == "sms" and one.alert is not None and one.address is not None


def _together(
    tx: Transaction, rows: list[Outgoing], at: tuple[str, str]
) -> Iterator[tuple[Outgoing, tuple[Outgoing, ...]]]:
    """One person's pages that still want to leave: the gravest first, five to a text; what is only counted goes with the last."""
    wanted = [
        one for one in rows if _may_group(one) and (one.staff, one.channel) == at and paging.still_wanted(tx, one.id)
    ]
    if len(wanted) < GROUPED:
        return
    named = sorted(((alerts.peek(tx, row.alert or ""), row) for row in wanted), key=lambda one: -one[0].level)
    count = max(sum(alert.level >= Level.L4 for alert, _ in named), NAMED)
    shown, rest = named[:count], tuple(row for _, row in named[count:])
    for start in range(0, len(shown), IN_ONE_TEXT):
        part = shown[start : start + IN_ONE_TEXT]
        last = rest if start + IN_ONE_TEXT >= len(shown) else ()
        text = pages.bundle([_line(tx, alert, row) for alert, row in part], len(wanted), len(last))
        first, *others = (row for _, row in part)
        yield replace(first, text=text), (*others, *last)


def _line(tx: Transaction, alert: Alert, row: Outgoing) -> tuple[str, str, str]:
    page = alerts.page_of(tx, row.id)
    return alert.level.name, alert.case_name, alerts.code_of(tx, page) if page else ""
