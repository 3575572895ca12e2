"""Rows of people: children as contacts, and staff. No name, number or address stands here in the clear."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from flows.model import Service
from storage.codes import Method, Role
from storage.tables.base import Row, instant, sealed
from storage.types import coded


class ContactRow(Row, table=True):
    """A child, under two words. `store` keeps the two services apart: one number in both is two contacts (G13). `on_hold`:
    retention is frozen.
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("reference"),)

    id: str = Field(primary_key=True, max_length=26)
    store: Service = Field(sa_column=Column(coded(Service, "store"), nullable=False))
    reference: str = Field(max_length=40)
    data_key: bytes | None = sealed(default=None)
    code_word: bytes | None = Field(default=None)
    opted_out: bool = Field(default=False)
    created_at: datetime = instant()
    erased_at: datetime | None = instant(default=None)
    joined_to: str | None = Field(default=None, max_length=26)
    on_hold: bool = Field(default=False)


class AddressRow(Row, table=True):
    """Where a contact is reached: found by HMAC (which knows the store), read only when a sending leaves."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("store", "channel", "fingerprint"), Index(None, "contact_id", "channel"))

    id: str = Field(primary_key=True, max_length=26)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    store: Service = Field(sa_column=Column(coded(Service, "store"), nullable=False))
    channel: str = Field(max_length=16)
    fingerprint: bytes
    address: bytes = sealed()
    added_at: datetime = instant()


class StopRow(Row, table=True):
    """STOP outlives erasure: a fingerprint, so that nothing we start reaches this address again."""

    __tablename__ = "stops"

    fingerprint: bytes = Field(primary_key=True)
    at: datetime = instant()


class StaffRow(Row, table=True):
    """A person of the service."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("name_mark"),)

    id: str = Field(primary_key=True, max_length=26)
    name: bytes = sealed()
    name_mark: bytes
    role: Role = Field(sa_column=Column(coded(Role, "role"), nullable=False))
    locale: str = Field(max_length=24)
    active: bool = Field(default=True)
    fallback: bool = Field(default=False)
    added_at: datetime = instant()


class MethodRow(Row, table=True):
    """How a person is reached. `fingerprint` None: an e-mail address from before there were any. `code`: a keyed hash."""

    __tablename__ = "methods"
    __table_args__ = (UniqueConstraint("staff_id", "kind", "fingerprint"), Index(None, "fingerprint"))

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    kind: Method = Field(sa_column=Column(coded(Method, "kind"), nullable=False))
    address: bytes = sealed()
    fingerprint: bytes | None = Field(default=None)
    verified_at: datetime | None = instant(default=None)
    verified_by: str | None = Field(default=None, max_length=26)
    added_at: datetime = instant()
    code: bytes | None = Field(default=None)
    expires_at: datetime | None = instant(default=None)
    asked_at: datetime | None = instant(default=None)
    asked: int = Field(default=0)
    tries: int = Field(default=0)


class TrainingRow(Row, table=True):
    """Until when somebody's training and background check hold, as whoever saw the papers recorded it."""

    __tablename__ = "training"

    staff_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26)
    trained_until: date
    dbs_until: date
    regulated: bool = Field(default=False)
    noted_by: str = Field(max_length=40)
    noted_at: datetime = instant()


class ShiftRow(Row, table=True):
    """Hours in which a person stands in a role, as UTC instants: no clock change can bend them.

    `planned` and not `stands`: swapped away. `stands` and not `planned`: a part of a swap, written anew whenever one changes.
    `series`: a keyed hash of the calendar event it was read from.
    """

    __tablename__ = "shifts"
    __table_args__ = (Index(None, "ends_at", "starts_at"),)

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26, index=True)
    role: Role = Field(sa_column=Column(coded(Role, "role"), nullable=False))
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    planned: bool = Field(default=True)
    stands: bool = Field(default=True)
    pattern_id: str | None = Field(default=None, max_length=26, index=True)
    series: bytes | None = Field(default=None, index=True)
