"""Who is trained and until when, and which clocks were withdrawn. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()


def upgrade() -> None:
    """A row for whoever's training was recorded; no clock was withdrawn in a column yet."""
    op.create_table(
        "training",
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_training_staff_id"), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=False),
        sa.Column("dbs_until", sa.Date(), nullable=False),
        sa.Column("regulated", sa.Boolean(), nullable=False),
        sa.Column("noted_by", sa.String(40), nullable=False),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_training"),
    )
    op.add_column("deadlines", sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Nobody's training is known; what was withdrawn is blocked as before."""
    op.drop_column("deadlines", "withdrawn")
    op.drop_table("training")
