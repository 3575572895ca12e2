"""Who is behind a cookie now, and what they are to the service now. May not say what a role may do: `routes` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.desk.asking import Me
from storage import people, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction


def me(tx: Transaction, token: str, now: datetime) -> Me | None:
    """Who is signed in with this cookie; None when nobody is."""
    session = sessions.find(tx, token, now)
    if session is None:
        return None
    person = people.load(tx, session.staff)
    return Me(person, people.roles_of(tx, person, now), session, sessions.form_mark(tx.keys, token))
