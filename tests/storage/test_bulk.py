"""Many rows in one go are planned for tables as they are, not as they were when they were empty; SQLite needs nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from storage import bulk, cases, registers
from tests.storage.invented import AT

if TYPE_CHECKING:
    from storage.database import Database

_MODE = text("SHOW plan_cache_mode")
_COUNTED = text("SELECT reltuples FROM pg_class WHERE oid = 'cases'::regclass")


def test_no_plan_is_kept_in_the_transaction_of_an_import_and_in_no_other(database: Database) -> None:
    with database.transaction() as tx:
        bulk.plan_anew(tx)
        assert not tx.postgresql or tx.execute(_MODE).scalar() == "force_custom_plan"
    with database.transaction() as tx:
        assert not tx.postgresql or tx.execute(_MODE).scalar() == "auto"


def test_what_was_brought_in_is_counted_before_anybody_else_sees_it(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(3):
            cases.add(tx, f"LA-{number}", AT)
        bulk.measure(tx)
        assert not tx.postgresql or tx.execute(_COUNTED).scalar() == len([*registers.children(tx)])
