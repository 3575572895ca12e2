"""How a conversation begins: somebody texts, an interview is offered, an official asks for a check-in. May not send."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot import carrying, earlier, giving, learnt, noticing, pages
from bot.channels.base import NO_CHAT
from flows import deadline_windows, events, inviting, quiet_hours
from flows.facts import EASY_WORDS, learning_disability
from flows.model import MANAGERS, Conversation, Service, Task
from storage import audit, cases, contacts, conversations, joining, messages, offers, people, tasks, timers, waits
from storage.codes import Subject

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.runner import House, Runner
    from storage.contacts import Contact
    from storage.database import Transaction
    from storage.people import Person
    from storage.tasks import Given

OFFER_VALID = timedelta(days=14)
INVITES_COUNT = timedelta(days=7)
# A check-in of a child who may be trafficked, or whose telephone others may read.
MAY_TEXT = Task("approve_check_in", "manager", "4h")
# What an offer lacks (`inviting.needs`), and what to do about it.
_LACKS = {
    inviting.COMPANY: "this child is known to be under 10 or to have a learning disability and is not left alone with the bot: "
    "meet or call them (waymark case tried), or name with --by who made sure that the number is theirs and will be there",
    inviting.NUMBER: "this child is known to be under 13, or this number not to be their own: "
    "name with --by who of the staff has made sure whose number it is",
}
_ANOTHERS = (
    "this number is that of another child ({}): whose words came from it could not be told, so nobody else is interviewed there. "
    "Use another number, or meet or call this child (waymark case tried); if both are one child, join the cases first"
)


class Refused(ValueError):
    """It may not begin; the message says why and what to do. Nothing was stored."""


def begin(  # noqa: PLR0913 - what a conversation is made of
    tx: Transaction,
    house: House,
    contact: Contact,
    flow: str,
    channel: str,
    at: datetime,
    *,
    how: str,
    locale: str | None = None,
    path: str | None = None,
    facts: Mapping[str, str | int] | None = None,
    case: str | None = None,
) -> Conversation:
    """Keep a new conversation in its first state, on the newest revision of its flow. Nothing is said yet."""
    newest, known = house.shelf.newest(flow, locale or house.shelf.default_locale), dict(facts or {})
    conversation = Conversation(
        id=conversations.new_id(),
        flow=newest.key,
        revision=newest.revision,
        locale=newest.locale,
        channel=channel,
        path=path or (EASY_WORDS if learning_disability(known) else newest.path),
        state=newest.initial,
        started_at=at,
        opted_out=contact.opted_out,
        stopped_at=at if contact.opted_out else None,  # said before this chat: nothing in it is from before the STOP
        code_word=contact.has_code_word,
        facts=known,
    )
    carrying.keep_revision(tx, house, conversation, at)
    conversations.start(tx, contact.id, conversation, case)
    waits.follow(tx, conversation.id, contact.id)
    audit.record(tx, at, "bot", "conversation.begun", conversation.id, flow, how)
    return conversation


def offer(  # noqa: PLR0913 - what an offer is made of
    tx: Transaction,
    runner: Runner,
    named: str,
    channel: str,
    address: str,
    at: datetime,
    *,
    locale: str | None = None,
    how: str = "offer",
    path: str | None = None,
    facts: Mapping[str, str | int] | None = None,
    confirmed_by: Person | None = None,
) -> tuple[Conversation, str]:
    """Offer a return interview about a case: the text with its one-time code, or (`chat`) the child is here already.

    `confirmed_by`: who made sure that the number is the child's own, and is there for a child who must not be alone with the bot.
    """
    case = cases.find(tx, named)
    if case is None:
        raise Refused(f"case '{named}': not known; import its episode first, or give the reference that the desk shows")
    first = learnt.first(cases.known(tx, case), runner.house.shelf.calendar.day(at))
    known = {**earlier.of(tx, runner.house, case, at), **first, **(facts or {})}
    if confirmed_by is not None:
        known["number_confirmed"] = "yes"
        if inviting.needs(known) == inviting.COMPANY:
            known[inviting.ATTENDED] = "yes"
    contact = contacts.find(tx, Service.RETURN_INTERVIEW, channel, address, at)
    before = conversations.latest(tx, contact.id)
    if confirmed_by is None and before is not None and before.facts.get("number_confirmed") == "no":
        known["number_confirmed"] = "no"  # whoever has it has said so, or wrote by the code of another's
    if how == "offer" and (lacks := inviting.needs(known)) is not None:
        raise Refused(_LACKS[lacks])
    if how == "offer" and contacts.is_stopped(tx, channel, address):
        raise Refused("this number cannot be texted")
    if how == "offer" and (others := _whose_else(tx, contact, case.id)) is not None:
        raise Refused(_ANOTHERS.format(others))
    cases.link(tx, case.id, contact.id)
    made, code = offers.offer(tx, case.id, contact, channel, at, at + OFFER_VALID)
    # The code stands in the sealed value of the conversation: an offer that waits for the morning still needs it.
    known["code"] = code
    conversation = begin(
        tx,
        runner.house,
        contact,
        "return_interview",
        channel,
        at,
        how=how,
        locale=locale,
        path=path,
        facts=known,
        case=case.id,
    )
    offers.attach(tx, made.id, conversation.id)
    if confirmed_by is not None:
        audit.record(tx, at, confirmed_by.id, "number.confirmed", conversation.id)
    runner.handle(tx, conversation, events.Started(at, how), contact)
    return conversation, code


def _whose_else(tx: Transaction, contact: Contact, case: str) -> str | None:
    """The case that a telephone stands for already, where that is another child's: a bare text says not which of two wrote it."""
    held = joining.child(tx, contact=contact.id)[1]
    return None if not held or case in held else cases.kept(tx, held[0]).reference


def without_chat(tx: Transaction, house: House, case: str, by: str, at: datetime) -> Conversation:
    """A record of an interview that nobody has by text: the child is met, or nobody reaches them and only a parent or carer is
    asked. Nothing is said to the child, no offer is counted and no clock stops by it. Raises Refused where a chat about the last
    time missing has the record already.
    """
    known = cases.kept(tx, case)
    tx.lock_name(f"record {known.id}")  # two who begin it at once write in one
    episodes = cases.episodes(tx, known.id)
    since = episodes[-1].missing_at if episodes else None
    for member in cases.members(tx, known.id):
        for one in conversations.of_case(tx, member):
            if since is None or conversations.peek(tx, one).started_at >= since:
                raise Refused(
                    "there is an interview about this already: write in its record, or ask a manager to give it to you"
                )
    contact = contacts.unreached(tx, Service.RETURN_INTERVIEW, at)
    made = begin(
        tx, house, contact, "return_interview", NO_CHAT, at,
        how="record", facts=learnt.first(known.details, house.shelf.calendar.day(at)), case=known.id,
    )  # fmt: skip
    audit.record(tx, at, by, "record.begun", made.id, known.id)
    return made


def request(  # noqa: PLR0913, PLR0917 - what a request is made of
    tx: Transaction,
    runner: Runner,
    requester: str,
    reference: str,
    channel: str,
    address: str,
    at: datetime,
    *,
    language: str | None = None,
    age_band: str | None = None,
    safe_to_text: bool = True,
    manager_first: bool = False,
    facts: Mapping[str, str | int] | None = None,
) -> bool:
    """Ask for a text-safe check-in: accepted or not, in the same words for any number (decisions 10).

    Not accepted: an open request, a STOP, a child known under 10, or a phone that may not be texted. `manager_first`: no text
    leaves before a manager says so (003:482).
    """
    contact = contacts.find(tx, Service.TEXT_SAFE, channel, address, at)
    first = _first_invite(tx, runner.house, contact, at)
    accepted = (
        not contacts.is_stopped(tx, channel, address)
        and first is not None
        and runner.house.settings.offers_text_safe(channel)
        and not offers.has_open_request(tx, contact.id)
        and safe_to_text
        and age_band not in ("under_10", "under_13")
    )
    offers.request(tx, contact, requester, reference, at, accepted=accepted, language=language, age_band=age_band)
    audit.record(tx, at, requester, "request.made", contact.id)
    if accepted:
        known = {**(facts or {}), **({"age_band": age_band} if age_band else {})}
        made = begin(tx, runner.house, contact, "text_safe", channel, at, how="invite", locale=language, facts=known)
        if manager_first:
            _ask_manager(tx, runner.house, made, contact, at)
        elif first is not None and first > at:
            # It is night, or another request's invite left within the day: this one waits for its turn.
            timers.add(tx, Subject.CONVERSATION, made.id, "invite", first, made.turn)
        else:
            runner.handle(tx, made, events.Started(at, "invite"), contact)
    return accepted


def _ask_manager(tx: Transaction, house: House, made: Conversation, contact: Contact, at: datetime) -> None:
    """Work for a manager, who hears of it by day: no text of ours leaves by night anyway."""
    giving.work(tx, house, MAY_TEXT, at, conversation=made.id)
    by_day = quiet_hours.next_day(at, house.settings.timezone)
    kept_from = waits.barred(tx, made.id)
    for one in people.everyone(tx):
        if one.active and one.role.value in MANAGERS and one.id not in kept_from:
            noticing.notice(tx, house, one.name, pages.about(MAY_TEXT.what, contact.reference), by_day)


def may_be_texted(tx: Transaction, house: House, given: Given, by: Person, at: datetime, *, yes: bool) -> None:
    """What a manager says of a check-in that waits for them: the first text, by day, or none and the request is over. A child who
    has written to us since is texted nothing.
    """
    talk = conversations.load(tx, given.conversation or "")
    contact = conversations.contact_of(tx, talk.id)
    first = _first_invite(tx, house, contact, at)
    tasks.done(tx, given.id, by.id, at)
    audit.record(tx, at, by.id, "request.approved" if yes else "request.not_approved", contact.id)
    if not yes:
        offers.close_requests(tx, contact.id, at)
    elif first is not None and offers.has_open_request(tx, contact.id):
        timers.add(tx, Subject.CONVERSATION, talk.id, inviting.TIMER, first, talk.turn)


def _first_invite(tx: Transaction, house: House, contact: Contact, at: datetime) -> datetime | None:
    """When the first invite of a new request may leave, whatever earlier requests sent in the last week; None when these were
    as many as one child is sent (R34).
    """
    limits = house.shelf.limits
    keys = {
        step.key for flow in house.shelf.source.flows.values() for step in flow.steps.values() if "invite" in step.tags
    }
    sent = [
        one.at
        for talk in conversations.of_contact(tx, contact.id)
        for one in messages.of(tx, talk.id)
        if one.key in keys and one.at > at - INVITES_COUNT
    ]
    return deadline_windows.next_invite(
        sent, at, house.shelf.calendar, gap_hours=limits["invite_gap_hours"], most=limits["invite_max"]
    )
