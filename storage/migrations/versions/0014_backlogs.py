"""However much was sent and heard before, what waits now is found at once. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0015"
branch_labels = None
depends_on = None

_TO_STAFF = sa.text("staff_id IS NOT NULL")
_UNHANDLED = sa.text("handled_at IS NULL")


def upgrade() -> None:
    """A page by its sending, the timers of one chat, the last call to a person, the message whose turn it is."""
    op.create_index("ix_pages_outbox_id", "pages", ["outbox_id"])
    op.create_index("ix_pages_at", "pages", ["at"])
    op.create_index("ix_timers_subject_id", "timers", ["subject_id"])
    op.create_index(
        "ix_outbox_staff", "outbox", ["staff_id", "sent_at"], postgresql_where=_TO_STAFF, sqlite_where=_TO_STAFF
    )
    op.create_index("ix_inbox_retry", "inbox", ["retry_at"], postgresql_where=_UNHANDLED, sqlite_where=_UNHANDLED)


def downgrade() -> None:
    """By looking through all there ever was."""
    op.drop_index("ix_inbox_retry", table_name="inbox")
    op.drop_index("ix_outbox_staff", table_name="outbox")
    op.drop_index("ix_timers_subject_id", table_name="timers")
    op.drop_index("ix_pages_at", table_name="pages")
    op.drop_index("ix_pages_outbox_id", table_name="pages")
