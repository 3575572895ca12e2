"""What can be done in a chat, as forms. Every one is a click through the one door; who may see the chat may do it.

May not decide: `clicks` and `saying` refuse what must not be, and the door shows why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot import beside, clicks, giving, holding, i18n, noticing, saying
from bot.desk import pressing, reached
from bot.desk.asking import Data, Go, NotThere
from bot.desk.chats import SAME_PRESS, SEE_ALL, mine, now_mine, others_of_staff
from bot.desk.routes import MANAGERS, STAFF, Route
from bot.holding import INTERPRETER
from flows import agenda, conflict, digits
from flows.model import NOBODY, Kind, Level
from storage import audit, conversations, held_words, messages, people, tasks, worker_notes
from storage.codes import Direction

if TYPE_CHECKING:
    from bot.desk.asking import Answer, Ask
    from flows.model import Conversation, Step, Value
    from storage.database import Transaction

LEVELS: Final = {"L2": Level.L2, "L3": Level.L3, "L4": Level.L4}
# In the place of a name, where it is about nobody who works here.
NO_COLLEAGUE: Final = "-"
LONGEST_NOTE: Final = 2000
LONGEST_WHY: Final = 500
BY_CHILD: Final = "child"
# Who finds one, in the order in which they are asked.
_FINDS: Final = ("duty", "backup", "manager", "service_manager", "supervisor")


def _back(ask: Ask, done: str) -> Go:
    return Go(f"/chats/{ask.path['chat']}", done)


def say(tx: Transaction, ask: Ask) -> Answer:
    """The worker's own words; what the check holds waits, and the worker is told."""
    c, text = mine(tx, ask), ask.form.get("text")
    if _just_said(tx, ask, c, text):
        return _back(ask, "sent")
    return _said(tx, ask, c, text)


def _said(tx: Transaction, ask: Ask, c: Conversation, text: str) -> Go:
    knows_stop = ask.form.get("stop") == saying.stop_read(c)
    found = saying.say(tx, ask.runner, ask.who, c.id, text, ask.at, knows_stop=knows_stop)
    if not found:
        return _back(ask, "sent")
    return _back(ask, "words_stopped" if all(one.reason == saying.STOPPED for one in found) else "words_held")


def _just_said(tx: Transaction, ask: Ask, c: Conversation, text: str) -> bool:
    """The same press came twice."""
    last, name = messages.of(tx, c.id)[-1:], holding.named(tx, c, ask.who).name
    return any(one.by == name and one.text == text and ask.at - one.at < SAME_PRESS for one in last)


def reply(tx: Transaction, ask: Ask) -> Answer:
    """A canned reply, in the child's language where there is one."""
    c = mine(tx, ask)
    key = ask.form.get("reply")
    chosen = next((one for one in saying.ready(ask.house, c) if one.key == key), None)
    if chosen is None:
        raise clicks.Refused("choose a reply from the list")
    return _said(tx, ask, c, chosen.text)


def release(tx: Transaction, ask: Ask) -> Answer:
    """A supervisor sends held words as they are."""
    c = mine(tx, ask)
    saying.release(tx, ask.runner, ask.who, c.id, ask.path["words"], ask.at, read=ask.form.getlist("why"))
    return _back(ask, "sent")


def take_back(tx: Transaction, ask: Ask) -> Answer:
    """Held words are not sent; who typed them finds them in the box again."""
    c = mine(tx, ask)
    words = held_words.find(tx, ask.path["words"], c.id)
    if words is None or not (words.staff == ask.who.id or ask.may(SEE_ALL)):
        raise NotThere(NotThere.__doc__)
    saying.take_back(tx, ask.who, c.id, words.id, ask.at)
    return Go(f"/chats/{c.id}?again={words.id}" if words.staff == ask.who.id else f"/chats/{c.id}", "taken_back")


def note(tx: Transaction, ask: Ask) -> Answer:
    """A private note for whoever sits with the child next."""
    c = mine(tx, ask)
    text = ask.form.get("text").strip()
    if not digits.plain(text) or len(text) > LONGEST_NOTE:
        raise clicks.Refused(f"write a note of at most {LONGEST_NOTE} characters")
    worker_notes.add(tx, c.id, ask.who.id, text, ask.at)
    audit.record(tx, ask.at, ask.who.id, "chat.noted", c.id)
    return _back(ask, "noted")


def answer(tx: Transaction, ask: Ask) -> Answer:
    """What the child told the worker, under the question it answers: it is not asked again."""
    c = mine(tx, ask)
    if not holding.has(tx, c, ask.who):
        raise clicks.Refused("you do not hold this chat: take it first")
    question, _, chosen = ask.form.get("answer").partition("=")
    step = ask.house.shelf.library(tx, c).flow.steps.get(question)
    if step is None:
        raise clicks.Refused("choose what was answered from the list")
    if agenda.OPENING & step.tags or (question in c.answers and c.answers[question].by == BY_CHILD):
        raise clicks.Refused("this is for the child alone to answer, or they have: their answer stands")
    value = _value(step, chosen, ask.form.get("text").strip())
    clicks.set_answer(tx, ask.runner, ask.who, c.id, question, value, ask.at)
    if step.kind is Kind.FREE:
        beside.noted(tx, ask.runner, c.id, str(value), ask.at)
    return _back(ask, "answered")


def _value(step: Step, chosen: str, text: str) -> Value:
    """What was told, as the core keeps it: an option, a number of a scale, several options, or words."""
    if step.kind is Kind.FREE:
        if not text or len(text) > LONGEST_NOTE:
            raise clicks.Refused(f"write what the child said, in at most {LONGEST_NOTE} characters")
        return text
    if step.kind is Kind.SCALE:
        return int(chosen) if chosen in set("12345") else None
    return (chosen,) if step.kind is Kind.MULTI else chosen


def worry(tx: Transaction, ask: Ask) -> Answer:
    """The worker is worried: an alert is raised in their name, past the colleague it is about, if they say so. A reason that only
    names one keeps nobody away, and who wrote it is told so.
    """
    c = mine(tx, ask)
    level, about = ask.form.get("level"), ask.form.get("about")
    if level not in LEVELS:
        raise clicks.Refused("say how urgent it is")
    if not about:
        raise clicks.Refused("say whether it is about somebody who works here")
    past, because = "" if about == NO_COLLEAGUE else about, pressing.reason(ask, "because", LONGEST_WHY)
    clicks.worry(tx, ask.runner, ask.who, c.id, LEVELS[level], because, past, ask.at)
    # Grown-ups write a name with a capital, where a sentence begins too: there a word that is a name as well counts as one.
    named = conflict.named(f" {because}", others_of_staff(tx, ask))
    return _back(ask, "raised_past" if past else "raised_named" if named else "raised")


def stranger(tx: Transaction, ask: Ask) -> Answer:
    """Somebody else may be typing."""
    clicks.suspect(tx, ask.runner, ask.who, mine(tx, ask).id, ask.at)
    return _back(ask, "quiet")


def tell_first(tx: Transaction, ask: Ask) -> Answer:
    """A manager tells the child that something must be passed on, before it is."""
    clicks.tell_first(tx, ask.runner, ask.who, mine(tx, ask).id, ask.at)
    return _back(ask, "sent")


def interpreter(tx: Transaction, ask: Ask) -> Answer:
    """An interpreter is wanted, within the half hour: who must find one is told. What is asked for already is asked for once."""
    c = mine(tx, ask)
    due = ask.house.shelf.due(ask.at, INTERPRETER.within)
    open_now = tasks.open_of(tx, c.id, INTERPRETER.what)
    if not any(one.due_at is not None and ask.at < one.due_at <= due for one in open_now):
        giving.work(tx, ask.house, INTERPRETER, ask.at, due=due, conversation=c.id)
        audit.record(tx, ask.at, ask.who.id, "chat.interpreter", c.id)
        noticing.tell_first(
            tx, ask.house, ask.who, c.id, INTERPRETER.what, _FINDS, ask.at, i18n.called(c.reads or c.locale)
        )
    return _back(ask, INTERPRETER.what)


def promise(tx: Transaction, ask: Ask) -> Answer:
    """The last promise becomes a task."""
    saying.keep_promise(tx, ask.house, ask.who, mine(tx, ask).id, ask.at, ask.instant("due"))
    return _back(ask, "promise")


def bar(tx: Transaction, ask: Ask) -> Answer:
    """A concern is about somebody: they have nothing to do with this child from now on, and are not told."""
    c, person = mine(tx, ask), people.by_name(tx, ask.form.get("worker"))
    if person is None or person.id == ask.who.id:
        raise clicks.Refused("choose a colleague from the list")
    clicks.remove(tx, ask.runner, ask.who.id, c.id, person, ask.at)
    return _back(ask, "barred")


def transfer(tx: Transaction, ask: Ask) -> Answer:
    """To a named colleague, or to whoever is next on."""
    c = mine(tx, ask)
    to = ask.form.get("to")
    if to:
        person = people.by_name(tx, to)
        if person is None:
            raise clicks.Refused("choose a colleague from the list")
        clicks.transfer(tx, ask.runner, ask.who, c.id, person, ask.at)
    else:
        clicks.hand_over(tx, ask.runner, ask.who, c.id, ask.at)
    return Go("/chats", "handed_over" if reached.knows_name(tx, ask, c.id, "human_off") else "handed_over_untold")


def hand_back(tx: Transaction, ask: Ask) -> Answer:
    """To the bot, at the same question."""
    chat = all_read(tx, ask).id
    clicks.hand_back(tx, ask.runner, ask.who, chat, ask.at)
    # Where the bot may not go on, a person is called.
    return Go("/chats", "queued" if conversations.peek(tx, chat).holder == NOBODY else "handed_back")


def to_queue(tx: Transaction, ask: Ask) -> Answer:
    """A person is wanted for this child, or this worker cannot go on."""
    clicks.call_person(tx, ask.runner, ask.who, mine(tx, ask).id, ask.at)
    return Go("/chats", "queued")


def close(tx: Transaction, ask: Ask) -> Answer:
    """The end, with the ending words."""
    clicks.close(tx, ask.runner, ask.who, all_read(tx, ask).id, ask.at)
    return Go("/chats", "closed")


def all_read(tx: Transaction, ask: Ask) -> Conversation:
    """The chat, where its page showed all that the child wrote: no person reads it afterwards. Raises Refused."""
    c = mine(tx, ask)
    since = messages.after(tx, c.id, ask.form.get("newest")) if "newest" in ask.form else ()
    if any(one.direction is Direction.IN for one in since):
        raise clicks.Refused("the child has written since you opened this page: read that first")
    return c


def take(tx: Transaction, ask: Ask) -> Answer:
    """A supervisor takes this chat, whoever has it."""
    c = mine(tx, ask)
    clicks.step_in(tx, ask.runner, ask.who, c.id, ask.at)
    return now_mine(tx, ask, c.id)


def here(tx: Transaction, ask: Ask) -> Answer:
    """A sign that the worker is there."""
    holding.seen(tx, ask.house, ask.who.id, ask.at)
    return Data({})


_IN: Final = "/chats/{chat}/"
ROUTES: Final = (
    Route("POST", "/here", STAFF, here, is_bare=True),
    *(
        Route("POST", _IN + name, STAFF, view)
        for name, view in {
            "say": say, "reply": reply, "note": note, "worry": worry, "stranger": stranger, "interpreter": interpreter,
            "promise": promise, "answer": answer, "transfer": transfer, "hand-back": hand_back, "queue": to_queue, "close": close,
            "words/{words}/back": take_back,
        }.items()
    ),
    Route("POST", _IN + "words/{words}/send", SEE_ALL, release),
    Route("POST", _IN + "take", SEE_ALL, take),
    Route("POST", _IN + "bar", MANAGERS, bar),
    Route("POST", _IN + "tell-first", MANAGERS, tell_first),
)  # fmt: skip
