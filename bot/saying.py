"""A worker's words on their way to a child: read by the check first; what it finds waits for a supervisor, unlost.

May not judge by itself (that is `flows.composer`). Every way by which a worker's own words leave goes through `say`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot import clicks, giving, holding, noticing, wording
from bot.channels.base import NO_CHAT
from flows import canned, composer, digits, promising
from flows.composer import Found
from flows.model import Task
from storage import audit, conversations, held_words, messages, people, tasks
from storage.codes import Direction

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from bot.runner import House, Runner
    from flows.model import Conversation
    from flows.promising import Promise
    from storage.database import Transaction
    from storage.held_words import Held
    from storage.messages import Message
    from storage.people import Person

# A number may be cut in two over this long.
JOINED: Final = timedelta(minutes=10)
LONGEST: Final = 1000
KEEP_PROMISE: Final = "keep_promise"
# Why words are held that no supervisor need look at: whoever typed them reads the STOP first.
STOPPED: Final = "stopped"
# Who may send held words, in the order in which they are asked.
_SUPERVISORS: Final = ("supervisor", "duty", "backup", "manager", "service_manager")


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise in the last words of a worker. `message`: which."""

    message: str
    promise: Promise


def say(  # noqa: PLR0913 - who, to whom, what, when
    tx: Transaction, runner: Runner, who: Person, conversation: str, text: str, at: datetime, *, knows_stop: bool = True
) -> tuple[Found, ...]:
    """Send a worker's words, or hold them; what was found, nothing when they left. `knows_stop`: a STOP of the child stood on the
    page on which they were begun, if there is one; of what was begun before it nothing leaves by itself. Raises Refused.
    """
    if not digits.plain(text) or len(text) > LONGEST:
        raise clicks.Refused(f"write something, of at most {LONGEST} characters")
    c = conversations.load(tx, conversation)
    if c.channel == NO_CHAT:
        raise clicks.Refused("there is no chat with this child: nobody would read it. Write in the record")
    called = clicks.may_say(tx, runner, who, conversation, at)
    mine = [one.text for one in messages.of(tx, c.id) if one.by == called.name and at - one.at <= JOINED]
    found = _check(runner.house, c, text, mine)
    began_before = c.opted_out and not knows_stop
    if not (found or began_before):
        clicks.say(tx, runner, who, conversation, text, at)
        return ()
    held = (*found, *((Found(STOPPED, ""),) if began_before else ()))
    reasons = tuple(one.reason for one in held)
    held_words.hold(tx, conversation, who.id, text, reasons, at)
    audit.record(tx, at, who.id, "words.held", conversation, *reasons)
    if found:
        noticing.tell_first(tx, runner.house, who, c.id, "words_held", _SUPERVISORS, at)
    return held


def release(  # noqa: PLR0913 - who, whose words, when, and what they have read
    tx: Transaction, runner: Runner, by: Person, conversation: str, held: str, at: datetime, *, read: Collection[str]
) -> None:
    """A supervisor sends held words as they are, in the name of who typed them; never their own. `read`: why they are held, as
    the page said.

    Only while the writer has the child: words of who has gone would give the child to nobody. Raises Refused.
    """
    words = _open(tx, conversation, held)
    c = conversations.load(tx, conversation)
    if is_before_stop(c, words):
        raise clicks.Refused("the child sent STOP after these words: nothing from before it is sent")
    writer = holding.named(tx, c, people.load(tx, words.staff))
    if writer.id == by.id:
        raise clicks.Refused("somebody else looks at your words: change them, or ask a colleague")
    if not writer.active or c.holder != writer.name:
        raise clicks.Refused(
            f"{writer.name} does not have this chat any more: whoever takes it writes in their own name"
        )
    why = reasons(runner.house, c, words)
    if not set(why) <= set(read):
        raise clicks.Refused(
            "the child has told us something since these words were typed: read first why they are held now"
        )
    audit.record(tx, at, by.id, "words.released", conversation, *why)
    held_words.decided(tx, held, by.id, held_words.SENT, at)
    clicks.released(tx, runner, writer, conversation, words.text, at)


def reasons(house: House, c: Conversation, words: Held) -> tuple[str, ...]:
    """Why words are held: for what was found when they were typed, and for what is found after all that the child said since."""
    now = (one.reason for one in _check(house, c, words.text))
    return tuple(dict.fromkeys((*words.reasons, *now)))


def is_before_stop(c: Conversation, words: Held) -> bool:
    """Whether the child has sent STOP since these words, or since they were begun: they answer nothing that is still asked
    (decisions 5). Of a STOP from before its hour was kept it is known that it was no later than their last text.
    """
    if STOPPED in words.reasons:
        return True
    since = c.stopped_at or (c.last_inbound_at if c.opted_out else None)
    return since is not None and words.at < since


def stop_read(c: Conversation) -> str:
    """What the forms of a page carry on which a STOP stands: which one, for there may come another."""
    if not c.opted_out:
        return ""
    return c.stopped_at.isoformat() if c.stopped_at is not None else "read"


def take_back(tx: Transaction, by: Person, conversation: str, held: str, at: datetime) -> None:
    """Whoever typed them, or a supervisor, does without them."""
    _open(tx, conversation, held)
    audit.record(tx, at, by.id, "words.taken_back", conversation)
    held_words.decided(tx, held, by.id, held_words.TAKEN_BACK, at)


def _open(tx: Transaction, conversation: str, held: str) -> Held:
    words = held_words.find(tx, held, conversation)
    if words is None or words.outcome is not None:
        raise clicks.Refused("these words were sent or taken back already")
    return words


def _check(house: House, c: Conversation, text: str, before: Iterable[str] = ()) -> tuple[Found, ...]:
    numbers = [re.sub(r"\D", "", one.number) for one in house.shelf.source.numbers.values()]
    return composer.check(text, locked=c.guard.locks, locale=c.locale, known_numbers=numbers, before=before)


# --- replies ready to send ---------------------------------------------------------------------------------------------


def ready(house: House, c: Conversation) -> tuple[canned.Ready, ...]:
    """What may be sent to this child now as it stands, help lines filled in; drafts only where drafts are sent at all."""
    numbers = {key: one.number for key, one in house.shelf.source.numbers.items()}
    found = canned.offered(c.locale, locked=c.guard.locks, drafts=house.shelf.sends_drafts(c.locale))
    filled = {text: wording.fill(text, numbers) for one in found for text in (one.text, one.english)}
    return tuple(replace(one, text=filled[one.text], english=filled[one.english]) for one in found)


# --- promises ---------------------------------------------------------------------------------------------------------


def promised(tx: Transaction, house: House, thread: Iterable[Message], conversation: str) -> Promised | None:
    """The promise in the last words a worker wrote, while it is no task yet."""
    said = [one for one in thread if one.direction is Direction.OUT and one.by != "bot"]
    if not said:
        return None
    found = promising.promise(said[-1].text, said[-1].at, house.settings.timezone)
    kept = any(one.what == KEEP_PROMISE and one.created_at >= said[-1].at for one in tasks.of(tx, conversation))
    return None if found is None or kept else Promised(said[-1].id, found)


def keep_promise(
    tx: Transaction, house: House, who: Person, conversation: str, at: datetime, by: datetime | None = None
) -> None:
    """Make the last promise a task, due when it was promised for, else by the end of the day; `by`: as whoever promised says
    themselves, which an hour that could not be told needs.
    """
    found = promised(tx, house, messages.of(tx, conversation), conversation)
    if found is None:
        raise clicks.Refused("there is no promise here that is not a task already")
    if found.promise.unclear and by is None:
        raise clicks.Refused("the hour that was promised cannot be told: say by when")
    if by is not None and by <= at:
        raise clicks.Refused("say a time that is still to come")
    task = Task(KEEP_PROMISE, "worker", "today")
    giving.work(tx, house, task, at, due=by or found.promise.due, conversation=conversation)
    audit.record(tx, at, who.id, "promise.kept", conversation)
