"""The link by which a parent or carer gives their view: once, for seven days. May not know what they are asked.

To whom it went, why that is safe and what they wrote stand sealed under the child's key; kept of the link is a keyed hash.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, insert, select, update

from storage import audit, codec, ids, tables

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.database import Transaction

VALID: Final = timedelta(days=7)

_F: Final = tables.parent_forms.c
_COLUMNS: Final = (_F.id, _F.conversation_id, _F.value, _F.by, _F.asked_at, _F.expires_at, _F.answered_at)
_ADD: Final = insert(tables.parent_forms)
_OF: Final = select(*_COLUMNS).where(_F.conversation_id == bindparam("conversation")).order_by(_F.id)
_FIND: Final = select(*_COLUMNS).where(_F.mark == bindparam("known"), _F.expires_at > bindparam("now"))
_CLOSE: Final = update(tables.parent_forms).where(_F.id == bindparam("form"), _F.mark.is_not(None)).values(mark=None)
_ANSWER: Final = (
    update(tables.parent_forms)
    .where(_F.id == bindparam("form"), _F.mark.is_not(None))
    .values(mark=None, answered_at=bindparam("now"), value=bindparam("told"))
)


@dataclass(frozen=True, slots=True)
class ParentForm:
    """`adult`: who they are, as the worker named them; `because`: why it is safe to contact them; `rows`: (kind, what)."""

    id: str
    conversation: str
    by: str
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    adult: str
    because: str
    answers: Mapping[str, str]
    rows: tuple[tuple[str, str], ...]


def ask(tx: Transaction, conversation: str, adult: str, because: str, by: str, now: datetime) -> str:
    """A link for an adult; what it ends in, which stands nowhere else."""
    link, row = secrets.token_urlsafe(32), ids.new()
    given = {
        "id": row,
        "conversation_id": conversation,
        "mark": _mark(tx, link),
        "value": _sealed(tx, conversation, row, {"adult": adult, "because": because}),
        "by": by,
        "asked_at": now,
        "expires_at": now + VALID,
    }
    tx.execute(_ADD, given)
    audit.record(tx, now, by, "parent.asked", conversation, row)
    return link


def of(tx: Transaction, conversation: str) -> tuple[ParentForm, ...]:
    """Every form of a conversation, the oldest first. Raises Erased."""
    return tuple(_form(tx, *row) for row in tx.read(_OF, {"conversation": conversation}))


def find(tx: Transaction, link: str, now: datetime) -> ParentForm | None:
    """The form of a link that is open; None when it is wrong, used, closed or too old."""
    row = tx.execute(_FIND, {"known": _mark(tx, link), "now": now}).first()
    return None if row is None else _form(tx, *row)


def close(tx: Transaction, form: ParentForm, by: str, now: datetime) -> bool:
    """Take a link back. False when it was answered or closed."""
    done = tx.execute(_CLOSE, {"form": form.id}).rowcount == 1
    if done:
        audit.record(tx, now, by, "parent.closed", form.conversation, form.id)
    return done


def answer(
    tx: Transaction, form: ParentForm, answers: Mapping[str, str], rows: tuple[tuple[str, str], ...], now: datetime
) -> bool:
    """Keep what was written, once. False when it was answered meanwhile."""
    held = {"adult": form.adult, "because": form.because, "answers": dict(answers), "rows": [list(one) for one in rows]}
    told = _sealed(tx, form.conversation, form.id, held)
    done = tx.execute(_ANSWER, {"form": form.id, "now": now, "told": told}).rowcount == 1
    if done:
        audit.record(tx, now, "parent", "parent.answered", form.conversation, form.id)
    return done


def _mark(tx: Transaction, link: str) -> bytes:
    return tx.keys.mac("parent form", link)


def _sealed(tx: Transaction, conversation: str, row: str, held: dict[str, Any]) -> bytes:
    return tx.key_of(conversation).seal(codec.dump_plain(held), "parent_forms", row)


def _form(  # noqa: PLR0913, PLR0917 - a row
    tx: Transaction,
    row: str,
    conversation: str,
    sealed: bytes,
    by: str,
    asked_at: datetime,
    expires_at: datetime,
    answered_at: datetime | None,
) -> ParentForm:
    held = codec.load_plain(tx.key_of(conversation).open_bytes(sealed, "parent_forms", row))
    rows = tuple((str(kind), str(what)) for kind, what in held.get("rows", ()))
    return ParentForm(
        row,
        conversation,
        by,
        asked_at,
        expires_at,
        answered_at,
        str(held["adult"]),
        str(held["because"]),
        dict(held.get("answers", {})),
        rows,
    )
