"""The emergency pack: the few texts that a child in danger must be able to read, said in the language they write (decisions 9).

All else stays in the language of the chat. May not decide what may be sent in which language: whoever hands in the library does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import tongues

if TYPE_CHECKING:
    from flows.model import Heard
    from flows.turn import Turn


def follow(turn: Turn, heard: Heard, text: str) -> None:
    """Take up the language of a text where its words tell it beyond doubt. One that the whole chat can go on in is not ours."""
    if heard.clear is None or turn.c.quiet or turn.c.held:
        return
    spoken = tongues.spoken(heard.clear, turn.c.locale, text)
    own = spoken == turn.c.locale
    whole = spoken in turn.library.locales and not turn.locked
    turn.read_in(None if own or whole else spoken)
