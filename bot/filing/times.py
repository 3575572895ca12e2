"""Times as people here read them. May not know what happened then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import tzinfo

_LONDON = ZoneInfo("Europe/London")


def stamp(at: datetime, tz: tzinfo = _LONDON) -> str:
    """An instant as people here read it: local, with offset, to the second."""
    return at.astimezone(tz).isoformat(timespec="seconds")


def read(stamped: str) -> str:
    """What `stamp` wrote, or a day, for people: the clock it names stands as it is."""
    at = datetime.fromisoformat(stamped)
    return f"{at:%a %d %b %Y %H:%M}" if "T" in stamped else f"{at:%a %d %b %Y}"


def told(at: datetime, tz: tzinfo) -> str:
    """The same in a sentence: day and minute."""
    return f"{at.astimezone(tz):%a %d %b %H:%M}"
