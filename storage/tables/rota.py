"""Rows of who is on duty and what is switched: patterns, swaps, what was told of them, switches."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index
from sqlmodel import Field

from storage.codes import Role, Switch
from storage.tables.base import Row, instant, sealed
from storage.types import coded


class SwitchRow(Row, table=True):
    """What a manager turned on or off last, and until when. Earlier turns stand in the audit chain."""

    __tablename__ = "switches"

    name: Switch = Field(sa_column=Column(coded(Switch, "name"), primary_key=True))
    turned_on: bool
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    at: datetime = instant()
    until: datetime | None = instant(default=None)


class DraftLanguageRow(Row, table=True):
    """A language that a manager offers though nobody has signed its texts. Ended it stays: who let drafts go out, and why, can
    be told years later.
    """

    __tablename__ = "draft_languages"
    __table_args__ = (Index(None, "ended_at"),)

    id: str = Field(primary_key=True, max_length=26)
    locale: str = Field(max_length=24)
    begun_by: str = Field(foreign_key="staff.id", max_length=26)
    begun_at: datetime = instant()
    reason: bytes = sealed()
    ended_by: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    ended_at: datetime | None = instant(default=None)


class PatternRow(Row, table=True):
    """Hours that come every week, by the clock on the wall. `days`: digits, 0 is Monday."""

    __tablename__ = "patterns"

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    role: Role = Field(sa_column=Column(coded(Role, "role"), nullable=False))
    days: str = Field(max_length=7)
    starts: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    since: str = Field(max_length=10)
    until: str | None = Field(default=None, max_length=10)
    added_at: datetime = instant()


class CoverRow(Row, table=True):
    """Somebody stands for somebody else. Undone it stays, so that who stood when can be told years later."""

    __tablename__ = "covers"
    __table_args__ = (Index(None, "ends_at"),)

    id: str = Field(primary_key=True, max_length=26)
    role: Role = Field(sa_column=Column(coded(Role, "role"), nullable=False))
    out_id: str = Field(foreign_key="staff.id", max_length=26)
    into_id: str = Field(foreign_key="staff.id", max_length=26)
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    made_at: datetime = instant()
    undone_at: datetime | None = instant(default=None)


class ToldRow(Row, table=True):
    """What staff were told of the rota, once: a shift that begins, a gap."""

    __tablename__ = "rota_told"

    mark: str = Field(primary_key=True, max_length=120)
    at: datetime = instant()


class InterpreterRow(Row, table=True):
    """Who interprets a language by telephone, and when, by the clock on the wall."""

    __tablename__ = "interpreters"
    __table_args__ = (Index(None, "language"),)

    id: str = Field(primary_key=True, max_length=26)
    language: str = Field(max_length=24)
    value: bytes = sealed()
    days: str = Field(max_length=7)
    starts: str = Field(max_length=5)
    ends: str = Field(max_length=5)
    added_at: datetime = instant()
    ended_at: datetime | None = instant(default=None)
