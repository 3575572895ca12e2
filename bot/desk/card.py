"""The card of an L4: what to say to 999, what this channel can tell, who else knows, what to do and what never to do.

And breaking the glass: an address is shown to whoever asked, with a reason, for half an hour; below L4 only when a second
person agreed, who is told; always looked at by another person afterwards.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import alarms, attached
from bot.clicks import NotPossible
from bot.desk import alert as page
from bot.desk import cases as its
from bot.desk import pressing
from bot.desk.asking import Go, NotThere, Page
from bot.desk.routes import DUTY, MANAGERS, Route
from bot.desk.said import UNREADABLE
from flows import standing
from flows.escalation import DECIDED
from flows.model import Level
from storage import alerts, board, contacts, conversations, messages, people, reveals, verdicts
from storage.codes import Direction

if TYPE_CHECKING:
    from datetime import datetime

    from bot.desk.asking import Answer, Ask
    from flows.model import Alert, Conversation
    from storage.database import Transaction
    from storage.verdicts import Verdict

# What a channel knows of where a child is, in the words of whoever has to say it on the telephone.
CHANNELS: Final = {
    "sms": ("We have a mobile number. We do not know where it is. Police can ask the network.", True),
    "whatsapp": ("We have a mobile number. We do not know where it is. Police can ask the network.", True),
    "telegram": (
        "We have the number of a Telegram account, no telephone number, no name. Police can ask Telegram.",
        True,
    ),
    "web": ("We have no number, no name and no place: only what the child wrote.", False),
}
NO_ADDRESS: Final = CHANNELS["web"]
# For so long after a decision whoever is rung may ask for the number still.
RUNG_FOR: Final = timedelta(hours=4)
_NOTHING: Final = "no_further_action"
DO: Final = (
    "Ring 999 first; then children's services (by night the emergency duty team).",
    "Keep one person with the child in the chat. Short, kind, honest sentences.",
    "Say that somebody is coming, and what will happen, if the child may read it safely.",
    "Write down whom you spoke to and their reference, here.",
)
NEVER: Final = (
    "Do not ask who, what, where, when or why. What the child says unasked is written down as it is.",
    "Do not promise to keep it secret.",
    "Do not tell family, friends or anybody who rings.",
    "Do not ring the child's number: it may be in another hand.",
    "Do not take “I am safe” as proof.",
)


def show(tx: Transaction, ask: Ask) -> Answer:
    """The card of an alert."""
    alert = page.find(tx, ask)
    talk = conversations.peek(tx, alert.conversation)
    broken = reveals.shown(tx, alert.id, ask.who.id, ask.at)
    channel, can = CHANNELS.get(talk.channel, NO_ADDRESS)
    values: dict[str, Any] = {
        "alert": alert,
        "talk": talk,
        "channel": channel,
        "can": can,
        "case": its.of_chat(tx, talk.id),
        "opened": page.is_open(tx, ask, alert),
        "place": _place(talk) if page.is_open(tx, ask, alert) else None,
        "has_place": _place(talk) is not None,
        "lost_place": _place(talk) is None and _has_sent_place(tx, talk),
        "reached": page.reached(tx, alert),
        "history": page.history(tx, alert),
        "do": DO,
        "never": NEVER,
        "rang": pressing.RANG,
        "broken": broken,
        "address": contacts.addresses(tx, broken.contact) if broken is not None else (),
        "reveals": [_line(tx, one) for one in reveals.of(tx, alert.id)],
        "at_once": _level(alert, ask.at) >= Level.L4,
    }
    seen = [("card", alert.id), *([("address", broken.id)] if broken is not None else [])]
    title = f"{alert.level.name} card {alert.case_name}"
    return Page("card.html", title, values, seen=tuple(seen), opened=page.proof(ask, alert))


def _place(talk: Conversation) -> str | None:
    """Where the child says they are: their words, not a known place (A7)."""
    said = talk.answers.get("d_where")
    return said.said if said is not None and said.value is not None else None


def _has_sent_place(tx: Transaction, talk: Conversation) -> bool:
    """Whether the child, unasked, sent a place on the map, which was not kept then: they may believe that we know it."""
    came = (one.text for one in messages.of(tx, talk.id) if one.direction is Direction.IN)
    return any(attached.kind(text) == attached.PLACE for text in came)


def _line(tx: Transaction, one: reveals.Reveal) -> dict[str, Any]:
    def name(staff: str | None) -> str:
        return people.load(tx, staff).name if staff is not None else ""

    whose = conversations.contact_of(tx, one.conversation)
    return {
        "id": one.id,
        "alert": one.alert,
        "case": "erased" if whose.erased else whose.reference,
        "level": one.level,
        "because": one.because or ("" if whose.erased else UNREADABLE),
        "asked_by": name(one.asked_by),
        "asked_at": one.asked_at,
        "agreed_by": name(one.agreed_by),
        "shown_until": one.shown_until,
        "reviewed_by": name(one.reviewed_by),
        "in_order": one.in_order,
    }


def reveal(tx: Transaction, ask: Ask) -> Answer:
    """Break the glass, or ask to."""
    alert = page.find(tx, ask)
    talk = conversations.load(tx, alert.conversation)
    if not CHANNELS.get(talk.channel, NO_ADDRESS)[1]:
        raise NotPossible("there is nothing to show: this channel has no address")
    because = pressing.reason(ask, "because")
    contact = conversations.contact_of(tx, talk.id).id
    made = reveals.ask(tx, contact, alert.id, _level(alert, ask.at), because, ask.who.id, ask.at)
    if made.shown_until is None:
        alarms.tell_managers(tx, ask.house, alert, "number_asked", ask.who.name, ask.at)
    return Go(f"/alerts/{alert.id}/card", "asked" if made.shown_until is None else "shown")


def _level(alert: Alert, at: datetime) -> Level:
    """An L4 is an emergency that breaks glass by one press until a manager decided that nothing is done, or for some hours after
    it was decided otherwise: 999 is rung then, and asks for the number. What was lowered is none.
    """
    decided = alert.decided_at is not None and at - alert.decided_at < RUNG_FOR and alert.decision != _NOTHING
    after = alert.state == DECIDED and (alert.for_manager or decided)
    return alert.level if after or standing.is_undecided(alert) else min(alert.level, Level.L3)


# --- afterwards -------------------------------------------------------------------------------------------------------


def reviews(tx: Transaction, ask: Ask) -> Answer:
    """What waits for a second pair of eyes: glass that was or is to be broken, verdicts on the machine."""
    hidden = board.barred(tx, ask.who.id)
    held = [(one, _line(tx, one)) for one in reveals.history(tx) if one.conversation not in hidden]
    mine = ask.who.id
    values = {
        "here": "/reviews",
        "agree": [
            line
            for one, line in held
            if one.shown_until is None and one.asked_by != mine and ask.at - one.asked_at <= reveals.WAITS
        ],
        "review": [line for one, line in held if one.shown_until and one.reviewed_at is None and one.asked_by != mine],
        "history": [line for _, line in held],
        "verdicts": [_judged(tx, one) for one in verdicts.queue(tx) if one.conversation not in hidden],
    }
    return Page("reviews.html", "Reviews", values)


def _judged(tx: Transaction, one: Verdict) -> dict[str, Any]:
    """A line of the queue. Opens no key: one child whom none opens keeps nobody from agreeing to another's number."""
    return {
        "id": one.id,
        "at": one.at,
        "words": page.VERDICTS[one.verdict],
        "alert": one.alert,
        "level": Level(alerts.stands(tx, one.alert)[1]),
        "case": conversations.contact_of(tx, one.conversation).reference,
    }


def agree(tx: Transaction, ask: Ask) -> Answer:
    """A second person agrees."""
    return _on(tx, ask, lambda one: reveals.agree(tx, one.id, ask.who.id, ask.at), "agreed")


def review(tx: Transaction, ask: Ask) -> Answer:
    """Was it in order?"""
    given = ask.form.get("in_order")
    if given not in ("yes", "no"):
        raise NotPossible("say whether it was in order")
    return _on(tx, ask, lambda one: reveals.review(tx, one.id, ask.who.id, ask.at, in_order=given == "yes"), "reviewed")


def _on(tx: Transaction, ask: Ask, act: Any, done: str) -> Go:  # noqa: ANN401 - a function of a reveal
    found = reveals.find(tx, ask.path["reveal"])
    if found is None or found.conversation in board.barred(tx, ask.who.id):
        raise NotThere(NotThere.__doc__)
    try:
        act(found)
    except reveals.NotAllowed as why:
        raise NotPossible(str(why)) from None
    return Go("/reviews", done)


def read_verdict(tx: Transaction, ask: Ask) -> Answer:
    """Whoever tends the phrases has read a verdict."""
    hidden = board.barred(tx, ask.who.id)
    theirs = {one.id for one in verdicts.queue(tx) if one.conversation not in hidden}
    if ask.path["verdict"] not in theirs or not verdicts.review(tx, ask.path["verdict"], ask.who.id, ask.at):
        raise NotThere(NotThere.__doc__)
    return Go("/reviews", "reviewed")


ROUTES: Final = (
    Route("GET", "/alerts/{alert}/card", DUTY, show),
    Route("POST", "/alerts/{alert}/reveal", DUTY, reveal),
    Route("GET", "/reviews", MANAGERS, reviews),
    Route("POST", "/reveals/{reveal}/agree", MANAGERS, agree),
    Route("POST", "/reveals/{reveal}/review", MANAGERS, review),
    Route("POST", "/verdicts/{verdict}/read", MANAGERS, read_verdict),
)
