"""Rows of who answers to whom."""

from __future__ import annotations

from sqlmodel import Field

from storage.tables.base import Row


class LineRow(Row, table=True):
    """One person answers to another: kept from what may be about the first (domain 3.3, D22)."""

    __tablename__ = "lines"

    staff_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26)
    above_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26)
