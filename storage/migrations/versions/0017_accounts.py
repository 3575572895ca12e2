"""Accounts kept elsewhere (OpenID Connect) by which people of the service sign in. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()


def upgrade() -> None:
    """Nobody's account is known yet."""
    op.create_table(
        "identities",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_identities_staff_id"), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("mark", name="uq_identities_mark"),
    )
    op.create_index("ix_identities_staff_id", "identities", ["staff_id"])


def downgrade() -> None:
    """Whoever signed in that way needs a link; who is signed in by it is not any more."""
    op.execute(sa.text("DELETE FROM sessions WHERE by IN (SELECT id FROM identities)"))
    op.drop_table("identities")
