"""Languages that a manager offers to children before a native reader has signed them. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()


def upgrade() -> None:
    """None is turned on."""
    op.create_table(
        "draft_languages",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("locale", sa.String(24), nullable=False),
        sa.Column(
            "begun_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_draft_languages_begun_by"), nullable=False
        ),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("reason", types.SealedBytes(), nullable=False),
        sa.Column(
            "ended_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_draft_languages_ended_by"), nullable=True
        ),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_draft_languages"),
    )
    op.create_index("ix_draft_languages_ended_at", "draft_languages", ["ended_at"])


def downgrade() -> None:
    """The older program offers signed languages only: chats in these go on in English."""
    op.drop_table("draft_languages")
