"""Which chats of workers a second person reads: all with a child under 13, and one in twenty of the others. Pure.

May not depend on who held the chat or on anything they can change: the choice is fixed by the chat's id.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from flows import facts

if TYPE_CHECKING:
    from flows.model import Conversation

ONE_IN: Final = 20
SAMPLE: Final = "sample"
UNDER_13: Final = "under_13"


def why(conversation: Conversation) -> str | None:
    """`under_13`, `sample` or None. The same for every look at the same chat."""
    if facts.under_13(conversation):
        return UNDER_13
    number = int.from_bytes(hashlib.sha256(conversation.id.encode()).digest()[:8], "big")
    return SAMPLE if number % ONE_IN == 0 else None
