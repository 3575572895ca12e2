"""Rows of a conversation: its state, what was said, what was answered, what was heard in it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from flows.model import Service
from storage.codes import Direction, Holder
from storage.tables.base import Row, instant, sealed
from storage.types import coded

# One tree, ordered by conversation: a text costs one page of the log, not three, and a thread is read in one piece.
CLUSTERED = {"sqlite_with_rowid": False}
_WITH_PEOPLE = text("holder <> 'bot'")


class RevisionRow(Row, table=True):
    """A flow as it was when somebody began on it, once per hash and language."""

    __tablename__ = "flow_revisions"

    revision: str = Field(primary_key=True, max_length=64)
    locale: str = Field(primary_key=True, max_length=24)
    flow: str = Field(max_length=40)
    source: str
    kept_at: datetime = instant()


class ConversationRow(Row, table=True):
    """The whole value is sealed; beside it only what a query asks for."""

    __tablename__ = "conversations"
    __table_args__ = (
        Index(None, "contact_id", "started_at"),
        Index(None, "store", "state"),
        # Almost every chat is the bot's: who waits for a person, or has one, is found without looking at the others.
        Index("ix_conversations_with_people", "holder", postgresql_where=_WITH_PEOPLE, sqlite_where=_WITH_PEOPLE),
    )

    id: str = Field(primary_key=True, max_length=26)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    store: Service = Field(sa_column=Column(coded(Service, "store"), nullable=False))
    case_id: str | None = Field(default=None, foreign_key="cases.id", max_length=26, index=True)
    flow: str = Field(max_length=40)
    revision: str = Field(max_length=64)
    locale: str = Field(max_length=24)
    channel: str = Field(max_length=16)
    state: str = Field(max_length=24)
    holder: Holder = Field(sa_column=Column(coded(Holder, "holder"), nullable=False))
    level: int
    turn: int
    outcome: str | None = Field(default=None, max_length=24)
    started_at: datetime = instant()
    last_inbound_at: datetime | None = instant(default=None)
    last_outbound_at: datetime | None = instant(default=None)
    value: bytes = sealed()


class MessageRow(Row, table=True):
    """One text, in or out, under the contact's own key."""

    __tablename__ = "messages"
    __table_args__ = CLUSTERED

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    id: str = Field(primary_key=True, max_length=26)
    direction: Direction = Field(sa_column=Column(coded(Direction, "direction"), nullable=False))
    channel: str = Field(max_length=16)
    external_id: str | None = Field(default=None, max_length=80)
    key: str | None = Field(default=None, max_length=40)
    locale: str | None = Field(default=None, max_length=24)
    value: bytes = sealed()
    at: datetime = instant()


class AnswerRow(Row, table=True):
    """Every version of every answer, with what it rests on."""

    __tablename__ = "answers"
    __table_args__ = CLUSTERED

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    id: str = Field(primary_key=True, max_length=26)
    question: str = Field(max_length=40)
    value: bytes = sealed()
    revision: str = Field(max_length=64)
    locale: str = Field(max_length=24)
    at: datetime = instant()


class ConcernRow(Row, table=True):
    """What listening or an answer meant. Level and categories count; the evidence is sealed."""

    __tablename__ = "concerns"
    __table_args__ = CLUSTERED

    conversation_id: str = Field(primary_key=True, foreign_key="conversations.id", max_length=26)
    id: str = Field(primary_key=True, max_length=26)
    message_id: str | None = Field(default=None, max_length=26)
    level: int
    detected: int
    categories: str = Field(max_length=200)
    value: bytes = sealed()
    at: datetime = instant()
