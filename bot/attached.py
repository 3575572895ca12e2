"""What came with a text of a child, or without any: how it stands in the thread, and a place we asked for.

May not keep a place but where we ask for it ("a road, a shop") or a life is in danger: there a pin on the map is the child's
answer, and the only one of whoever cannot type. Its name, its address and the two numbers are then their words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flows import agenda
from flows.model import BOT, Level

if TYPE_CHECKING:
    from bot.channels.base import Inbound
    from flows.model import Conversation, Library

PLACE: Final = "location"
_MARK: Final = re.compile(r"(?:^| )\[([a-z_ ]+)\]$")


def shown(inbound: Inbound) -> str:
    """What stands in the thread: the words, and what came with them or without any; an empty text is empty.

    Behind the words: what was heard in them is kept by its place from their beginning.
    """
    if not inbound.media:
        return inbound.text or ""
    words = inbound.text if inbound.text and inbound.text.strip() else None
    return " ".join(part for part in (words, f"[{inbound.media}]") if part)


def kind(text: str) -> str | None:
    """What came with a text of the thread and was not kept, if anything did."""
    found = _MARK.search(text)
    return None if found is None else found[1]


def answers(library: Library, c: Conversation, inbound: Inbound) -> str | None:
    """The question that a place answers, where it is wanted."""
    if inbound.place is None or (inbound.text or "").strip():
        return None
    in_danger = c.level >= Level.L4 and (c.guard.locks or c.holder != BOT)
    asked = (step.key for step in agenda.tagged(library.flow, "whereabouts") if in_danger or step.key == c.step)
    return next(asked, None)


def in_words(inbound: Inbound) -> Inbound:
    """A message whose place is wanted: what stands in it is what the child says."""
    return replace(inbound, text=inbound.place, media=None)
