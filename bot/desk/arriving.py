"""What a request to the desk carries, read whole and made fit to be kept. Knows no view, and may not answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from bot.channels.base import Refused
from bot.desk.asking import Unwelcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.desk.asking import Ask

BODY_LIMIT: Final = 65_536
# The fields of our forms that people write sentences in.
_WORDS: Final = ("text", "because", "what", "note")


class TooLong(Refused):
    """More came than any form of ours holds."""


async def body(request: Request) -> bytes:
    """Read what really comes: a declared length is a claim."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > BODY_LIMIT:
            raise TooLong("too_long")
    return bytes(found)


def typed(ask: Ask) -> tuple[str, ...]:
    """What a person wrote, to give back when it is refused; never a phrase, a code or a number."""
    return tuple(words for name in _WORDS if (words := ask.form.get(name)).strip())


def keepable(text: str) -> str:
    """What stands in an address, so that any database takes it."""
    return text.replace("\0", "\ufffd")


def json_of(body: bytes) -> Mapping[str, Any]:
    """What a script of ours sent. Raises Unwelcome."""
    try:
        read = json.loads(body)
        # Half a character can be written in JSON, and neither hashed nor stored.
        json.dumps(read, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unwelcome(Unwelcome.__doc__) from None
    if not isinstance(read, dict):
        raise Unwelcome(Unwelcome.__doc__)
    return read
