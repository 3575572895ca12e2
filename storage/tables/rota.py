"""Rows of who is on duty and what is switched: patterns, swaps, what was told of them, switches."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column
from sqlmodel import Field

from storage.codes import Switch
from storage.tables.base import Row, instant
from storage.types import coded


class SwitchRow(Row, table=True):
    """What a manager turned on or off last, and until when. Earlier turns stand in the audit chain."""

    __tablename__ = "switches"

    name: Switch = Field(sa_column=Column(coded(Switch, "name"), primary_key=True))
    turned_on: bool
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    at: datetime = instant()
    until: datetime | None = instant(default=None)
