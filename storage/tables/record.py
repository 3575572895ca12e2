"""Rows of the record: cases and their episodes, offers, requests, what was filed and shared, and the audit chain."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, instant, sealed
from storage.types import BigId


class CaseRow(Row, table=True):
    """A child on the council's books, under a key of its own. `reference` is the content-free name a page may carry.

    `joined_to`: the same child has another case, which is the one to look at. `clocks_at`: when the pending timer of
    its deadlines fires.
    """

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("reference"), UniqueConstraint("mark"), Index(None, "joined_to"))

    id: str = Field(primary_key=True, max_length=26)
    reference: str = Field(max_length=40)
    mark: bytes
    contact_id: str | None = Field(default=None, foreign_key="contacts.id", max_length=26, index=True)
    data_key: bytes | None = sealed(default=None)
    details: bytes = sealed()
    on_hold: bool = Field(default=False)
    created_at: datetime = instant()
    joined_to: str | None = Field(default=None, max_length=26)
    clocks_at: datetime | None = instant(default=None)


class EpisodeRow(Row, table=True):
    """One time missing. Times count; everything else about it is sealed. Until `ended_at` the child is recorded missing."""

    __tablename__ = "missing_episodes"
    __table_args__ = (Index(None, "case_id", "missing_at"),)

    id: str = Field(primary_key=True, max_length=26)
    case_id: str = Field(foreign_key="cases.id", max_length=26)
    missing_at: datetime = instant()
    returned_at: datetime | None = instant(default=None)
    ended_at: datetime | None = instant(default=None)
    details: bytes = sealed()


class OfferRow(Row, table=True):
    """A return interview was offered; the one-time code is kept as a keyed hash."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("code"), Index(None, "case_id"), Index(None, "contact_id"))

    id: str = Field(primary_key=True, max_length=26)
    case_id: str = Field(foreign_key="cases.id", max_length=26)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    conversation_id: str | None = Field(default=None, max_length=26)
    code: bytes
    channel: str = Field(max_length=16)
    offered_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class RequestRow(Row, table=True):
    """Somebody official asked for a text-safe check-in. They learn accepted or not, and nothing after (decisions
    10).
    """

    __tablename__ = "requests"
    __table_args__ = (Index(None, "contact_id", "asked_at"),)

    id: str = Field(primary_key=True, max_length=26)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    requester: str = Field(max_length=26)
    case_reference: bytes = sealed()
    language: str | None = Field(default=None, max_length=24)
    age_band: str | None = Field(default=None, max_length=16)
    accepted: bool
    asked_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)


class ShareRow(Row, table=True):
    """Who was given which parts, why, by whom."""

    __tablename__ = "shares"

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26, index=True)
    to: str = Field(max_length=80)
    role: str | None = Field(default=None, max_length=24)
    parts: str = Field(max_length=400)
    because: bytes = sealed()
    by: str = Field(max_length=26)
    at: datetime = instant()


class FilingRow(Row, table=True):
    """A record left: in which form, what it hashed to."""

    __tablename__ = "filings"

    id: str = Field(primary_key=True, max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26, index=True)
    form: str = Field(max_length=24)
    outcome: str = Field(max_length=24)
    digest: str = Field(max_length=64)
    by: str = Field(max_length=26)
    at: datetime = instant()


class AuditRow(Row, table=True):
    """Who did what to what, and when: codes and ids only, each line bound to the one before."""

    __tablename__ = "audit"

    number: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    who: str = Field(max_length=80)
    what: str = Field(max_length=40)
    about: str = Field(max_length=160)
    at: datetime = instant()
    link: bytes
