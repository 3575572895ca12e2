"""What is owed on a case by when, what was noted as done, what was joined. Released steps are never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_OPEN = sa.text("met_at IS NULL")
_STATUS = ("running", "met", "late", "blocked")
_SUBJECT = ("conversation", "alert", "case", "house")
_SUBJECT_BEFORE = ("conversation", "alert")
_TIMER = ("id", "subject", "subject_id", "name", "turn", "rung", "about", "failures", "at", "due_at")


def _code(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """Deadlines and notes, and the columns that lead to them."""
    op.create_table(
        "deadlines",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("book", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_deadlines_case_id"), nullable=True),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_deadlines_conversation_id"),
            nullable=True,
        ),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("part", sa.String(64), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("status", _code(_STATUS, "status"), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("amber_at", _INSTANT, nullable=True),
        sa.Column("met_at", _INSTANT, nullable=True),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deadlines"),
        sa.UniqueConstraint("book", "rule", "part", name="uq_deadlines_book_rule_part"),
    )
    op.create_index("ix_deadlines_case_id", "deadlines", ["case_id"])
    op.create_index("ix_deadlines_open", "deadlines", ["due_at"], postgresql_where=_OPEN, sqlite_where=_OPEN)
    op.create_table(
        "case_notes",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), sa.ForeignKey("cases.id", name="fk_case_notes_case_id"), nullable=True),
        sa.Column(
            "episode_id",
            sa.String(26),
            sa.ForeignKey("missing_episodes.id", name="fk_case_notes_episode_id"),
            nullable=True,
        ),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_case_notes_conversation_id"),
            nullable=True,
        ),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("details", _SEALED, nullable=False),
        sa.Column("taken_back_at", _INSTANT, nullable=True),
        sa.Column("taken_back_by", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_notes"),
    )
    op.create_index("ix_case_notes_case_id", "case_notes", ["case_id"])
    op.create_index("ix_case_notes_conversation_id", "case_notes", ["conversation_id"])
    op.add_column("cases", sa.Column("joined_to", sa.String(26), nullable=True))
    op.add_column("cases", sa.Column("clocks_at", _INSTANT, nullable=True))
    op.create_index("ix_cases_joined_to", "cases", ["joined_to"])
    op.add_column("contacts", sa.Column("joined_to", sa.String(26), nullable=True))
    op.add_column("missing_episodes", sa.Column("ended_at", _INSTANT, nullable=True))
    op.add_column("tasks", sa.Column("deadline_id", sa.String(26), nullable=True))
    op.create_index("ix_tasks_case_id", "tasks", ["case_id"])
    op.create_index("ix_tasks_deadline_id", "tasks", ["deadline_id"])
    _timers(_SUBJECT)


def downgrade() -> None:
    """As before; timers of a case or of the house have no place in the older schema."""
    op.execute(sa.text("DELETE FROM timers WHERE subject NOT IN ('conversation', 'alert')"))
    _timers(_SUBJECT_BEFORE)
    op.drop_index("ix_tasks_deadline_id", "tasks")
    op.drop_index("ix_tasks_case_id", "tasks")
    op.drop_column("tasks", "deadline_id")
    op.drop_column("missing_episodes", "ended_at")
    op.drop_column("contacts", "joined_to")
    op.drop_index("ix_cases_joined_to", "cases")
    op.drop_column("cases", "clocks_at")
    op.drop_column("cases", "joined_to")
    op.drop_table("case_notes")
    op.drop_table("deadlines")


def _timers(subjects: tuple[str, ...]) -> None:
    """Let a timer belong to other things. SQLite cannot change a CHECK: the table is made anew and filled."""
    if op.get_bind().dialect.name != "sqlite":
        known = ", ".join(f"'{one}'" for one in subjects)
        op.execute(sa.text("ALTER TABLE timers DROP CONSTRAINT ck_timers_subject"))
        op.execute(sa.text(f"ALTER TABLE timers ADD CONSTRAINT ck_timers_subject CHECK (subject IN ({known}))"))
        return
    op.drop_index("ix_timers_due_at", "timers")
    op.rename_table("timers", "timers_before")
    op.create_table(
        "timers",
        sa.Column("id", types.BigId(), nullable=False),
        sa.Column("subject", _code(subjects, "subject"), nullable=False),
        sa.Column("subject_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_timers"),
    )
    columns = ", ".join(f'"{one}"' for one in _TIMER)
    op.execute(sa.text(f"INSERT INTO timers ({columns}) SELECT {columns} FROM timers_before"))  # noqa: S608 - constants
    op.drop_table("timers_before")
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
