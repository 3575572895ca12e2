"""Work of a child that no clock and no note ends, ended by one press of who has it: a promise that was kept, an interpreter
who is there. May not end what a rule asked for: that is noted, and its clock computed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bot import beginning, clicks, holding, owing, saying
from bot.desk.asking import Go, NotThere
from bot.desk.routes import DUTY, MANAGERS, STAFF, Route
from storage import audit, board, conversations, leases, offers, people, tasks

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from storage.database import Transaction
    from storage.tasks import Given

# What is done -> the word on its button.
DOES: Final = {saying.KEEP_PROMISE: "Kept", holding.INTERPRETER.what: "Somebody interprets now"}


def of_chat(tx: Transaction, chat: str) -> list[dict[str, Any]]:
    """What of a chat is still to be done."""
    mine = (one for one in tasks.of(tx, chat) if one.done_at is None and one.what in DOES)
    return [{"id": one.id, "what": one.what, "does": DOES[one.what], "due": one.due_at} for one in mine]


def open_of(tx: Transaction, chat: str) -> int:
    """How much work of a chat is open, of whatever kind."""
    return sum(one.done_at is None for one in tasks.of(tx, chat))


def promises(tx: Transaction, ask: Ask) -> list[dict[str, Any]]:
    """Every promise to a child that nobody said was kept, soonest first, but of those whom who asks is kept from."""
    hidden = board.kept_from(tx, ask.who.id)
    return [
        owing.task(one, reference, ask.at, ask.zone) | {"id": one.id}
        for one, reference in tasks.listed(tx)
        if one.what == saying.KEEP_PROMISE and hidden.isdisjoint((one.case, one.conversation))
    ]


def to_approve(tx: Transaction, ask: Ask) -> list[dict[str, Any]]:
    """Every check-in that waits for a manager, for managers."""
    if not ask.may(MANAGERS):
        return []
    return [_to_approve(tx, one) for one in _waits(tx, ask)]


def _to_approve(tx: Transaction, given: Given) -> dict[str, Any]:
    contact = conversations.contact_of(tx, given.conversation or "")
    asked = [one.requester for one in offers.requests(tx, contact.id) if one.accepted]
    names = {one.id: one.name for one in people.everyone(tx)}
    by = names.get(asked[-1], asked[-1]) if asked else ""
    return {"id": given.id, "due": given.due_at, "case": contact.reference, "by": by}


def _waits(tx: Transaction, ask: Ask) -> list[Given]:
    """But those of children whom who asks is kept from."""
    hidden = board.kept_from(tx, ask.who.id)
    return [
        one
        for one in tasks.undone(tx)
        if one.what == beginning.MAY_TEXT.what and one.conversation is not None and one.conversation not in hidden
    ]


def approve(tx: Transaction, ask: Ask) -> Answer:
    """A manager says whether a child may be texted. Whoever comes second changes nothing."""
    yes = ask.form.get("text") == "yes"
    if not yes and ask.form.get("text") != "no":
        raise clicks.Refused("say whether this child may be texted")
    given = _waiting(tx, ask)
    tx.lock_conversation(given.conversation or "")
    given = _waiting(tx, ask)  # another may have said it while we waited for the child
    beginning.may_be_texted(tx, ask.house, given, ask.who, ask.at, yes=yes)
    return Go("/board", "approved" if yes else "not_approved")


def _waiting(tx: Transaction, ask: Ask) -> Given:
    given = next((one for one in _waits(tx, ask) if one.id == ask.path["task"]), None)
    if given is None:
        raise NotThere(NotThere.__doc__)
    return given


def done(tx: Transaction, ask: Ask) -> Answer:
    """It is done. Twice pressed it is done once."""
    given = next((one for one in tasks.undone(tx) if one.id == ask.path["task"] and one.what in DOES), None)
    if given is None or not _is_theirs(tx, ask, given):
        raise NotThere(NotThere.__doc__)
    tasks.done(tx, given.id, ask.who.id, ask.at)
    audit.record(tx, ask.at, ask.who.id, "work.done", given.id, given.what)
    in_chat = ask.form.get("from") == "chat" and given.conversation is not None
    return Go(f"/chats/{given.conversation}" if in_chat else "/board", "work_done")


def _is_theirs(tx: Transaction, ask: Ask, given: Given) -> bool:
    if not board.kept_from(tx, ask.who.id).isdisjoint((given.case, given.conversation)):
        return False
    lease = leases.of(tx, given.conversation) if given.conversation is not None else None
    return ask.may(DUTY) or (lease is not None and lease.staff == ask.who.id)


ROUTES: Final = (
    Route("POST", "/tasks/{task}/done", STAFF, done),
    Route("POST", "/tasks/{task}/approve", MANAGERS, approve),
)
