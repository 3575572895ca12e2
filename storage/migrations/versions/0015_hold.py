"""Retention can be frozen for whoever has no case too. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody is on hold yet: until now only cases could be."""
    op.add_column("contacts", sa.Column("on_hold", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Who is on hold without a case is not, by the older schema."""
    op.drop_column("contacts", "on_hold")
