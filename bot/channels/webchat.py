"""The web page as a channel: what a child posts becomes a message; what we say is there as soon as it is stored.

May not know a cookie, a session or a page: whoever calls has found out from which browser a form came, and has proved it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from bot.channels.base import Forged, Inbound, Sent

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Arrived, Outgoing

NAME: Final = "web"
NO_PROVIDER: Final = "no_provider"
_ONCE: Final = re.compile(r"[0-9a-zA-Z_-]{8,64}")


class Webchat:
    """The channel. No provider stands between: a text is taken when it is in the thread, from which the page reads."""

    name = NAME

    def send(self, outgoing: Outgoing) -> Sent:
        """Take a text: it is stored, and every open page of this child has been or will be shown it."""
        return Sent(f"page-{outgoing.outbox_id}")

    def parse(self, arrived: Arrived) -> Inbound | None:
        """Refuse: messages come through the page, which knows who has it open, never from a provider."""
        del arrived
        raise Forged(NO_PROVIDER)


def said(address: str, once: str, text: str, at: datetime, *, guessing: bool = False) -> Inbound:
    """One message of the child at `address`. `once` is the form's own id: the same form with the same words is the same
    message, however often it is sent; other words under the same id (a form that came back from the history) are another.

    `guessing`: too many codes were tried lately, so this text is words, whatever it looks like.
    """
    known = once if _ONCE.fullmatch(once) else "none"
    words = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    # An id is one browser's own: nobody can use up another child's.
    external = hashlib.sha256(f"{address}\x1f{known}\x1f{words}".encode()).hexdigest()
    return Inbound(NAME, external, address, text, None, at, guessing=guessing)


def pressed(address: str, question: str, numbers: tuple[str, ...], at: datetime) -> Inbound:
    """An answer by button. The id is that of the question as it was asked: pressed in two tabs it is one answer."""
    external = hashlib.sha256(f"{address}\x1f{question}".encode()).hexdigest()
    return Inbound(NAME, external, address, " ".join(numbers), None, at)
