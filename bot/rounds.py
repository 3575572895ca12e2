"""What is owed for no one child: the weekly list, the yearly returns, help numbers that grow old, records past their time,
replies that came slowly. Looked at once a day, at the hour of the managers' counts; what is there becomes a manager's work.

May not send, delete or file anything.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import children, clocks, giving
from bot.casework import NotPossible
from bot.filing.plain import stamp
from flows import deadline_windows, whole
from flows.model import Service, Task
from storage import audit, conversations, messages, notes, registers, retention, tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.children import Child
    from bot.runner import House
    from flows.deadlines import Calendar
    from storage.cases import Episode
    from storage.claiming import Outgoing
    from storage.database import Transaction
    from storage.outbox import Sent

    Line = dict[str, Any]

MANAGER: Final = "manager"
# The kind of a line of a list that names whom no key opens.
UNOPENED: Final = "unopened"
# Rule -> the work it makes. What is filed is told apart from what is only looked at (`filed`).
WORK: Final = {
    "R35": "look_why_replies_are_slow",
    "R38": "run_weekly_list",
    "R39": "file_annex_a",
    "R40": "file_903_return",
    "R41": "run_retention",
    "R42": "verify_help_numbers",
}
LISTS: Final = {"weekly": "R38", "annex-a": "R39", "year": "R40"}
_MONDAY: Final = 0
# The year is closed for three months after its end: a proposal.
_RETURN_BY: Final = (6, 30)
_BOT_SECONDS: Final = 30
# Notes that a time missing was reported to the police, whether they took the report or not.
_REPORTS: Final = frozenset({"reported_to_police", "report_refused"})


def daily(tx: Transaction, house: House, now: datetime) -> None:
    """Give what is owed today, once, and end what is owed no more."""
    calendar = house.shelf.calendar
    today = calendar.day(now)
    if today.weekday() == _MONDAY:
        _give(tx, house, "R38", calendar.eod(today), now)
    year = _closed_year(today)
    if year is not None and not _given_since(tx, "R40", datetime.combine(year, time(), calendar.tz)):
        _give(tx, house, "R40", calendar.eod(date(today.year, *_RETURN_BY)), now)
    _while(tx, house, "R41", wanted=bool(past(tx, calendar, now)), now=now)
    _while(tx, house, "R42", wanted=bool(stale(today)), now=now)


def past(tx: Transaction, calendar: Calendar, now: datetime) -> tuple[retention.Past, ...]:
    """The text-safe chats whose words were kept long enough, longest silent first (R41)."""
    return retention.text_safe_past(tx, _kept_from(calendar, now), deadline_windows.KEPT_WHOLE)


def is_past(tx: Transaction, contact: str, calendar: Calendar, now: datetime) -> bool:
    """Whether that is so of one, locked until the commit."""
    return retention.is_past(tx, contact, _kept_from(calendar, now), deadline_windows.KEPT_WHOLE)


def _kept_from(calendar: Calendar, now: datetime) -> datetime:
    first = deadline_windows.kept_from("text_safe_words", calendar.day(now), calendar)
    return datetime.combine(first, time(), calendar.tz).astimezone(UTC)


def retained(tx: Transaction, by: str, now: datetime) -> None:
    """A retention run left nothing that is past its time: the work it was is done."""
    for one in _open(tx, "R41"):
        tasks.done(tx, one.id, by, now)


def stale(today: date) -> tuple[str, ...]:
    """The help numbers nobody has verified in 180 days (R42)."""
    known = whole.ours().numbers.values()
    return tuple(one.key for one in known if not deadline_windows.is_fresh(date.fromisoformat(one.verified_on), today))


def _closed_year(today: date) -> date | None:
    """The first day after the year whose return is owed now (R40); None when none is."""
    after = deadline_windows.year_903(today.year)[1] + timedelta(days=1)
    return after if after <= today <= date(today.year, *_RETURN_BY) else None


# --- lists ------------------------------------------------------------------------------------------------------------


def want(tx: Transaction, house: House, kind: str, now: datetime, by: str) -> datetime:
    """Somebody outside asked for a list (an inspection announced: R39): work of one working day. Raises NotPossible."""
    due = house.shelf.due(now, "1wd")
    _give(tx, house, _rule(kind), due, now)
    audit.record(tx, now, by, "list.wanted", _rule(kind))
    return due


def filed(tx: Transaction, kind: str, by: str, now: datetime) -> int:
    """A list was run or filed: the work it was is done. Returns how much work that was. Raises NotPossible."""
    rule = _rule(kind)
    there = _open(tx, rule)
    for one in there:
        tasks.done(tx, one.id, by, now)
    audit.record(tx, now, by, "list.filed", rule, *(one.id for one in there))
    return len(there)


def exported(tx: Transaction, kind: str, day: date, calendar: Calendar, by: str, now: datetime) -> tuple[int, int]:
    """A file of a list was written for `day` (the last day of its year): the work that asked for that one is done, and no other.
    Returns how much work that ended, and how much of it is open still. Raises NotPossible.
    """
    rule = _rule(kind)
    there = _open(tx, rule)
    meant = [
        one for one in there if _earliest(rule, calendar.day(one.created_at), calendar) <= day <= calendar.day(now)
    ]
    for one in meant:
        tasks.done(tx, one.id, by, now)
        audit.record(tx, now, by, "list.filed", rule, one.id)
    return len(meant), len(there) - len(meant)


def open_of(tx: Transaction, kind: str) -> int:
    """How much work asks for a list. Raises NotPossible."""
    return len(_open(tx, _rule(kind)))


def _earliest(rule: str, asked: date, calendar: Calendar) -> date:
    """The first day a list may be drawn up for that answers who asked on a day: the year that had ended by then, a month back for
    an inspection's list (which goes by the end of a month), a week for the weekly one.
    """
    if rule == "R40":
        ended = deadline_windows.year_903(asked.year)[1]
        return ended if ended < asked else deadline_windows.year_903(asked.year - 1)[1]
    return calendar.months(asked, -1) if rule == "R39" else asked - timedelta(days=7)


def listed(tx: Transaction, kind: str, at: datetime, calendar: Calendar) -> Iterator[Line]:
    """The times missing that belong in a list: `weekly` those begun or reported in the seven days before `at` (R38), `annex-a`
    the twelve months up to its day (R39), `year` the 903 year that ends in its year (R40). Who cannot be read is named: they may
    belong in it. Raises NotPossible.
    """
    rule, day = _rule(kind), calendar.day(at)
    first, last = deadline_windows.year_903(day.year)
    lost: list[str] = []
    for child in children.everyone(tx, lost, chats=rule == "R38"):
        for one in child.episodes:
            start = calendar.day(one.missing_at)
            notified = one.details.get("notified_at")
            moments = [one.missing_at, *([datetime.fromisoformat(str(notified))] if notified else [])]
            if rule == "R38":
                moments += [noted.at for noted in child.notes(one) if noted.kind in _REPORTS]
            belongs = {
                "R38": deadline_windows.in_weekly_list(moments, at, calendar),
                "R39": deadline_windows.in_annex_a(start, day, calendar),
                "R40": first <= start <= last,
            }
            if belongs[rule]:
                yield _shown(child, one, calendar)
    yield from _unopened(tx, lost)


def hosted(tx: Transaction, at: datetime, calendar: Calendar) -> Iterator[Line]:
    """The times missing, in the twelve months up to a day, of children whom another authority placed here: the host's view, which
    is no part of the host's own returns. Each with whose child it is and how often they were missing in that time.
    """
    day = calendar.day(at)
    lost: list[str] = []
    for child in children.everyone(tx, lost, chats=False):
        host = str(child.details.get("host_authority") or "")
        known = [
            one for one in child.episodes if deadline_windows.in_annex_a(calendar.day(one.missing_at), day, calendar)
        ]
        there = [(one, child.authority(calendar.day(one.missing_at)) or "") for one in known]
        placed = [(one, whose) for one, whose in there if whose and host and whose.casefold() != host.casefold()]
        for one, whose in placed:
            yield _shown(child, one, calendar) | {"responsible": whose, "host": host, "times": len(placed)}
    yield from _unopened(tx, lost)


def _unopened(tx: Transaction, lost: list[str]) -> Iterator[Line]:
    """Nobody can say whether they belong in a list."""
    return ({"kind": UNOPENED, "case": one} for one in registers.references(tx, lost))


def _shown(child: Child, one: Episode, calendar: Calendar) -> Line:
    return {
        "kind": "episode",
        "case": child.reference,
        "missing": stamp(one.missing_at, calendar.tz),
        "returned": stamp(one.returned_at, calendar.tz) if one.returned_at else None,
        "status": one.details.get("status", "missing"),
    }


def _rule(kind: str) -> str:
    if kind not in LISTS:
        raise NotPossible(f"no list '{kind}': use one of {', '.join(LISTS)}")
    return LISTS[kind]


# --- replies ----------------------------------------------------------------------------------------------------------


def sent(tx: Transaction, house: House, one: Outgoing | Sent, now: datetime) -> None:
    """A text left. The bot's answer to a text is due within 30 seconds (R35); one that took longer is noted on its chat, and a
    manager looks why, once.
    """
    if one.conversation is None or (now - one.created_at).total_seconds() <= _BOT_SECONDS:
        return
    if not messages.is_reply(tx, one.conversation, one.created_at):
        return  # it was meant to leave later, or had to wait until the child wrote
    notes.add(tx, "slow_reply", one.created_at, "bot", now, conversation=one.conversation)
    if conversations.contact_of(tx, one.conversation).store is Service.TEXT_SAFE:
        clocks.keep_up(tx, house, one.conversation, None, now)
    _while(tx, house, "R35", wanted=True, now=now)


# --- work -------------------------------------------------------------------------------------------------------------


def _open(tx: Transaction, rule: str) -> tuple[tasks.Given, ...]:
    return tuple(one for one in tasks.of_house(tx) if one.what == WORK[rule] and one.done_at is None)


def _given_since(tx: Transaction, rule: str, since: datetime) -> bool:
    return any(one.what == WORK[rule] and one.created_at >= since for one in tasks.of_house(tx))


def _while(tx: Transaction, house: House, rule: str, *, wanted: bool, now: datetime) -> None:
    """Work that is there as long as its reason is."""
    there = _open(tx, rule)
    if wanted and not there:
        _give(tx, house, rule, house.shelf.due(now, "1wd"), now)
    for one in () if wanted else there:
        tasks.done(tx, one.id, "bot", now)


def _give(tx: Transaction, house: House, rule: str, due: datetime, now: datetime) -> None:
    if _open(tx, rule):
        return
    task = Task(WORK[rule], MANAGER, "now")
    giving.work(tx, house, task, now, due=due)
