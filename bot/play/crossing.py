"""A child of a play who goes on elsewhere: `child on web > TEXT`. May not decide: codes lead where the program leads them.

`{code}` stands for the code that was given last, by text or on the page; `child on web > [asks for a code]` presses for one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot import returning
from storage import reentry

if TYPE_CHECKING:
    from bot.play.stage import Stage
    from storage.database import Transaction

ASKS: Final = "[asks for a code]"
ADDRESS: Final = {"web": "w-700900111"}


def child(stage: Stage, channel: str, text: str) -> None:
    """One text on another channel, or what a child does on the page beside writing."""
    if text == ASKS:
        stage.code = stage.committer.submit(lambda tx: reentry.new(tx, stage.conversation, stage.now))
        return
    said = text.replace("{code}", stage.code or _offered(stage))
    digits = returning.figures(said)
    if channel in ADDRESS and reentry.looks_like_code(digits):
        # The page shows the open question and says nothing.
        def work(tx: Transaction) -> None:
            returning.moved(tx, digits, channel, ADDRESS[channel], stage.now)

        stage.committer.submit(work)
        return
    stage.child(said, channel)


def _offered(stage: Stage) -> str:
    texts = [one["text"] for one in stage.outcomes if one["kind"] == "say"]
    codes = [found[1] for text in texts if (found := re.search(r"\breply ([0-9A-Z]{6})\b", text))]
    return codes[-1] if codes else ""
