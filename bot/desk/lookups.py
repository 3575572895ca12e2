"""Finding: whether a number is known to us, what was done about a record, and a sheet for whoever comes on next.

The answer about a number is for the screen of whoever asked: it is written down that they did, and never told to a parent or
an officer, who learn neither yes nor no (decisions 10).
"""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import owing
from bot.channels import addresses
from bot.desk import board as glance
from bot.desk.asking import Page, Plain
from bot.desk.routes import DUTY, MANAGERS, Route
from flows.model import Service
from storage import access, alerts, audit, board, contacts, conversations, people, verdicts
from storage.database import Erased

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.contacts import Contact
    from storage.database import Transaction

NEXT_HOURS: Final = timedelta(hours=12)
MOST_LINES: Final = 300


# --- a number ---------------------------------------------------------------------------------------------------------


def number_form(tx: Transaction, ask: Ask) -> Answer:
    """The empty form."""
    del tx, ask
    return _number()


def _number(wrong: str = "", found: list[dict[str, Any]] | None = None) -> Page:
    values = {"here": "/number", "wrong": wrong, "found": found}
    return Page("number.html", "Look up a number", values, 400 if wrong else 200)


def number(tx: Transaction, ask: Ask) -> Answer:
    """Whether it is known; written down either way."""
    try:
        given = addresses.e164(ask.form.get("number"))
    except addresses.NotAPhone:
        return _number("Write the number as it is dialled, such as 07700 900123.")
    hidden = board.barred(tx, ask.who.id)
    found = []
    for channel in ("sms", "whatsapp"):
        for service in Service:
            contact = contacts.known(tx, service, channel, given)
            row = _known(tx, contact, hidden) if contact is not None else None
            if contact is not None and row is not None:
                access.seen(tx, ask.who.id, "number", contact.id, ask.at)
                found.append(row)
    audit.record(tx, ask.at, ask.who.id, "number.looked_up", "known" if found else "unknown")
    return _number(found=found)


def _known(tx: Transaction, contact: Contact, hidden: frozenset[str]) -> dict[str, Any] | None:
    # None is opened: one without its key would hide the others of the number.
    talks = () if contact.erased else sorted(conversations.spoken(tx, contact.id), key=lambda one: one.id)
    if any(one.id in hidden for one in talks):
        return None
    held = [alert for one in talks for alert in alerts.of(tx, one.id)]
    return {
        "case": contact.reference,
        "service": contact.store.value,
        "stopped": contact.opted_out,
        "last": max((one.heard_at for one in talks if one.heard_at), default=None),
        "alerts": [(one.id, one.level, one.state) for one in held],
    }


# --- the audit --------------------------------------------------------------------------------------------------------


def audit_form(tx: Transaction, ask: Ask) -> Answer:
    """The form by which lines are found."""
    del tx, ask
    return Page("audit.html", "Audit", {"here": "/audit", "about": "", "rows": [], "more": 0})


def lines(tx: Transaction, ask: Ask) -> Answer:
    """Who did what about a record: by an id, or by the two words of a contact. Posted: no name stands in an address."""
    about = ask.form.get("about").strip()
    hidden = board.barred(tx, ask.who.id)
    secret = _secret(tx, hidden)
    found: list[audit.Line] = []
    for named in _named(tx, about, hidden):
        found += (one for one in audit.about(tx, named) if secret.isdisjoint((named, one.who, *one.about)))
    known = {one.id: one.name for one in people.everyone(tx)}
    newest = sorted({one.number: one for one in found}.values(), key=lambda one: -one.number)
    rows = [(one, known.get(one.who, one.who), [known.get(part, part) for part in one.about]) for one in newest]
    values = {"here": "/audit", "about": about, "rows": rows[:MOST_LINES], "more": max(0, len(rows) - MOST_LINES)}
    return Page("audit.html", "Audit", values, seen=(("audit", about[:26]),) if rows else ())


def _secret(tx: Transaction, hidden: frozenset[str]) -> set[str]:
    """Every id by which a line could tell of the chats that are kept from whoever asks: theirs, the child's, their alerts'."""
    found: set[str] = set(hidden)
    for one in hidden:
        contact = tx.contact_of(one)
        found |= {contact, f"child:{contact}", conversations.case_of(tx, one) or one}
        with contextlib.suppress(Erased):
            found |= {alert.id for alert in alerts.of(tx, one)}
    return found


def _named(tx: Transaction, about: str, hidden: frozenset[str]) -> list[str]:
    """The ids that a search means. Nothing of a chat that is kept from whoever asks."""
    contact = contacts.by_reference(tx, about) if about else None
    if contact is None:
        person = people.by_name(tx, about) if about else None
        is_id = len(about) == 26 and about.isalnum() and about not in hidden  # noqa: PLR2004 - our ids
        return [person.id] if person is not None else [about] * is_id
    if contact.erased:
        return [contact.id]
    talks = conversations.spoken(tx, contact.id)
    if any(one.id in hidden for one in talks):
        return []
    return [contact.id, *(one.id for one in talks), *(alert.id for one in talks for alert in alerts.of(tx, one.id))]


# --- the sheet, and what leaves for the phrases -----------------------------------------------------------------------


def sheet(tx: Transaction, ask: Ask) -> Answer:
    """For whoever comes on next: what is open, who waits, what was promised, who is on. Codes and two words, to be printed."""
    page = glance.show(tx, ask)
    assert isinstance(page, Page)
    shifts = [one for one in people.shifts(tx, ask.at, ask.at + NEXT_HOURS) if one.ends_at > ask.at]
    counted = owing.digest(tx, ask.at, ask.zone, board.kept_from(tx, ask.who.id))
    more = {"here": "/handover", "shifts": shifts, "digest": counted}
    return Page("handover.html", "Hand-over", {**page.values, **more})


def judged(tx: Transaction, ask: Ask) -> Answer:
    """Every verdict with the rules and levels it is about, a line each, without a word of any child."""
    del ask
    told = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in verdicts.exported(tx))
    return Plain(told, "application/x-ndjson", "verdicts.jsonl")


ROUTES: Final = (
    Route("GET", "/number", DUTY, number_form),
    Route("POST", "/number", DUTY, number),
    Route("GET", "/audit", MANAGERS, audit_form),
    Route("POST", "/audit", MANAGERS, lines),
    Route("GET", "/handover", DUTY, sheet),
    Route("GET", "/verdicts/export", MANAGERS, judged),
)
