"""The record of an interview as whoever works on it sees it: the child's words, the worker's part, the toolkit, what leaves.

Open to who had the chat or noted a talk with the child, and to managers; never to somebody who is kept from the child. May not
change anything: what is pressed here is `recorded`'s.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from bot import considered, recording, records, sharing
from bot.desk import meanwhile
from bot.desk.asking import NotThere, Page
from bot.desk.routes import DUTY, MANAGERS, STAFF, Route
from bot.desk.said import UNREADABLE
from bot.filing import page
from flows import conditions, toolkit
from flows.deadlines import Status
from flows.record import AREAS
from flows.report import Report
from flows.toolkit import Level
from storage import alerts, board, cases, clocks, conversations, hands, notes, parent_forms, people, readings, reports
from storage.database import Erased
from storage.keys import SealBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.desk.asking import Answer, Ask
    from flows.model import Conversation, Deadline
    from flows.record import Entry, Record
    from storage.database import Transaction

FLOW: Final = "return_interview"
FORM_RULE: Final = "R07"
MOST: Final = 100
_LACKS: Final = {
    "level": "The level, confirmed",
    "actions": "Who does what by when: the child told of harm, and nothing stands there yet",
    "decision": "The decision on the alert: until then “The child told of harm” is not “none recorded”",
}
# Whoever did one of these with a child has a hand in the record of it.
_HANDS: Final = frozenset({"talk", "attempt", "interviewer"})
# Every field of `library/report.yaml` in the order in which a worker goes through them.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "How it was held": (
        "interviewer", "relation", "chosen_by_child", "same_as_last", "mode", "with", "interpreter", "place", "started", "ended",
        "engaged", "refusal_reason",
    ),
    "The four purposes": ("purpose_harm", "purpose_reasons", "purpose_options", "purpose_safety"),
    "Why they went: first their words, then the code": ("own_words", "push", "pull"),
    "Harm": (
        "disclosure", "sexual", "at_risk", "continuing", "significant_harm", "trafficked", "nrm", "nrm_child_told",
        "harm_considered", "harm_considered_by", "harm_considered_at", "s47", "s47_by", "s47_at", "s47_reason",
    ),
    "Around the child": (
        "vulnerability", "other_children", "risk_to_others", "health_actions", "parent_view", "parent_view_why",
    ),
    "Support, and what the child wants": (
        "support_given", "support_language", "wish_short", "wish_long", "plan", "not_to_share", "not_to_share_decision",
    ),
    "Afterwards": ("felt_listened", "risk_assessment", "trigger_plan"),
}  # fmt: skip
LISTS: Final = {
    "low": "Low",
    "medium": "Medium",
    "high": "High",
    "vulnerability": "What makes the child vulnerable (changes no level)",
    "trafficking": "Trafficking",
}


def mine(tx: Transaction, ask: Ask) -> Conversation:
    """The interview of the path, if it is for whoever asks. Raises NotThere."""
    chat = ask.path["chat"]
    try:
        c = conversations.peek(tx, chat) if conversations.known(tx, chat) else None
    except Erased:
        c = None
    if c is None or c.flow != FLOW:
        raise NotThere(NotThere.__doc__)
    case = conversations.case_of(tx, chat)
    kept = board.kept_from(tx, ask.who.id)
    if chat in kept or case in kept or not (ask.may(MANAGERS) or _hand(tx, chat, case, ask.who.id)):
        raise NotThere(NotThere.__doc__)
    return c


def _hand(tx: Transaction, chat: str, case: str | None, staff: str) -> bool:
    if hands.has(tx, chat, staff):
        return True
    done = notes.of_case(tx, cases.root(tx, case)) if case is not None else ()
    return any(one.by == staff and one.kind in _HANDS for one in done)


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(tx: Transaction, ask: Ask) -> Answer:
    """The newest interviews: all of them for managers, else those somebody has a hand in; what is not signed first."""
    kept = board.kept_from(tx, ask.who.id)
    every = ask.may(MANAGERS)
    several = hands.everyone(tx, FLOW, MOST) if every else hands.of(tx, ask.who.id, FLOW, MOST)
    rows = []
    for chat in several:
        case = conversations.case_of(tx, chat)
        if chat not in kept and case not in kept and (row := _row(tx, chat, case)) is not None:
            rows.append(row)
    rows.sort(key=lambda row: row["signed"])
    return Page("records.html", "Records", {"here": "/records", "rows": rows, "every": every, "most": MOST})


def _row(tx: Transaction, chat: str, case: str | None) -> dict[str, Any] | None:
    try:
        c = conversations.peek(tx, chat)
        held = recording.current(tx, chat)
        return {
            "id": chat,
            "name": _name(tx, chat, case),
            "outcome": c.outcome or "open",
            "started": c.started_at,
            "signed": held.signed,
            "lacks": 0 if held.signed else len(recording.lacking(tx, chat, held)),
            "due": _form_due(tx, case),
            "wrong": "",
        }
    except Erased:
        return None
    except SealBroken:
        return {"name": conversations.contact_of(tx, chat).reference, "signed": False, "wrong": UNREADABLE}


def _name(tx: Transaction, chat: str, case: str | None) -> str:
    if case is None:
        return conversations.contact_of(tx, chat).reference
    return cases.kept(tx, case).reference


def _form_due(tx: Transaction, case: str | None) -> Deadline | None:
    """By when the record is to be signed: the clock that is still open, else the last there was."""
    owed = [one for one in clocks.of_case(tx, cases.root(tx, case)) if one.rule == FORM_RULE] if case else []
    return max(owed, key=lambda one: (one.status is not Status.MET, one.due), default=None)


# --- one record -------------------------------------------------------------------------------------------------------


def show(tx: Transaction, ask: Ask) -> Answer:
    """The record, as it stands; where somebody asked for it, with what is proposed in its form, to be looked at and saved."""
    c = mine(tx, ask)
    held = recording.current(tx, c.id)
    found = considered.proposed(tx, c.id, held, ask.house.settings.timezone) if "take" in ask.query else None
    typed = {f"f-{name}": value for name, value in found.fields.items()} if found is not None else None
    return shown(tx, ask, c, typed=typed)


def shown(
    tx: Transaction, ask: Ask, c: Conversation, wrong: str = "", typed: dict[str, str] | None = None, **more: object
) -> Page:
    """The page. `wrong`: why something was not recorded; `typed`: what stood in its form, so that nothing is lost."""
    case = conversations.case_of(tx, c.id)
    # The number first: what a colleague keeps in between is then newer than its mark, and is not signed unseen.
    version = reports.last(tx, c.id, Report)[1]
    held = recording.current(tx, c.id)
    record = records.build(tx, ask.house, c.id)
    said = [one for rows in (*record.areas.values(), record.other) for one in rows if one.question in c.answers]
    values = {
        "chat": c.id,
        "name": _name(tx, c.id, case),
        "case": case,
        "record": record,
        "areas": AREAS,
        "held": held,
        "version": version,
        "shown": meanwhile.mark(record, version),
        "form": recording.form(),
        "groups": GROUPS,
        "lacks": [_named(one) for one in recording.lacking(tx, c.id, held)],
        "heard": _heard(tx, ask, c),
        "due": _form_due(tx, case),
        "considered": considered.proposed(tx, c.id, held, ask.house.settings.timezone),
        "wrong": wrong,
        "typed": typed or {},
        "said": {one.question: one.asked for one in said},
        "manages": ask.may(MANAGERS),
        "may_sign": _may_sign(ask, held),
        "owners": [one.name for one in people.everyone(tx) if one.active and one.role.value in STAFF],
        "readings": [(one, people.load(tx, one.by).name) for one in readings.of(tx, c.id)],
        "code": "",
        "parents": [(one, people.load(tx, one.by).name) for one in parent_forms.of(tx, c.id)],
        "forbidden": sharing.parent_blocks(tx, case) if case else (),
        "link": "",
        "today": ask.house.shelf.calendar.day(ask.at).isoformat(),
    }
    status = 409 if wrong else 200
    return Page("record.html", f"Record {values['name']}", values | more, status, seen=(("record", c.id),))


def _heard(tx: Transaction, ask: Ask, c: Conversation) -> dict[str, Any]:
    """What stands beside the concerns of a record, wherever they are shown."""
    undecided = alerts.open_of(tx, c.id)
    return {"undecided": undecided, "opens": ask.may(DUTY)}


def _named(field: str) -> str:
    known = recording.form().fields.get(field)
    return known.label if known is not None else _LACKS.get(field, field)


def _may_sign(ask: Ask, held: Report) -> bool:
    if any(one.by == ask.who.name for one in held.signatures):
        return False
    return not held.signed or ask.who.role.value in MANAGERS


# --- the toolkit ------------------------------------------------------------------------------------------------------


def risk(tx: Transaction, ask: Ask) -> Answer:
    """The risk toolkit: what is proposed and why, what is confirmed on which evidence, what that makes."""
    return risk_shown(tx, ask, mine(tx, ask))


def risk_shown(
    tx: Transaction,
    ask: Ask,
    c: Conversation,
    wrong: str = "",
    typed: dict[str, tuple[str, str]] | None = None,
    sent: Mapping[str, str] = MappingProxyType({}),
) -> Page:
    """The screen. `typed`: code -> (yes, no or empty; evidence) as it was sent and not kept; `sent`: so the form of the level.
    What they chose there stands while the toolkit makes what it made then: the reason that was asked for is of that.
    """
    held, kit = recording.current(tx, c.id), recording.kit()
    record = records.build(tx, ask.house, c.id)
    proposed = recording.proposed(tx, c.id, held)
    found = recording.assessed(tx, ask.house, c.id, held, ask.at)
    given = {
        code: (_chosen(held, code), held.evidence.get(code, "")) for group in kit.groups.values() for code in group
    }
    values = {
        "chat": c.id,
        "name": _name(tx, c.id, conversations.case_of(tx, c.id)),
        "held": held,
        "version": reports.last(tx, c.id, Report)[1],
        "kit": kit,
        "lists": LISTS,
        "proposed": {code: _because(record, code) for code in proposed},
        "record": record,
        "heard": _heard(tx, ask, c),
        "given": given | (typed or {}),
        "because": sent.get("because", ""),
        "found": found,
        "levels": [one.name.lower() for one in Level],
        "chosen": {sent.get("made"): sent.get("level")}.get(made := found.level.name.lower(), made),
        "again": toolkit.again(found, ask.house.shelf.calendar.day(ask.at)),
        "manages": ask.may(MANAGERS),
        "wrong": wrong,
        "refused": "weigh" if typed else "level" if wrong else "",
    }
    return Page("risk.html", f"Risk {values['name']}", values, 409 if wrong else 200, seen=(("record", c.id),))


def _chosen(held: Report, code: str) -> str:
    if code in held.indicators:
        return "yes"
    return "no" if code in held.left else ""


def _because(record: Record, code: str) -> list[Entry]:
    """The child's answers by which an indicator is proposed."""
    asked: set[str] = set()
    for proposed, when in recording.kit().proposals:
        if proposed == code:
            asked |= conditions.names(when)
    return [one for rows in (*record.areas.values(), record.other) for one in rows if one.question in asked]


# --- to print ---------------------------------------------------------------------------------------------------------


def printed(tx: Transaction, ask: Ask) -> Answer:
    """The whole record to read and print, as it is filed."""
    c = mine(tx, ask)
    body = page.body(records.build(tx, ask.house, c.id))
    values = {"chat": c.id, "body": body}
    return Page("record_print.html", "Return interview", values, seen=(("record", c.id),))


ROUTES: Final = (
    Route("GET", "/records", STAFF, listed),
    Route("GET", "/records/{chat}", STAFF, show),
    Route("GET", "/records/{chat}/risk", STAFF, risk),
    Route("GET", "/records/{chat}/print", STAFF, printed),
)
