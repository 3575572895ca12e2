"""Work in a transaction that may fail for itself, and leaves all that was done before it. May not know what the work is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from storage.errors import StoreUnavailable, may_run_again, trouble, was_taken

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Transaction


def tried(tx: Transaction, work: Callable[[], object]) -> Exception | None:
    """Do the work; where it fails what it wrote is undone, and why is returned. A race that was lost is raised, for all runs
    again then, and so is a database that is not there. A name that another took runs the work alone once more: it sees them now,
    and what is never free fails for itself.
    """
    before, tx.late = tx.late, []
    try:
        why = _alone(tx, work)
        return _alone(tx, work) if isinstance(why, DBAPIError) and was_taken(why.orig) else why
    finally:
        tx.late = before + tx.late


def _alone(tx: Transaction, work: Callable[[], object]) -> Exception | None:
    try:
        with tx.connection.begin_nested():
            work()
    except Exception as error:
        if isinstance(error, StoreUnavailable) or (isinstance(error, DBAPIError) and _ends_all(error)):
            raise
        for kept in (tx.late, tx.saved, tx.case_members, tx.stood):
            kept.clear()
        return error
    return None


def _ends_all(error: DBAPIError) -> bool:
    lost = may_run_again(error.orig) and not was_taken(error.orig)
    return lost or trouble(error) is not None
