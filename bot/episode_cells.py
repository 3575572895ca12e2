"""The columns of a file of missing episodes, and what a cell may hold. The same names are used when somebody records one of them
by hand. May not read a file, and never quotes a value: what stands in a cell is a child's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import tzinfo

LONGEST_VALUE: Final = 200
OLDEST_CHILD: Final = 18
OLDEST_KNOWN: Final = 25  # whoever left care is looked after till then
FLAGS: Final = ("cse", "trafficked", "high_risk", "missing_and_wanted", "gangs", "radicalisation", "self_harm")
# Of the child, and of this one time missing.
CHILD: tuple[str, ...] = (
    "birth_date", "looked_after", "responsible_authority", "host_authority", "learning_disability", "vital_medicine",
    "social_worker", "ethnicity", "gender", "worker", "trafficked",
)  # fmt: skip
EPISODE: tuple[str, ...] = (
    "status", "missing", "located", "returned", "notified", "police_ref", "flags", "report_refused", "location_from",
    "whereabouts_unknown",
)  # fmt: skip
# Of the child as it was that time: a child who leaves care had been in it, and the return of that year says so.
AT_THE_TIME: Final = ("looked_after",)
# Of these the newest value is kept and what it was at any time.
CHANGING: Final = ("ethnicity", "looked_after", "responsible_authority")
# An episode is ended with all of these or not at all (003:1855, 2059).
ENDING: tuple[str, ...] = ("ended", "location_found", "outcome", "risk_assessed", "interviewed")
WHY_NOT: tuple[str, ...] = ("not_done_reason", "again_on")
COLUMNS: Final = ("child", *CHILD, *EPISODE, *ENDING, *WHY_NOT)
GENDERS: Final = ("female", "male", "trans", "other")
NEEDED: Final = ("child", "missing")
YES: Final = (
    "looked_after", "learning_disability", "vital_medicine", "social_worker", "trafficked", "risk_assessed", "interviewed",
)  # fmt: skip
TIMES: Final = ("missing", "located", "returned", "notified", "report_refused", "whereabouts_unknown", "ended")
# Of these the details of an episode keep the time, as `located_at`.
KEPT_TIMES: Final = ("located", "notified", "whereabouts_unknown")
_FORMS: Final = {
    "iso": (re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?"), (0, 1, 2)),
    "british": (re.compile(r"(\d\d?)/(\d\d?)/(\d{4})(?:,? (\d\d?):(\d\d)(?::(\d\d))?)?"), (2, 1, 0)),
}
SHOWN: Final = {"iso": "2026-11-14 18:30", "british": "14/11/2026 18:30"}
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. `column` is empty when it is the row as a whole."""

    line: int
    column: str
    what: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.what}"


@dataclass
class Reading:
    """What a whole file must agree on: the zone, the time it is read, and the one form of its dates."""

    tz: tzinfo
    now: datetime
    form: str = ""
    found: list[Problem] = field(default_factory=list)


def plain(reading: Reading, name: str, value: str) -> str | None:
    """What is wrong with a cell that holds no time."""
    if name in YES and value.lower() not in ("yes", "no"):
        return "write yes or no, or leave it empty when it is not known"
    if name == "status" and value.lower() not in ("missing", "away"):
        return "write missing, or away for away without authorisation"
    if name == "gender" and value.lower() not in GENDERS:
        return f"write {', '.join(GENDERS[:-1])} or {GENDERS[-1]}, or leave it empty when it is not known"
    if name == "flags" and (unknown := [flag for flag in value.lower().split() if flag not in FLAGS]):
        return f"{len(unknown)} of the flags are not known: use {', '.join(FLAGS)}, with blanks between"
    if name == "child":
        return _reference(value)
    if name == "ethnicity" and not re.fullmatch(r"[A-Za-z0-9_-]{1,12}", value):
        return "is no code: letters and digits, at most 12, as in WBRI"
    if name in ("birth_date", "again_on") and not (name == "again_on" and value.lower() == "never"):
        return _date_problem(reading, value)
    return None


def _reference(value: str) -> str | None:
    if not _REFERENCE.fullmatch(value):
        return "is no reference of a child: letters, digits, . _ / - and at most 40 characters"
    return None


def new_reference(value: str) -> str | None:
    """What is wrong with the council's reference of a child whom nobody knew. One without a digit may be the child's name, which
    stands nowhere, or the two words by which staff know another child.
    """
    if not any(mark.isdigit() for mark in value):
        return "has no digit and may be a name: give the council's own number for the child, as in LA-0042"
    return _reference(value)


def _date_problem(reading: Reading, value: str) -> str | None:
    found = _parts(reading, value)
    if isinstance(found, str):
        return found
    return "is a day without an hour: leave the hour out" if found[1] else None


def by_hand(given: Mapping[str, str], names: Collection[str], tz: tzinfo, now: datetime) -> dict[str, str]:
    """What somebody records by hand, held to what a file may say. ValueError names what is wrong."""
    reading = Reading(tz, now)
    found = {}
    for name, value in given.items():
        if name not in names:
            message = f"'{name}' is nothing that is recorded here: use {', '.join(names)}"
            raise ValueError(message)
        held = value.strip()
        too_long = not held or len(held) > LONGEST_VALUE or not held.isprintable()
        problem = "is empty, or too long to be kept" if too_long else plain(reading, name, held)
        if problem is None and name == "birth_date":
            problem = _no_child(day(held), now.astimezone(tz).date())
        if problem is not None:
            message = f"{name} {problem}"
            raise ValueError(message)
        found[name] = kept(name, held)
    return found


def _no_child(born: date, today: date) -> str | None:
    """What a slip in the year would do: the age decides what is urgent, and who is interviewed by the bot alone (decisions 6)."""
    if born > today:
        return "lies in the future"
    if today.year - born.year > OLDEST_KNOWN:
        return f"makes them older than {OLDEST_KNOWN}"
    return None


def kept(name: str, value: str) -> str:
    """A cell as it is kept: one way of writing for codes and days."""
    if name in YES or name in ("status", "flags", "gender"):
        return value.lower()
    if name in ("birth_date", "again_on"):
        return "never" if value.lower() == "never" else day(value).isoformat()
    return value


def time(
    reading: Reading, name: str, value: str, times: dict[str, datetime], wrong: Callable[[str, str], None]
) -> None:
    """A cell that holds a time, into `times`, or what is wrong with it."""
    found = _parts(reading, value)
    if isinstance(found, str):
        wrong(name, found)
        return
    at, with_hour = found
    if not with_hour:
        wrong(name, f"needs its hour, as in {SHOWN[reading.form]}")
        return
    # Of the hour that autumn shows twice the first counts: no clock ends later than it should.
    local = at.replace(tzinfo=reading.tz)
    if local.astimezone(UTC).astimezone(reading.tz).replace(tzinfo=None) != at:
        wrong(name, "is an hour that the change of the clocks left out")
    elif local > reading.now + timedelta(minutes=5):
        wrong(name, "lies in the future")
    else:
        times[name] = local.astimezone(UTC)


def _parts(reading: Reading, value: str) -> tuple[datetime, bool] | str:
    """The local time and whether an hour was given, or what is wrong. One file has one form of dates."""
    for form, (pattern, order) in _FORMS.items():
        match = pattern.fullmatch(value)
        if match is None:
            continue
        if reading.form and form != reading.form:
            return f"is written another way than the dates before it: keep to {SHOWN[reading.form]}"
        year, month, day = (int(match[order[place] + 1]) for place in range(3))
        hour, minute, second = (int(part or 0) for part in match.groups()[3:])
        try:
            found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the file's own wall clock
        except ValueError:
            return "is no day or hour of the calendar"
        reading.form = form
        return found, match[4] is not None
    return f"is no date: write it like {SHOWN['iso']} or {SHOWN['british']}"


def day(value: str) -> date:
    """A day in either form."""
    match = _FORMS["iso"][0].fullmatch(value)
    if match is not None:
        return date(int(match[1]), int(match[2]), int(match[3]))
    day, month, year = value.split("/")
    return date(int(year), int(month), int(day))
