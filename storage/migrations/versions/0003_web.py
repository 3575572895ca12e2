"""The web page: visits, codes to come back by, guesses at them. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()


def upgrade() -> None:
    """What the web page keeps: nothing of what was said."""
    op.create_table(
        "visits",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=True),
        sa.Column("locale", sa.String(24), nullable=True),
        sa.Column("since", sa.String(26), nullable=False),
        sa.Column("question", sa.String(26), nullable=True),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_visits"),
    )
    op.create_index("ix_visits_conversation_id", "visits", ["conversation_id"])
    op.create_index("ix_visits_seen_at", "visits", ["seen_at"])
    op.create_index("ix_visits_begun_at", "visits", ["begun_at"])

    op.create_table(
        "reentries",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_reentries_conversation_id"),
            nullable=False,
        ),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_reentries"),
        sa.UniqueConstraint("conversation_id", name="uq_reentries_conversation_id"),
    )

    op.create_table(
        "guesses",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guesses"),
    )
    op.create_index("ix_guesses_at", "guesses", ["at"])


def downgrade() -> None:
    """Take the tables away: who has the page open begins anew."""
    for table in ("guesses", "reentries", "visits"):
        op.drop_table(table)
