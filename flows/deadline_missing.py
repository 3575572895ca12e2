"""The formulas of the clocks that run while a child is missing, or that count episodes (R15-R24b, R26-R30).

May not know the time: a formula takes facts and gives what is owed by when; `deadlines` says how it stands.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from flows import deadline_windows
from flows.deadline_facts import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flows.deadline_facts import Facts
    from flows.deadline_windows import Repeat
    from flows.working_time import Calendar

# How long before they are due the work of the long clocks begins: proposals.
AMBER_28, AMBER_MONTHS, AMBER_PHOTO = timedelta(days=7), timedelta(days=14), timedelta(days=28)


def told_48h(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R15: elapsed 48 h missing: the service manager; of a looked-after child the director as well."""
    if (at := facts.missing_from) is not None:
        due = calendar.elapsed(at, 48)
        yield _while_missing(facts, "R15", due, part="service_manager", role="manager")
        if facts.looked_after:
            yield _while_missing(facts, "R15", due, part="director", role="service_manager")


def high_risk(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R16: at once: the team manager; of a looked-after child the service manager as well."""
    if (at := facts.risk_high_at) is not None:
        due = calendar.elapsed(at, 0)
        for told in ("team_manager", "service_manager") if facts.looked_after else ("team_manager",):
            yield _simple(facts, "R16", due, at, "risk_high_at", part=told)


def director_5d(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R17: elapsed 120 h missing from care: the director again."""
    if (at := facts.missing_from) is not None and facts.looked_after:
        yield _while_missing(facts, "R17", calendar.elapsed(at, 120))


def home_meeting(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R18: seven working days missing from home, with an allocated social worker."""
    if (at := facts.missing_from) is not None and not facts.looked_after and facts.has_social_worker:
        yield _while_missing(facts, "R18", calendar.after_wd(at, 7))


def care_review(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R19: five working days missing from care."""
    if (at := facts.missing_from) is not None and facts.looked_after:
        yield _while_missing(facts, "R19", calendar.after_wd(at, 5), ("review", _first(facts.reviews, at)))


def care_review_trafficked(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R20: one working day missing from care when the child is known to be trafficked."""
    if (at := facts.missing_from) is not None and facts.looked_after and facts.trafficked:
        yield _while_missing(facts, "R20", calendar.after_wd(at, 1), ("review", _first(facts.reviews, at)))


def next_care_review(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R21: five calendar days after each review (G16), until the next."""
    if facts.missing_from is None or not facts.looked_after:
        return
    held = sorted(set(facts.reviews))
    for at, following in zip_longest(held, held[1:]):
        stops = (("review", following),)
        yield Clock(calendar.after_days(at, 5), at, (("review", at),), stops, part=_named(at), ended_at=facts.found_at)


def days_28(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R22: 28 days: from home without a social worker the duty team manager; from care the service manager's review."""
    if (at := facts.missing_from) is None or (not facts.looked_after and facts.has_social_worker):
        return
    role = "service_manager" if facts.looked_after else "duty"
    yield _while_missing(facts, "R22", calendar.after_days(at, 28), role=role)


def months_3_and_6(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R23: three months: the director chairs; six: the formal review."""
    if (at := facts.missing_from) is not None:
        for months in (3, 6):
            yield _while_missing(facts, "R23", calendar.after_months(at, months), part=f"months_{months}")


def repeat_meeting(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R24: five working days after the third start in a rolling month, or after a serious risk was flagged (G18)."""
    yield from _meetings(facts, calendar, deadline_windows.repeats(facts.starts, facts.meetings, calendar))
    if (at := facts.serious_risk_at) is not None:
        stops = (("meeting", _first(facts.meetings, at)),)
        yield Clock(calendar.after_wd(at, 5), at, (("serious_risk_at", at),), stops, part="serious_risk")


def repeat_meeting_days(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R24b: the same over `repeat_days` days, where a service has switched it on."""
    if facts.repeat_days is not None:
        found = deadline_windows.repeats(facts.starts, facts.meetings, calendar, facts.repeat_days)
        yield from _meetings(facts, calendar, found)


def carer_report(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R26: four hours after nobody knew where the child was; at once when the risk is high, which may be known only later."""
    if (at := facts.whereabouts_unknown_at) is not None:
        due = calendar.elapsed(at, 4)
        if (risk := facts.risk_high_at) is not None:
            due = min(due, max(at, risk))
        yield _simple(facts, "R26", due, at, "whereabouts_unknown_at")


def absence_notice(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R27: the social worker hears of an unauthorised absence by the end of the next working day."""
    if (at := facts.away_from) is not None:
        yield _simple(facts, "R27", calendar.after_wd(at, 1), at, "away_from")


def low_reassessed(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R28: LOW is assessed again in a window that opens after 28 days (amber) and ends with day 42."""
    if (at := facts.cse_low_at) is not None:
        opens = datetime.combine(calendar.day(at) + timedelta(days=28), time(), calendar.tz).astimezone(UTC)
        yield _simple(facts, "R28", calendar.after_days(at, 42), at, "cse_low_at", amber_at=opens)


def carer_form(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R29: fourteen days after the form was given."""
    if (at := facts.carer_form_given_at) is not None:
        yield _simple(facts, "R29", calendar.after_days(at, 14), at, "carer_form_given_at")


def photo(facts: Facts, calendar: Calendar) -> Iterator[Clock]:
    """R30: a photo is at most twelve months old; a new one moves the clock."""
    if (at := facts.photo_at) is not None:
        yield _simple(facts, "R30", calendar.after_months(at, 12), at, "photo_at")


def _meetings(facts: Facts, calendar: Calendar, found: Iterable[Repeat]) -> Iterator[Clock]:
    for repeat in found:
        days = ("starts", " ".join(day.isoformat() for day in repeat.starts))
        stops = (("meeting", _first(facts.meetings, repeat.at)),)
        yield Clock(calendar.after_wd(repeat.at, 5), repeat.at, (days,), stops, part=_named(repeat.at))


def _while_missing(
    facts: Facts, rule: str, due: datetime, *stops: tuple[str, datetime | None], part: str = "", role: str = ""
) -> Clock:
    at = facts.missing_from
    assert at is not None
    inputs = (("missing_from", at),)
    return Clock(due, at, inputs, (*stops, facts.log(rule, part)), part=part, role=role, ended_at=facts.found_at)


def _simple(  # noqa: PLR0913, PLR0917 - a clock from one time, stopped by what a person recorded
    facts: Facts, rule: str, due: datetime, at: datetime, name: str, part: str = "", amber_at: datetime | None = None
) -> Clock:
    return Clock(due, at, ((name, at),), (facts.log(rule, part),), part=part, amber_at=amber_at)


def _named(at: datetime) -> str:
    """A name that stays when an earlier one of the same sort is learnt of later."""
    return at.astimezone(UTC).isoformat()


def _first(times: Iterable[datetime], since: datetime) -> datetime | None:
    return min((at for at in times if at >= since), default=None)
