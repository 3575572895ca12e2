"""When a session of a child is over: who may be reading is then unknown again, and the next text comes to the gate (decisions 1).

Pure. May not ask or say anything.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flows.model import Privacy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flows.model import Conversation


def is_over(c: Conversation, at: datetime, limits: Mapping[str, int]) -> bool:
    """Whether the child has written nothing for the minutes of a session, or nothing at all."""
    return c.last_inbound_at is None or silent(c.last_inbound_at, at, limits)


def silent(since: datetime, at: datetime, limits: Mapping[str, int]) -> bool:
    """Whether the minutes of a session have gone by since a text."""
    return at - since >= timedelta(minutes=limits["session_minutes"])


def privacy(c: Conversation, at: datetime, limits: Mapping[str, int]) -> Privacy:
    """Who may be reading now: a child's "only me" holds for their session, "not now" until they say otherwise."""
    return Privacy.UNKNOWN if c.privacy is Privacy.ALONE and is_over(c, at, limits) else c.privacy
