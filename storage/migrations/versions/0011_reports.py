"""What a worker records, signed; where records are delivered; who asked for data. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0011"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
_WAITING = sa.text("done_at IS NULL")


def upgrade() -> None:
    """Nothing is signed, nothing waits; of what was shared before nobody noted the role of who got it."""
    op.create_table(
        "reports",
        sa.Column("id", sa.String(26), nullable=False),
        _conversation("reports"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("value", types.SealedBytes(), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("conversation_id", "version", name="uq_reports_conversation_id_version"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(26), nullable=False),
        _conversation("deliveries"),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(40), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("conversation_id", "target", "digest", name="uq_deliveries_conversation_id_target_digest"),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["due_at"], postgresql_where=_WAITING, sqlite_where=_WAITING)
    op.create_table(
        "places",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("first_by", sa.String(40), nullable=False),
        sa.Column("first_at", _INSTANT, nullable=False),
        sa.Column("second_by", sa.String(40), nullable=True),
        sa.Column("second_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("mark", name="pk_places"),
    )
    op.create_table(
        "data_requests",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_data_requests_case_id"), nullable=True),
        sa.Column("value", types.SealedBytes(), nullable=False),
        sa.Column("decision", sa.String(24), nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("noted_by", sa.String(40), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decided_by", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
    )
    op.add_column("shares", sa.Column("role", sa.String(24), nullable=True))


def _conversation(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("conversations.id", name=f"fk_{table}_conversation_id")
    return sa.Column("conversation_id", sa.String(26), key, nullable=False)


def downgrade() -> None:
    """What workers recorded, and who asked for data, is gone: write it out first."""
    op.drop_column("shares", "role")
    op.drop_table("data_requests")
    op.drop_table("places")
    op.drop_index("ix_deliveries_due", "deliveries")
    op.drop_table("deliveries")
    op.drop_table("reports")
