"""Rows of the signed record and of how it leaves: versions of what a worker wrote, deliveries, requests for data."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.tables.base import Row, instant, sealed

_WAITING = text("done_at IS NULL")


class ReportRow(Row, table=True):
    """One version of a worker's part of a record. Never changed: the next version stands beside it."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("conversation_id", "version"),)

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    version: int
    act: str = Field(max_length=24)
    value: bytes = sealed()
    by: str = Field(max_length=40)
    at: datetime = instant()


class DeliveryRow(Row, table=True):
    """A record that must reach where it is filed: which version, to which place, and how often it was tried.

    `target`: webhook or folder. `confirmed_by`: the second manager of a first delivery; until then nothing leaves.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("conversation_id", "target", "digest"),
        Index("ix_deliveries_due", "due_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    target: str = Field(max_length=16)
    digest: str = Field(max_length=64)
    asked_by: str = Field(max_length=40)
    attempts: int
    error: str | None = Field(default=None, max_length=40)
    created_at: datetime = instant()
    due_at: datetime = instant()
    done_at: datetime | None = instant(default=None)


class PlaceRow(Row, table=True):
    """A place that records are delivered to, and the two managers who said that it is the right one.

    `mark`: keyed hash of its address: another address is another place.
    """

    __tablename__ = "places"

    mark: bytes = Field(primary_key=True)
    target: str = Field(max_length=16)
    first_by: str = Field(max_length=40)
    first_at: datetime = instant()
    second_by: str | None = Field(default=None, max_length=40)
    second_at: datetime | None = instant(default=None)


class DataRequestRow(Row, table=True):
    """Somebody asked for what we hold: who, under what power, and what was decided. Kept whether it was given or not."""

    __tablename__ = "data_requests"

    id: str = Field(primary_key=True, max_length=26)
    kind: str = Field(max_length=24)
    case_id: str | None = Field(default=None, foreign_key="cases.id", max_length=26)
    value: bytes = sealed()
    decision: str | None = Field(default=None, max_length=24)
    asked_at: datetime = instant()
    noted_by: str = Field(max_length=40)
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = Field(default=None, max_length=40)
