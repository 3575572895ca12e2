"""Who is behind a cookie now, and what they are to the service now. May not say what a role may do: `routes` does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.desk.asking import Me
from storage import people, sessions
from storage.codes import Role

if TYPE_CHECKING:
    from datetime import datetime

    from storage.database import Transaction
    from storage.people import Person


def me(tx: Transaction, token: str, now: datetime) -> Me | None:
    """Who is signed in with this cookie; None when nobody is."""
    session = sessions.find(tx, token, now)
    if session is None:
        return None
    person = people.load(tx, session.staff)
    return Me(person, of(tx, person, now), session, sessions.form_mark(tx.keys, token))


def of(tx: Transaction, person: Person, now: datetime) -> frozenset[str]:
    """Their own role, and those of the shifts they stand in: who is paged as duty tonight may open the alert tonight.

    An official outside the service is that alone, whatever a rota says.
    """
    if person.role is Role.REQUESTER:
        return frozenset({person.role.value})
    standing = {one.role for one in people.on_duty(tx, now) if one.name == person.name}
    return frozenset({person.role.value, *standing} - {Role.REQUESTER.value})
