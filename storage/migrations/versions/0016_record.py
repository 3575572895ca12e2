"""Whose hand is in a record, a child's reading of its own words, a parent's or carer's form. Released steps are never
changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0016"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
# Who has a chat now has a hand in its record.
_HOLDERS = sa.text(
    "INSERT INTO hands (conversation_id, staff_id, at) SELECT conversation_id, staff_id, taken_at FROM leases"
)


def upgrade() -> None:
    """Nobody has read anything yet; of chats that ended before, a manager says whose the record is."""
    op.create_table(
        "hands",
        _conversation("hands"),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_hands_staff_id"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name="pk_hands"),
    )
    op.create_index("ix_hands_staff_id", "hands", ["staff_id"])
    op.execute(_HOLDERS)
    op.create_table(
        "readings",
        sa.Column("id", sa.String(26), nullable=False),
        _conversation("readings"),
        sa.Column("mark", sa.LargeBinary(), nullable=True),
        sa.Column("open_mark", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.String(26), nullable=False),
        sa.Column("released_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=True),
        sa.Column("done_at", _INSTANT, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("mark", name="uq_readings_mark"),
        sa.UniqueConstraint("open_mark", name="uq_readings_open_mark"),
    )
    op.create_index("ix_readings_conversation_id", "readings", ["conversation_id"])
    op.create_table(
        "parent_forms",
        sa.Column("id", sa.String(26), nullable=False),
        _conversation("parent_forms"),
        sa.Column("mark", sa.LargeBinary(), nullable=True),
        sa.Column("value", types.SealedBytes(), nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_parent_forms"),
        sa.UniqueConstraint("mark", name="uq_parent_forms_mark"),
    )
    op.create_index("ix_parent_forms_conversation_id", "parent_forms", ["conversation_id"])


def _conversation(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("conversations.id", name=f"fk_{table}_conversation_id")
    return sa.Column("conversation_id", sa.String(26), key, nullable=False)


def downgrade() -> None:
    """Who may work on which record is not known before this step; what parents wrote is gone: write it out first."""
    op.drop_table("parent_forms")
    op.drop_table("readings")
    op.drop_table("hands")
