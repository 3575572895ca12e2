"""One alert: what was heard and why, how sure the machine is, who was reached, what was done. The words of an L3 or L4 are
folded until somebody opens them, and that is written down.

May not change anything: what is pressed here is `pressing`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from bot import attached, called, clicks, holding, i18n, records
from bot.clicks import DECISIONS
from bot.desk import board, cases
from bot.desk.asking import Live, NotThere, Page
from bot.desk.routes import DUTY, MANAGERS, Route
from bot.desk.said import UNSENT
from flows import facts, standing
from flows.escalation import DECIDED
from flows.listening import Context, Telling
from flows.model import WEIGHED, Guard, Level
from flows.script import Service
from storage import access, alerts, answers, conversations, messages, notes, outbox, people, shares, verdicts
from storage import board as asked
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.desk.asking import Answer, Ask
    from flows.listening.examples import Example
    from flows.model import Alert, Conversation, Hit
    from storage.answers import Heeded
    from storage.database import Transaction
    from storage.messages import Message

# For so long the words stay open to whoever opened them.
OPEN_FOR: Final = timedelta(minutes=15)
WORDS: Final = "words"
LAST_LINES: Final = 40
MOST_MARKED: Final = 5
DECIDING: Final = {
    "refer": "Refer to children's social care",
    "police": "Police",
    "nrm": "Ask a first responder about the NRM",
    "other": "Something else",
    "no_further_action": "No further action",
}
assert tuple(DECIDING) == DECISIONS
SHARED_WITH: Final = ("childrens_services", "police", "health", "school", "other")
VERDICTS: Final = {
    "right": "Right",
    "false_alarm": "False alarm",
    "should_be_higher": "Should have been higher",
    "missed_earlier": "Missed earlier",
}
_DOUBTS: Final = {
    "negated": "it is denied in the text",
    "asked": "it is asked, not told",
    "hypothetical": "it may only be supposed",
    "third_person": "it may be about somebody else",
    "past": "it may be long past",
    "hearsay": "it is told of somebody the child may not know",
    "quoted": "it may be quoted",
    "idiom": "it may be a way of speaking",
    WEIGHED: "no phrase fits; a text worded like this often means it",
}
# What a concern without a text of the child came from, by whether it is what an answer means.
NO_WORDS: Final = {True: "an answer that a worker wrote down", False: "no text of the child"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a child's text. `why`: what was heard in it, or empty."""

    words: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A concern as it is shown. `parts` None: folded."""

    at: Any
    level: Level
    categories: str
    reason: str
    parts: tuple[Part, ...] | None
    direction: str
    unsure: tuple[str, ...]
    alike: tuple[Example, ...]
    suppressed: tuple[str, ...]
    asked: str


def find(tx: Transaction, ask: Ask) -> Alert:
    """The alert a path names. Raises NotThere, for whoever the child speaks of or does not want as well."""
    named = ask.path["alert"]
    if not asked.is_alert(tx, named):
        raise NotThere(NotThere.__doc__)
    found = alerts.peek(tx, named)
    if found.conversation in asked.barred(tx, ask.who.id):
        raise NotThere(NotThere.__doc__)
    return found


def is_open(tx: Transaction, ask: Ask, alert: Alert) -> bool:
    """Whether the words are shown to whoever asks: below L3 always, else for a while after they opened them. The page shows the
    whole chat, an earlier L4 too.
    """
    return not _is_grave(tx, alert) or access.has_seen(tx, ask.who.id, WORDS, alert.id, ask.at - OPEN_FOR)


def _is_grave(tx: Transaction, alert: Alert) -> bool:
    return (
        max(alert.level, *(one.concern.level for one in answers.concerns(tx, alert.conversation)), Level.L0) >= Level.L3
    )


def is_for(ask: Ask, alert: Alert) -> bool:
    """Whether an alert that somebody has decided waits for whoever asks, because they are a manager."""
    return alert.for_manager and ask.may(MANAGERS)


def manager_first(tx: Transaction, ask: Ask, alert: Alert) -> bool:
    """Whether a manager must decide what is shared, and whoever asks is none: of a text-safe L3 or L4 nothing goes without the
    child's yes but by one (domain 3.3), who has decided it, or at L4 is told and looks after.
    """
    if alert.level < Level.L3 or ask.may(MANAGERS):
        return False
    agreed = alert.state == DECIDED and not alert.for_manager and alert.decision != "no_further_action"
    return not agreed and conversations.contact_of(tx, alert.conversation).store is Service.TEXT_SAFE


def read(tx: Transaction, alert: Alert) -> str:
    """What a page shows of an alert, as its forms carry it: the level, and how much of an L2 or worse was heard in the chat."""
    grave = sum(one.concern.level >= Level.L2 for one in answers.concerns(tx, alert.conversation))
    return f"{alert.level.name} {grave}"


def show(tx: Transaction, ask: Ask) -> Answer:
    """The page of an alert."""
    alert = find(tx, ask)
    talk = conversations.peek(tx, alert.conversation)
    opened = is_open(tx, ask, alert)
    thread = messages.of(tx, talk.id) if opened else ()
    values: dict[str, Any] = {
        "alert": alert,
        "case": cases.of_chat(tx, talk.id),
        "row": board.row(tx, alert, ask.at),
        "talk": talk,
        "in_drafts": ask.house.shelf.is_draft(talk.locale),
        "live": standing.is_undecided(alert),
        "for_me": is_for(ask, alert),
        "mine": alert.taken_by == ask.who.name,
        "takeable": standing.climbs(alert) or (alert.taken_by == ask.who.name and not alert.confirmed),
        "written": holding.has_written(tx, talk.id, alert.opened_at),
        "opened": opened,
        "read": read(tx, alert),
        "heard": _listed(tx, ask, talk, opened=opened),
        "thread": [_line(one) for one in thread[-LAST_LINES:]],
        "earlier": max(0, len(thread) - LAST_LINES),
        "held": _held(talk),
        "reached": reached(tx, alert),
        "done_so_far": history(tx, alert),
        "shared": shares.of(tx, talk.id),
        "looks": [(people.load(tx, one.staff).name, one.what, one.at) for one in access.of(tx, alert.id)],
        "verdicts": [(VERDICTS[one.verdict], people.load(tx, one.by).name) for one in verdicts.of(tx, alert.id)],
        "deciding": DECIDING,
        "sharing": SHARED_WITH,
        "manager_first": manager_first(tx, ask, alert),
        "judging": VERDICTS,
        "lowering": _lower_to(ask, alert),
    }
    seen = [("alert", alert.id), *([(WORDS, alert.id)] if opened and not _is_grave(tx, alert) else [])]
    title = f"{alert.level.name} {alert.case_name}"
    return Page("alert.html", title, values, seen=tuple(seen), opened=proof(ask, alert))


def proof(ask: Ask, alert: Alert) -> Callable[[Transaction], None] | None:
    """Whoever took an L4 by a claim and opens it here, signed in, has proved it: nobody else is called (decisions 7)."""

    def claimed(of: Alert) -> bool:
        return of.taken_by == ask.who.name and standing.climbs(of)

    def opened(tx: Transaction) -> None:
        if claimed(alerts.load(tx, alert.id)):
            clicks.acknowledge(tx, ask.runner, ask.who, alert.id, ask.at)

    return opened if claimed(alert) else None


def _listed(tx: Transaction, ask: Ask, talk: Conversation, *, opened: bool) -> list[Heard]:
    """Every concern of the chat. Where no phrase fits the last few are marked word by word, which takes a moment each."""
    every = answers.concerns(tx, talk.id)
    marked = [one for one in every if any(hit.doubt == WEIGHED for hit in one.concern.evidence)][-MOST_MARKED:]
    return [_heard(tx, ask, talk, one, opened=opened, marked=one in marked) for one in every]


def _heard(tx: Transaction, ask: Ask, talk: Conversation, one: Heeded, *, opened: bool, marked: bool) -> Heard:
    concern = one.concern
    text = messages.load(tx, one.message, talk.id).text if one.message is not None and opened else ""
    weighed = next((hit for hit in concern.evidence if hit.doubt == WEIGHED), None) if marked and text else None
    told = _told(ask, talk, text, weighed) if weighed else Telling()
    evidence = _marked(concern.evidence, weighed, told.spans) if weighed else concern.evidence
    return Heard(
        at=one.at,
        level=concern.level,
        categories=", ".join(called.words(code) for code in concern.categories),
        reason=records.why(tx, ask.house, talk, concern.reason),
        parts=parts(text, evidence) if opened else None,
        direction=i18n.direction(talk.locale),
        unsure=_unsure(one),
        alike=told.examples,
        suppressed=_suppressed(ask, talk, text) if text else (),
        asked="" if one.message is not None else NO_WORDS[concern.reason.startswith(records.ANSWER)],
    )


def _told(ask: Ask, talk: Conversation, text: str, weighed: Hit) -> Telling:
    return ask.house.tell(text, weighed.category, Context(locale=talk.locale, age=facts.age(talk)))


def _marked(evidence: tuple[Hit, ...], weighed: Hit, spans: tuple[tuple[int, int], ...]) -> tuple[Hit, ...]:
    """What no phrase found was found in the whole text: of it only the words that tell most are marked, if they are known."""
    if not spans:
        return evidence
    found = tuple(replace(weighed, start=start, end=end) for start, end in spans)
    return (*(hit for hit in evidence if hit.doubt != WEIGHED), *found)


def parts(text: str, evidence: tuple[Hit, ...]) -> tuple[Part, ...]:
    """A text cut where something was heard. What was heard across two texts is marked as far as it stands in this one."""
    found: list[Part] = []
    at = 0
    for hit in sorted(evidence, key=lambda one: (one.start, -one.end)):
        start, end = max(hit.start, at), min(hit.end, len(text))
        if end <= start:
            continue
        # Of what overlaps nothing is left unsaid: a knife may stand within words about something else.
        both = (one for one in evidence if one.start < end and one.end > start)
        why = dict.fromkeys(f"{called.words(one.category)}{', unsure' if one.doubt else ''}" for one in both)
        found += [Part(text[at:start]), Part(text[start:end], "; ".join(why))]
        at = end
    return tuple(one for one in (*found, Part(text[at:])) if one.words)


def _unsure(one: Heeded) -> tuple[str, ...]:
    concern = one.concern
    doubts = dict.fromkeys(hit.doubt for hit in concern.evidence if hit.doubt)
    told = [f"{_DOUBTS.get(doubt, doubt)}" for doubt in doubts if doubt]
    if concern.unscreened:
        told.append("what the machine makes of this text is not enough: a person reads it")
    if concern.level != concern.detected:
        told.append(f"the words alone are {concern.detected.name}; age, history or a rule made it {concern.level.name}")
    return tuple(told)


def _suppressed(ask: Ask, talk: Conversation, text: str) -> tuple[str, ...]:
    """What would have been heard but for a rule that says it is harmless: as the phrases of today hear this text alone."""
    heard = ask.house.listen(text, Context(locale=talk.locale, age=facts.age(talk)))
    return tuple(f"“{text[hit.start : hit.end]}”: {called.words(hit.category)}" for hit in heard.suppressed)


def _held(talk: Conversation) -> tuple[str, ...]:
    """What the bot does not say in this chat now, and why."""
    told = []
    if talk.guard is Guard.LOCK:
        told.append("After what the child said, the bot asks nothing more until a named person lifts the lock.")
    elif talk.guard is not Guard.NONE:
        told.append("The bot asks nothing more until the child says yes.")
    if talk.quiet:
        told.append("Somebody else may be reading: the bot says nothing at all.")
    return tuple(told)


def _line(message: Message) -> dict[str, Any]:
    ours = message.direction is Direction.OUT
    return {
        "at": message.at,
        "who": {"bot": "Bot", "child": "Child"}.get(message.by, message.by),
        "ours": ours,
        "text": message.text,
        "media": not ours and attached.kind(message.text) is not None,
        "locale": message.locale or "",
        "direction": i18n.direction(message.locale) if ours and message.locale else "auto",
    }


def reached(tx: Transaction, alert: Alert) -> list[dict[str, Any]]:
    """Every try to reach somebody, and what became of it."""
    found = []
    every = alerts.pages(tx, alert.id)
    # A key in a call uses up the code of the text as well, which nobody typed.
    keys = {(page.staff, page.used_at) for page in every if page.method == "voice" and page.used_at}
    for page in every:
        sent = outbox.look(tx, page.outbox) if page.outbox else None
        became = UNSENT.get(sent.status.value, sent.status.value) if sent else "left to another method"
        if page.used_at and (page.method == "voice" or (page.staff, page.used_at) not in keys):
            became = "key pressed" if page.method == "voice" else "code used"
        who = people.load(tx, page.staff).name
        found.append({"at": page.at, "who": who, "role": page.role.value, "method": page.method, "became": became})
    return found


def history(tx: Transaction, alert: Alert) -> list[dict[str, Any]]:
    """What people did about it, oldest first, with their reasons."""
    mine = [one for one in notes.of_conversation(tx, alert.conversation) if one.details.get("alert") == alert.id]
    return [{"at": one.noted_at, "kind": one.kind, **one.details} for one in mine]


def _lower_to(ask: Ask, alert: Alert) -> list[str]:
    if alert.level >= Level.L3 and not ask.may(MANAGERS):
        return []
    return [level.name for level in Level if Level.L1 <= level < alert.level]


def live(tx: Transaction, ask: Ask) -> Answer:
    """Tells an open alert that something happened."""
    find(tx, ask)
    return Live("board", asked.version)


ROUTES: Final = (
    Route("GET", "/alerts/{alert}", DUTY, show),
    Route("GET", "/alerts/{alert}/live", DUTY, live, is_bare=True),
)
