"""What a supervisor does after and beside the chats: second reads, talks with workers after a hard one, endings for misuse.

A worker proposes such an ending and somebody else ends the chat; what a child writes later is heard as ever. Whoever is kept
from a child sees nothing of it here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import clicks, giving, holding, noticing, pages
from bot.clicks import NotPossible
from bot.desk import pressing, proposed
from bot.desk.asking import Go, NotThere, Page
from bot.desk.chats import SEE_ALL, mine
from bot.desk.chatting import all_read
from bot.desk.routes import MANAGERS, STAFF, SUPERVISORS, Route
from flows.model import Task
from storage import audit, board, conversations, hands, leases, notes, people, second_reads, tasks

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction

OVERSEE: Final = SUPERVISORS | MANAGERS
WHY: Final = {"under_13": "a child under 13", "sample": "one chat in twenty"}
# Whoever answers for workers now is told that an ending is proposed.
_TOLD: Final = ("supervisor", "duty", "manager")


def show(tx: Transaction, ask: Ask) -> Answer:
    """Everything that waits for a supervisor."""
    hidden = board.barred(tx, ask.who.id)
    values: dict[str, Any] = {
        "here": "/overseeing",
        "endings": [proposed.told(tx, one) for one in proposed.everywhere(tx) if one.conversation not in hidden],
        "reads": [
            (one, _case(tx, one.conversation), WHY.get(one.why, one.why), hands.has(tx, one.conversation, ask.who.id))
            for one in second_reads.owed(tx)
            if one.conversation not in hidden
        ],
        "debriefs": [
            (one, people.load(tx, one.staff).name, _case(tx, one.conversation))
            for one in leases.debriefs(tx)
            if one.conversation not in hidden and one.staff != ask.who.id
        ],
    }
    return Page("overseeing.html", "Overseeing", values)


def _case(tx: Transaction, chat: str) -> str:
    return conversations.contact_of(tx, chat).reference


# --- a second pair of eyes --------------------------------------------------------------------------------------------


def read(tx: Transaction, ask: Ask) -> Answer:
    """The chat was read; what was found is kept sealed with it."""
    c = mine(tx, ask)
    if hands.has(tx, c.id, ask.who.id):
        raise NotPossible("you had this chat yourself: somebody else reads it")
    if not second_reads.read(tx, c.id, ask.who.id, pressing.reason(ask, "what"), ask.at):
        raise NotPossible("this chat was read already, or need not be")
    audit.record(tx, ask.at, ask.who.id, "chat.second_read", c.id)
    return Go("/overseeing", "second_read")


def talked(tx: Transaction, ask: Ask) -> Answer:
    """The talk with a worker after a hard chat was held."""
    owed = next((one for one in leases.debriefs(tx) if one.id == ask.path["rest"]), None)
    if owed is None or owed.conversation in board.barred(tx, ask.who.id):
        raise NotThere(NotThere.__doc__)
    if owed.staff == ask.who.id:
        raise NotPossible("this talk is with you: somebody else holds it")
    tasks.done(tx, owed.task, ask.who.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "debrief.held", owed.conversation, owed.staff)
    return Go("/overseeing", "talked")


# --- misuse -----------------------------------------------------------------------------------------------------------


def propose(tx: Transaction, ask: Ask) -> Answer:
    """Whoever has the chat asks that it be ended, with the reason; nothing is said to the child."""
    c = mine(tx, ask)
    because = pressing.reason(ask, "because")
    if not holding.has(tx, c, ask.who):
        raise NotPossible("you do not hold this chat: take it first")
    if proposed.of_chat(tx, c.id):
        raise NotPossible("an ending is proposed already: a supervisor looks at it")
    giving.work(tx, ask.house, Task(proposed.MISUSE, "supervisor", "30m"), ask.at, conversation=c.id)
    notes.add(tx, proposed.MISUSE, ask.at, ask.who.id, ask.at, conversation=c.id, details={"because": because})
    audit.record(tx, ask.at, ask.who.id, "misuse.proposed", c.id)
    _tell(tx, ask, c.id)
    return Go(f"/chats/{c.id}", "misuse_proposed")


def _tell(tx: Transaction, ask: Ask, chat: str) -> None:
    barred = {one.id for one in people.everyone(tx) if chat in board.barred(tx, one.id)}
    on = [one for one in people.on_duty(tx, ask.at) if one.name != ask.who.name]
    role = next((one for one in _TOLD if any(each.role == one for each in on)), None)
    for one in on:
        person = people.by_name(tx, one.name)
        if one.role == role and person is not None and person.id not in barred:
            noticing.notice(tx, ask.house, one.name, pages.about("misuse_proposed", _case(tx, chat)), ask.at)


def end(tx: Transaction, ask: Ask) -> Answer:
    """Somebody other than who proposed it ends the chat, or lets it go on."""
    ends = ask.form.get("ends") == "yes"
    c = all_read(tx, ask) if ends else mine(tx, ask)
    waits, said = proposed.of_chat(tx, c.id), proposed.said(tx, c.id)
    if not waits or said is None:
        raise NotPossible("no ending is proposed for this chat")
    if said.by == ask.who.id:
        raise NotPossible("you proposed it yourself: somebody else decides")
    if ends:
        clicks.end_misuse(tx, ask.runner, ask.who, c.id, ask.at)
    for one in waits:
        tasks.done(tx, one.id, ask.who.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "misuse.ended" if ends else "misuse.refused", c.id)
    # Who is asked where no supervisor is on may have no page of what waits for one.
    return Go("/overseeing" if ask.may(OVERSEE) else "/chats", "misuse_ended" if ends else "misuse_refused")


ROUTES: Final = (
    Route("GET", "/overseeing", OVERSEE, show),
    Route("POST", "/overseeing/debriefs/{rest}", OVERSEE, talked),
    Route("POST", "/chats/{chat}/read", OVERSEE, read),
    Route("POST", "/chats/{chat}/misuse", STAFF, propose),
    Route("POST", "/chats/{chat}/misuse/end", SEE_ALL, end),
)
