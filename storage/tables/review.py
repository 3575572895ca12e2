"""Rows of a record that is worked on and read: whose hand is in it, the child's own reading, a parent's or carer's form."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, instant, sealed


class HandRow(Row, table=True):
    """Who may work on the record of an interview: whoever had the chat, or was given the record by a manager."""

    __tablename__ = "hands"

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    staff_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26, index=True)
    at: datetime = instant()


class ReadingRow(Row, table=True):
    """A child may read its own words, once. `mark`: keyed hash of the code; `open_mark`: of what the page that is open carries,
    gone with its answer. A reading that is replaced or over keeps its times.
    """

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("mark"), UniqueConstraint("open_mark"))

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26, index=True)
    mark: bytes | None = Field(default=None)
    open_mark: bytes | None = Field(default=None)
    by: str = Field(max_length=26)
    released_at: datetime = instant()
    expires_at: datetime = instant()
    opened_at: datetime | None = instant(default=None)
    done_at: datetime | None = instant(default=None)
    outcome: str | None = Field(default=None, max_length=16)


class ParentFormRow(Row, table=True):
    """A parent or carer is asked for their view, once. `value`: to whom the link went, why that is safe, what they wrote."""

    __tablename__ = "parent_forms"
    __table_args__ = (UniqueConstraint("mark"),)

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26, index=True)
    mark: bytes | None = Field(default=None)
    value: bytes = sealed()
    by: str = Field(max_length=26)
    asked_at: datetime = instant()
    expires_at: datetime = instant()
    answered_at: datetime | None = instant(default=None)
