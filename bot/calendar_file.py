"""Shifts from and to a calendar file (iCalendar, RFC 5545). The only user of both calendar libraries; knows no database.

Repeated events are asked for in the service's own time zone: a shift begins and ends by the clock on the wall, and the night
on which the clocks go back has its last hour. What cannot be understood is named by its event; nothing is left out in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

import icalendar
import recurring_ical_events

from bot import exporting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

MOST: Final = 5_000_000  # bytes; ten years of a large service are less than one million
_PRODUCER: Final = "-//Waymark//rota//EN"


@dataclass(frozen=True, slots=True)
class Event:
    """One shift of a file, UTC. `label`: its first category, by which an export says the role."""

    uid: str
    name: str
    label: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """An event of a file with all its repetitions that were asked for; none when it is cancelled or lies elsewhere."""

    uid: str
    events: tuple[Event, ...]


class BadCalendar(ValueError):
    """A calendar file cannot be read: the message names the event and says how to mend it."""


def read(path: Path, since: datetime, until: datetime, zone: ZoneInfo) -> tuple[Series, ...]:
    """Every event of a file between two instants. Raises BadCalendar."""
    try:
        if path.stat().st_size > MOST:
            raise BadCalendar(f"{path}: too large for a rota; export the shifts alone")
        calendar = icalendar.Calendar.from_ical(path.read_bytes())
    except OSError as error:
        raise BadCalendar(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError:
        raise BadCalendar(f"{path}: this is no calendar file; export it again as iCalendar (.ics)") from None
    if not isinstance(calendar, icalendar.Calendar):
        raise BadCalendar(f"{path}: this is no calendar, but a part of one; export it again as iCalendar (.ics)")
    return tuple(_series(path, calendar, uid, (since, until), zone) for uid in _uids(path, calendar))


def write(path: Path, events: Iterable[Event], now: datetime) -> int:
    """Write shifts, in UTC; returns how many. Raises NotFound when the file cannot be written."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", _PRODUCER)
    calendar.add("version", "2.0")
    count = 0
    for one in events:
        made = icalendar.Event()
        made.add("uid", f"{one.uid}@waymark")
        made.add("summary", one.name)
        made.add("categories", [one.label])
        made.add("dtstamp", now.astimezone(UTC))
        made.add("dtstart", one.starts_at.astimezone(UTC))
        made.add("dtend", one.ends_at.astimezone(UTC))
        calendar.add_component(made)
        count += 1
    exporting.write(path, calendar.to_ical())
    return count


def _uids(path: Path, calendar: icalendar.Calendar) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for number, event in enumerate(calendar.walk("VEVENT"), 1):
        uid = str(event.get("UID", ""))
        if not uid:
            raise BadCalendar(
                f"{path}: event {number} ({event.get('SUMMARY', 'no title')}) has no UID; export it again"
            )
        found[uid] = None
    return tuple(found)


def _series(
    path: Path, calendar: icalendar.Calendar, uid: str, between: tuple[datetime, datetime], zone: ZoneInfo
) -> Series:
    part = icalendar.Calendar()
    for component in calendar.subcomponents:
        if component.name != "VEVENT" or str(component.get("UID", "")) == uid:
            part.add_component(component)
    try:
        for event in part.walk("VEVENT"):
            _checked(event, zone)
        # In UTC a shift over the night on which the clocks go back would be an hour short.
        asked = (between[0].astimezone(zone), between[1].astimezone(zone))
        return Series(uid, tuple(_events(recurring_ical_events.of(part).between(*asked), uid, zone)))
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        said = str(wrong) if isinstance(wrong, _Wrong) else "its times or its repetition cannot be read"
        title = next((str(event.get("SUMMARY", "")) for event in part.walk("VEVENT")), "")
        raise BadCalendar(f"{path}: event '{title}' ({uid}): {said}; mend it, or take it out") from None


class _Wrong(ValueError):
    """What is wrong with one event."""


def _checked(event: icalendar.Component, zone: ZoneInfo) -> None:
    if event.errors:
        raise _Wrong(f"its {', '.join(str(name or 'line') for name, _ in event.errors)} cannot be read")
    starts = _time(event, "DTSTART", zone)
    if starts is None:
        raise _Wrong("it has no start")
    ends = _time(event, "DTEND", zone)
    if ends is not None and ends <= starts:
        raise _Wrong(f"it ends no later than it starts ({starts.astimezone(zone):%Y-%m-%d %H:%M})")


def _time(event: icalendar.Component, name: str, zone: ZoneInfo) -> datetime | None:
    given: Any = event.get(name)
    if given is None:
        return None
    if isinstance(given.dt, datetime) and given.dt.tzinfo is None and given.params.get("TZID"):
        raise _Wrong(f"its time zone '{given.params['TZID']}' is not known")
    return _instant(given.dt, zone)


def _events(found: Iterable[icalendar.Component], uid: str, zone: ZoneInfo) -> Iterator[Event]:
    for one in found:
        if str(one.get("STATUS", "")).upper() == "CANCELLED":
            continue
        starts, ends = _time(one, "DTSTART", zone), _time(one, "DTEND", zone)
        if starts is None or ends is None or ends <= starts:
            raise _Wrong("it ends no later than it starts")
        yield Event(uid, " ".join(str(one.get("SUMMARY", "")).split()), _label(one), starts, ends)


def _instant(at: date | datetime, zone: ZoneInfo) -> datetime:
    """A whole day begins at its midnight on the wall; a time without a zone is the service's own."""
    if not isinstance(at, datetime):
        at = datetime.combine(at, time(), zone)
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def _label(event: icalendar.Component) -> str:
    given: Any = event.get("CATEGORIES")
    first = given[0] if isinstance(given, list) else given
    names = getattr(first, "cats", ())
    return str(names[0]) if names else ""
