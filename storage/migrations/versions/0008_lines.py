"""Who answers to whom. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row a pair."""
    op.create_table(
        "lines",
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_lines_staff_id"), nullable=False),
        sa.Column("above_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_lines_above_id"), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "above_id", name="pk_lines"),
    )


def downgrade() -> None:
    """Nobody is above anybody."""
    op.drop_table("lines")
