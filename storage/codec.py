"""Frozen values of `flows` to bytes and back, exactly. May not know any value by name: the dataclass is the format.

A field that stands at its default is left out: that keeps a conversation small, and a field added later with a default
reads old rows as if it had always been there. A field that is not known is an error, for a state half understood is a
state lost.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin

from storage import instants
from storage.keys import decode, encode

T = TypeVar("T")
_Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PLAIN = (str, int, bool, float, type(None))


class FormatUnknown(ValueError):
    """A stored value has a field this program does not know: it was written by a newer one. Do not run older code on
    it.
    """


def dump(value: object) -> bytes:
    """A frozen dataclass as bytes."""
    put, _ = _codec(typing.cast("Any", type(value)))
    return encode(_ENCODE(put(value)))


def load(kind: type[T], data: bytes) -> T:
    """The dataclass again, equal to what was dumped. Raises FormatUnknown."""
    _, get = _codec(typing.cast("Any", kind))
    return typing.cast("T", get(json.loads(decode(data))))


def dump_plain(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """A JSON value (tuples become lists)."""
    return encode(_ENCODE(value))


def load_plain(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Lists come back as tuples, so that an answer's value is what it was."""
    return _tupled(json.loads(decode(data)))


def _same(value: Any) -> Any:  # noqa: ANN401
    return value


def _tupled(value: Any) -> Any:  # noqa: ANN401
    return tuple(value) if isinstance(value, list) else value


@cache
def _codec(kind: Any) -> _Pair:  # noqa: ANN401 - a type or a typing form
    """How one type is written and read."""
    if kind in _PLAIN:
        return _same, _same
    if kind is datetime:
        return instants.plain, instants.read
    if isinstance(kind, type) and issubclass(kind, Enum):
        return (lambda member: member.value), kind
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(inner)
    if origin is tuple:
        return _several(inner[0], tuple)
    if origin is frozenset:
        return _several(inner[0], frozenset)
    if origin is Mapping:
        put, get = _codec(inner[1])
        if put is _same:
            return dict, _same
        return (lambda held: {k: put(v) for k, v in held.items()}), (lambda held: {k: get(v) for k, v in held.items()})
    message = f"storage.codec cannot carry {kind!r}"
    raise TypeError(message)


def _several(inner: Any, kind: type) -> _Pair:  # noqa: ANN401
    put, get = _codec(inner)
    order: Callable[[Any], Any] = sorted if kind is frozenset else list
    if put is _same:
        return order, kind
    return (lambda held: [put(v) for v in order(held)]), (lambda held: kind([get(v) for v in held]))


def _union(inner: tuple[Any, ...]) -> _Pair:
    """`X | None`, or a union of plain values and tuples of them: JSON itself tells those apart."""
    rest = [kind for kind in inner if kind is not type(None)]
    if len(rest) > 1:
        if all(kind in _PLAIN or get_origin(kind) is tuple for kind in rest):
            return _same, _tupled
        message = "storage.codec cannot tell the members of this union apart"
        raise TypeError(message)
    put, get = _codec(rest[0])
    if put is _same:
        return _same, _same
    return (lambda held: None if held is None else put(held)), (lambda held: None if held is None else get(held))


def _record(kind: type) -> _Pair:
    """A dataclass as a JSON object."""
    hints = typing.get_type_hints(kind, globalns={**vars(typing), **_names(kind)})
    parts = []
    for item in fields(kind):
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        parts.append((item.name, *_codec(hints[item.name]), default))
    readers = {name: get for name, _, get, _ in parts}
    writers = [(name, put, default) for name, put, _, default in parts]
    # All fields at once: a conversation has forty, and each is looked at for every message.
    held_in = attrgetter(*readers) if len(parts) > 1 else lambda value: (getattr(value, parts[0][0]),)

    def put(value: Any) -> dict[str, Any]:  # noqa: ANN401
        found = {}
        for held, (name, write, default) in zip(held_in(value), writers, strict=True):
            if held is default or (default is not MISSING and held == default):
                continue
            found[name] = write(held)
        return found

    def get(held: dict[str, Any]) -> Any:  # noqa: ANN401
        try:
            return kind(**{name: readers[name](value) for name, value in held.items()})
        except KeyError as missing:
            message = f"{kind.__name__} has no field {missing}"
            raise FormatUnknown(message) from None

    return put, get


def _names(kind: type) -> dict[str, Any]:
    """What the annotations of a module may name, also where it imports them for the type checker only."""
    return {**vars(__import__(kind.__module__, fromlist=["_"])), "datetime": datetime, "Mapping": Mapping}
