"""Rows of the web page: who has it open, the codes by which a child comes back, and guesses at them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, instant


class VisitRow(Row, table=True):
    """A browser in which a child writes. `mark`: of the cookie, which stands nowhere. Shown is what came after `since`,
    and `question` before it.
    """

    __tablename__ = "visits"
    __table_args__ = (Index(None, "conversation_id"), Index(None, "seen_at"), Index(None, "begun_at"))

    mark: bytes = Field(primary_key=True)
    conversation_id: str | None = Field(default=None, max_length=26)
    locale: str | None = Field(default=None, max_length=24)
    since: str = Field(max_length=26)
    question: str | None = Field(default=None, max_length=26)
    begun_at: datetime = instant()
    seen_at: datetime = instant()


class ReentryRow(Row, table=True):
    """A code by which a child comes back to a conversation, once. One a conversation: a new one ends the old one."""

    __tablename__ = "reentries"
    __table_args__ = (UniqueConstraint("conversation_id"),)

    mark: bytes = Field(primary_key=True)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    made_at: datetime = instant()
    expires_at: datetime = instant()


class GuessRow(Row, table=True):
    """A code that was tried and is none, for as long as the throttle remembers."""

    __tablename__ = "guesses"
    __table_args__ = (Index(None, "at"),)

    id: str = Field(primary_key=True, max_length=26)
    mark: bytes
    at: datetime = instant()
