"""Alerts, timers, what came in, what must leave, tasks and the audit chain. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "alerts",
    "pages",
    "timers",
    "inbox",
    "outbox",
    "tasks",
    "filings",
    "shares",
    "audit",
)
_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_OPEN = sa.text("state <> 'closed'")
_UNHANDLED = sa.text("handled_at IS NULL")
_OF_ALERT = sa.text("alert_id IS NOT NULL")
_UNSENT = sa.text("status IN ('waiting', 'leased')")
_STATE = ("raised", "acknowledged", "decided", "closed")
_ROLE = ("duty", "backup", "manager", "service_manager", "worker")
_SUBJECT = ("conversation", "alert")
_KIND = ("page", "say", "notice")
_STATUS = (
    "waiting",
    "leased",
    "in_doubt",
    "cancelled",
    "expired",
    "failed",
    "sent",
    "undelivered",
    "delivered",
    "read",
)


def _code(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Work that is still to be done."""
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_alerts_conversation_id"),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", _code(_STATE, "state"), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("value", _SEALED, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_open", "alerts", ["conversation_id"], postgresql_where=_OPEN, sqlite_where=_OPEN)
    op.create_index("ix_alerts_board", "alerts", ["state", "opened_at"])

    op.create_table(
        "pages",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("alert_id", sa.String(26), sa.ForeignKey("alerts.id", name="fk_pages_alert_id"), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_pages_staff_id"), nullable=False),
        sa.Column("role", _code(_ROLE, "role"), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.String(26), nullable=True),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
    )
    op.create_index("ix_pages_alert_id", "pages", ["alert_id"])
    op.create_index("ix_pages_staff_id_at", "pages", ["staff_id", "at"])

    op.create_table(
        "timers",
        sa.Column("id", types.BigId(), nullable=False),
        sa.Column("subject", _code(_SUBJECT, "subject"), nullable=False),
        sa.Column("subject_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])

    op.create_table(
        "inbox",
        sa.Column("id", types.BigId(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=True),
        sa.Column("payload", _SEALED, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("retry_at", _INSTANT, nullable=False),
        sa.Column("handled_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("channel", "external_id", name="uq_inbox_channel_external_id"),
    )
    op.create_index(
        "ix_inbox_unhandled", "inbox", ["person", "id"], postgresql_where=_UNHANDLED, sqlite_where=_UNHANDLED
    )

    op.create_table(
        "outbox",
        sa.Column("seq", types.BigId(), nullable=False),
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", _code(_KIND, "kind"), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_outbox_contact_id"), nullable=True
        ),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_outbox_staff_id"), nullable=True),
        sa.Column("conversation_id", sa.String(26), nullable=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("text", _SEALED, nullable=True),
        sa.Column("alert_id", sa.String(26), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(26), nullable=True),
        sa.Column("repeat_in_doubt", sa.Boolean(), nullable=False),
        sa.Column("status", _code(_STATUS, "status"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(40), nullable=True),
        sa.Column("provider_id", sa.String(80), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("not_before", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
    )
    op.create_index("ix_outbox_alert", "outbox", ["alert_id"], postgresql_where=_OF_ALERT, sqlite_where=_OF_ALERT)
    op.create_index("ix_outbox_order", "outbox", ["contact_id", "seq"], postgresql_where=_UNSENT, sqlite_where=_UNSENT)
    op.create_index("ix_outbox_due", "outbox", ["due_at"], postgresql_where=_UNSENT, sqlite_where=_UNSENT)
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])

    op.create_table(
        "tasks",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_tasks_conversation_id"),
            nullable=True,
        ),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_tasks_case_id"), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("done_by", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_conversation_id", "tasks", ["conversation_id"])
    op.create_index("ix_tasks_done_at_due_at", "tasks", ["done_at", "due_at"])

    op.create_table(
        "filings",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_filings_conversation_id"),
            nullable=False,
        ),
        sa.Column("form", sa.String(24), nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_filings"),
    )
    op.create_index("ix_filings_conversation_id", "filings", ["conversation_id"])

    op.create_table(
        "shares",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_shares_conversation_id"),
            nullable=False,
        ),
        sa.Column("to", sa.String(80), nullable=False),
        sa.Column("parts", sa.String(400), nullable=False),
        sa.Column("because", _SEALED, nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
    )
    op.create_index("ix_shares_conversation_id", "shares", ["conversation_id"])

    op.create_table(
        "audit",
        sa.Column("number", types.BigId(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.String(160), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )


def downgrade() -> None:
    """Take the tables away, those that point at others first."""
    for table in reversed(_TABLES):
        op.drop_table(table)
