"""Rows of what is owed on a case: every deadline with what it was, what people noted as done, and what was joined."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field

from flows.model import Status
from storage.tables.base import Row, instant, sealed
from storage.types import coded

_OPEN = text("met_at IS NULL")


class DeadlineRow(Row, table=True):
    """One clock of one rule. `book`: the episode, case or conversation whose facts it was computed from; what it was
    computed from, why it is blocked and what it was before stand in the sealed value. `inputs`: their SHA-256.
    `withdrawn`: what started it holds no more.
    """

    __tablename__ = "deadlines"
    __table_args__ = (
        UniqueConstraint("book", "rule", "part"),
        Index(None, "case_id"),
        Index("ix_deadlines_open", "due_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: str = Field(primary_key=True, max_length=26)
    book: str = Field(max_length=26)
    case_id: str | None = Field(default=None, foreign_key="cases.id", max_length=26)
    conversation_id: str | None = Field(default=None, foreign_key="conversations.id", max_length=26)
    rule: str = Field(max_length=8)
    part: str = Field(max_length=64)
    due_at: datetime = instant()
    status: Status = Field(sa_column=Column(coded(Status, "status"), nullable=False))
    role: str = Field(max_length=24)
    started_at: datetime = instant()
    amber_at: datetime | None = instant(default=None)
    met_at: datetime | None = instant(default=None)
    version: str = Field(max_length=80)
    inputs: bytes
    value: bytes = sealed()
    updated_at: datetime = instant()
    withdrawn: bool = Field(default=False)


class NoteRow(Row, table=True):
    """Something a person (or the program) noted as done on a case. Never changed: taken back, with by whom and when."""

    __tablename__ = "case_notes"
    __table_args__ = (Index(None, "case_id"), Index(None, "conversation_id"))

    id: str = Field(primary_key=True, max_length=26)
    case_id: str | None = Field(default=None, foreign_key="cases.id", max_length=26)
    episode_id: str | None = Field(default=None, foreign_key="missing_episodes.id", max_length=26)
    conversation_id: str | None = Field(default=None, foreign_key="conversations.id", max_length=26)
    kind: str = Field(max_length=32)
    at: datetime = instant()
    noted_at: datetime = instant()
    by: str = Field(max_length=40)
    details: bytes = sealed()
    taken_back_at: datetime | None = instant(default=None)
    taken_back_by: str | None = Field(default=None, max_length=40)
