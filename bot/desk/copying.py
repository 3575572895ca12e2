"""Copies of a record for people outside: who is given which parts, why; and what was given before. May not send anything."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from bot import recording, records, sharing
from bot.desk import meanwhile
from bot.desk.asking import Page
from bot.desk.recorded import words
from bot.desk.records import mine
from bot.desk.routes import STAFF, Route
from bot.filing import copies
from flows.report import NotRecorded
from storage import cases, conversations

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from flows.model import Conversation
    from storage.database import Transaction

SAYS: Final = {
    "outcome": "Whether there was an interview, and how",
    "risks": "Risks: kinds and levels, without the child's words",
    "intelligence": "What can be passed on without the child",
    "answers": "The child's answers, those that may go to this person",
    "wishes": "What the child wants",
    "actions": "Who does what by when",
    "support": "What help was offered",
    "worker": "Everything the worker recorded",
}
assert tuple(SAYS) == copies.PARTS


def show(tx: Transaction, ask: Ask) -> Answer:
    """The form, what was given before, and with whom each answer may be shared."""
    return _form(tx, ask, mine(tx, ask))


def _form(tx: Transaction, ask: Ask, c: Conversation, wrong: str = "") -> Page:
    record = records.build(tx, ask.house, c.id)
    held = recording.current(tx, c.id)
    values: dict[str, Any] = {
        "chat": c.id,
        "name": record.case,
        "parts_": tuple(SAYS.items()),
        "defaults": copies.DEFAULTS,
        "never": copies.NEVER,
        "wrong": wrong,
        "typed": {name: ask.form.get(name) for name in ("role", "to", "because")} if wrong else {},
        "ticked": ask.form.getlist("part") if wrong else [],
        "log": [one | {"at": datetime.fromisoformat(str(one["at"]))} for one in sharing.log(tx, c.id)],
        "answers": [
            (one, held.shared.get(one.question, "").split(","), _may_go(one.question))
            for rows in (*record.areas.values(), record.other)
            for one in rows
        ],
    }
    return Page("copies.html", f"Copies {record.case}", values, 409 if wrong else 200, seen=(("record", c.id),))


def _may_go(question: str) -> tuple[str, ...]:
    """To whom an answer may be opened at all."""
    if question in copies.NOWHERE:
        return ()
    may = ("police", "health", "education")
    return tuple(role for role in may if question not in copies.NOT_TO.get(role, frozenset()))


def make(tx: Transaction, ask: Ask) -> Answer:
    """The copy, to print or to read out: noted before it is shown."""
    c = mine(tx, ask)
    parts = [one for one in copies.PARTS if one in ask.form.getlist("part")]
    role, to, because = ask.form.get("role"), words(ask, "to"), words(ask, "because")
    try:
        text = sharing.copy(tx, ask.house, ask.who, c.id, role, to, parts, because, ask.at)
    except (copies.NotShared, NotRecorded) as why:
        return _form(tx, ask, c, str(why))
    case = conversations.case_of(tx, c.id)
    values = {
        "chat": c.id,
        "name": cases.kept(tx, case).reference if case else "",
        "copy": json.loads(text),
        "parts_": tuple(SAYS.items()),
        "to": to,
        "form": recording.form(),
        "kit": recording.kit(),
    }
    return Page("copy.html", f"Copy for {to}", values, seen=(("record", c.id),))


def open_to(tx: Transaction, ask: Ask) -> Answer:
    """With whom one answer may be shared."""
    c, question = mine(tx, ask), ask.form.get("question")
    try:
        tx.lock_conversation(c.id)
        meanwhile.opened_to(recording.current(tx, c.id), question, ask.form.get("open_to"))
        recording.share(tx, ask.who, c.id, question, ask.form.getlist("role"), ask.at)
    except NotRecorded as why:
        return _form(tx, ask, c, str(why))
    return _form(tx, ask, c)


ROUTES: Final = (
    Route("GET", "/records/{chat}/copies", STAFF, show),
    Route("POST", "/records/{chat}/copies", STAFF, make),
    Route("POST", "/records/{chat}/share", STAFF, open_to),
)
