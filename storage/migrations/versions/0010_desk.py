"""The desk: sign-in, who looked at what, glass that was broken, verdicts, other services' numbers; two roles more.
Released steps are never changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_TABLES = (
    "professionals",
    "verdicts",
    "reveals",
    "accesses",
    "tries",
    "authenticators",
    "ceremonies",
    "enrolments",
    "passkeys",
    "sessions",
)
_OF_ROLE = ("staff", "shifts", "pages")
_OLD = ("duty", "backup", "manager", "service_manager", "worker")
_NEW = (*_OLD, "supervisor", "requester")


def upgrade() -> None:
    """Ten tables, and two more words in every CHECK of a role."""
    _roles(_OLD, _NEW)
    op.create_table(
        "sessions",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_sessions_staff_id"), nullable=False),
        sa.Column("by", sa.String(26), nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_sessions"),
    )
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])
    op.create_index("ix_sessions_staff_id", "sessions", ["staff_id"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_passkeys_staff_id"), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("counter", types.BigId(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("mark", name="uq_passkeys_mark"),
    )
    op.create_index("ix_passkeys_staff_id", "passkeys", ["staff_id"])
    op.create_table(
        "enrolments",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_enrolments_staff_id"), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("mark", name="pk_enrolments"),
    )
    op.create_index("ix_enrolments_staff_id", "enrolments", ["staff_id"])
    op.create_table(
        "ceremonies",
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_ceremonies_staff_id"), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_ceremonies"),
    )
    op.create_index("ix_ceremonies_expires_at", "ceremonies", ["expires_at"])
    op.create_table(
        "authenticators",
        sa.Column(
            "staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_authenticators_staff_id"), nullable=False
        ),
        sa.Column("secret", _SEALED, nullable=False),
        sa.Column("phrase", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", types.BigId(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_authenticators"),
    )
    op.create_table(
        "tries",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tries"),
    )
    op.create_index("ix_tries_at", "tries", ["at"])
    op.create_table(
        "accesses",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_accesses_staff_id"), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.String(26), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accesses"),
    )
    op.create_index("ix_accesses_about_at", "accesses", ["about", "at"])
    op.create_index("ix_accesses_staff_id_at", "accesses", ["staff_id", "at"])
    op.create_table(
        "reveals",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column(
            "contact_id", sa.String(26), sa.ForeignKey("contacts.id", name="fk_reveals_contact_id"), nullable=False
        ),
        sa.Column("alert_id", sa.String(26), sa.ForeignKey("alerts.id", name="fk_reveals_alert_id"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("because", _SEALED, nullable=False),
        sa.Column("asked_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_reveals_asked_by"), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.Column("agreed_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_reveals_agreed_by"), nullable=True),
        sa.Column("shown_until", _INSTANT, nullable=True),
        sa.Column(
            "reviewed_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_reveals_reviewed_by"), nullable=True
        ),
        sa.Column("reviewed_at", _INSTANT, nullable=True),
        sa.Column("in_order", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reveals"),
    )
    op.create_index("ix_reveals_alert_id", "reveals", ["alert_id"])
    op.create_index("ix_reveals_contact_id", "reveals", ["contact_id"])
    op.create_table(
        "verdicts",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("alert_id", sa.String(26), sa.ForeignKey("alerts.id", name="fk_verdicts_alert_id"), nullable=False),
        sa.Column(
            "conversation_id",
            sa.String(26),
            sa.ForeignKey("conversations.id", name="fk_verdicts_conversation_id"),
            nullable=False,
        ),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("by", sa.String(26), sa.ForeignKey("staff.id", name="fk_verdicts_by"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column(
            "reviewed_by", sa.String(26), sa.ForeignKey("staff.id", name="fk_verdicts_reviewed_by"), nullable=True
        ),
        sa.Column("reviewed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
    )
    op.create_index("ix_verdicts_alert_id", "verdicts", ["alert_id"])
    op.create_index("ix_verdicts_reviewed_at_at", "verdicts", ["reviewed_at", "at"])
    op.create_table(
        "professionals",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("area", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("email", sa.String(120), nullable=False),
        sa.Column("hours", sa.String(120), nullable=False),
        sa.Column("verified_on", _INSTANT, nullable=False),
        sa.Column("by", sa.String(26), sa.ForeignKey("staff.id", name="fk_professionals_by"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_professionals"),
        sa.UniqueConstraint("area", "kind", name="uq_professionals_area_kind"),
    )


def downgrade() -> None:
    """Nobody is signed in. Who has a role that the older schema does not know becomes a worker who has left."""
    for table in _TABLES:
        op.drop_table(table)
    for table in _OF_ROLE:
        left = ", active = false" if table == "staff" else ""
        op.execute(f"UPDATE {table} SET role = 'worker'{left} WHERE role IN ('supervisor', 'requester')")  # noqa: S608 - ours
    _roles(_NEW, _OLD)


def _roles(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Change the CHECK. SQLite has no way to, but for its own text of the table: nothing that is stored changes with it."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _OF_ROLE:
            op.drop_constraint(op.f(f"ck_{table}_role"), table, type_="check")
            op.create_check_constraint(op.f(f"ck_{table}_role"), table, sa.column("role").in_(after))
        return
    version = op.get_bind().exec_driver_sql("PRAGMA schema_version").scalar_one()
    op.execute("PRAGMA writable_schema=ON")
    for table in _OF_ROLE:
        change = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?"
        op.get_bind().exec_driver_sql(change, (_listed(before), _listed(after), table))
    op.execute(f"PRAGMA schema_version={version + 1}")
    op.execute("PRAGMA writable_schema=OFF")


def _listed(roles: tuple[str, ...]) -> str:
    return "role IN ({})".format(", ".join(f"'{role}'" for role in roles))
