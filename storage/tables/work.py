"""Rows of what is still to be done: alerts and pages, timers, what came in, what must leave, tasks."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.codes import AlertState, Role, Sending, Status, Subject
from storage.tables.base import Row, instant, sealed
from storage.types import BigId, coded

_UNHANDLED = text("handled_at IS NULL")
_UNSENT = text("status IN ('waiting', 'leased')")
_OF_ALERT = text("alert_id IS NOT NULL")
_TO_STAFF = text("staff_id IS NOT NULL")


class AlertRow(Row, table=True):
    """A person must look. The whole value is sealed; beside it what the board and the ladder ask for."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index("ix_alerts_board", "state", "opened_at"),
    )

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    level: int
    state: AlertState = Field(sa_column=Column(coded(AlertState, "state"), nullable=False))
    serial: int
    opened_at: datetime = instant()
    taken_at: datetime | None = instant(default=None)
    value: bytes = sealed()


class PageRow(Row, table=True):
    """One try to reach one person for an alert; its code is never stored (`Keys.page_code`)."""

    __tablename__ = "pages"
    __table_args__ = (
        Index(None, "alert_id"),
        Index(None, "staff_id", "at"),
        Index(None, "outbox_id"),
        Index(None, "at"),
    )

    id: str = Field(primary_key=True, max_length=26)
    alert_id: str = Field(foreign_key="alerts.id", max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    role: Role = Field(sa_column=Column(coded(Role, "role"), nullable=False))
    method: str = Field(max_length=16)
    serial: int
    rung: int
    round: int
    outbox_id: str | None = Field(default=None, max_length=26)
    used_at: datetime | None = instant(default=None)
    at: datetime = instant()


class TimerRow(Row, table=True):
    """Something must happen at a time. `turn` is the conversation's turn or the alert's serial when it was set."""

    __tablename__ = "timers"
    __table_args__ = (Index(None, "due_at"), Index(None, "subject_id"))

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    subject: Subject = Field(sa_column=Column(coded(Subject, "subject"), nullable=False))
    subject_id: str = Field(max_length=26)
    name: str = Field(max_length=40)
    turn: int
    rung: int = Field(default=0)
    about: str = Field(default="", max_length=80)
    failures: int = Field(default=0)
    at: datetime = instant()
    due_at: datetime = instant()


class InboxRow(Row, table=True):
    """What a provider handed over, sealed until it is handled, then only the id by which a second copy is known."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_inbox_retry", "retry_at", postgresql_where=_UNHANDLED, sqlite_where=_UNHANDLED),
        Index("ix_inbox_unhandled", "person", "id", postgresql_where=_UNHANDLED, sqlite_where=_UNHANDLED),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(max_length=16)
    external_id: str = Field(max_length=80)
    person: bytes | None = Field(default=None)
    payload: bytes | None = sealed(default=None)
    failures: int = Field(default=0)
    received_at: datetime = instant()
    retry_at: datetime = instant()
    handled_at: datetime | None = instant(default=None)


class OutboxRow(Row, table=True):
    """What must leave. The address is looked up when it is claimed; the text goes when it was sent."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("id"),
        Index("ix_outbox_due", "due_at", postgresql_where=_UNSENT, sqlite_where=_UNSENT),
        Index("ix_outbox_order", "contact_id", "seq", postgresql_where=_UNSENT, sqlite_where=_UNSENT),
        Index("ix_outbox_staff", "staff_id", "sent_at", postgresql_where=_TO_STAFF, sqlite_where=_TO_STAFF),
        Index("ix_outbox_alert", "alert_id", postgresql_where=_OF_ALERT, sqlite_where=_OF_ALERT),
        Index(None, "message_id"),
    )

    seq: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    id: str = Field(max_length=26)
    kind: Sending = Field(sa_column=Column(coded(Sending, "kind"), nullable=False))
    priority: int
    contact_id: str | None = Field(default=None, foreign_key="contacts.id", max_length=26)
    staff_id: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    conversation_id: str | None = Field(default=None, max_length=26)
    channel: str = Field(max_length=16)
    text: bytes | None = sealed(default=None)
    alert_id: str | None = Field(default=None, max_length=26)
    serial: int | None = Field(default=None)
    rung: int | None = Field(default=None)
    message_id: str | None = Field(default=None, max_length=26)
    method_id: str | None = Field(default=None, max_length=26)
    repeat_in_doubt: bool
    status: Status = Field(sa_column=Column(coded(Status, "status"), nullable=False))
    attempts: int
    error: str | None = Field(default=None, max_length=40)
    provider_id: str | None = Field(default=None, max_length=80)
    created_at: datetime = instant()
    not_before: datetime = instant()
    due_at: datetime = instant()
    expires_at: datetime | None = instant(default=None)
    sent_at: datetime | None = instant(default=None)


class RemovalRow(Row, table=True):
    """A text, theirs or ours, that its provider can take out of the child's chat. `due_at` None: only when asked to."""

    __tablename__ = "removals"
    __table_args__ = (
        UniqueConstraint("contact_id", "channel", "external_id"),
        Index(None, "due_at"),
        Index(None, "at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    channel: str = Field(max_length=16)
    external_id: str = Field(max_length=80)
    at: datetime = instant()
    due_at: datetime | None = instant(default=None)


class TaskRow(Row, table=True):
    """Work for a person."""

    __tablename__ = "tasks"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index(None, "done_at", "due_at"),
        Index(None, "case_id"),
        Index(None, "deadline_id"),
    )

    id: str = Field(primary_key=True, max_length=26)
    what: str = Field(max_length=80)
    role: str = Field(max_length=24)
    conversation_id: str | None = Field(default=None, foreign_key="conversations.id", max_length=26)
    case_id: str | None = Field(default=None, foreign_key="cases.id", max_length=26)
    created_at: datetime = instant()
    due_at: datetime | None = instant(default=None)
    done_at: datetime | None = instant(default=None)
    done_by: str | None = Field(default=None, max_length=26)
    deadline_id: str | None = Field(default=None, max_length=26)
