"""The emergency pack: the few texts that a child in danger must be able to read, said in the language they write (decisions 9).

All else stays in the language of the chat. May not decide what may be sent in which language: whoever hands in the library does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flows.turn import BOT, NOBODY

if TYPE_CHECKING:
    from flows.model import Heard
    from flows.turn import Turn

# What listening takes for the other: a child whose chat is in Dari is not sent Persian because of what they write.
_ALIKE: Final = {"prs": "fa"}


def follow(turn: Turn, heard: Heard, text: str) -> None:
    """Take up the language of a text where its words tell it beyond doubt. One that the whole chat can go on in is not ours."""
    if heard.clear is None or turn.c.quiet or turn.c.holder not in (BOT, NOBODY):
        return
    own = _base(heard.clear) == _base(turn.c.locale)
    whole = heard.clear in turn.library.locales and not turn.locked
    turn.read_in(None if own or whole else _written(heard.clear, text))


def _base(locale: str) -> str:
    language = locale.partition("-")[0]
    return _ALIKE.get(language, language)


def _written(language: str, text: str) -> str:
    """Chinese as this child writes it: in letters that only the traditional script has, or not."""
    if language != "zh":
        return language
    return "zh-Hant" if any(not _has(one, "gb2312") and _has(one, "big5") for one in text) else "zh-Hans"


def _has(letter: str, letters: str) -> bool:
    try:
        letter.encode(letters)
    except UnicodeEncodeError:
        return False
    return True
