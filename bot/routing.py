"""To whom an inbound text belongs: a staff member's answer to a page, an offer's code, or a child's conversation.

May not decide what it means. The two services are looked up apart and never joined (G13): a number that both know goes to
the one that spoke with it last.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import answering, beginning, noticing, pages, returning, waking
from flows import going_on, sessions
from flows.listening import Context
from flows.model import Level, Service
from storage import (
    alerts,
    apart,
    cases,
    contacts,
    conversations,
    joining,
    methods,
    offers,
    people,
    reentry,
    visits,
    waits,
)
from storage.codes import Holder
from storage.keys import SealBroken

if TYPE_CHECKING:
    from datetime import datetime

    from bot.channels.base import Inbound
    from bot.runner import House
    from flows.model import Conversation
    from storage.contacts import Contact
    from storage.conversations import Spoken
    from storage.database import Transaction
    from storage.offers import Offer
    from storage.people import Person

_TELEPHONES: Final = frozenset({"sms", "whatsapp"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """Whose text it is. `by_code`: it was the one-time code of an offer."""

    contact: Contact
    conversation: Conversation
    by_code: bool = False


def whose(tx: Transaction, house: House, inbound: Inbound) -> Arrived:
    """The contact and conversation of a child's text, begun if this is the first."""
    offered = _by_code(tx, house, inbound)
    if offered is not None:
        return offered
    known = contacts.known_anywhere(tx, inbound.channel, inbound.address)
    spoken = [(talk, one) for one in known for talk in conversations.spoken(tx, one.id)]
    while spoken:
        last, contact = _last(tx, house, spoken, inbound.at)
        try:
            return _followed(tx, house, Arrived(contact, conversations.of(tx, contact.id, last.id)), inbound)
        except SealBroken:
            # What no key opens keeps no child from being heard: in another chat of the number, else in a new one.
            waking.unreadable(tx, house, last.id, inbound.at)
            spoken = [one for one in spoken if one[0].id != last.id]
    for contact in known:
        with contextlib.suppress(SealBroken):
            joined = _by_join(tx, house, contact, inbound)
            if joined is not None:
                return joined
    contact = contacts.find(tx, Service.TEXT_SAFE, inbound.channel, inbound.address, inbound.at)
    before = contact.id
    if not contacts.opens(tx, contact.id):
        contact = contacts.anew(tx, contact, inbound.channel, inbound.address, inbound.at)
    with contextlib.suppress(SealBroken):
        latest = conversations.latest(tx, contact.id)
        if latest is not None:
            # Another text of theirs began it while this one waited for the lock.
            return Arrived(contact, latest)
    by_bot = house.settings.offers_text_safe(inbound.channel)
    alone = None if by_bot else {going_on.PERSON_ONLY: "yes"}
    conversation = beginning.begin(
        tx, house, contact, "text_safe", inbound.channel, inbound.at, how="inbound", facts=alone
    )
    if before != contact.id:
        waits.follow(tx, conversation.id, before)
    return Arrived(contact, conversation)


def _last(tx: Transaction, house: House, spoken: list[tuple[Spoken, Contact]], at: datetime) -> tuple[Spoken, Contact]:
    """The chat that was last spoken in, not the one begun last: two children may share a telephone. What we offer in the middle
    of a talk takes no answer away from it: into the new chat leads its code, or any text once the talk is over.
    """
    several = spoken if len(spoken) > 1 else []
    talks = [one for one in several if _goes_on(tx, house, one[0], at)]
    return max(talks or spoken, key=lambda one: one[0][:2])


def _goes_on(tx: Transaction, house: House, talk: Spoken, at: datetime) -> bool:
    """Whether a child is being talked with, or is heard of by people who have not decided yet."""
    if talk.heard_at is None:
        return False
    ends = frozenset[str]().union(*map(going_on.ends, house.shelf.source.flows.values()))
    over = talk.state in ends or sessions.silent(talk.heard_at, at, house.shelf.limits)
    return talk.holder is Holder.PERSON or not over or bool(alerts.open_of(tx, talk.id))


def _by_code(tx: Transaction, house: House, inbound: Inbound) -> Arrived | None:
    """A one-time code leads to its chat, from whatever telephone it comes. Where no key opens that chat it leads nowhere and
    is not used up: it is worth as much the day the key is found.
    """
    if inbound.text is None or inbound.guessing:
        return None
    digits, text, led = returning.figures(inbound.text), inbound.text, list[Arrived | None]()
    if reentry.looks_like_code(digits):
        why = apart.tried(tx, lambda: led.append(_by_reentry(tx, house, inbound, digits)))
    elif offers.looks_like_code(text):
        why = apart.tried(tx, lambda: led.append(_by_offer(tx, house, inbound, text)))
    else:
        return None
    if why is not None and not isinstance(why, SealBroken):
        raise why
    return None if why is not None else led[0]


def _by_offer(tx: Transaction, house: House, inbound: Inbound, code: str) -> Arrived | None:
    offer = offers.redeem(tx, code, inbound.at)
    if offer is None or offer.conversation is None:
        return None
    offered = conversations.load(tx, offer.conversation)
    contact = contacts.find(tx, Service.RETURN_INTERVIEW, inbound.channel, inbound.address, inbound.at)
    if contact.id == offer.contact:
        return Arrived(contact, offered, by_code=True)
    # Another telephone than the one that was texted: a chat of its own about the same case, so that nobody's words are
    # answered on somebody else's phone.
    begun = beginning.begin(
        tx,
        house,
        contact,
        offered.flow,
        inbound.channel,
        inbound.at,
        how="code",
        locale=offered.locale,
        path=offered.path,
        facts=_known_here(tx, offer, offered, inbound),
        case=offer.case,
    )
    return Arrived(contact, begun, by_code=True)


def _known_here(tx: Transaction, offer: Offer, offered: Conversation, inbound: Inbound) -> dict[str, str | int]:
    """What is known of the child on a telephone or page that was not texted. Of another number nobody has said whose it is."""
    known = {name: value for name, value in offered.facts.items() if name != "number_confirmed"}
    if inbound.channel not in _TELEPHONES:
        return known
    texted = contacts.known(tx, Service.RETURN_INTERVIEW, offer.channel, inbound.address)
    return (
        dict(offered.facts) if texted is not None and texted.id == offer.contact else known | {"number_confirmed": "no"}
    )


def _by_join(tx: Transaction, house: House, contact: Contact, inbound: Inbound) -> Arrived | None:
    """A telephone that was joined to a child's other one, and has no chat yet: a chat of its own, so that nobody's words are
    answered on somebody else's phone. It is about the telephone's own case, which is looked at with the kept one: when the two
    are split again it stays with the child who wrote it.
    """
    others = [one for one in joining.contacts_of(tx, contact.id) if one != contact.id]
    spoken = [found for one in others if (found := conversations.last_spoken(tx, one)) is not None]
    about = max(spoken, key=lambda one: one[0], default=None)
    case = conversations.case_of(tx, about[1].id) if about is not None else None
    if about is None or case is None:
        return None
    own = cases.of_contact(tx, contact.id)
    if own is not None and cases.root(tx, own) == cases.root(tx, case):
        case = own
    talk = about[1]
    facts = {name: value for name, value in talk.facts.items() if name not in ("number_confirmed", "code")}
    begun = beginning.begin(
        tx,
        house,
        contact,
        talk.flow,
        inbound.channel,
        inbound.at,
        how="joined",
        locale=talk.locale,
        path=talk.path,
        facts=facts,
        case=case,
    )
    return Arrived(contact, begun)


def _by_reentry(tx: Transaction, house: House, inbound: Inbound, digits: str) -> Arrived | None:
    """The code from the page leads to the conversation it was given for; who reads this telephone is asked first."""
    moved = returning.moved(tx, digits, inbound.channel, inbound.address, inbound.at)
    if moved is None:
        return None
    contact, conversation = moved
    return Arrived(contact, _as_new_session(house, conversation, inbound), by_code=True)


def _followed(tx: Transaction, house: House, arrived: Arrived, inbound: Inbound) -> Arrived:
    """A child who came back elsewhere and now writes from here again is answered here; nothing is shown there any more."""
    if arrived.conversation.channel == inbound.channel:
        return arrived
    visits.end_of(tx, arrived.conversation.id)
    here = replace(arrived.conversation, channel=inbound.channel)
    return replace(arrived, conversation=_as_new_session(house, here, inbound))


def _as_new_session(house: House, conversation: Conversation, inbound: Inbound) -> Conversation:
    """On another screen the first thing is always who reads it, however short the way was (decisions 1)."""
    silence = timedelta(minutes=house.shelf.limits["session_minutes"] + 1)
    return replace(conversation, last_inbound_at=inbound.at - silence)


# --- staff telephones -------------------------------------------------------------------------------------------------


def staff_answers(tx: Transaction, house: House, inbound: Inbound) -> bool:
    """A text from a staff number is an answer to a page, never a child's; whether it was one."""
    person = staff_of(tx, inbound)
    if person is None:
        return False
    text = inbound.text or ""
    if inbound.channel == "telegram":
        _on_telegram(tx, house, person, inbound)
        return True
    if text and _is_worrying(house, text):
        # A number is a claim, not proof: a child may hold this telephone, or it may be the worker who needs help.
        return False
    if not answering.by_code(tx, house, person, text, inbound.at):
        noticing.notice(tx, house, person.name, pages.STOPPED if inbound.opt_out else pages.NO_ANSWER, inbound.at)
    return True


def _on_telegram(tx: Transaction, house: House, person: Person, inbound: Inbound) -> None:
    """A chat that somebody linked with a code of ours is theirs: nothing in it is a child's, and nothing is listened to."""
    if inbound.pressed is not None:
        answering.by_button(tx, house, person, inbound.pressed, inbound.text or "", inbound.at)
    elif not answering.by_code(tx, house, person, inbound.text or "", inbound.at):
        noticing.notice(tx, house, person.name, pages.NOT_A_CHAT, inbound.at, by=inbound.channel)


def staff_of(tx: Transaction, inbound: Inbound) -> Person | None:
    """Whose telephone of the staff this is. A number that nobody has proved may through a slip be a child's: from there
    only a code counts, and where a child is known to be only one that fits.
    """
    if inbound.channel == "telegram":
        # Whoever linked their own chat by a code is never a child there; a chat that nobody proved is.
        return people.by_chat(tx, inbound.address)
    person = people.by_phone(tx, inbound.address) if inbound.channel == "sms" else None
    if person is None or methods.is_verified_phone(tx, person.id, inbound.address):
        return person
    text = inbound.text or ""
    if text and answering.fits(tx, person, text):
        return person
    a_child = contacts.known_anywhere(tx, inbound.channel, inbound.address)
    return person if answering.looks_like_code(text) and not a_child else None


def _is_worrying(house: House, text: str) -> bool:
    heard = house.listen(text, Context())
    return any(hit.level >= Level.L2 for hit in heard.hits)
