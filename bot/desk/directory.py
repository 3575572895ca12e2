"""Whom to ring in each London borough: empty until the service fills it, and it says so. Nothing of a child stands here."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.clicks import NotPossible
from bot.desk.asking import Go, NotThere, Page
from bot.desk.routes import MANAGERS, STAFF, Route
from storage import audit, professionals
from storage.professionals import KINDS, Professional

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

BOROUGHS: Final = (
    "Barking and Dagenham", "Barnet", "Bexley", "Brent", "Bromley", "Camden", "City of London", "Croydon", "Ealing",
    "Enfield", "Greenwich", "Hackney", "Hammersmith and Fulham", "Haringey", "Harrow", "Havering", "Hillingdon", "Hounslow",
    "Islington", "Kensington and Chelsea", "Kingston upon Thames", "Lambeth", "Lewisham", "Merton", "Newham", "Redbridge",
    "Richmond upon Thames", "Southwark", "Sutton", "Tower Hamlets", "Waltham Forest", "Wandsworth", "Westminster",
)  # fmt: skip
NAMES: Final = {
    "children_by_day": "Children's services, by day",
    "emergency_duty_team": "Emergency duty team, nights and weekends",
    "lado": "LADO: a concern about somebody who works with children",
    "police_missing_unit": "Police missing persons unit",
}
assert tuple(NAMES) == KINDS
# A number nobody has rung for so long is told as old.
OLD: Final = timedelta(days=90)
_NUMBER: Final = re.compile(r"\+?[0-9][0-9 ]{1,22}")


def slug(area: str) -> str:
    """An area as it stands in an address."""
    return area.lower().replace(" ", "-")


_BY_SLUG: Final = {slug(area): area for area in BOROUGHS}


def show(tx: Transaction, ask: Ask) -> Answer:
    """Every borough, with what is known of it."""
    del ask
    found: dict[str, int] = {}
    for one in professionals.everything(tx):
        found[one.area] = found.get(one.area, 0) + 1
    rows = [(area, slug(area), found.get(area, 0)) for area in BOROUGHS]
    return Page(
        "directory.html", "Directory", {"here": "/directory", "rows": rows, "of": len(KINDS), "any": bool(found)}
    )


def area(tx: Transaction, ask: Ask) -> Answer:
    """One borough."""
    name = _area(ask)
    held = {one.kind: one for one in professionals.everything(tx) if one.area == name}
    rows = [
        (kind, NAMES[kind], held.get(kind), kind in held and ask.at - held[kind].verified_on > OLD) for kind in KINDS
    ]
    values = {"here": "/directory", "area": name, "slug": ask.path["area"], "rows": rows, "may": ask.may(MANAGERS)}
    return Page("area.html", name, values)


def keep(tx: Transaction, ask: Ask) -> Answer:
    """What somebody has just rung and checked."""
    name, kind = _area(ask), ask.form.get("kind")
    number, email, hours = (" ".join(ask.form.get(field).split()) for field in ("number", "email", "hours"))
    if kind not in KINDS:
        raise NotPossible("choose what the number is for")
    if not _NUMBER.fullmatch(number):
        raise NotPossible("write the number as it is dialled, figures and spaces only")
    if len(email) > 120 or len(hours) > 120 or not (email + hours).isprintable():  # noqa: PLR2004 - as wide as the column
        raise NotPossible("e-mail and hours may have 120 characters each")
    if ask.form.get("rang") != "yes":
        raise NotPossible("ring it first: only a number that somebody reached stands here")
    professionals.keep(tx, Professional(name, kind, number, email, hours, ask.at, ask.who.id))
    audit.record(tx, ask.at, ask.who.id, "directory.kept", slug(name), kind)
    return Go(f"/directory/{slug(name)}", "kept")


def _area(ask: Ask) -> str:
    if ask.path["area"] not in _BY_SLUG:
        raise NotThere(NotThere.__doc__)
    return _BY_SLUG[ask.path["area"]]


ROUTES: Final = (
    Route("GET", "/directory", STAFF, show),
    Route("GET", "/directory/{area}", STAFF, area),
    Route("POST", "/directory/{area}", MANAGERS, keep),
)
