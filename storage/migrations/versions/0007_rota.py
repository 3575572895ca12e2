"""How staff are reached and what proves it; who is on duty; what is switched. Released steps are never changed."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = types.UtcDateTime()
_SEALED = types.SealedBytes()
_KIND = ("sms", "voice", "telegram", "email")
_SWITCH = ("closed", "flood")
_ROLE = ("duty", "backup", "manager", "service_manager", "worker", "supervisor", "requester")

# As plain bytes: what was sealed is carried over as it is, bound to the person it belongs to.
_STAFF = sa.table(
    "staff",
    sa.column("id", sa.String),
    sa.column("phone", sa.LargeBinary),
    sa.column("phone_mark", sa.LargeBinary),
    sa.column("email", sa.LargeBinary),
    sa.column("added_at", _INSTANT),
)
_METHODS = sa.table(
    "methods",
    sa.column("id", sa.String),
    sa.column("staff_id", sa.String),
    sa.column("kind", sa.String),
    sa.column("address", sa.LargeBinary),
    sa.column("fingerprint", sa.LargeBinary),
    sa.column("verified_at", _INSTANT),
    sa.column("added_at", _INSTANT),
    sa.column("asked", sa.Integer),
    sa.column("tries", sa.Integer),
)


def _code(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def upgrade() -> None:
    """A row for each way; the numbers and addresses that were on the staff's own rows are not verified yet."""
    op.create_table(
        "methods",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_methods_staff_id"), nullable=False),
        sa.Column("kind", _code(_KIND, "kind"), nullable=False),
        sa.Column("address", _SEALED, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("verified_at", _INSTANT, nullable=True),
        sa.Column("verified_by", sa.String(26), nullable=True),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("asked_at", _INSTANT, nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_methods"),
        sa.UniqueConstraint("staff_id", "kind", "fingerprint", name="uq_methods_staff_id_kind_fingerprint"),
    )
    op.create_index("ix_methods_fingerprint", "methods", ["fingerprint"])
    op.add_column("outbox", sa.Column("method_id", sa.String(26), nullable=True))
    op.create_table(
        "switches",
        sa.Column("name", _code(_SWITCH, "name"), nullable=False),
        sa.Column("turned_on", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_switches_staff_id"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )
    _rota()
    _carry_over()
    op.drop_index("ix_staff_phone_mark", "staff")
    for column in ("phone", "phone_mark", "email"):
        op.drop_column("staff", column)


def _rota() -> None:
    yes, no = sa.text("true"), sa.text("false")
    op.add_column("staff", sa.Column("fallback", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("shifts", sa.Column("planned", sa.Boolean(), nullable=False, server_default=yes))
    op.add_column("shifts", sa.Column("stands", sa.Boolean(), nullable=False, server_default=yes))
    op.add_column("shifts", sa.Column("pattern_id", sa.String(26), nullable=True))
    op.add_column("shifts", sa.Column("series", sa.LargeBinary(), nullable=True))
    op.create_index("ix_shifts_pattern_id", "shifts", ["pattern_id"])
    op.create_index("ix_shifts_series", "shifts", ["series"])
    op.create_table(
        "patterns",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("staff_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_patterns_staff_id"), nullable=False),
        sa.Column("role", _code(_ROLE, "role"), nullable=False),
        sa.Column("days", sa.String(7), nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("until", sa.String(10), nullable=True),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_patterns"),
    )
    op.create_table(
        "covers",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("role", _code(_ROLE, "role"), nullable=False),
        sa.Column("out_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_covers_out_id"), nullable=False),
        sa.Column("into_id", sa.String(26), sa.ForeignKey("staff.id", name="fk_covers_into_id"), nullable=False),
        sa.Column("starts_at", _INSTANT, nullable=False),
        sa.Column("ends_at", _INSTANT, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("undone_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_covers"),
    )
    op.create_index("ix_covers_ends_at", "covers", ["ends_at"])
    op.create_table(
        "rota_told",
        sa.Column("mark", sa.String(120), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_rota_told"),
    )
    op.create_table(
        "interpreters",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("language", sa.String(24), nullable=False),
        sa.Column("value", _SEALED, nullable=False),
        sa.Column("days", sa.String(7), nullable=False),
        sa.Column("starts", sa.String(5), nullable=False),
        sa.Column("ends", sa.String(5), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_interpreters"),
    )
    op.create_index("ix_interpreters_language", "interpreters", ["language"])


def _carry_over() -> None:
    rows = []
    for one in op.get_bind().execute(sa.select(*_STAFF.c)).all():
        for kind, address, mark in (
            ("sms", one.phone, one.phone_mark),
            ("voice", one.phone, one.phone_mark),
            ("email", one.email, None),
        ):
            if address is not None:
                rows.append(
                    {
                        "id": secrets.token_hex(13),
                        "staff_id": one.id,
                        "kind": kind,
                        "address": address,
                        "fingerprint": mark,
                        "added_at": one.added_at,
                        "asked": 0,
                        "tries": 0,
                    }
                )
    if rows:
        op.bulk_insert(_METHODS, rows)


def downgrade() -> None:
    """One number and one address a person, as before: the verified one where there are several."""
    for column, kind in (("phone", _SEALED), ("phone_mark", sa.LargeBinary()), ("email", _SEALED)):
        op.add_column("staff", sa.Column(column, kind, nullable=True))
    bind = op.get_bind()
    ways = sa.select(*_METHODS.c).order_by(_METHODS.c.verified_at.is_not(None), _METHODS.c.added_at)
    for one in bind.execute(ways).all():
        change = sa.update(_STAFF).where(_STAFF.c.id == one.staff_id)
        if one.kind == "email":
            bind.execute(change.values(email=one.address))
        elif one.kind == "sms":
            bind.execute(change.values(phone=one.address, phone_mark=one.fingerprint))
    op.create_index("ix_staff_phone_mark", "staff", ["phone_mark"])
    # Only what stands by itself can be told by the older schema: parts of swaps as they are, what was swapped away not.
    op.execute("DELETE FROM shifts WHERE NOT stands")
    for table in ("interpreters", "rota_told", "covers", "patterns", "switches"):
        op.drop_table(table)
    op.drop_index("ix_shifts_series", "shifts")
    op.drop_index("ix_shifts_pattern_id", "shifts")
    for column in ("series", "pattern_id", "stands", "planned"):
        op.drop_column("shifts", column)
    op.drop_column("staff", "fallback")
    op.drop_column("outbox", "method_id")
    op.drop_table("methods")
