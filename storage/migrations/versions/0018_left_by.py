"""Who put a child in the queue is known: they are not given that child again at once. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of who waits already it is not known."""
    op.add_column("waits", sa.Column("left_by", sa.String(26), nullable=True))


def downgrade() -> None:
    """The older schema knows only that somebody was gone."""
    op.drop_column("waits", "left_by")
