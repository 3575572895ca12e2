"""Rows of who is with a child: leases, the queue, who may not be given a chat, rests, words held back, second reads."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index
from sqlmodel import Field

from storage.codes import Bar
from storage.tables.base import Row, instant, sealed
from storage.types import coded


class LeaseRow(Row, table=True):
    """A worker has this chat for as long as they are there. The primary key is the promise: never two at once."""

    __tablename__ = "leases"

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    id: str = Field(max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26, index=True)
    taken_at: datetime = instant()
    expires_at: datetime = instant()


class WaitRow(Row, table=True):
    """Since when a child waits for a person, and what matters for whom they get."""

    __tablename__ = "waits"

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    since: datetime = instant()
    dropped: bool = Field(default=False)
    wanted_staff: str | None = Field(default=None, max_length=26)
    left_by: str | None = Field(default=None, max_length=26)


class BarRow(Row, table=True):
    """Who is never given this chat again: the child asked for somebody else, or the concern is about them."""

    __tablename__ = "bars"

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    staff_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26)
    why: Bar = Field(sa_column=Column(coded(Bar, "why"), nullable=False))
    at: datetime = instant()


class RestRow(Row, table=True):
    """Ten minutes off after an L3 or L4, and the talk with a supervisor that is owed for it."""

    __tablename__ = "rests"
    __table_args__ = (Index(None, "staff_id", "until"),)

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    task_id: str = Field(max_length=26)
    at: datetime = instant()
    until: datetime = instant()


class HeldWordsRow(Row, table=True):
    """What a worker typed and the check held back. Sealed under the child's key; nothing typed is lost."""

    __tablename__ = "held_words"
    __table_args__ = (Index(None, "conversation_id"), Index(None, "decided_at"))

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    reasons: str = Field(max_length=200)
    value: bytes = sealed()
    at: datetime = instant()
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = Field(default=None, max_length=26)
    outcome: str | None = Field(default=None, max_length=16)


class WorkerNoteRow(Row, table=True):
    """What a worker wrote for whoever sits with the child next; the child never sees it."""

    __tablename__ = "worker_notes"
    __table_args__ = (Index(None, "conversation_id"),)

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    value: bytes = sealed()
    at: datetime = instant()


class SecondReadRow(Row, table=True):
    """A chat that somebody else reads after it: why, and what they found."""

    __tablename__ = "second_reads"
    __table_args__ = (Index(None, "read_at"),)

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    why: str = Field(max_length=16)
    at: datetime = instant()
    read_at: datetime | None = instant(default=None)
    read_by: str | None = Field(default=None, max_length=26)
    value: bytes | None = sealed(default=None)
