"""A form as it stood on the wire: every field kept, blank ones too, and no byte able to make reading it fail. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from bot.channels.base import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FIELDS = 1000
TOO_MANY = "too_many_fields"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of an `application/x-www-form-urlencoded` body, undecoded and in their order.

    Iterates over its names and has `getlist`, because that is how Twilio's validator reads repeated fields.
    """

    fields: tuple[tuple[bytes, bytes], ...]

    def __iter__(self) -> Iterator[str]:
        return (_as_sent(name) for name, _ in self.fields)

    def getlist(self, name: str) -> list[str]:
        """Every value of `name` as the sender signed it."""
        return [_as_sent(value) for key, value in self.fields if _as_sent(key) == name]

    def get(self, name: str) -> str:
        """Give the first value of `name` as it may be kept (see `keepable`), or an empty string."""
        wanted = name.encode()
        return next((keepable(value) for key, value in self.fields if key == wanted), "")

    def signed_bytes(self) -> bytes:
        """Join names and values, sorted, as a sender signs them who never decoded its own text."""
        return b"".join(name + value for name, value in sorted(set(self.fields)))


def read(body: bytes) -> Form:
    """Split a body. Raises `Malformed` beyond 1,000 fields; Twilio sends some twenty."""
    if body.count(b"&") >= MAX_FIELDS:
        raise Malformed(TOO_MANY)
    return Form(tuple(_field(part) for part in body.split(b"&") if part))


def keepable(raw: bytes) -> str:
    """Decode what a person wrote so that any database takes it: NULs, lone surrogates and broken bytes become U+FFFD.

    Surrogate pairs that were encoded one by one (some phones' gateways do) are put together again: an emoji stays one.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = _mended(raw)
    return text.replace("\0", "\ufffd")


def _mended(raw: bytes) -> str:
    try:
        halves = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _field(part: bytes) -> tuple[bytes, bytes]:
    name, _, value = part.partition(b"=")
    return _unquoted(name), _unquoted(value)


def _unquoted(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))


def _as_sent(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
