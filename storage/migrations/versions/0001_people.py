"""People, their cases and their conversations. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "contacts",
    "addresses",
    "stops",
    "staff",
    "shifts",
    "flow_revisions",
    "cases",
    "missing_episodes",
    "offers",
    "requests",
    "conversations",
    "messages",
    "answers",
    "concerns",
)
_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_STORE = ("return_interview", "text_safe")
_ROLE = ("duty", "backup", "manager", "service_manager", "worker")
_HOLDER = ("bot", "nobody", "person")
_DIRECTION = ("in", "out")


def _code(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """People and what they said."""
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("store", _code(_STORE, "store"), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("data_key", _SEALED, nullable=True),
        sa.Column("code_word", sa.LargeBinary(), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("erased_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("reference", name="uq_contacts_reference"),
    )

    op.create_table(
        "addresses",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_addresses_contact_id"), nullable=False
        ),
        sa.Column("store", _code(_STORE, "store"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("address", _SEALED, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_addresses"),
        sa.UniqueConstraint("store", "channel", "fingerprint", name="uq_addresses_store_channel_fingerprint"),
    )
    op.create_index("ix_addresses_contact_id_channel", "addresses", ["contact_id", "channel"])

    op.create_table(
        "stops",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_stops"),
    )

    op.create_table(
        "staff",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", _SEALED, nullable=False),
        sa.Column("name_mark", sa.LargeBinary(), nullable=False),
        sa.Column("role", _code(_ROLE, "role"), nullable=False),
        sa.Column("phone", _SEALED, nullable=True),
        sa.Column("phone_mark", sa.LargeBinary(), nullable=True),
        sa.Column("email", _SEALED, nullable=True),
        sa.Column("locale", sa.String(24), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("name_mark", name="uq_staff_name_mark"),
    )
    op.create_index("ix_staff_phone_mark", "staff", ["phone_mark"])

    op.create_table(
        "shifts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_shifts_staff_id"), nullable=False),
        sa.Column("role", _code(_ROLE, "role"), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
    )
    op.create_index("ix_shifts_ends_at_starts_at", "shifts", ["ends_at", "starts_at"])
    op.create_index("ix_shifts_staff_id", "shifts", ["staff_id"])

    op.create_table(
        "flow_revisions",
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(24), nullable=False),
        sa.Column("flow", sa.String(40), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("revision", "locale", name="pk_flow_revisions"),
    )

    op.create_table(
        "cases",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("reference", sa.String(40), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_cases_contact_id"), nullable=True),
        sa.Column("data_key", _SEALED, nullable=True),
        sa.Column("details", _SEALED, nullable=False),
        sa.Column("on_hold", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("mark", name="uq_cases_mark"),
        sa.UniqueConstraint("reference", name="uq_cases_reference"),
    )
    op.create_index("ix_cases_contact_id", "cases", ["contact_id"])

    op.create_table(
        "missing_episodes",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_missing_episodes_case_id"), nullable=False
        ),
        sa.Column("missing_at", _INSTANT, nullable=False),
        sa.Column("returned_at", _INSTANT, nullable=True),
        sa.Column("details", _SEALED, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_missing_episodes"),
    )
    op.create_index("ix_missing_episodes_case_id_missing_at", "missing_episodes", ["case_id", "missing_at"])

    op.create_table(
        "offers",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_offers_case_id"), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_offers_contact_id"), nullable=False
        ),
        sa.Column("conversation_id", sa.String(26), nullable=True),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("offered_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_offers"),
        sa.UniqueConstraint("code", name="uq_offers_code"),
    )
    op.create_index("ix_offers_case_id", "offers", ["case_id"])
    op.create_index("ix_offers_contact_id", "offers", ["contact_id"])

    op.create_table(
        "requests",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_requests_contact_id"), nullable=False
        ),
        sa.Column("requester", sa.String(26), nullable=False),
        sa.Column("case_reference", _SEALED, nullable=False),
        sa.Column("language", sa.String(24), nullable=True),
        sa.Column("age_band", sa.String(16), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_contact_id_asked_at", "requests", ["contact_id", "asked_at"])

    op.create_table(
        "conversations",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "contact_id",
            sa.String(26),
            sa.ForeignKey("contacts.id", name="fk_conversations_contact_id"),
            nullable=False,
        ),
        sa.Column("store", _code(_STORE, "store"), nullable=False),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_conversations_case_id"), nullable=True),
        sa.Column("flow", sa.String(40), nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("holder", _code(_HOLDER, "holder"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=True),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("last_inbound_at", _INSTANT, nullable=True),
        sa.Column("last_outbound_at", _INSTANT, nullable=True),
        sa.Column("value", _SEALED, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_case_id", "conversations", ["case_id"])
    op.create_index("ix_conversations_contact_id_started_at", "conversations", ["contact_id", "started_at"])
    op.create_index("ix_conversations_store_state", "conversations", ["store", "state"])

    op.create_table(
        "messages",
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_messages_conversation_id"),
            nullable=False,
        ),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("direction", _code(_DIRECTION, "direction"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=True),
        sa.Column("key", sa.String(40), nullable=True),
        sa.Column("locale", sa.String(24), nullable=True),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "id", name="pk_messages"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "answers",
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_answers_conversation_id"),
            nullable=False,
        ),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("revision", sa.String(64), nullable=False),
        sa.Column("locale", sa.String(24), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "id", name="pk_answers"),
        sqlite_with_rowid=False,
    )

    op.create_table(
        "concerns",
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_concerns_conversation_id"),
            nullable=False,
        ),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("message_id", sa.String(26), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("detected", sa.Integer(), nullable=False),
        sa.Column("categories", sa.String(200), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "id", name="pk_concerns"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take the tables away, those that point at others first."""
    for table in reversed(_TABLES):
        op.drop_table(table)
