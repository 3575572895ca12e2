"""Flows as they were when somebody began on them: publishing a new one never breaks a child mid-way. Never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import tables

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction

_R: Final = tables.revisions.c
_KEY: Final = ["revision", "locale"]
_KEEP_LITE: Final = sqlite.insert(tables.revisions).on_conflict_do_nothing(index_elements=_KEY).returning(_R.revision)
_KEEP_PG: Final = postgresql.insert(tables.revisions).on_conflict_do_nothing(index_elements=_KEY).returning(_R.revision)
_LOAD: Final = select(_R.source).where(_R.revision == bindparam("hash"), _R.locale == bindparam("language"))


def keep(tx: Transaction, revision: str, locale: str, flow: str, source: str, at: datetime) -> bool:
    """Keep a localised flow under its hash; False when it stands already. `source`: text from which it can be
    rebuilt.
    """
    row = {"revision": revision, "locale": locale, "flow": flow, "source": source, "kept_at": at}
    return tx.execute(_KEEP_PG if tx.postgresql else _KEEP_LITE, row).first() is not None


def load(tx: Transaction, revision: str, locale: str) -> str | None:
    """The source of a revision in a language."""
    found: str | None = tx.execute(_LOAD, {"hash": revision, "language": locale}).scalar()
    return found
