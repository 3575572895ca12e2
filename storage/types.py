"""Column types: aware UTC times, codes with a CHECK, sealed bytes. May not know any table.

Each refuses what must not be stored, and its errors name the rule, never the value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Enum, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage import instants
from storage.keys import Sealed

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlalchemy import Dialect


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware in, UTC out; PostgreSQL: timestamptz, SQLite: ISO text of one length, so that it sorts."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, whose own DATETIME drops the offset."""
        kind: TypeEngine[Any] = String(32) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - text or datetime
        """Refuse a naive time: nobody knows which hour it means."""
        return (_as_text if dialect.name == "sqlite" else _as_utc)(value)

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ANN401 - a function
        """The same without the layers between: a message binds some twenty times."""
        return _as_text if dialect.name == "sqlite" else _as_utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Always in UTC, whatever the session's time zone."""
        return _as_instant(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ANN401, ARG002 - a function
        """The same without the layers between."""
        return _as_instant


def _as_instant(value: Any) -> datetime | None:  # noqa: ANN401 - text or datetime
    if value is None:
        return None
    found: datetime = instants.read(value) if isinstance(value, str) else value
    return found if found.tzinfo is UTC else found.astimezone(UTC)


def _as_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        message = "a time without an offset cannot be stored"
        raise TypeError(message)
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is not None and value.tzinfo is UTC:
        return instants.whole(value)
    utc = _as_utc(value)
    return None if utc is None else instants.whole(utc)


class SealedBytes(TypeDecorator[bytes]):
    """Bytes that went through a key. Anything else is refused, so that no child's word is stored in the clear by
    slip.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Only `keys.Sealed` may pass."""
        return _only_sealed(value)

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ANN401 - a function
        """The same without the layers between; SQLite takes bytes as they are."""
        return _only_sealed if dialect.name == "sqlite" else super().bind_processor(dialect)


def _only_sealed(value: bytes | None) -> bytes | None:
    if value is not None and not isinstance(value, Sealed):
        message = "only sealed bytes may be stored in this column"
        raise TypeError(message)
    return value


class BigId(TypeDecorator[int]):
    """A counting id: 64 bits on PostgreSQL, INTEGER on SQLite, where only that counts by itself."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER is 64 bits wide on SQLite."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())


def coded(codes: type[StrEnum], name: str) -> Enum:
    """A column of codes: stored by value (not by name), with a CHECK that knows them all."""
    return Enum(
        codes,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name,
    )
