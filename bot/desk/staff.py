"""The people of the service at the desk: who there is, a link for somebody's first passkey, signing out, letting go.

A manager may do none of it to themself or to somebody above them: a link is a way to come in under that name. Who is a
manager, and by what they sign in, is for a service manager: what needs a second manager would else need one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import ending, holding, switching
from bot.clicks import NotPossible
from bot.desk.asking import Go, NotThere, Page
from bot.desk.routes import MANAGERS, Route
from bot.desk.said import SWITCHES
from storage import audit, credentials, identities, people, switches
from storage.codes import Role, Switch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction
    from storage.people import Person


def show(tx: Transaction, ask: Ask) -> Answer:
    """Everybody."""
    rows = [
        {
            "person": one,
            "passkeys": len(credentials.of(tx, one.id)),
            "account": bool(identities.of(tx, one.id)),
            "mine": _why_not(ask, one) == "",
            "link": _why_no_link(tx, ask, one) == "",
        }
        for one in people.everyone(tx)
    ]
    on = [(one, people.load(tx, one.by).name) for one in switches.shown(tx, ask.at)]
    values: dict[str, Any] = {"here": "/staff", "rows": rows, "roles": [role.value for role in Role]}
    values |= {
        "switches": {name.value: SWITCHES[name.value] for name in Switch},
        "on": on,
        "is_on": {one.name for one, _ in on},
    }
    return Page("staff.html", "Staff", values)


def add(tx: Transaction, ask: Ask) -> Answer:
    """Take a person on, and give the link by which they come in."""
    name, role = " ".join(ask.form.get("name").split()), ask.form.get("role")
    if not people.may_be_called(name):
        raise NotPossible(f"give a name of at most {people.LONGEST_NAME} characters, as colleagues see it")
    if role not in set(Role) or (role in MANAGERS and ask.who.role is not Role.SERVICE_MANAGER):
        raise NotPossible("choose a role below your own: only a service manager takes a manager on")
    try:
        person = people.add(tx, name, role, ask.at)
    except people.NameTaken as taken:
        raise NotPossible(str(taken).rstrip(".")) from None
    audit.record(tx, ask.at, ask.who.id, "staff.added", person.id, role)
    return _linked(tx, ask, person)


def link(tx: Transaction, ask: Ask) -> Answer:
    """A link for somebody's passkey; shown once, to whoever asked."""
    person = _theirs(tx, ask)
    if why := _why_no_link(tx, ask, person):
        raise NotPossible(why)
    return _linked(tx, ask, person)


def _linked(tx: Transaction, ask: Ask, person: Person) -> Answer:
    if not person.active:
        raise NotPossible(f"{person.name} has left")
    audit.record(tx, ask.at, ask.who.id, "staff.enrolled", person.id)
    values = {"name": person.name, "path": f"/enrol/{credentials.link(tx, person.id, ask.at)}", "here": "/staff"}
    return Page("link.html", "A link, once", values)


def sign_out(tx: Transaction, ask: Ask) -> Answer:
    """Sign somebody out everywhere: a telephone was lost, and what is on it signs nobody in again."""
    person = _theirs(tx, ask)
    credentials.remove_all(tx, person.id)
    audit.record(tx, ask.at, ask.who.id, "staff.signed_out", person.id)
    audit.record(tx, ask.at, ask.who.id, "staff.passkeys_removed", person.id)
    holding.signed_out(tx, ask.house, person.id, ask.at)
    return Go("/staff", "put_out")


def let_go(tx: Transaction, ask: Ask) -> Answer:
    """They have left: signed out at once, reached no more; what they had in hand goes to others."""
    ending.end(tx, _theirs(tx, ask), ask.at, ask.who.id, "staff.disabled")
    return Go("/staff", "let_go")


def _theirs(tx: Transaction, ask: Ask) -> Person:
    if not people.known(tx, ask.path["person"]):
        raise NotThere(NotThere.__doc__)
    person = people.load(tx, ask.path["person"])
    if why := _why_not(ask, person):
        raise NotPossible(why)
    return person


def _why_not(ask: Ask, person: Person) -> str:
    if person.id == ask.who.id:
        return "somebody else has to do this for you; your own passkeys are under your name above"
    if person.role is Role.SERVICE_MANAGER and ask.who.role is not Role.SERVICE_MANAGER:
        return "only a service manager may do this for a service manager"
    return ""


def _why_no_link(tx: Transaction, ask: Ask, person: Person) -> str:
    """A link lets whoever holds it in as this person; one who stands in as a manager can agree what a manager asked."""
    manages = not MANAGERS.isdisjoint(people.roles_of(tx, person, ask.at))
    if manages and ask.who.role is not Role.SERVICE_MANAGER:
        return "only a service manager may give a link to somebody who is or stands in as a manager"
    return ""


def turn(tx: Transaction, ask: Ask) -> Answer:
    """Turn a switch of the house on or off."""
    on = ask.form.get("on") == "yes"
    switching.turn(tx, ask.who, ask.form.get("switch"), on=on, at=ask.at)
    return Go("/staff", "switched_on" if on else "switched_off")


def _row(path: str, view: Callable[[Transaction, Ask], Answer]) -> Route:
    return Route("POST", path, MANAGERS, view)


ROUTES: Final = (
    Route("GET", "/staff", MANAGERS, show),
    _row("/staff", add),
    _row("/staff/{person}/link", link),
    _row("/staff/{person}/sign-out", sign_out),
    _row("/staff/{person}/let-go", let_go),
    _row("/switches", turn),
)
