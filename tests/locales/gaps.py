"""The longest that each gap of a text may become (domain 3.1: `{name}` at most nine characters)."""

from __future__ import annotations

from typing import Final

LONGEST: Final = {
    "persona": "Robinette",
    "org": "Lewisham Return Team",
    "public_number": "07700 900 000",
    "name": "Catherine",
    "worker": "Catherine",
    "first_name": "Catherine",
    "next_name": "Alexandra",
    "day": "Wednesday",
    "minutes": "60",
    "code": "WK7F2QRT",
    "who": "the council",
    "short": "that you may not be safe",
}
