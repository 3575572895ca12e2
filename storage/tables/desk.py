"""Rows of the desk: who is signed in and by what, who looked at which record, whose address was shown, what people judged."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLModel reads the annotations

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from storage.tables.base import Row, instant, sealed
from storage.types import BigId


class SessionRow(Row, table=True):
    """A browser somebody signed in with. `mark`: of the cookie, which stands nowhere; `by`: a passkey's or
    an account's id, or `code`.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "staff_id"), Index(None, "seen_at"))

    mark: bytes = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    by: str = Field(max_length=26)
    begun_at: datetime = instant()
    seen_at: datetime = instant()


class PasskeyRow(Row, table=True):
    """A passkey's public half. `counter`: how often it was used, by its own word; one that goes back is a copy."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("mark"), Index(None, "staff_id"))

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    mark: bytes
    value: bytes = sealed()
    counter: int = Field(sa_type=BigId)
    added_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class IdentityRow(Row, table=True):
    """An account kept elsewhere by which somebody signs in. `mark`: of its issuer and subject, which stand nowhere."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("mark"), Index(None, "staff_id"))

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    mark: bytes
    added_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class EnrolmentRow(Row, table=True):
    """A link by which somebody makes their first passkey, once. Kept is a mark of it."""

    __tablename__ = "enrolments"
    __table_args__ = (Index(None, "staff_id"),)

    mark: bytes = Field(primary_key=True)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    made_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(default=None)


class CeremonyRow(Row, table=True):
    """A challenge that a passkey is to sign, for some minutes and once. `staff_id` None: whoever signs in with it."""

    __tablename__ = "ceremonies"
    __table_args__ = (Index(None, "expires_at"),)

    mark: bytes = Field(primary_key=True)
    staff_id: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    challenge: bytes
    expires_at: datetime = instant()


class AuthenticatorRow(Row, table=True):
    """Six figures of an authenticator, beside a phrase. `last_step`: the newest code that was used; none is used twice."""

    __tablename__ = "authenticators"

    staff_id: str = Field(primary_key=True, foreign_key="staff.id", max_length=26)
    secret: bytes = sealed()
    phrase: bytes
    salt: bytes
    last_step: int = Field(sa_type=BigId)
    added_at: datetime = instant()


class TryRow(Row, table=True):
    """A sign-in that was wrong, for as long as the throttle remembers. `mark`: of the name that was typed."""

    __tablename__ = "tries"
    __table_args__ = (Index(None, "at"),)

    id: str = Field(primary_key=True, max_length=26)
    mark: bytes
    at: datetime = instant()


class AccessRow(Row, table=True):
    """Somebody looked at a record: who, what (`alert`, `words`, `card`), which, when."""

    __tablename__ = "accesses"
    __table_args__ = (Index(None, "about", "at"), Index(None, "staff_id", "at"))

    id: str = Field(primary_key=True, max_length=26)
    staff_id: str = Field(foreign_key="staff.id", max_length=26)
    what: str = Field(max_length=40)
    about: str = Field(max_length=26)
    at: datetime = instant()


class RevealRow(Row, table=True):
    """Glass that was broken: an address was wanted, why, who else agreed, until when it is shown, who looked at it after."""

    __tablename__ = "reveals"
    __table_args__ = (Index(None, "alert_id"), Index(None, "contact_id"))

    id: str = Field(primary_key=True, max_length=26)
    contact_id: str = Field(foreign_key="contacts.id", max_length=26)
    alert_id: str = Field(foreign_key="alerts.id", max_length=26)
    level: int
    because: bytes = sealed()
    asked_by: str = Field(foreign_key="staff.id", max_length=26)
    asked_at: datetime = instant()
    agreed_by: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    shown_until: datetime | None = instant(default=None)
    reviewed_by: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    reviewed_at: datetime | None = instant(default=None)
    in_order: bool | None = Field(default=None)


class VerdictRow(Row, table=True):
    """What a person says of what the machine heard; the evidence stands in the concerns it is about."""

    __tablename__ = "verdicts"
    __table_args__ = (Index(None, "alert_id"), Index(None, "reviewed_at", "at"))

    id: str = Field(primary_key=True, max_length=26)
    alert_id: str = Field(foreign_key="alerts.id", max_length=26)
    conversation_id: str = Field(foreign_key="conversations.id", max_length=26)
    verdict: str = Field(max_length=24)
    by: str = Field(foreign_key="staff.id", max_length=26)
    at: datetime = instant()
    reviewed_by: str | None = Field(default=None, foreign_key="staff.id", max_length=26)
    reviewed_at: datetime | None = instant(default=None)


class ProfessionalRow(Row, table=True):
    """A number of another service that staff may ring: whose, for what, by day or night, and who rang it last to check."""

    __tablename__ = "professionals"
    __table_args__ = (UniqueConstraint("area", "kind"),)

    id: str = Field(primary_key=True, max_length=26)
    area: str = Field(max_length=60)
    kind: str = Field(max_length=24)
    number: str = Field(max_length=40)
    email: str = Field(max_length=120)
    hours: str = Field(max_length=120)
    verified_on: datetime = instant()
    by: str = Field(foreign_key="staff.id", max_length=26)
