"""Work in a transaction that may fail for itself, and leaves all that was done before it. May not know what the work is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from storage.errors import StoreUnavailable, may_run_again, trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Transaction


def tried(tx: Transaction, work: Callable[[], object]) -> Exception | None:
    """Do the work; where it fails what it wrote is undone, and why is returned. A race that was lost is raised, for all runs
    again then, and so is a database that is not there.
    """
    before, tx.late = tx.late, []
    try:
        with tx.connection.begin_nested():
            work()
    except Exception as error:
        if isinstance(error, StoreUnavailable) or (isinstance(error, DBAPIError) and _ends_all(error)):
            raise
        for kept in (tx.late, tx.saved, tx.case_members, tx.stood):
            kept.clear()
        return error
    finally:
        tx.late = before + tx.late
    return None


def _ends_all(error: DBAPIError) -> bool:
    return may_run_again(error.orig) or trouble(error) is not None
