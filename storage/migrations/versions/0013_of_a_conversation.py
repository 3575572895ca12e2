"""The alerts of a conversation are found without looking through all alerts there ever were. Released steps are never
changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("state <> 'closed'")


def upgrade() -> None:
    """Every alert of a conversation by one index, the closed ones too: its clocks ask for all of them."""
    op.drop_index("ix_alerts_open", table_name="alerts")
    op.create_index("ix_alerts_conversation_id", "alerts", ["conversation_id"])


def downgrade() -> None:
    """By an index of the open ones alone."""
    op.drop_index("ix_alerts_conversation_id", table_name="alerts")
    op.create_index("ix_alerts_open", "alerts", ["conversation_id"], postgresql_where=_OPEN, sqlite_where=_OPEN)
