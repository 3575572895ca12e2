"""What a child wrote to the bot, as a child of any channel would have sent it. Pure; knows Telegram's habits, no library.

May not keep a name, a username or a number: only words pass through here.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 4096  # of a text in or out (core.telegram.org/bots/api "sendMessage")
_COMMAND: Final = re.compile(r"/([A-Za-z][A-Za-z0-9_]{0,31})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(.*))?", re.DOTALL)
# A deep link's payload that is an offer's code (storage.keys.ALPHABET); any other only says where the link stood.
_OFFER_CODE: Final = re.compile(r"[34679CDFGHJKMNPQRTWXY]{6}", re.IGNORECASE)
_PRESSED: Final = re.compile(r"([0-9a-f]{26}):([0-9]{1,2})")


def plain(text: str) -> str:
    """`/stop` is STOP, `/delete_my_messages` DELETE MY MESSAGES, `/start` says hello, `/start CODE` is the offer's code."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return text
    name, rest = found[1].lower(), (found[2] or "").strip()
    if name == "start":
        return rest if _OFFER_CODE.fullmatch(rest) else "HI"
    return f"{name.replace('_', ' ').upper()} {rest}".rstrip()


def starts(text: str) -> bool:
    """Whether it is `/start`, as the button of who unblocks us sends it: our texts are wanted. With a code it is another wish."""
    found = _COMMAND.fullmatch(text.strip())
    return found is not None and found[1].lower() == "start" and not _OFFER_CODE.fullmatch((found[2] or "").strip())


def keepable(text: str) -> str:
    """Words that any database takes: JSON can carry a NUL and half an emoji, each of which becomes U+FFFD."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def mark(message: str, number: str) -> str:
    """What a button carries (at most 64 bytes): our text it hangs under, so that an old one is told apart, and its number."""
    return f"{message}:{number}"


def pressed(data: str) -> tuple[str, str] | None:
    """The text and the number that `mark` wrote; None for anything else, for anybody may send any data."""
    found = _PRESSED.fullmatch(data)
    return None if found is None else (found[1], found[2])


def units(text: str) -> int:
    """How long Telegram takes a text to be: in UTF-16 units, at most `LONGEST`."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
