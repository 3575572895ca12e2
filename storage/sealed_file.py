"""A file of JSON pieces, each sealed, under a key of its own that a service key wraps. May not know what is in it.

Pieces are numbered and the last is marked as the last, so that a file cut short, mixed up or changed is refused. Without the key
file it is worth nothing.

    first line | length, wrapped key | length, piece | ... | length, last piece       (lengths: 4 bytes, big end first)
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from storage.keys import SealBroken, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from storage.keys import DataKey, Keys

_LENGTH: Final = 4  # bytes
_LONGEST: Final = 1 << 28  # bytes of a piece; what claims to be longer is none
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_MORE, _LAST = "more", "last"


class FileBroken(ValueError):
    """A sealed file that cannot be read; the message says what is wrong with it and what to do."""


def write(out: BinaryIO, keys: Keys, kind: str, pieces: Iterator[Any]) -> None:
    """Write JSON values as a file of a kind ("backup"). There must be one at least."""
    key, wrapped = keys.new_data_key(kind)
    out.write(_first_line(kind))
    _put(out, wrapped)
    piece, number = next(pieces), 0
    for following in pieces:
        _put(out, _closed(key, piece, kind, str(number), _MORE))
        piece, number = following, number + 1
    _put(out, _closed(key, piece, kind, str(number), _LAST))


def read(source: BinaryIO, keys: Keys, kind: str) -> Iterator[tuple[bool, Any]]:
    """The values from the beginning, and of each whether it is the last. Raises FileBroken for what is not whole."""
    source.seek(0)
    if source.read(len(_first_line(kind))) != _first_line(kind):
        message = f"this is no {kind} file of this version of Waymark: name one that `waymark backup` wrote"
        raise FileBroken(message)
    try:
        key = keys.unwrap(_get(source, kind) or b"", kind)
    except SealBroken:
        message = (
            f"this {kind} file is sealed under a key that WAYMARK_KEYS_FILE lacks: add the `key=` entry of its day"
        )
        raise FileBroken(message) from None
    number, piece = 0, _get(source, kind)
    while piece is not None:
        following = _get(source, kind)
        is_last = following is None
        try:
            packed = key.open_bytes(piece, kind, str(number), _LAST if is_last else _MORE)
        except SealBroken:
            message = f"this {kind} file was changed or cut off at its piece {number + 1}: use another copy of it"
            raise FileBroken(message) from None
        yield is_last, json.loads(decode(zlib.decompress(packed)))
        number, piece = number + 1, following
    if not number:
        raise FileBroken(_cut(kind))


def _first_line(kind: str) -> bytes:
    return f"WAYMARK {kind.upper()} 1\n".encode()


def _closed(key: DataKey, piece: Any, *place: str) -> bytes:  # noqa: ANN401 - a JSON value
    return key.seal(zlib.compress(encode(_JSON(piece))), *place)


def _put(out: BinaryIO, piece: bytes) -> None:
    out.write(len(piece).to_bytes(_LENGTH, "big"))
    out.write(piece)


def _get(source: BinaryIO, kind: str) -> bytes | None:
    """The next piece; None at the end of the file."""
    head = source.read(_LENGTH)
    if not head:
        return None
    length = int.from_bytes(head, "big")
    piece = source.read(length) if length <= _LONGEST else b""
    if len(head) < _LENGTH or len(piece) < length or length > _LONGEST:
        raise FileBroken(_cut(kind))
    return piece


def _cut(kind: str) -> str:
    return f"this {kind} file ends in the middle: use another copy of it"
