"""Who is with a child: leases, the queue, rests, held words, second reads. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_WHY = ("different", "conflict")
_WITH_PEOPLE = sa.text("holder <> 'bot'")
_TABLES = ("second_reads", "worker_notes", "held_words", "rests", "bars", "waits", "leases")


def _talk(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("conversations.id", name=f"fk_{table}_conversation_id")
    return sa.Column("conversation_id", sa.String(26), key, nullable=False)


def _staff(table: str) -> sa.Column[str]:
    return sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name=f"fk_{table}_staff_id"), nullable=False)


def _id() -> sa.Column[str]:
    return sa.Column("id", sa.String(26), nullable=False)


def _at(name: str, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=null)


def upgrade() -> None:
    """Seven tables, and a short way to the chats that people have or are wanted for."""
    _with_a_child()
    _beside_a_chat()
    op.create_index(
        "ix_conversations_with_people",
        "conversations",
        ["holder"],
        postgresql_where=_WITH_PEOPLE,
        sqlite_where=_WITH_PEOPLE,
    )


def _with_a_child() -> None:
    op.create_table(
        "leases",
        _talk("leases"),
        _id(),
        _staff("leases"),
        _at("taken_at"),
        _at("expires_at"),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_leases"),
    )
    op.create_index("ix_leases_staff_id", "leases", ["staff_id"])
    op.create_table(
        "waits",
        _talk("waits"),
        _at("since"),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("wanted_staff", sa.String(26), nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_waits"),
    )
    op.create_table(
        "bars",
        _talk("bars"),
        _staff("bars"),
        sa.Column(
            "why", sa.Enum(*_WHY, name="why", native_enum=False, create_constraint=True, length=24), nullable=False
        ),
        _at("at"),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name="pk_bars"),
    )
    op.create_table(
        "rests",
        _id(),
        _staff("rests"),
        _talk("rests"),
        sa.Column("task_id", sa.String(26), nullable=False),
        _at("at"),
        _at("until"),
        sa.PrimaryKeyConstraint("id", name="pk_rests"),
    )
    op.create_index("ix_rests_staff_id_until", "rests", ["staff_id", "until"])


def _beside_a_chat() -> None:
    op.create_table(
        "held_words",
        _id(),
        _talk("held_words"),
        _staff("held_words"),
        sa.Column("reasons", sa.String(200), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        _at("at"),
        _at("decided_at", null=True),
        sa.Column("decided_by", sa.String(26), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_held_words"),
    )
    op.create_index("ix_held_words_conversation_id", "held_words", ["conversation_id"])
    op.create_index("ix_held_words_decided_at", "held_words", ["decided_at"])
    op.create_table(
        "worker_notes",
        _id(),
        _talk("worker_notes"),
        _staff("worker_notes"),
        sa.Column("value", _SEALED, nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("id", name="pk_worker_notes"),
    )
    op.create_index("ix_worker_notes_conversation_id", "worker_notes", ["conversation_id"])
    op.create_table(
        "second_reads",
        _talk("second_reads"),
        sa.Column("why", sa.String(16), nullable=False),
        _at("at"),
        _at("read_at", null=True),
        sa.Column("read_by", sa.String(26), nullable=True),
        sa.Column("value", _SEALED, nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_second_reads"),
    )
    op.create_index("ix_second_reads_read_at", "second_reads", ["read_at"])


def downgrade() -> None:
    """Who had a chat still stands in the chat itself."""
    op.drop_index("ix_conversations_with_people", "conversations")
    for table in _TABLES:
        op.drop_table(table)
