"""What a reader signs with: the day on which it was read, and a name. May not judge who may sign."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_SIGNATURE: Final = re.compile(r"(\d{4}-\d{2}-\d{2}) \S.*")


def signed_on(signature: str) -> date | None:
    """The day of a signature; None where it is no day of the calendar and a name behind it."""
    found = _SIGNATURE.fullmatch(signature)
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
