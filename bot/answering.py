"""How whoever was paged answers by telephone: a call is picked up, a key is pressed. May not decide: a key is an event.

A key is proof, as a sign-in is (decisions 7): whoever heard the words picked up the telephone that rang. One call asks about
everything that rings for this person, the gravest first, so that ten alerts are not ten calls to an engaged line. Every
page is answered once: the same callback again changes nothing and is told how it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import alarms, pages
from bot.channels.base import Spoken
from bot.channels.voice import NAME
from flows import events, standing
from storage import alerts, audit, people

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Pressed
    from bot.runner import House
    from flows.model import Alert
    from storage.alerts import Paged
    from storage.database import Transaction
    from storage.people import Person

TAKE, PASS_ON = "1", "2"


def by_call(tx: Transaction, house: House, pressed: Pressed) -> Spoken:
    """What to say into a call that was picked up, or in which a key was pressed."""
    rang = alerts.page_of(tx, pressed.outbox_id)
    person = people.load(tx, rang.staff) if rang else None
    if person is None or not person.active:
        return Spoken(pages.SPOKEN["goodbye"])
    asked = alerts.page(tx, pressed.page) if pressed.page else None
    said = ""
    if asked is not None and asked.staff == person.id and pressed.keys:
        if pressed.keys not in (TAKE, PASS_ON):
            return Spoken(_sentences(pages.SPOKEN["again"], _words(tx, asked)), asked.id)
        said = _answered(tx, house, person, asked, pressed)
    following = _next(tx, person)
    if following is None:
        said = said or (_stands(alerts.peek(tx, rang.alert), person) if rang else "")
        return Spoken(_sentences(said, pages.SPOKEN["goodbye"]))
    return Spoken(_sentences(said, _words(tx, following)), following.id)


def _answered(tx: Transaction, house: House, person: Person, page: Paged, pressed: Pressed) -> str:
    """Take it or pass it on, once; then how it stands, which is the same for the same callback again."""
    alert = alerts.load(tx, page.alert)
    taking = pressed.keys == TAKE
    if alerts.used(tx, page.id, pressed.at):
        what = "alert.taken" if taking else "alert.passed_on"
        audit.record(tx, pressed.at, person.id, what, alert.id, "by_key")
        alert = alarms.step(tx, house, alert, _event(person.name, pressed.at, taking=taking))
    return _stands(alert, person)


def _stands(alert: Alert, person: Person) -> str:
    if alert.taken_by == person.name:
        return pages.SPOKEN["yours"]
    if alert.taken_by is not None:
        return pages.SPOKEN["others"]
    return pages.SPOKEN["passed_on" if person.name in alert.passed else "over"]


def _event(name: str, at: datetime, *, taking: bool) -> events.AlertTaken | events.AlertPassedOn:
    return events.AlertTaken(at, name, by_desk=True) if taking else events.AlertPassedOn(at, name)


def _next(tx: Transaction, person: Person) -> Paged | None:
    """The gravest alert this person was called for and has not answered, of those that still want an answer."""
    waiting: dict[str, Paged] = {}
    for page in alerts.pages_to(tx, person.id):
        if page.method == NAME:
            waiting.setdefault(page.alert, page)
    open_ones = [(alerts.peek(tx, page.alert), page) for page in waiting.values() if page.used_at is None]
    asking = [(alert, page) for alert, page in open_ones if standing.asks(alert, person.name)]
    best = min(asking, key=lambda one: (-one[0].level, one[0].opened_at), default=None)
    return best[1] if best else None


def _words(tx: Transaction, page: Paged) -> str:
    return pages.spoken(alerts.peek(tx, page.alert))


def _sentences(*said: str) -> str:
    return " ".join(one for one in said if one)
