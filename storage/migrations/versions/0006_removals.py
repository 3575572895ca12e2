"""What a provider can take out of a child's chat again. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()


def upgrade() -> None:
    """The provider's numbers of texts, theirs and ours, and when each is to go."""
    op.create_table(
        "removals",
        sa.Column("id", types.BigId(), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_removals_contact_id"), nullable=False
        ),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("external_id", sa.String(80), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
        sa.UniqueConstraint("contact_id", "channel", "external_id", name="uq_removals_contact_id_channel_external_id"),
    )
    op.create_index("ix_removals_due_at", "removals", ["due_at"])
    op.create_index("ix_removals_at", "removals", ["at"])


def downgrade() -> None:
    """What was to go stays."""
    op.drop_table("removals")
