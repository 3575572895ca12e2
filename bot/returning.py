"""A child comes back to a conversation by its code, on another telephone or page. May not show what was said before.

Whoever has the code goes on with the conversation from where they are: its answers go there from now on, and no page that
was open on it shows it any more. The two services stay apart: an address joins a contact in that contact's own store (G13).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flows.digits import plain
from flows.model import BOT
from storage import alerts, audit, contacts, conversations, reentry, visits

if TYPE_CHECKING:
    from datetime import datetime

    from flows.model import Conversation
    from storage.contacts import Contact
    from storage.database import Transaction

# A child writes a number as numbers are written; anything else beside it makes it words.
_BETWEEN = str.maketrans("", "", " +-.()/")


def figures(text: str) -> str:
    """The figures of a text that is a number and nothing else, in ASCII; else empty."""
    digits = plain(text[:80]).translate(_BETWEEN)
    return digits if digits.isascii() and digits.isdigit() else ""


def moved(
    tx: Transaction, digits: str, channel: str, address: str, at: datetime
) -> tuple[Contact, Conversation] | None:
    """Use a code up from an address: whose conversation it is, which goes on there; None when it leads nowhere."""
    talk = reentry.find(tx, digits, at)
    if talk is None:
        return None
    conversation = conversations.load(tx, talk)
    contact = conversations.contact_of(tx, talk)
    if not _reached(tx, contact, channel, address, at) or not reentry.use(tx, digits):
        return None
    visits.end_of(tx, talk)
    conversation = replace(conversation, channel=channel)
    conversations.save(tx, conversation)
    audit.record(tx, at, f"child:{contact.id}", "came_back", talk, channel)
    return contact, conversation


def _reached(tx: Transaction, contact: Contact, channel: str, address: str, at: datetime) -> bool:
    """Whether the contact can be reached there from now on. A telephone on which somebody still waits for a person, or is
    talking with one, stays with that chat.
    """
    known = contacts.known(tx, contact.store, channel, address)
    if known is None:
        contacts.add_address(tx, contact, channel, address, at)
        return True
    if known.id == contact.id:
        return True
    for other in conversations.of_contact(tx, known.id):
        if other.holder != BOT or alerts.open_for(tx, other.id) is not None:
            return False
    contacts.take_address(tx, contact, channel, address, at)
    return True
